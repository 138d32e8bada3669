import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildPlugin } from '../../core/cli/plugin/build.js'
import type { Case } from '../../core/cli/plugin/case.js'
import { reportOn, testPlugin } from '../../core/cli/plugin/test.js'
import { author, put } from './author.js'

/** What a case can set and expect, and how expectations are written for an author. */

const SOURCE = `
import { countUp, hexEncode, monotonic, now, onConfigure, onRequest, onRequestBody, onResponse, onResponseBody,
  randomBytes, RequestView, ResponseView, Settings, takeTokens, Verdict } from '@sluice/plugin-sdk/assembly'
let answer = ''
export function on_configure(p: i32, n: i32): i32 { return onConfigure(p, n, configure) }
export function on_request(p: i32, n: i32): i32 { return onRequest(p, n, check) }
export function on_request_body(p: i32, n: i32): i32 { return onRequestBody(p, n, checkBody) }
export function on_response(p: i32, n: i32): i32 { return onResponse(p, n, reply) }
export function on_response_body(p: i32, n: i32): i32 { return onResponseBody(p, n, replyBody) }
function configure(settings: Settings): string {
  answer = settings.string('answer')
  return answer == 'no' ? 'no is no answer' : ''
}
function check(request: RequestView): Verdict {
  if (request.path == '/trap') throw new Error('on purpose')
  if (answer == 'reply') return Verdict.deny(403, 'Not you.').withHeader('x-why', 'a').withHeader('x-why', 'b').tag('denied', 'yes')
  if (answer == 'bare') return Verdict.reply(403)
  if (answer != 'all') return Verdict.next()
  return Verdict.next()
    .tag('now', now().toString())
    .tag('view', request.nowMs.toString())
    .tag('still', monotonic() == <f64>now() ? 'yes' : 'no')
    .tag('random', hexEncode(randomBytes(40)))
    .tag('allowed', takeTokens('a', 1, 1)!.allowed ? 'yes' : 'no')
    .tag('count', countUp('c', 1, 100, now() + 1500).toString())
    .setPath('/new').setQuery('').setHeader('x-new', '1').removeHeader('x-old').setConsumer('me')
}
function checkBody(request: RequestView): Verdict {
  return answer == 'all' ? Verdict.next().setBodyText('{"was":"' + request.bodyText() + '"}') : Verdict.next()
}
function reply(response: ResponseView): Verdict {
  return answer == 'all' ? Verdict.next().setStatus(201).setHeader('x-out', 'a').tag('seen', response.status.toString()) : Verdict.next()
}
function replyBody(response: ResponseView): Verdict {
  return answer == 'all' ? Verdict.next().setBodyText(response.bodyText() + '!').tag('body', 'seen') : Verdict.next()
}
`

const MANIFEST = {
  hooks: ['on_configure', 'on_request', 'on_request_body', 'on_response', 'on_response_body'],
  permissions: {
    requestHeaders: { read: ['*'], write: ['*'] },
    responseHeaders: { write: ['*'] },
    requestBody: 'write',
    responseBody: 'write',
    rewrite: true,
    consumer: true,
    counters: true
  },
  settings: {
    type: 'object',
    additionalProperties: false,
    properties: { answer: { type: 'string', description: 'What it does.' } }
  }
} as const

const ALL: Case = {
  settings: { answer: 'all' },
  request: { path: '/old', query: 'a=1', headers: { 'x-old': '1', 'x-same': '2' }, body: 'text' },
  response: { status: 200, headers: { 'x-out': 'b' }, body: 'hello' }
}

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

function written(name: string): { text: string; value: Case } {
  const text = readFileSync(join(folder, `cases/${name}.json`), 'utf8')
  return { text, value: JSON.parse(text) }
}

