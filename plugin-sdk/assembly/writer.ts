import { utf8Decode, utf8Length, utf8Write } from './utf8'

/** So many UTF-16 units take 127 bytes at most: their length is one byte, and need not be known before they are written. */
const SHORT_UNITS: i32 = 42

/** A growing buffer of bytes, with the protobuf wire format's ways to fill it. */
@final
export class ByteWriter {
  /** How many bytes were written. */
  size: i32 = 0
  private buffer: ArrayBuffer

  constructor(capacity: i32 = 256) {
    this.buffer = new ArrayBuffer(capacity)
  }

  /** Where the first byte lies; moves when the buffer grows. */
  @inline
  get start(): usize {
    return changetype<usize>(this.buffer)
  }

  /**
   * Makes room for `more` bytes and returns where they go; the caller then adds to `size` what it wrote. Inlined, but for the
   * growing: it is asked for each field of a verdict.
   */
  @inline
  reserve(more: i32): usize {
    if (<u64>this.size + <u64>more > <u64>this.buffer.byteLength) this.grow(more)
    return changetype<usize>(this.buffer) + <usize>this.size
  }

  private grow(more: i32): void {
    const wanted = <u64>this.size + <u64>more
    const grown = new ArrayBuffer(<i32>max(wanted, min(<u64>this.buffer.byteLength << 1, 0x3ffffff0)))
    memory.copy(changetype<usize>(grown), changetype<usize>(this.buffer), <usize>this.size)
    this.buffer = grown
  }

  clear(): void {
    this.size = 0
  }

  @inline
  byte(value: u8): void {
    store<u8>(this.reserve(1), value)
    this.size++
  }

  /** Bytes from elsewhere in memory, but not from this writer. */
  raw(at: usize, size: i32): void {
    memory.copy(this.reserve(size), at, <usize>size)
    this.size += size
  }

  /** Text in UTF-8, without a length. */
  text(text: string): void {
    this.size += utf8Write(text, this.reserve(text.length * 3))
  }

  /** A whole number in decimal digits, as text. */
  decimal(value: i64): void {
    let rest = value < 0 ? <u64>0 - <u64>value : <u64>value
    let digits = 1
    for (let left = rest / 10; left > 0; left /= 10) digits++
    if (value < 0) this.byte(0x2d)
    const at = this.reserve(digits)
    for (let i = digits - 1; i >= 0; i--) {
      store<u8>(at + <usize>i, <u8>(0x30 + <i32>(rest % 10)))
      rest /= 10
    }
    this.size += digits
  }

  varint(value: u64): void {
    let to = this.reserve(10)
    const from = to
    while (value > 0x7f) {
      store<u8>(to++, <u8>(value | 0x80))
      value >>= 7
    }
    store<u8>(to++, <u8>value)
    this.size += <i32>(to - from)
  }

  fixed<T>(value: T): void {
    store<T>(this.reserve(sizeof<T>()), value)
    this.size += sizeof<T>()
  }

  /** A string field: its length and its UTF-8 bytes. */
  string(text: string): void {
    if (text.length <= SHORT_UNITS) {
      const at = this.reserve(1 + text.length * 3)
      const written = utf8Write(text, at + 1)
      store<u8>(at, <u8>written)
      this.size += 1 + written
      return
    }
    const size = utf8Length(text)
    this.varint(size)
    utf8Write(text, this.reserve(size))
    this.size += size
  }

  /** A bytes field: its length and its bytes. */
  bytes(bytes: Uint8Array): void {
    this.varint(bytes.length)
    this.raw(bytes.dataStart, bytes.length)
  }

  /** Begins a length-delimited field; give what it returns to `close` once the field is written. */
  open(): i32 {
    this.byte(0)
    return this.size
  }

  /** Ends a field begun with `open`: puts its length before it. */
  close(from: i32): void {
    const size = this.size - from
    if (size < 0x80) {
      store<u8>(this.start + <usize>(from - 1), <u8>size)
      return
    }
    let more = 0
    for (let rest = <u32>size >> 7; rest > 0; rest >>= 7) more++
    this.reserve(more)
    const at = this.start + <usize>from
    memory.copy(at + <usize>more, at, <usize>size)
    this.size = from - 1
    this.varint(size)
    this.size += size
  }

  /** What was written, which is UTF-8, as a text. */
  toText(): string {
    return utf8Decode(this.start, this.size)
  }

  /** A copy of what was written. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.size)
    memory.copy(bytes.dataStart, this.start, <usize>this.size)
    return bytes
  }
}

// @ts-ignore: decorator
@inline
export function unzigzag32(value: i32): u64 {
  return <u64>(<u32>((value << 1) ^ (value >> 31)))
}

// @ts-ignore: decorator
@inline
export function unzigzag64(value: i64): u64 {
  return <u64>((value << 1) ^ (value >> 63))
}
