import t from 'tap'
import { exchange, request } from '../../support/client.js'
import { faultyUpstream } from '../../support/faulty-upstream.js'
import { Scrape } from '../../support/scrape.js'
import { serve } from '../../support/serve.js'

t.setTimeout(120_000)

t.test('a scrape says what was retried, refused and held back', async t => {
  const [a, b] = [await faultyUpstream(t, 'a'), await faultyUpstream(t, 'b')]
  const served = await serve(t, {
    admin: { port: 0 },
    upstreams: {
      main: {
        targets: [a.url, b.url],
        retries: { attempts: 1, budget: { share: 0, minPerSecond: 0.1 }, backoff: { base: '1ms' } },
        breaker: { minRequests: 4, errors: 1, open: '1h' },
        concurrency: { limit: 5, queue: 0 }
      },
      quiet: { targets: [b.url] }
    },
    routes: [
      { name: 'all', match: { path: '/*' }, upstream: 'main' },
      {
        name: 'hedged',
        match: { path: '/hedged' },
        upstream: 'quiet',
        hedge: { after: '5ms' }
      }
    ]
  })
  const admin = String(JSON.parse(served.lines.find(line => line.includes('"listening"')) ?? '').admin)
  const scrape = async () => new Scrape(await (await fetch(`${admin}/metrics`)).text())
  const ask = async () => (await exchange(t, served.port, request('GET', '/'))).status

  const before = await scrape()
  t.equal(before.value('gateway_upstream_breaker_state', { upstream: 'main', state: 'closed' }), 1)
  t.equal(before.value('gateway_upstream_active_exchanges', { upstream: 'main' }), 0)
  t.equal(before.value('gateway_upstream_retries_total', { upstream: 'main' }), undefined)

  for (const upstream of [a, b]) upstream.always({ status: 503 })
  t.strictSame([await ask(), await ask(), await ask(), await ask()], [503, 503, 503, 503])
  const after = await scrape()
  t.equal(after.value('gateway_upstream_retries_total', { upstream: 'main', reason: 'status' }), 1)
  t.equal(after.value('gateway_upstream_unbudgeted_retries_total', { upstream: 'main' }), 1)
  t.equal(after.value('gateway_upstream_requests_total', { upstream: 'main', status: '503' }), 4, 'each try counts')
  t.equal(after.value('gateway_upstream_breaker_openings_total', { upstream: 'main' }), 1)
  t.equal(after.value('gateway_upstream_breaker_state', { upstream: 'main', state: 'open' }), 1)
  t.equal(after.value('gateway_upstream_breaker_state', { upstream: 'main', state: 'closed' }), 0)
  t.equal(after.value('gateway_requests_total', { route: 'all', error: 'GW_UPSTREAM_OPEN', status: '503' }), 1)
  t.equal(after.value('gateway_upstream_waiting_exchanges', { upstream: 'main', priority: 'critical' }), 0)
  t.equal(after.value('gateway_upstream_hedges_total', { upstream: 'quiet' }), 0)
})
