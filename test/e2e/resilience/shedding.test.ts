import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { connect, exchange, request } from '../../support/client.js'
import { faultyUpstream } from '../../support/faulty-upstream.js'
import { startSluice } from '../../support/sluice.js'
import { aiGateway } from '../ai/gateway.js'

t.setTimeout(120_000)

/** Keeps the event loop busy. */
function block(ms: number): void {
  const until = performance.now() + ms
  while (performance.now() < until);
}

t.test('with an event loop that is late, bulk traffic is refused and critical traffic is not', async t => {
  const up = await faultyUpstream(t)
  const sluice = await startSluice(t, {
    loadShedding: { delay: '50ms' },
    upstreams: { main: { targets: [up.url] } },
    routes: ['critical', 'bulk'].map(priority => ({
      name: priority,
      match: { path: `/${priority}` },
      upstream: 'main',
      priority
    }))
  })
  t.equal((await exchange(t, sluice.port, request('GET', '/bulk'))).status, 200, 'while it is on time')
  const [bulk, critical] = [await connect(t, sluice.port), await connect(t, sluice.port)]
  for (let i = 0; i < 30; i++) {
    block(180)
    await setImmediate()
  }
  bulk.send(request('GET', '/bulk'))
  critical.send(request('GET', '/critical'))
  block(180) // timers come before sockets: the requests meet a delay of at least 130 ms
  const refused = await bulk.reply()
  t.strictSame([refused.status, refused.json().code, refused.header('retry-after')], [503, 'GW_OVERLOADED', '1'])
  t.equal((await critical.reply()).status, 200)
  t.strictSame(
    up.seen.map(({ target }) => target),
    ['/bulk', '/critical']
  )

  let status = 503
  while (status === 503) status = (await exchange(t, sluice.port, request('GET', '/bulk'))).status
  t.equal(status, 200, 'and served again when it is on time')
})

t.test('so is AI traffic whose class policies or consumers decide', async t => {
  const priority = { class: 'bulk', tag: 'class' }
  const { mock, sluice } = await aiGateway(t, { loadShedding: { delay: '50ms' }, route: { priority } })
  const body = JSON.stringify({ model: 'openai/gpt-5', messages: [{ role: 'user', content: 'Hi' }] })
  const client = await connect(t, sluice.port)
  for (let i = 0; i < 30; i++) {
    block(180)
    await setImmediate()
  }
  client.send(request('POST', '/v1/chat/completions', `content-length: ${body.length}`) + body)
  block(180)
  const reply = await client.reply()
  t.equal(reply.status, 503)
  t.match(reply.json(), { error: { code: 'GW_OVERLOADED' } })
  t.equal(mock.requests().length, 0)
})
