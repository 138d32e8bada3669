import { answerBytes, answerGrown, answerRoom, answerStart, answerText } from './host-answer'
import { kvCompareSet, kvDelete, kvGet, kvSet } from './imports'
import { utf8Bytes } from './utf8'

/**
 * Values under keys that all threads of a gateway share, the plugin's own: other plugins have others. They outlive a reload of the
 * configuration, not a restart. Keys go to 1,024 bytes, values to 65,536 and, with their keys, to an eighth of the limit
 * "kvBytes"; when that is full, entries go whose time is over soonest. Needs the permission "kv".
 */
// @ts-ignore: decorator
@final
export class kv {
  /** A copy of the value; null when there is none, or its time is over. */
  static get(key: string): Uint8Array | null {
    const size = find(key)
    return size < 0 ? null : answerBytes(size)
  }

  /** The value as UTF-8 text; null when there is none. */
  static getText(key: string): string | null {
    const size = find(key)
    return size < 0 ? null : answerText(size)
  }

  /** Keeps a value for `ttlMs` milliseconds (ten years at most). False when it is too large, or the time is not above 0. */
  static set(key: string, value: Uint8Array, ttlMs: i64): bool {
    const name = utf8Bytes(key)
    return kvSet(name.dataStart, name.length, value.dataStart, value.length, <f64>ttlMs) == 1
  }

  /** `set` with a text, in UTF-8. */
  static setText(key: string, value: string, ttlMs: i64): bool {
    return kv.set(key, utf8Bytes(value), ttlMs)
  }

  /** Whether there was a value. */
  static delete(key: string): bool {
    const name = utf8Bytes(key)
    return kvDelete(name.dataStart, name.length) == 1
  }

  /**
   * Keeps `value` when what is there is `expected`, byte for byte; null: when nothing is there. Of many threads that try at
   * once one is told true. False too when the value is too large, or the time is not above 0.
   */
  static compareAndSet(key: string, expected: Uint8Array | null, value: Uint8Array, ttlMs: i64): bool {
    const name = utf8Bytes(key)
    const at = expected === null ? <usize>0 : expected.dataStart
    const size = expected === null ? -1 : expected.length
    return kvCompareSet(name.dataStart, name.length, at, size, value.dataStart, value.length, <f64>ttlMs) == 1
  }
}

/** Size of the value, which is then in the answer's room; -1 when there is none. */
function find(key: string): i32 {
  const name = utf8Bytes(key)
  let size: i32
  do size = kvGet(name.dataStart, name.length, answerStart(), answerRoom())
  while (size >= 0 && answerGrown(size))
  return size
}
