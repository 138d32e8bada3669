import { PluginFault } from '../fault.js'
import { answerAt, copyAt, type GuestBytes, memoryAt, type Run } from '../guest-bytes.js'
import type { SharedStore } from '../shared-store.js'

export interface KvGuest extends GuestBytes {
  /** Undefined: the plugin has not the permission "kv". */
  readonly store: SharedStore | undefined
}

/** Absent in place of a length: there must be no value. */
const NONE = -1

/** Keys and values that all threads share. Answers: 1 done, 0 not so, -1 the value cannot be kept. */
export function kvFunctions(guest: KvGuest): Record<string, Run> {
  return {
    kv_get: (key = 0, keyLength = 0, out = 0, room = 0) => {
      const value = storeOf(guest).get(memoryAt(guest, key, keyLength))
      memoryAt(guest, out, room)
      return value === undefined ? NONE : answerAt(guest, out, room, value)
    },
    kv_set: (key = 0, keyLength = 0, ptr = 0, length = 0, ttlMs = 0) => {
      const store = storeOf(guest)
      return store.set(copyAt(guest, key, keyLength), memoryAt(guest, ptr, length), ttlMs) ? 1 : -1
    },
    kv_delete: (key = 0, keyLength = 0) => Number(storeOf(guest).delete(copyAt(guest, key, keyLength))),
    kv_compare_set: (key = 0, keyLength = 0, old = 0, oldLength = 0, ptr = 0, length = 0, ttlMs = 0) => {
      const store = storeOf(guest)
      const expected = oldLength === NONE ? undefined : memoryAt(guest, old, oldLength)
      const done = store.compareAndSet(copyAt(guest, key, keyLength), expected, memoryAt(guest, ptr, length), ttlMs)
      return done === undefined ? -1 : Number(done)
    }
  }
}

function storeOf({ store }: KvGuest): SharedStore {
  if (store === undefined) throw new PluginFault('trap', 'keeps values without the permission "kv"')
  return store
}
