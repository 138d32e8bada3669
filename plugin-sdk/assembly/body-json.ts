import { answerBytes, answerGrown, answerRoom, answerStart, answerText } from './host-answer'
import { jsonGet, jsonRemove, jsonSet, jsonText } from './imports'
import { utf8Bytes } from './utf8'

/**
 * The body of the request or response as JSON, taken apart by the host at the first use in a call: for hooks that get a body, and for
 * few places of it, by JSON pointer (RFC 6901; "" is the whole). Bodies go to 4 MiB and 256 levels. Numbers keep their value, whatever their size and digits; blanks,
 * escapes and names given twice do not come back when the whole is written, nor does a byte order mark. JsonTree, in the plugin,
 * keeps every byte that was not changed.
 */
export namespace bodyJson {
  /** Whether the body is JSON. */
  export function isJson(): bool {
    const whole = utf8Bytes('')
    return jsonGet(whole.dataStart, 0, answerStart(), 0) != NO_JSON
  }

  /** The JSON text at a pointer; null when there is nothing, or the body is no JSON. */
  export function get(pointer: string): string | null {
    const bytes = utf8Bytes(pointer)
    let size: i32
    do size = jsonGet(bytes.dataStart, bytes.length, answerStart(), answerRoom())
    while (size >= 0 && answerGrown(size))
    return size < 0 ? null : answerText(size)
  }

  /**
   * Puts JSON text there: in place of what is there, or as a new member or, with "-", behind the end of an array. False when there
   * is nothing to put it into, or the text is no JSON. The body itself changes when `toBytes` is given to `setBody`.
   */
  export function set(pointer: string, json: string): bool {
    const bytes = utf8Bytes(pointer)
    const value = utf8Bytes(json)
    return jsonSet(bytes.dataStart, bytes.length, value.dataStart, value.length) == 1
  }

  /** Takes out what is there. False when there is nothing. */
  export function remove(pointer: string): bool {
    const bytes = utf8Bytes(pointer)
    return jsonRemove(bytes.dataStart, bytes.length) == 1
  }

  /** The whole as JSON text, for `Verdict.setBody`; null when the body is no JSON. */
  export function toBytes(): Uint8Array | null {
    let size: i32
    do size = jsonText(answerStart(), answerRoom())
    while (size >= 0 && answerGrown(size))
    return size < 0 ? null : answerBytes(size)
  }
}

const NO_JSON: i32 = -2
