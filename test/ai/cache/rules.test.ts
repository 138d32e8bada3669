import t from 'tap'
import { rulesOf } from './toys.js'

t.test('a route that says nothing more keeps answers for an hour, for its tenant, in their own dialect', async t => {
  t.strictSame(rulesOf(), {
    ttlMs: 3_600_000,
    maxTtlMs: 3_600_000,
    entryBytes: 1 << 20,
    requests: 'unvaried',
    clientControl: true,
    coalesce: true,
    coalesceWaitMs: 30_000,
    finish: false,
    exact: true,
    semantic: undefined,
    statusHeaders: true,
    key: { scope: 'tenant', dialects: 'own', metadata: [], ignore: new Set() }
  })
})

t.test('the longest time clients may ask for is at least that of the route', async t => {
  t.equal(rulesOf({ ttl: '1h', maxTtl: '1m' }).maxTtlMs, 3_600_000)
  t.equal(rulesOf({ ttl: '1h', maxTtl: '24h' }).maxTtlMs, 86_400_000)
})

t.test('questions are alike from 0.95 on, the last one alone, unless the route says otherwise', async t => {
  t.match(rulesOf({ semantic: { embedding: 'e' } }).semantic, { threshold: 0.95, messages: 1, maxEntries: 10_000 })
})