t.test('a case sets the clock: of the context, of the host, of buckets and of counters', async t => {
  const at = (more: Partial<Case>, tags: Record<string, string>): Case => {
    return { ...ALL, nowMs: 1_700_000_000_000, ...more, expect: { request: { tags } } }
  }
  const base = { now: '1700000000000', view: '1700000000000', still: 'yes', allowed: 'yes', count: '1' }
  t.strictSame(
    await problems({
      once: at({}, base),
      'twice at once': at({ times: 2 }, { ...base, allowed: 'no', count: '2' }),
      'twice, a second later': at(
        { times: 2, everyMs: 1000 },
        { ...base, now: '1700000001000', view: '1700000001000', count: '2' }
      ),
      'when the counter is over': at(
        { times: 2, everyMs: 2000 },
        { ...base, now: '1700000002000', view: '1700000002000' }
      )
    }),
    { once: [], 'twice at once': [], 'twice, a second later': [], 'when the counter is over': [] }
  )
})

t.test('without nowMs the clock is that of the machine', async t => {
  const before = Date.now()
  const [problem = ''] =
    (await problems({ machine: { ...ALL, expect: { request: { tags: { now: 'x' } } } } })).machine ?? []
  const said = Number(/"(\d+)"/.exec(problem)?.[1])
  t.ok(said >= before && said <= Date.now(), problem)
})

t.test('everyMs without nowMs is refused', async t => {
  place({ every: { ...ALL, everyMs: 1, expect: { next: true } } })
  await t.rejects(testPlugin(folder), { code: 'GW_PLUGIN_INVALID', message: /every\.json: .*nowMs is missing/ })
  place({ every: { ...ALL, expect: { next: true } } })
})

t.test('a seed makes chance the same each time, and another seed another', async t => {
  const drawn = async (random: number | undefined): Promise<string> => {
    const given = { ...ALL, ...(random !== undefined && { random }), expect: { request: { tags: { random: '' } } } }
    const [problem = ''] = (await problems({ seed: given })).seed ?? []
    return /"([0-9a-f]{80})"/.exec(problem)?.[1] ?? problem
  }
  const first = await drawn(7)
  t.match(first, /^[0-9a-f]{80}$/)
  t.equal(await drawn(7), first)
  t.not(await drawn(8), first)
  t.not(await drawn(undefined), await drawn(undefined))
})

t.test('tags are expected of response hooks and of replies too, and null is none', async t => {
  const found = await problems({
    response: { ...ALL, expect: { response: { status: 201, tags: { seen: '200', body: 'seen', other: null } } } },
    'wrong tag': { ...ALL, expect: { response: { tags: { seen: '201', now: null } } } },
    reply: { settings: { answer: 'reply' }, expect: { reply: { status: 403, tags: { denied: 'yes' } } } }
  })
  t.strictSame([found.response, found.reply], [[], []])
  t.equal(found['wrong tag']?.[0], 'tag seen is "200", expected "201"')
  t.match(found['wrong tag']?.[1], /^tag now is "\d+", expected "absent"$/)
})

t.test('a case that expects nothing fails and says how to have it written', async t => {
  const found = await problems({ empty: { settings: { answer: 'reply' } } })
  t.match(found.empty, ['it expects nothing: write "expect", or have it written with --snapshot'])
})

t.test('a snapshot writes what was changed, as a person would, and then it holds', async t => {
  place({
    all: { ...ALL, nowMs: 5000, random: 1 },
    nothing: { settings: { answer: 'x' }, request: { path: '/a' } },
    untouched: { settings: { answer: 'x' }, response: { status: 204 } },
    reply: { description: 'Denies.', settings: { answer: 'reply' } },
    refused: { settings: { answer: 'no' } },
    schema: { settings: { answer: 5 } },
    trap: { request: { path: '/trap' } }
  })
  const { results } = await reportOn(folder, 'missing')
  const made = results.filter(each => each.written).map(each => each.name)
  t.strictSame(made, ['all', 'empty', 'nothing', 'refused', 'reply', 'schema', 'untouched'])
  t.match(results.find(each => each.name === 'trap')?.problems, [/GW_PLUGIN_FAILED/], 'a failure is no expectation')

  t.strictSame(written('nothing').value.expect, { next: true })
  t.strictSame(written('untouched').value.expect, { next: true, response: { status: 204 } })
  t.strictSame(written('refused').value.expect, { refused: 'no is no answer' })
  t.match(written('schema').value.expect?.refused, /answer/)
  const { random, ...tags } = written('all').value.expect?.response?.tags ?? {}
  t.match(random, /^[0-9a-f]{80}$/)
  t.strictSame(tags, {
    now: '5000',
    view: '5000',
    still: 'yes',
    allowed: 'yes',
    count: '1',
    seen: '200',
    body: 'seen'
  })
  t.match(written('all').value.expect, {
    next: true,
    request: {
      path: '/new',
      query: '',
      headers: { 'x-old': null, 'x-new': '1' },
      body: { was: 'text' },
      consumer: 'me'
    },
    response: { status: 201, headers: { 'x-out': 'a' }, body: 'hello!' }
  })
  t.equal(written('all').value.expect?.request?.headers?.['x-same'], undefined, 'what stayed is not said')
  t.equal(
    written('reply').text,
    `{
  "description": "Denies.",
  "settings": { "answer": "reply" },
  "expect": {
    "reply": {
      "status": 403,
      "headers": { "content-type": "application/problem+json", "x-why": ["a", "b"] },
      "body": { "type": "about:blank", "title": "Forbidden", "status": 403, "detail": "Not you." },
      "tags": { "denied": "yes" }
    }
  }
}
`
  )
  const again = await reportOn(folder)
  const failing = again.results.filter(each => each.problems.length > 0).map(each => each.name)
  t.strictSame(failing, ['machine', 'seed', 'trap', 'wrong tag'])
})

