/**
 * The protobuf wire format, reading: what the generated readers are made of. Nothing here allocates, and malformed
 * bytes make a function return false (or a reserved value), never trap.
 */
import { utf8Decode } from './utf8'

/** Where reading goes on. One message is read at a time, so one cursor is enough. */
export let cursor: usize = 0

/** Set when a varint ran over the end or had more than ten bytes; cleared by `startAt`. */
export let broken: bool = false

const MAX_GROUP_DEPTH: i32 = 64

// Spans and the generated readers are @unmanaged: the garbage collector does not know them, which makes reading twice as
// fast (no shadow stack). They live as long as the instance, so make one of each and reuse it.

/** A string or bytes field that was not decoded yet: where it lies in the input. Valid until the next call. */
@unmanaged
@final
export class Span {
  at: usize = 0
  size: i32 = 0

  @inline
  clear(): void {
    this.at = 0
    this.size = 0
  }

  @inline
  get empty(): bool {
    return this.size == 0
  }

  get text(): string {
    return utf8Decode(this.at, this.size)
  }

  /** A copy, which outlives the call. */
  get bytes(): Uint8Array {
    return copyOf(this.at, this.size)
  }

  /** Whether the bytes are those of `text`, which is ASCII; no allocation. */
  equals(text: string): bool {
    return sameAscii(this.at, this.size, text)
  }
}

/** A repeated string, bytes or message field: where each element lies. */
@unmanaged
@final
export class Spans {
  length: i32 = 0
  private capacity: i32 = 0
  // Pairs of address and size.
  private places: usize = 0

  @inline
  clear(): void {
    this.length = 0
  }

  /** Address of element `index`; 0 outside the list. */
  @inline
  at(index: i32): usize {
    return <u32>index < <u32>this.length ? load<usize>(this.places + (<usize>index << 3)) : 0
  }

  /** Size of element `index` in bytes; 0 outside the list. */
  @inline
  size(index: i32): i32 {
    return <u32>index < <u32>this.length ? load<i32>(this.places + (<usize>index << 3), 4) : 0
  }

  /** Element `index` as a string; empty outside the list. */
  text(index: i32): string {
    return utf8Decode(this.at(index), this.size(index))
  }

  /** Element `index` as a copy of its bytes. */
  bytes(index: i32): Uint8Array {
    return copyOf(this.at(index), this.size(index))
  }

  add(at: usize, size: i32): void {
    const index = this.length
    if (index >= this.capacity) this.grow()
    const place = this.places + (<usize>index << 3)
    store<usize>(place, at)
    store<i32>(place, size, 4)
    this.length = index + 1
  }

  private grow(): void {
    this.capacity = max(32, this.capacity << 1)
    const size = <usize>this.capacity << 3
    this.places = this.places == 0 ? heap.alloc(size) : heap.realloc(this.places, size)
  }
}

/** A repeated number. */
@unmanaged
@final
export class Numbers<T> {
  length: i32 = 0
  private capacity: i32 = 0
  private values: usize = 0

  @inline
  clear(): void {
    this.length = 0
  }

  /** Element `index`; 0 outside the list. */
  at(index: i32): T {
    return <u32>index < <u32>this.length ? load<T>(this.values + <usize>index * sizeof<T>()) : <T>0
  }

  add(value: T): void {
    const index = this.length
    if (index >= this.capacity) {
      this.capacity = max(16, this.capacity << 1)
      const size = <usize>this.capacity * sizeof<T>()
      this.values = this.values == 0 ? heap.alloc(size) : heap.realloc(this.values, size)
    }
    store<T>(this.values + <usize>index * sizeof<T>(), value)
    this.length = index + 1
  }
}

/** Begins to read at `at`. */
export function startAt(at: usize): void {
  cursor = at
  broken = false
}

/** The next varint; sets `broken` when there is none before `end`. */
export function varint(end: usize): u64 {
  let at = cursor
  let value: u64 = 0
  for (let shift: u64 = 0; shift < 70 && at < end; shift += 7) {
    const byte = <u64>load<u8>(at++)
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) {
      cursor = at
      return value
    }
  }
  broken = true
  return 0
}

