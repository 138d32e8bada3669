import type { MetricsRegistry } from '../../observe/registry.js'
import type { HttpCache } from './http-cache.js'

/** Everything of a cache that can be scraped. */
export function cacheMetrics(registry: MetricsRegistry, { counts, store }: HttpCache): void {
  registry.counter('gateway_cache_requests_total', 'Requests of caching routes by what the cache did.', () =>
    counts.readings()
  )
  registry.gauge('gateway_cache_stored_bytes', 'Bytes of stored replies, with their fields and keys.', () => [
    { labels: {}, value: store.bytes }
  ])
  registry.gauge('gateway_cache_stored_entries', 'Stored replies.', () => [{ labels: {}, value: store.entries }])
  registry.counter('gateway_cache_evictions_total', 'Stored replies that had to make room for others.', () => [
    { labels: {}, value: store.evictions }
  ])
}
