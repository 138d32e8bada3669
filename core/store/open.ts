import { memoryStore } from './memory.js'
import type { Store } from './store.js'

/** Which store to open; every kind keeps the contract of test/store/store.test.ts. */
export type StoreConfig = { readonly kind: 'memory' } | { readonly kind: 'redis'; readonly url: string }

/** @param onError - hears of trouble that no single call reports */
export async function openStore(config: StoreConfig, onError: (error: Error) => void): Promise<Store> {
  if (config.kind === 'memory') return memoryStore()
  const { redisStore } = await import('./redis.js') // its client takes a twelfth of a start, and most have none
  return redisStore(config.url, onError)
}
