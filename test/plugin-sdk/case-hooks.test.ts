import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildPlugin } from '../../core/cli/plugin/build.js'
import type { Case } from '../../core/cli/plugin/case.js'
import { reportOn, testPlugin } from '../../core/cli/plugin/test.js'
import { author, put } from './author.js'

/** The hooks of a case that no client waits for: on_error, on_log, on_tick; what a policy asks for and logs; values that end. */

const SOURCE = `
import { Effect, EffectAnswers, ErrorView, kv, log, LogFields, LogView, onEffect, onError, onLogAsk, onRequest, onTick,
  RequestView, TickView, Verdict } from '@sluice/plugin-sdk/assembly'
export function on_request(p: i32, n: i32): i32 { return onRequest(p, n, check) }
export function on_error(p: i32, n: i32): i32 { return onError(p, n, failed) }
export function on_log(p: i32, n: i32): i32 { return onLogAsk(p, n, over) }
export function on_tick(p: i32, n: i32): i32 { return onTick(p, n, tick) }
export function on_effect(p: i32, n: i32): i32 { return onEffect(p, n, loaded) }
function check(request: RequestView): Verdict {
  if (request.path == '/refuse') return Verdict.deny(403, 'Not you.')
  if (request.path == '/once') {
    if (kv.getText('once') !== null) return Verdict.next().tag('once', 'no')
    kv.setText('once', '1', 1000)
    return Verdict.next().tag('once', 'yes')
  }
  const value = kv.getText('a')
  return Verdict.next().tag('a', value === null ? 'gone' : value)
}
function failed(error: ErrorView): Verdict {
  if (error.code == 'GW_BODY_TOO_LARGE') throw new Error('on purpose')
  return Verdict.next().setStatus(error.retryable ? 503 : 500).setHeader('x-why', error.code + ' ' + error.blame)
}
function over(exchange: LogView): Verdict {
  log.info('over', new LogFields().text('ended', exchange.code).number('status', exchange.status))
  const facts = '{"us":' + exchange.durationUs.toString() + ',"in":' + exchange.bytesIn.toString() +
    ',"out":' + exchange.bytesOut.toString() + ',"target":"' + exchange.target + '"}'
  return Verdict.ask(Effect.http('books', '/entries').method('POST').header('content-type', 'application/json')
    .body(facts).named('entry'))
}
function tick(tick: TickView): Verdict {
  if (tick.tick == 3) throw new Error('four is too many')
  return Verdict.ask(Effect.kvGet('list').named('list')).setStateText(tick.stateText + '.')
}
function loaded(tick: RequestView, answers: EffectAnswers): Verdict {
  kv.setText('a', answers.get('list').bodyText() + tick.stateText + '@' + tick.nowMs.toString(), 60000)
  return Verdict.next()
}
`

const MANIFEST = {
  hooks: ['on_request', 'on_error', 'on_log', 'on_tick', 'on_effect'],
  tickMs: 5_000,
  permissions: {
    responseHeaders: { read: ['*'], write: ['*'] },
    kv: true,
    callouts: ['books'],
    store: true,
    log: true,
    rewrite: true
  }
} as const

const folder = author(t, { source: SOURCE, manifest: structuredClone(MANIFEST) as object })
await buildPlugin(folder, { quiet: true })

/** Plays cases, the only ones of the plugin. @returns their problems */
async function problems(cases: Record<string, Case>): Promise<Record<string, readonly string[]>> {
  place(cases)
  const results = (await testPlugin(folder)).filter(({ name }) => Object.hasOwn(cases, name))
  return Object.fromEntries(results.map(each => [each.name, each.problems]))
}

function place(cases: Record<string, Case>): void {
  for (const [name, each] of Object.entries(cases)) put(folder, `cases/${name}.json`, JSON.stringify(each))
}

t.test('an exchange that fails comes to on_error, with the reply of the gateway', async t => {
  const { upstream, client, wrong } = await problems({
    upstream: {
      error: 'GW_UPSTREAM_TIMEOUT',
      expect: {
        response: {
          status: 503,
          headers: { 'x-why': 'GW_UPSTREAM_TIMEOUT upstream', 'content-type': 'application/problem+json' },
          body: { code: 'GW_UPSTREAM_TIMEOUT' }
        }
      }
    },
    client: { error: 'GW_ROUTE_NOT_FOUND', expect: { response: { status: 500 } } },
    wrong: { error: 'GW_UPSTREAM_TIMEOUT', expect: { response: { status: 504 } } }
  })
  t.strictSame([upstream, client], [[], []])
  t.strictSame(wrong, ['response status is 503, expected 504'])
})

t.test('a policy that fails in on_error fails the case, though the client has its reply', async t => {
  const { trap } = await problems({ trap: { error: 'GW_BODY_TOO_LARGE', expect: { response: { status: 413 } } } })
  t.match(trap, ['GW_PLUGIN_FAILED: trap: unreachable'])
})

