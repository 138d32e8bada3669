import { percentDecodeAt } from './text'
import { Spans, sameAscii, sameName } from './wire'
import { utf8Decode } from './utf8'

/** Lookups in flat lists (name, value, name, value …) and in query and cookie strings, without making other strings. */

/** Index of the value of header `name` (in any case), searching from the value index `from` on; -1 when there is none. */
export function findName(list: Spans, name: string, from: i32): i32 {
  for (let i = from; i + 1 < list.length; i += 2) if (sameName(list.at(i), list.size(i), name)) return i + 1
  return -1
}

/** The first value of a header; empty when there is none. */
export function firstValue(list: Spans, name: string): string {
  const index = findName(list, name, 0)
  return index < 0 ? '' : list.text(index)
}

/** Every value of a header, in the order they came. */
export function allValues(list: Spans, name: string): string[] {
  const values: string[] = []
  for (let i = findName(list, name, 0); i >= 0; i = findName(list, name, i + 1)) values.push(list.text(i))
  return values
}

/** The value of a path parameter or tag, whose name counts to the letter; of two, the last one was set later. */
export function lastExact(list: Spans, name: string): string {
  for (let i = (list.length & ~1) - 2; i >= 0; i -= 2) {
    if (sameAscii(list.at(i), list.size(i), name) || list.text(i) == name) return list.text(i + 1)
  }
  return ''
}

/** Whether the flat list has an entry of that exact name. */
export function hasExact(list: Spans, name: string): bool {
  for (let i = 0; i + 1 < list.length; i += 2) {
    if (sameAscii(list.at(i), list.size(i), name) || list.text(i) == name) return true
  }
  return false
}

/** Every text of a list. */
export function texts(list: Spans): string[] {
  const all: string[] = []
  for (let i = 0; i < list.length; i++) all.push(list.text(i))
  return all
}

/** Where the search in a query or cookie string stopped: the value that was found. */
let valueAt: usize = 0
let valueSize: i32 = 0

/** The percent-decoded value of the first parameter `name` of a query; null when there is none. */
export function queryValue(at: usize, size: i32, name: string): string | null {
  return findPart(at, size, 0x26, name, true) ? percentDecodeAt(valueAt, valueSize, true) : null
}

/** The value of cookie `name` in one Cookie header, as it came; null when there is none. */
export function cookieValue(at: usize, size: i32, name: string): string | null {
  return findPart(at, size, 0x3b, name, false) ? utf8Decode(valueAt, valueSize) : null
}

function findPart(at: usize, size: i32, separator: u8, name: string, decode: bool): bool {
  const end = at + <usize>size
  while (at < end) {
    let stop = at
    while (stop < end && load<u8>(stop) != separator) stop++
    // Cookies are separated by "; ", and lenient servers skip any blank there.
    if (!decode) while (at < stop && (load<u8>(at) == 0x20 || load<u8>(at) == 0x09)) at++
    let equals = at
    while (equals < stop && load<u8>(equals) != 0x3d) equals++
    const length = <i32>(equals - at)
    if ((decode || equals < stop) && (sameAscii(at, length, name) || (decode && slowlySame(at, length, name)))) {
      valueAt = equals < stop ? equals + 1 : stop
      let last = stop
      if (!decode) while (last > valueAt && (load<u8>(last - 1) == 0x20 || load<u8>(last - 1) == 0x09)) last--
      valueSize = <i32>(last - valueAt)
      return true
    }
    at = stop + 1
  }
  return false
}

/** A parameter's name may be escaped itself; only then it has a "%", a "+" or a byte above ASCII. */
function slowlySame(at: usize, size: i32, name: string): bool {
  for (let i = 0; i < size; i++) {
    const byte = load<u8>(at + <usize>i)
    if (byte == 0x25 || byte == 0x2b || byte > 0x7f) return percentDecodeAt(at, size, true) == name
  }
  return false
}
