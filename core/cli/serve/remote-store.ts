import { Buffer } from 'node:buffer'
import type { Store } from '../../store/store.js'
import type { Remote } from './calls.js'

/** The store of the main thread, as it is offered to the others. */
export type StoreFunctions = Omit<{ [K in keyof Store]: Store[K] }, 'close'>

/** A store in another thread: what plugins keep is one for all event loops. */
export function remoteStore(functions: Remote<StoreFunctions>): Store {
  return {
    get: async key => {
      const found = await functions.get(key)
      return found && Buffer.from(found) // a Buffer arrives as its bytes alone
    },
    set: (key, value, ttlMs) => functions.set(key, value, ttlMs),
    delete: key => functions.delete(key),
    swap: (key, expected, value, ttlMs) => functions.swap(key, expected, value, ttlMs),
    add: (key, delta, ttlMs) => functions.add(key, delta, ttlMs),
    close: async () => undefined // it is not ours
  }
}

/** The store without its end: it outlives every snapshot that uses it. */
export function keptStore(store: Store): Store {
  return { ...store, close: async () => undefined }
}
