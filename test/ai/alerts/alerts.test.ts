import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook as Receiver } from 'standardwebhooks'
import t, { type Test } from 'tap'
import { AlertMeter, budgetAlerts, deliveryLog } from '../../../core/ai/alerts/alerts.js'
import type { Letter, Outbox } from '../../../core/ai/alerts/outbox.js'
import { signingKey } from '../../../core/ai/alerts/signature.js'
import { type Delivery, type Post, Webhook } from '../../../core/ai/alerts/webhook.js'
import { createLog } from '../../../core/observe/log.js'
import { MetricsRegistry } from '../../../core/observe/registry.js'
import { FakeClock } from '../../support/fake-clock.js'
import { ask, ledgerOf, rule, used } from '../budgets/parts.js'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

function key(): Buffer {
  const found = signingKey(SECRET)
  if (found === undefined) throw new Error('no key')
  return found
}

/** A webhook whose receiver answers with these statuses, one after the other; an Error is no answer. */
function webhookOf(answers: (number | Error)[], outbox?: Outbox) {
  const clock = new FakeClock(1_700_000_000_000)
  const ended: string[] = []
  const ids: string[] = []
  const times: number[] = []
  const post: Post = async (_, headers) => {
    ids.push(headers['webhook-id'] ?? '')
    times.push(Number(headers['webhook-timestamp']))
    const answer = answers.shift() ?? 200
    if (answer instanceof Error) throw answer
    return answer
  }
  const webhook = new Webhook({
    post,
    outbox: () => outbox,
    now: () => clock.now(),
    after: (ms, run) => clock.after(ms, run),
    ended: (delivery, _, reason) => ended.push(`${delivery} ${reason}`.trim())
  })
  webhook.direct({ url: 'https://hooks.example', key: key() })
  /** Until all that can go on at once has. */
  const settled = async () => {
    for (let i = 0; i < 20; i++) await new Promise(setImmediate)
  }
  return { webhook, clock, ended, ids, times, settled }
}

async function receiver(t: Test, status = 204) {
  const got: { headers: Record<string, string>; body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', piece => {
      body += piece
    })
    request.on('end', () => {
      got.push({ headers: Object.fromEntries(Object.entries(request.headers).map(([n, v]) => [n, String(v)])), body })
      response.writeHead(status).end()
      server.emit('got')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/hook`, got, server }
}

t.test('a receiver that knows Standard Webhooks believes an alert', async t => {
  const { url, got, server } = await receiver(t)
  const lines: string[] = []
  const log = createLog('info', { write: line => lines.push(line) })
  const registry = new MetricsRegistry()
  const meter = new AlertMeter(registry)
  let done = (): void => undefined
  const delivered = new Promise<void>(resolve => {
    done = resolve
  })
  const told = deliveryLog(log, meter)
  const webhook = new Webhook({
    ended: (...args) => {
      told(...args)
      done()
    }
  })
  webhook.direct({ url, key: key() })
  const money = rule({ name: 'team', per: ['tenant'], counted: 'microDollars', limit: 1_000_000, thresholds: [80] })
  const { ledger, take } = ledgerOf([money], { passed: budgetAlerts(log, meter, webhook) })
  const arrived = once(server, 'got')
  ledger.settle(take(ask({ dimensions: { tenant: 'acme' } })).id, used({ microDollars: 900_000 }))
  t.match(JSON.parse(lines[0] ?? ''), { level: 40, msg: 'budget threshold passed', budget: 'team', threshold: 80 })
  await arrived
  await delivered
  const [{ headers, body } = { headers: {}, body: '' }] = got
  const verified = new Receiver(SECRET).verify(body, headers)
  t.strictSame(verified, {
    type: 'budget.threshold',
    timestamp: '2026-11-25T12:00:00.000Z',
    data: {
      budget: 'team',
      threshold: 80,
      counted: 'microDollars',
      period: 'hour',
      dimensions: { tenant: 'acme' },
      spent: 900_000,
      limit: 1_000_000,
      spentDollars: '0.9',
      limitDollars: '1',
      enforced: true,
      resetsAt: '2026-11-25T13:00:00.000Z'
    }
  })
  t.throws(() => new Receiver(SECRET).verify(body.replace('acme', 'evil'), headers))
  t.match(await registry.text(), 'gateway_ai_budget_alerts_total{outcome="delivered"} 1')
})

t.test('a message that fails is tried again with growing waits, under the same id and a new time', async t => {
  const { webhook, clock, ended, ids, times, settled } = webhookOf([500, new Error('refused'), 302])
  webhook.send({ a: 1 })
  await settled()
  t.equal(ids.length, 1)
  clock.pass(4_999)
  await settled()
  t.equal(ids.length, 1, 'not yet')
  for (const ms of [1_001, 36_000, 144_000]) {
    clock.pass(ms)
    await settled()
  }
  t.strictSame(ended, ['delivered'])
  t.equal(ids.length, 4)
  t.equal(new Set(ids).size, 1)
  t.equal(new Set(times).size, 4)
  t.equal(webhook.pending.length, 0)
})

t.test('after the last attempt, and when the receiver is gone, it is given up', async t => {
  const { webhook, clock, ended, ids, settled } = webhookOf(Array.from({ length: 7 }, () => 503))
  webhook.send({})
  for (let i = 0; i < 10; i++) {
    await settled()
    clock.pass(10_000_000)
  }
  t.strictSame([ended, ids.length], [['failed status 503'], 7])
  const gone = webhookOf([410])
  gone.webhook.send({})
  await gone.settled()
  t.strictSame(gone.ended, ['failed status 410'])
})

t.test('no more than 1,000 messages wait', async t => {
  const { webhook, ended, settled } = webhookOf(Array.from({ length: 5_000 }, () => 500))
  for (let i = 0; i < 1_500; i++) webhook.send({ i })
  await settled()
  t.equal(ended.filter(each => each.startsWith('dropped')).length, 1_500 - 1_004, 'four are on their way')
  t.ok(webhook.pending.length <= 1_004)
})

/** An outbox in memory. */
function outboxOf(): Outbox & { readonly kept: Letter[] } {
  const kept: Letter[] = []
  return {
    kept,
    letters: kept,
    keep: letter => kept.push(letter),
    done: ({ id }) =>
      kept.splice(
        kept.findIndex(each => each.id === id),
        1
      )
  }
}

t.test('what waits when the gateway ends is sent by the next one, in order and under the same ids', async t => {
  const outbox = outboxOf()
  const first = webhookOf([200, 500, new Error('refused')], outbox)
  for (const i of [1, 2, 3]) first.webhook.send({ i })
  t.equal(outbox.kept.length, 3, 'kept before the first attempt')
  await first.settled()
  t.strictSame(
    outbox.kept.map(({ body }) => body),
    ['{"i":2}', '{"i":3}']
  )
  await first.webhook.close()
  t.strictSame(first.ended, ['delivered', 'kept the gateway is ending', 'kept the gateway is ending'])

  const second = webhookOf([], outbox)
  second.webhook.resume([...outbox.letters])
  await second.settled()
  t.strictSame(second.ids, first.ids.slice(1))
  t.strictSame(second.ended, ['delivered', 'delivered'])
  t.strictSame(outbox.kept, [])
})

t.test('what is given up is not kept, nor what nobody is to have any more', async t => {
  const outbox = outboxOf()
  const { webhook, ended, settled } = webhookOf([410, 500], outbox)
  webhook.send({ i: 1 })
  webhook.send({ i: 2 })
  await settled()
  webhook.direct(undefined)
  webhook.resume([{ id: 'msg_old', body: '{}' }])
  webhook.send({ i: 3 })
  t.strictSame(outbox.kept, [])
  const nobody = 'dropped there is no webhook any more'
  t.strictSame(ended, ['failed status 410', nobody, nobody])
})

t.test('what waits goes where alerts go now, signed with the new secret', async t => {
  const { url, got, server } = await receiver(t)
  const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`
  const otherKey = signingKey(other)
  if (otherKey === undefined) throw new Error('no key')
  const clock = new FakeClock()
  const arrived = once(server, 'got')
  const webhook = new Webhook({ after: (ms, run) => clock.after(ms, run), ended: () => undefined })
  webhook.direct({ url: 'http://127.0.0.1:1/', key: key() })
  webhook.send({ a: 1 })
  while (clock.timers === 0) await new Promise(setImmediate)
  webhook.direct({ url, key: otherKey })
  clock.pass(10_000)
  await arrived
  const [{ headers, body } = { headers: {}, body: '' }] = got
  t.strictSame(new Receiver(other).verify(body, headers), { a: 1 })
})