t.test('an update changes what does not hold, and of that only what was looked at', async t => {
  const partial = {
    settings: { answer: 'reply' },
    expect: { reply: { status: 401, headers: { 'x-gone': 'x' }, body: { detail: 'Who?' } } }
  }
  place({
    partial,
    turned: { settings: { answer: 'reply' }, expect: { next: true } },
    trap: { settings: {}, expect: { next: true } }
  })
  const before = written('reply').text
  t.notOk(
    (await reportOn(folder, 'missing')).results.find(each => each.name === 'partial')?.written,
    'not by --snapshot'
  )
  t.strictSame(written('partial').value, partial)
  await reportOn(folder, 'all')
  t.match(written('partial').value.expect, { reply: { status: 403, body: { detail: 'Not you.' } } })
  t.strictSame(Object.keys(written('partial').value.expect?.reply?.body ?? {}), ['detail'])
  t.equal(written('turned').value.expect?.reply?.status, 403, 'it is another kind of end')
  t.equal(written('turned').value.expect?.next, undefined)
  t.equal(written('reply').text, before, 'what holds is left alone')
})

t.test('an update keeps what is expected to be absent, and says of a body that it is gone', async t => {
  const gone = { reply: { status: 401, headers: { 'X-Gone': 'x', 'x-never': null }, body: 'x' } }
  place({
    'no reply': { settings: { answer: 'bare' }, expect: gone },
    'other body': {
      settings: { answer: 'reply' },
      expect: { reply: { status: 403, headers: { 'x-a': null }, body: { error: 'x' } } }
    }
  })
  await reportOn(folder, 'all')
  t.strictSame(written('no reply').value.expect, {
    reply: { status: 403, headers: { 'X-Gone': null, 'x-never': null }, body: '' }
  })
  t.match(written('other body').value.expect, { reply: { headers: { 'x-a': null }, body: { detail: 'Not you.' } } })
  const results = await testPlugin(folder)
  for (const name of ['no reply', 'other body']) {
    t.strictSame(results.find(each => each.name === name)?.problems, [], 'and then it holds')
  }
})

t.test('a case that contradicts itself is none, and an answer nobody asked for is a problem', async t => {
  const first = { settings: { answer: 'reply' }, expect: { reply: { status: 403 }, next: true as const } }
  place({ apart: first })
  await t.rejects(testPlugin(folder), {
    code: 'GW_PLUGIN_INVALID',
    message: /apart\.json: it expects "reply", and beside it "next": only one of them can be/
  })
  const also = [
    { refused: 'x', next: true as const },
    { reply: {}, response: {} },
    { reply: {}, request: {} }
  ]
  for (const expect of also) {
    place({ apart: { expect } })
    await t.rejects(testPlugin(folder), { message: /apart\.json: it expects/ })
  }
  const { apart } = await problems({ apart: { answers: { usr: { status: 200 } }, expect: { next: true } } })
  t.strictSame(apart, ['the case answers "usr", which the policy did not ask for'])
})
