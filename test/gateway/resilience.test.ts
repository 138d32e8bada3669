import t from 'tap'
import { openResilience, type Resilience } from '../../core/gateway/resilience.js'
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

t.test('each part of an upstream’s resilience outlives a change of the others', async t => {
  const clock = new FakeClock(0)
  const open = (orders: string, before?: Resilience) => {
    const { config } = load(t, yaml(orders, LIMIT))
    const opened = openResilience(config, createLog('silent'), undefined, before, clock)
    t.teardown(() => opened.close())
    const guards = opened.guards.get('orders')
    const state = () => [guards?.breaker?.state, guards?.bulkhead?.inside, guards?.budget.left(0)]
    return { opened, guards, state }
  }
  const budget = 'budget: { minPerSecond: 1 }'
  const first = open(`${LIMIT}, ${BREAKER}, retries: { ${budget} }`)
  first.guards?.breaker?.record(first.guards.breaker.admit(0), 0, 0, 1)
  first.guards?.bulkhead?.enter('default', '')
  first.guards?.budget.take(0)
  t.strictSame(first.state(), ['open', 1, 9])
  const second = open(`${LIMIT}, ${BREAKER}, retries: { attempts: 3, ${budget} }`, first.opened)
  t.strictSame(second.state(), ['open', 1, 9], 'other retries')
  t.equal(second.guards?.retry?.attempts, 3)
  const third = open(`concurrency: { limit: 2 }, ${BREAKER}, retries: { ${budget} }`, second.opened)
  t.strictSame(third.state(), ['open', 0, 9], 'another limit')
  const fourth = open(`concurrency: { limit: 2 }, breaker: { minRequests: 2 }, retries: { ${budget} }`, third.opened)
  t.strictSame(fourth.state(), ['closed', 0, 9], 'another breaker')
  t.equal(fourth.guards?.bulkhead, third.guards?.bulkhead)
  const fifth = open('retries: { budget: { minPerSecond: 2 } }', fourth.opened)
  t.strictSame(fifth.state(), [undefined, undefined, 20], 'none of them, and another budget')
})

t.test(
  'a route’s own budgets and what it knows of its replies’ times go on as well, where their settings do',
  async t => {
    const log = createLog('silent')
    const clock = new FakeClock(0)
    const open = (retries: string, hedge: string, before?: Resilience) => {
      const { config } = load(
        t,
        `
upstreams: { orders: { targets: [http://127.0.0.1:9000] }, users: { targets: [http://127.0.0.1:9001] } }
routes: [{ name: orders, match: { path: /* }, upstream: orders, retries: { ${retries} }, hedge: { ${hedge} } }]
`
      )
      const opened = openResilience(config, log, undefined, before, clock)
      t.teardown(() => opened.close())
      const plans = config.routes.map(route => opened.of(route).plans)[0]
      const orders = plans?.get('orders')
      const left = () => [
        orders?.budget.left(0),
        orders?.hedge?.budget.left(0),
        orders?.hedge?.latencies.percentile(1, 0)
      ]
      return { opened, orders, users: plans?.get('users'), left }
    }
    const [budget, after] = ['budget: { minPerSecond: 1 }', 'after: p95']
    const first = open(budget, after)
    for (let i = 0; i < 4; i++) first.orders?.budget.take(0)
    first.orders?.hedge?.budget.take(0)
    for (let i = 0; i < 50; i++) first.orders?.hedge?.latencies.observe(0.4, 0)
    const hedges = first.orders?.hedge?.budget.left(0)
    t.strictSame(first.left(), [6, hedges, 0.5])
    t.equal(first.users?.budget.left(0), 10, 'each upstream has its own')

    const second = open(budget, after, first.opened)
    t.strictSame(second.left(), [6, hedges, 0.5], 'nothing changed')
    t.equal(second.users?.budget.left(0), 10)
    const third = open(`${budget}, attempts: 3`, after, second.opened)
    t.strictSame(third.left(), [6, hedges, 0.5], 'other retries, of the same budget')
    t.equal(third.orders?.retry?.attempts, 3)
    const fourth = open(`${budget}, attempts: 3`, 'after: p90', third.opened)
    t.strictSame(fourth.left(), [6, hedges, 0.5], 'other hedging, of the same budget')
    const fifth = open('budget: { minPerSecond: 2 }', 'after: p90, budget: { minPerSecond: 3 }', fourth.opened)
    t.strictSame(fifth.left(), [20, 30, 0.5], 'other budgets')
  }
)

t.test('nothing of it keeps a timer once it is closed', async t => {
  const clock = new FakeClock(0)
  const { config } = load(t, `loadShedding: {}\n${yaml(LIMIT, BREAKER)}`)
  const opened = openResilience(config, createLog('silent'), undefined, undefined, clock)
  t.equal(clock.timers, 1)
  opened.close()
  t.equal(clock.timers, 0)
})