t.test('the end waits for attempts under way, but not for long', async t => {
  let answer: (status: number) => void = () => undefined
  const clock = new FakeClock()
  const post: Post = () =>
    new Promise(resolve => {
      answer = resolve
    })
  const ended: string[] = []
  const webhook = new Webhook({
    post,
    after: (ms, run) => clock.after(ms, run),
    ended: delivery => ended.push(delivery)
  })
  webhook.direct({ url: 'https://hooks.example', key: key() })
  webhook.send({})
  const closed = webhook.close()
  answer(200)
  await closed
  t.strictSame(ended, ['delivered'])

  const stuck = new Webhook({ post, after: (ms, run) => clock.after(ms, run), ended: () => undefined })
  stuck.direct({ url: 'https://hooks.example', key: key() })
  stuck.send({})
  const over = stuck.close()
  clock.pass(2_000)
  await over
})

t.test('when the gateway ends, what waits is told as failed where nothing keeps it', async t => {
  const { webhook, clock, ended, settled } = webhookOf([500])
  webhook.send({})
  await settled()
  await webhook.close()
  t.strictSame(ended, ['failed the gateway is ending'])
  t.equal(clock.timers, 0)
  webhook.send({})
  t.match(ended[1], 'dropped')
})

t.test('a receiver that cannot be reached is told by the reason, not by its address', async t => {
  const { url, server } = await receiver(t)
  server.close()
  await once(server, 'close')
  const clock = new FakeClock()
  const ended = new Promise<[Delivery, string]>(resolve => {
    const webhook: Webhook = new Webhook({
      after: (ms, run) => {
        setImmediate(run)
        return clock.after(ms, () => undefined)
      },
      ended: (delivery, _, reason) => resolve([delivery, reason])
    })
    webhook.direct({ url, key: key() })
    webhook.send({})
  })
  t.strictSame(await ended, ['failed', 'ECONNREFUSED'])
})

t.test('secrets are those of Standard Webhooks', async t => {
  t.equal(signingKey(SECRET)?.length, 32)
  for (const wrong of [
    '',
    'whsec_',
    'secret',
    SECRET.slice(6),
    'whsec_%%%',
    'whsec_AAAA',
    `whsec_${'A'.repeat(200)}`
  ]) {
    t.equal(signingKey(wrong), undefined, wrong)
  }
})
