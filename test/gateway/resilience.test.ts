import t from 'tap'
import { openResilience } from '../../core/gateway/resilience.js'
import { createLog } from '../../core/observe/log.js'
import { MetricsRegistry, mergedText } from '../../core/observe/registry.js'
import { ResilienceMeter } from '../../core/observe/resilience-meter.js'
import { load } from '../config/helpers.js'
import { FakeClock } from '../support/fake-clock.js'
import { Scrape } from '../support/scrape.js'

const yaml = (orders: string, users: string) => `
upstreams:
  orders: { targets: [http://127.0.0.1:9000], ${orders} }
  users: { targets: [http://127.0.0.1:9001], ${users} }
routes:
  - { name: orders, match: { path: /orders }, upstream: orders }
  - { name: users, match: { path: /users }, upstream: users, priority: bulk, timeouts: { total: 1s } }
`

const LIMIT = 'concurrency: { limit: 1, queue: 1, queueTimeout: 1h }'
const BREAKER = 'breaker: { minRequests: 1, open: 10s }'

t.test('a route without any of it is plain, and one with anything is not', async t => {
  const { config } = load(t, yaml(LIMIT, 'preserveHost: true'))
  const opened = openResilience(config, createLog('silent'), undefined, undefined, new FakeClock(0))
  const [orders, users] = config.routes.map(route => opened.of(route))
  t.strictSame([orders?.plans.get('orders')?.plain, orders?.plans.get('users')?.plain], [false, true])
  t.strictSame([users?.plans.get('orders')?.plain, users?.plans.get('users')?.plain], [false, false], 'it has a total')
  t.strictSame([orders?.class, users?.class], ['default', 'bulk'])
  opened.close()
})

t.test('after a reload, an upstream about which nothing changed keeps its breaker and who is inside', async t => {
  const log = createLog('silent')
  const clock = new FakeClock(0)
  const registry = new MetricsRegistry()
  const meter = new ResilienceMeter(registry)
  const { config } = load(t, yaml(`${LIMIT}, ${BREAKER}`, LIMIT))
  const first = openResilience(config, log, meter, undefined, clock)
  const { breaker, bulkhead } = first.guards.get('orders') ?? {}
  breaker?.record(breaker.admit(0), 0, 0, 1)
  bulkhead?.enter('default', '')
  bulkhead?.enter('bulk', '')
  first.guards.get('users')?.bulkhead?.enter('default', '')

  const changed = load(t, yaml(`${LIMIT}, ${BREAKER}, connections: 3`, 'concurrency: { limit: 2 }')).config
  const second = openResilience(changed, log, meter, first, clock)
  clock.pass(4_000)
  t.match(second.report(), [
    {
      upstream: 'orders',
      breaker: { state: 'open', remainingMs: 6_000 },
      concurrency: { limit: 1, inside: 1, queued: { critical: 0, default: 0, bulk: 1 } },
      retriesLeft: 100
    },
    { upstream: 'users', breaker: undefined, concurrency: { limit: 2, inside: 0 } }
  ])
  const inUse = new Scrape(await registry.text())
  t.equal(inUse.value('gateway_upstream_active_exchanges', { upstream: 'orders' }), 1, 'what both have is counted once')
  t.equal(inUse.value('gateway_upstream_active_exchanges', { upstream: 'users' }), 1, 'what the old one has counts')
  t.equal(inUse.value('gateway_upstream_waiting_exchanges', { upstream: 'orders', priority: 'bulk' }), 1)
  first.close()
  const later = new Scrape(await registry.text())
  t.equal(later.value('gateway_upstream_active_exchanges', { upstream: 'users' }), 0)
  t.equal(later.value('gateway_upstream_breaker_state', { upstream: 'orders', state: 'open' }), 1)
  const part = await registry.part()
  const merged = new Scrape(await mergedText([part, part]))
  t.equal(
    merged.value('gateway_upstream_breaker_state', { upstream: 'orders', state: 'open' }),
    1,
    'of two event loops'
  )
  second.close()
})

t.test('nothing of it keeps a timer once it is closed', async t => {
  const clock = new FakeClock(0)
  const { config } = load(t, `loadShedding: {}\n${yaml(LIMIT, BREAKER)}`)
  const opened = openResilience(config, createLog('silent'), undefined, undefined, clock)
  t.equal(clock.timers, 1)
  opened.close()
  t.equal(clock.timers, 0)
})
