import t from 'tap'
import { loadConfig } from '../../core/config/load.js'
import { DEFAULT_RETRIES } from '../../core/config/resolve-resilience.js'
import { FIXTURES, load, OPTIONS, problemsOf, withLeast } from './helpers.js'

t.test('what is said of retries, breakers, limits, hedging and classes comes in numbers', async t => {
  const { config } = loadConfig(`${FIXTURES}good/full.yaml`, OPTIONS)
  const [orders, files, root] = config.routes
  t.strictSame(config.loadShedding, { delayMs: 50 })
  t.strictSame(config.upstreams[0]?.resilience, {
    retries: {
      attempts: 3,
      methods: ['GET', 'POST'],
      statuses: [503],
      errors: ['reset', 'bad-response'],
      backoff: { baseMs: 1, maxMs: 2, jitter: false },
      budget: { share: 0.5, minPerSecond: 1 },
      maxRetryAfterMs: 0,
      bodyBytes: 1_024
    },
    breaker: {
      errorShare: 0.3,
      statuses: [500],
      slowMs: 1_000,
      slowShare: 0.9,
      windowMs: 5_000,
      minRequests: 10,
      openMs: 2_000,
      probes: 1
    },
    concurrency: { limit: 10, queue: 20, queueMs: 100, perConsumer: { limit: 2, queue: 1 } }
  })
  t.strictSame(config.upstreams[1]?.resilience.retries, DEFAULT_RETRIES, 'without a word')
  t.equal(orders?.resilience.retries?.attempts, 0)
  t.strictSame(orders?.resilience.hedge, { after: { share: 0.95 }, budget: { share: 0.1, minPerSecond: 0 } })
  t.strictSame(orders?.resilience.priority, {
    class: 'bulk',
    consumers: new Map([['mobile', 'critical']]),
    tag: 'class'
  })
  t.strictSame(files?.resilience, orders?.resilience, 'taken over by the merge')
  t.strictSame(root?.resilience.hedge, { after: { ms: 50 }, budget: { share: 0.05, minPerSecond: 1 } })
  t.strictSame(root?.resilience.priority, { class: 'critical', consumers: new Map(), tag: undefined })
})

t.test('an empty section is the defaults for those who want it', async t => {
  const { config } = load(t, withLeast('').replace('targets:', 'retries: {}, breaker: {}, concurrency: {}, targets:'))
  const { retries, breaker, concurrency } = config.upstreams[0]?.resilience ?? {}
  t.match(retries, { attempts: 2, statuses: [502, 503, 504], errors: ['connect', 'reset', 'timeout'] })
  t.match(retries, { maxRetryAfterMs: 2_000, bodyBytes: 65_536, budget: { share: 0.2, minPerSecond: 10 } })
  t.match(breaker, { errorShare: 0.5, slowMs: undefined, windowMs: 10_000, minRequests: 20, openMs: 10_000, probes: 3 })
  t.match(concurrency, { limit: Number.POSITIVE_INFINITY, queue: 100, queueMs: 1_000, perConsumer: undefined })
})

t.test('what is wrong with it is said with its place and what was expected', async t => {
  const upstream = (text: string) => problemsOf(t, withLeast('').replace('targets:', `${text}, targets:`)).join()
  const route = (text: string) => problemsOf(t, withLeast('').replace('upstream: api', `upstream: api, ${text}`)).join()
  t.match(upstream('retries: { attempts: 11 }'), /retries\.attempts.* 10/)
  t.match(upstream('retries: { errors: [refused] }'), /retries\.errors\[0\].*connect, reset, timeout/)
  t.match(upstream('retries: { statuses: [200] }'), /retries\.statuses\[0\].* 400/)
  t.match(upstream('breaker: { errors: 50 }'), /breaker\.errors.* 1/)
  t.match(upstream('concurrency: { limit: 0 }'), /concurrency\.limit.* 1/)
  t.match(route('hedge: { after: p42 }'), /hedge\.after.*a duration or a percentile like 50ms or p95/)
  t.match(route('hedge: {}'), /after/)
  t.match(route('priority: high'), /priority/)
  t.match(problemsOf(t, withLeast('loadShedding: { delay: 1ms }')).join(), /loadShedding\.delay.*at least 10ms/)
})
