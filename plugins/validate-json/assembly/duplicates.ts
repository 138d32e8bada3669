import { decodedKey } from '@sluice/plugin-sdk/assembly/json-fields'
import { skipBlanks } from '@sluice/plugin-sdk/assembly/json-lexer'
import { hadEscape, skipString } from '@sluice/plugin-sdk/assembly/json-scan'
import { utf8Decode } from '@sluice/plugin-sdk/assembly/utf8'
import { KeySet } from './key-set'

/** As deep as the host reads JSON. */
const MAX_DEPTH: i32 = 256

const keys = new KeySet()
/** Of each level: the number of the object, 0 for an array; its last key, or how many elements of the array are over. */
const objects = new StaticArray<u32>(MAX_DEPTH + 1)
const keysAt = new StaticArray<usize>(MAX_DEPTH + 1)
const keySizes = new StaticArray<i32>(MAX_DEPTH + 1)
const indexes = new StaticArray<i32>(MAX_DEPTH + 1)
/** Keys that had escapes, as they are meant: kept while they are compared. */
const decoded: Uint8Array[] = []

/**
 * The JSON pointer to the first member whose name its object has twice (RFC 8259 section 4); null when there is none. Names are
 * compared as they are meant: escapes hide nothing.
 * @param json - a text that the host has read as JSON
 */
export function duplicateKey(json: Uint8Array): string | null {
  keys.begin()
  decoded.length = 0
  let depth = 0
  let at = json.dataStart
  const end = at + <usize>json.length
  while (at < end) {
    const byte = load<u8>(at)
    if (byte == 0x22) {
      const start = at + 1
      at = skipString(at, end)
      const colon = skipBlanks(at, end)
      // No string but a key has a colon behind it.
      if (colon == end || load<u8>(colon) != 0x3a) continue
      if (!addKey(depth, start, <i32>(at - 1 - start))) return pointer(depth)
      at = colon
    } else if ((byte | 0x20) == 0x7b) {
      depth++
      unchecked((objects[depth] = byte == 0x7b ? keys.newObject() : 0))
      unchecked((indexes[depth] = 0))
    } else if ((byte | 0x20) == 0x7d) depth--
    else if (byte == 0x2c) unchecked(indexes[depth]++)
    at++
  }
  return null
}

/** @returns false when the object at this level has the key already */
function addKey(depth: i32, at: usize, size: i32): bool {
  if (hadEscape) {
    const bytes = decodedKey(at, size)
    decoded.push(bytes)
    at = bytes.dataStart
    size = bytes.length
  }
  unchecked((keysAt[depth] = at))
  unchecked((keySizes[depth] = size))
  return keys.add(unchecked(objects[depth]), at, size)
}

/** RFC 6901, of the last key at this level. */
function pointer(depth: i32): string {
  let text = ''
  for (let i = 1; i <= depth; i++) text += '/' + (objects[i] == 0 ? indexes[i].toString() : step(keysAt[i], keySizes[i]))
  return text
}

function step(at: usize, size: i32): string {
  return utf8Decode(at, size).replaceAll('~', '~0').replaceAll('/', '~1')
}
