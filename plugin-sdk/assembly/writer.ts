import { utf8Length, utf8Write } from './utf8'

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

  /** Makes room for `more` bytes and returns where they go; the caller then adds to `size` what it wrote. */
  reserve(more: i32): usize {
    const wanted = <u64>this.size + <u64>more
    const capacity = <u64>this.buffer.byteLength
    if (wanted > capacity) {
      const grown = new ArrayBuffer(<i32>max(wanted, min(capacity << 1, 0x3ffffff0)))
      memory.copy(changetype<usize>(grown), changetype<usize>(this.buffer), <usize>this.size)
      this.buffer = grown
    }
    return changetype<usize>(this.buffer) + <usize>this.size
  }

  clear(): void {
    this.size = 0
  }

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
