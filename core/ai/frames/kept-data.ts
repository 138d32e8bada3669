import { Buffer } from 'node:buffer'

const BLOCK_BYTES = 2_000
/** More of a stream is not kept, bytes. */
const MAX_BYTES = 1024 * 1024
/** Lengths of what an entry shares with the one before, at its beginning and at its end, and of what stands between. */
const NUMBER_BYTES = 4
const ENTRY_BYTES = 3 * NUMBER_BYTES
/** Bytes of a UTF-16 unit. */
const UNIT_BYTES = 2

/**
 * The data of a stream's frames, bounded, for who may ask for its text at the end. Of each only what differs from the one before is kept, which is
 * little: one word of text. All of them would be copied by every garbage collection while the stream lasts.
 */
export class KeptData {
  private readonly full: Buffer[] = []
  private block: Buffer | undefined
  private used = 0
  private bytes = 0
  private last = ''

  add(data: string): void {
    const { last } = this
    const shared = Math.min(data.length, last.length)
    let begin = 0
    while (begin < shared && data.charCodeAt(begin) === last.charCodeAt(begin)) begin++
    let end = 0
    while (end < shared - begin && data.charCodeAt(data.length - 1 - end) === last.charCodeAt(last.length - 1 - end))
      end++
    const units = data.length - end - begin
    const need = ENTRY_BYTES + units * UNIT_BYTES
    if (this.bytes + need > MAX_BYTES) return
    const block = this.room(need)
    this.used = block.writeUInt32LE(begin, this.used)
    this.used = block.writeUInt32LE(end, this.used)
    this.used = block.writeUInt32LE(units, this.used)
    for (let at = begin; at < begin + units; at++) this.used = block.writeUInt16LE(data.charCodeAt(at), this.used)
    this.bytes += need
    this.last = data
  }

  /** Each as it was added. */
  *all(): Iterable<string> {
    let last = ''
    for (const block of [...this.full, this.block?.subarray(0, this.used) ?? EMPTY]) {
      for (let at = 0; at < block.length; ) {
        const begin = block.readUInt32LE(at)
        const end = block.readUInt32LE(at + NUMBER_BYTES)
        const from = at + ENTRY_BYTES
        at = from + block.readUInt32LE(at + 2 * NUMBER_BYTES) * UNIT_BYTES
        last = last.slice(0, begin) + block.toString('utf16le', from, at) + last.slice(last.length - end)
        yield last
      }
    }
  }

  private room(bytes: number): Buffer {
    if (this.block !== undefined && this.used + bytes <= this.block.length) return this.block
    if (this.block !== undefined) this.full.push(this.block.subarray(0, this.used))
    this.used = 0
    this.block = Buffer.allocUnsafe(Math.max(BLOCK_BYTES, bytes))
    return this.block
  }
}

const EMPTY = Buffer.alloc(0)
