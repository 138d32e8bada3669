import { Buffer } from 'node:buffer'
import type { Store } from '../../store/store.js'

/** A store in another thread, which is not ours to close: what plugins keep is one for all event loops. */
export function remoteStore(store: Store): Store {
  return {
    get: async key => {
      const found = await store.get(key)
      return found && Buffer.from(found) // a Buffer arrives as its bytes alone
    },
    set: (key, value, ttlMs) => store.set(key, value, ttlMs),
    delete: key => store.delete(key),
    swap: (key, expected, value, ttlMs) => store.swap(key, expected, value, ttlMs),
    add: (key, delta, ttlMs) => store.add(key, delta, ttlMs),
    close: async () => undefined
  }
}

/** The store without its end: it outlives every snapshot that uses it. */
export function keptStore(store: Store): Store {
  return { ...store, close: async () => undefined }
}