/** The next tag, or 0 (which is never a tag) when it is malformed. The caller knows that a byte is left. */
// @ts-ignore: decorator
@inline
export function tag(end: usize): u32 {
  const first = <u32>load<u8>(cursor)
  if (first - 8 >= 0x78) return longTag(end)
  cursor++
  return first
}

function longTag(end: usize): u32 {
  const value = varint(end)
  return broken || value > 0xffffffff || value >> 3 == 0 ? 0 : <u32>value
}

/** Reads a length and checks that so many bytes follow; returns their end, or 0 when they do not. */
export function extent(end: usize): usize {
  const at = cursor
  if (at < end) {
    const first = <usize>load<u8>(at)
    if (first < 0x80) {
      cursor = at + 1
      return first <= end - cursor ? cursor + first : 0
    }
  }
  const size = varint(end)
  return broken || size > <u64>(end - cursor) ? 0 : cursor + <usize>size
}

/** Points `span` at the next length-delimited field. */
export function span(to: Span, end: usize): bool {
  const stop = extent(end)
  if (stop == 0) return false
  to.at = cursor
  to.size = <i32>(stop - cursor)
  cursor = stop
  return true
}

/** Adds the next length-delimited field to `list`. */
export function spanInto(list: Spans, end: usize): bool {
  const stop = extent(end)
  if (stop == 0) return false
  list.add(cursor, <i32>(stop - cursor))
  cursor = stop
  return true
}

/** The next four bytes; the caller has asked `has(4, end)`. */
// @ts-ignore: decorator
@inline
export function fixed<T>(): T {
  const value = load<T>(cursor)
  cursor += sizeof<T>()
  return value
}

/** Whether `size` bytes are left before `end`. */
// @ts-ignore: decorator
@inline
export function has(size: usize, end: usize): bool {
  return end - cursor >= size
}

// @ts-ignore: decorator
@inline
export function zigzag32(value: u64): i32 {
  const bits = <u32>value
  return <i32>(bits >> 1) ^ -(<i32>(bits & 1))
}

// @ts-ignore: decorator
@inline
export function zigzag64(value: u64): i64 {
  return <i64>(value >> 1) ^ -(<i64>(value & 1))
}

/** Goes past the value of an unknown field. */
export function skip(fieldTag: u32, end: usize): bool {
  return skipNested(fieldTag, end, 0)
}

function skipNested(fieldTag: u32, end: usize, depth: i32): bool {
  switch (fieldTag & 7) {
    case 0:
      varint(end)
      return !broken
    case 1:
      if (!has(8, end)) return false
      cursor += 8
      return true
    case 2: {
      const stop = extent(end)
      if (stop == 0) return false
      cursor = stop
      return true
    }
    case 3: // a group, from proto2: up to its own end tag
      if (depth >= MAX_GROUP_DEPTH) return false
      while (cursor < end) {
        const inner = tag(end)
        if (inner == 0) return false
        if ((inner & 7) == 4) return inner >> 3 == fieldTag >> 3
        if (!skipNested(inner, end, depth + 1)) return false
      }
      return false
    case 5:
      if (!has(4, end)) return false
      cursor += 4
      return true
    default:
      return false
  }
}

/** Whether the bytes at `at` are those of `text`, which is ASCII. */
export function sameAscii(at: usize, size: i32, text: string): bool {
  if (size != text.length) return false
  let unit = changetype<usize>(text)
  const end = at + <usize>size
  while (at < end) {
    const byte = <u32>load<u8>(at++)
    if (byte != <u32>load<u16>(unit) || byte > 0x7f) return false
    unit += 2
  }
  return true
}

/** As sameAscii, but `text` may be in any case; the bytes are in lower case already. */
export function sameName(at: usize, size: i32, text: string): bool {
  if (size != text.length) return false
  let unit = changetype<usize>(text)
  const end = at + <usize>size
  while (at < end) {
    let wanted = <u32>load<u16>(unit)
    if (wanted - 0x41 < 26) wanted |= 0x20
    if (<u32>load<u8>(at++) != wanted) return false
    unit += 2
  }
  return true
}

function copyOf(at: usize, size: i32): Uint8Array {
  const bytes = new Uint8Array(size)
  memory.copy(bytes.dataStart, at, <usize>size)
  return bytes
}