t.test('every exchange comes to on_log, with what the case says of its end', async t => {
  const entry = (body: object) => [{ id: 'entry', upstream: 'books', url: '/entries', method: 'POST', body }]
  t.strictSame(
    await problems({
      plain: {
        request: { method: 'POST', body: 'four' },
        response: { body: 'hello' },
        expect: {
          effects: [
            {
              id: 'entry',
              upstream: 'books',
              url: '/entries',
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              body: { us: 0, in: 4, out: 5, target: '' }
            }
          ],
          logged: [{ level: 'info', text: 'over', fields: { ended: '', status: 200 } }]
        }
      },
      told: {
        response: { status: 201 },
        log: { durationMs: 1.5, bytesIn: 1, bytesOut: 2, target: 'http://a', code: 'GW_CLIENT_GONE' },
        expect: {
          effects: entry({ us: 1500, in: 1, out: 2, target: 'http://a' }),
          logged: [{ fields: { ended: 'GW_CLIENT_GONE', status: 201 } }]
        }
      },
      failed: {
        error: 'GW_UPSTREAM_TIMEOUT',
        expect: { logged: [{ fields: { ended: 'GW_UPSTREAM_TIMEOUT', status: 503 } }] }
      },
      refused: {
        request: { path: '/refuse' },
        expect: { reply: { status: 403 }, logged: [{ fields: { status: 403 } }] }
      },
      twice: { times: 2, expect: { logged: [{ text: 'over' }, { text: 'over' }] } }
    }),
    { plain: [], told: [], failed: [], refused: [], twice: [] }
  )
})

t.test('effects and lines that are not those expected are a problem', async t => {
  const found = await problems({
    effect: { expect: { effects: [] } },
    line: { expect: { logged: [{ text: 'under' }] } }
  })
  t.match(found.effect, [/^what the policy asked for is \[\{"id":"entry",.*\], expected \[\]$/])
  t.match(found.line, [
    /^what the policy logged is \[\{"level":"info","text":"over",.*expected \[\{"text":"under"\}\]$/
  ])
})

t.test(
  'ticks come before the exchange and after it, each with the state of the one before and on the case’s clock',
  async t => {
    const answers = { list: { body: 'list' } }
    t.strictSame(
      await problems({
        before: {
          nowMs: 1_000_000,
          ticks: { before: 2 },
          answers,
          expect: { request: { tags: { a: 'list..@1005000' } } }
        },
        after: {
          nowMs: 1_000_000,
          ticks: { after: 1 },
          answers,
          expect: {
            request: { tags: { a: 'gone' } },
            effects: [{ id: 'entry' }, { id: 'list', kv: 'get', key: 'list' }]
          }
        },
        unanswered: { ticks: { before: 1 }, nowMs: 7, expect: { request: { tags: { a: '.@7' } } } }
      }),
      { before: [], after: [], unanswered: [] }
    )
    const { trap } = await problems({ trap: { ticks: { before: 4 }, answers, expect: { next: true } } })
    t.match(trap, ['GW_PLUGIN_FAILED: trap: unreachable'])
  }
)

t.test('a value whose time is over by the case’s clock is gone', async t => {
  const again = (everyMs: number, once: string): Case => ({
    request: { path: '/once' },
    nowMs: 1_000_000,
    times: 2,
    everyMs,
    expect: { request: { tags: { once } } }
  })
  t.strictSame(await problems({ soon: again(999, 'no'), late: again(1_000, 'yes') }), { soon: [], late: [] })
})

t.test('what cannot be together is told', async t => {
  place({ apart: { error: 'GW_UPSTREAM_TIMEOUT', response: {}, expect: { next: true } } })
  await t.rejects(testPlugin(folder), {
    message: /apart\.json: its exchange fails \("error"\), and has "response": only one of them can be/
  })
  place({ apart: { expect: { refused: 'x', logged: [] } } })
  await t.rejects(testPlugin(folder), { message: /apart\.json: it expects "refused", and beside it "logged"/ })
  put(folder, 'cases/apart.json', '{ "error": "GW_NOT_A_CODE", "expect": { "next": true } }')
  await t.rejects(testPlugin(folder), { message: /apart\.json: .*error/ })
  place({ apart: { expect: { next: true } } })
})

t.test('a snapshot writes what was asked for and logged, and all hooks are covered', async t => {
  place({ written: { error: 'GW_UPSTREAM_TIMEOUT', ticks: { after: 1 } } })
  const { results, uncovered } = await reportOn(folder, 'missing')
  t.ok(results.find(each => each.name === 'written')?.written)
  const { expect }: Case = JSON.parse(readFileSync(join(folder, 'cases/written.json'), 'utf8'))
  t.strictSame(expect, {
    next: true,
    response: {
      status: 503,
      headers: { 'x-why': 'GW_UPSTREAM_TIMEOUT upstream' },
      tags: { a: 'gone' }
    },
    effects: [
      {
        id: 'entry',
        upstream: 'books',
        url: '/entries',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: { us: 0, in: 0, out: 174, target: '' }
      },
      { id: 'list', kv: 'get', key: 'list' }
    ],
    logged: [{ level: 'info', text: 'over', fields: { ended: 'GW_UPSTREAM_TIMEOUT', status: 503 } }]
  })
  t.strictSame(uncovered, [])
  t.strictSame((await testPlugin(folder)).find(each => each.name === 'written')?.problems, [])
})
