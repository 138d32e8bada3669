import t, { type Test } from 'tap'
import { exchange, request } from '../../support/client.js'
import { Scrape } from '../../support/scrape.js'
import { serve } from '../../support/serve.js'
import { httpUpstream } from '../../support/upstream.js'

t.setTimeout(120_000)

/** A target that answers after so many milliseconds. */
async function target(t: Test, ms: () => number): Promise<string> {
  const { port } = await httpUpstream(t, (_, response) => {
    if (ms() === 0) response.end('ok')
    else setTimeout(() => response.end('ok'), ms())
  })
  return `http://127.0.0.1:${port}`
}

t.test('a target that answers well but much later than the others is ejected, and returns', async t => {
  let lateMs = 150
  const slow = await target(t, () => lateMs)
  const targets = [await target(t, () => 0), await target(t, () => 0), slow]
  const latency = { factor: 3, atLeast: '50ms', requests: 3, window: '700ms' }
  const served = await serve(t, {
    admin: { port: 0 },
    log: { access: false },
    upstreams: { main: { targets, health: { passive: { latency, ejection: '3s' } } } }
  })
  const admin = String(JSON.parse(served.lines.find(line => line.includes('"listening"')) ?? '').admin)
  const scrape = async () => new Scrape(await (await fetch(`${admin}/metrics`)).text())
  const upstreams = async () => (await (await fetch(`${admin}/upstreams`)).json()) as { upstreams: object[] }
  const said = (msg: string) => served.lines.some(line => line.includes(`"msg":"${msg}"`))
  const ask = async () => t.equal((await exchange(t, served.port, request('GET', '/'))).status, 200)

  const before = await scrape()
  t.equal(before.value('gateway_target_ejections_total', { upstream: 'main', reason: 'latency' }), 0)
  t.equal(before.value('gateway_target_up', { target: slow }), 1)

  while (!said('a target is ejected')) await ask()
  t.match(JSON.parse(served.lines.find(line => line.includes('a target is ejected')) ?? ''), {
    upstream: 'main',
    target: slow,
    reason: 'latency'
  })
  lateMs = 0 // it is well again
  const ejected = await scrape()
  t.equal(ejected.value('gateway_target_ejections_total', { upstream: 'main', reason: 'latency' }), 1)
  t.equal(ejected.value('gateway_target_ejections_total', { upstream: 'main', reason: 'consecutive' }), 0)
  t.equal(ejected.value('gateway_target_up', { target: slow }), 0)
  t.match(await upstreams(), {
    upstreams: [
      {
        ejections: { latency: 1 },
        targets: [
          { state: 'healthy' },
          { state: 'healthy' },
          { url: slow, state: 'ejected', reason: 'much slower than the others' }
        ]
      }
    ]
  })

  while (!said('a target is back after its ejection')) await ask()
  t.equal((await scrape()).value('gateway_target_up', { target: slow }), 1)
  t.match(await upstreams(), { upstreams: [{ targets: [{}, {}, { url: slow, state: 'healthy' }] }] })
})
