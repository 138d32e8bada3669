import { memoryStore } from './memory.js'
import { redisStore } from './redis.js'
import type { Store } from './store.js'

/** Which store to open; every kind keeps the contract of test/store/store.test.ts. */
export type StoreConfig = { readonly kind: 'memory' } | { readonly kind: 'redis'; readonly url: string }

/** @param onError - hears of trouble that no single call reports */
export function openStore(config: StoreConfig, onError: (error: Error) => void): Store {
  return config.kind === 'redis' ? redisStore(config.url, onError) : memoryStore()
}
