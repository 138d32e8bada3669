import { Buffer } from 'node:buffer'
import type { HeaderList } from '../../base/headers.js'
import { BadReply } from './bad-reply.js'
import { fields, INCOMPLETE, SECTION_BYTES, scanFields, TEXT_BYTE } from './fields.js'

const [LF, CR, SEMICOLON] = [10, 13, 59]

/** More of chunk extensions than this, in one chunk, is no information but a way to keep us busy. */
const EXTENSION_BYTES = 4_096

type State = 'size' | 'extension' | 'size-lf' | 'data' | 'data-cr' | 'data-lf' | 'trailers' | 'end'

/** Undoes the chunked transfer coding (RFC 9112 §7.1), in whatever pieces it comes. */
export class ChunkedBody {
  /** What came after the last chunk; undefined: nothing. */
  trailers: HeaderList | undefined
  private state: State = 'size'
  private size = 0
  private digits = 0
  private extension = 0
  private partial: Buffer | undefined

  get ended(): boolean {
    return this.state === 'end'
  }

  /**
   * Reads on to the next piece of data, the end of the body, or the end of these bytes.
   * @returns where that is
   * @throws BadReply
   */
  read(bytes: Buffer, from: number, end: number): number {
    let at = from
    while (at < end) {
      switch (this.state) {
        case 'size':
          at = this.readSize(bytes, at, end)
          break
        case 'extension':
          at = this.readExtension(bytes, at, end)
          break
        case 'size-lf':
          expect(bytes[at++], LF, 'a CR without its LF after a chunk size')
          this.state = this.size === 0 ? 'trailers' : 'data'
          break
        case 'data':
          return at
        case 'data-cr':
          expect(bytes[at++], CR, 'a chunk longer than its size')
          this.state = 'data-lf'
          break
        case 'data-lf':
          expect(bytes[at++], LF, 'a CR without its LF after a chunk')
          this.nextChunk()
          break
        case 'trailers':
          return this.readTrailers(bytes, at, end)
        case 'end':
          return at
      }
    }
    return at
  }

  /** How much of the bytes up to `end` is data of the chunk. They count as read. */
  data(from: number, end: number): number {
    const length = Math.min(this.size, end - from)
    this.size -= length
    if (this.size === 0) this.state = 'data-cr'
    return length
  }

  private readSize(bytes: Buffer, from: number, end: number): number {
    let at = from
    for (let digit = hex(bytes[at]); digit !== -1; digit = hex(bytes[at])) {
      this.digits++
      this.size = this.size * 16 + digit
      if (this.size > Number.MAX_SAFE_INTEGER || this.digits > EXTENSION_BYTES) throw new BadReply('a huge chunk size')
      if (++at >= end) return at
    }
    const byte = bytes[at]
    if (this.digits === 0 || (byte !== CR && byte !== SEMICOLON)) throw new BadReply('a chunk size that is no number')
    this.state = byte === CR ? 'size-lf' : 'extension'
    return at + 1
  }

  private readExtension(bytes: Buffer, from: number, end: number): number {
    let at = from
    while (at < end && TEXT_BYTE[bytes[at] ?? 0] === 1) at++
    this.extension += at - from
    if (this.extension > EXTENSION_BYTES) throw new BadReply(`chunk extensions of more than ${EXTENSION_BYTES} bytes`)
    if (at >= end) return at
    expect(bytes[at], CR, 'a control character in a chunk extension')
    this.state = 'size-lf'
    return at + 1
  }

  private readTrailers(bytes: Buffer, from: number, end: number): number {
    const { partial } = this
    const whole = partial === undefined ? bytes : Buffer.concat([partial, bytes.subarray(from, end)])
    const [begin, stop] = partial === undefined ? [from, end] : [0, whole.length]
    const until = scanFields(whole, begin, stop)
    if (until === INCOMPLETE) {
      if (stop - begin > SECTION_BYTES) throw new BadReply(`trailers of more than ${SECTION_BYTES} bytes`)
      this.partial = partial === undefined ? Buffer.from(bytes.subarray(from, end)) : whole
      return end
    }
    const list = fields(whole, begin, until)
    for (let i = 0; i < list.length; i += 2)
      if (FRAMING.has(list[i] ?? '')) throw new BadReply(`${list[i]} in the trailers`)
    if (list.length > 0) this.trailers = list
    this.partial = undefined
    this.state = 'end'
    return end - (stop - until)
  }

  private nextChunk(): void {
    this.state = 'size'
    this.size = 0
    this.digits = 0
    this.extension = 0
  }
}

/** What must not be said after the body it is about (RFC 9110 §6.5.1). */
const FRAMING: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'host',
  'connection',
  'keep-alive',
  'upgrade'
])

function expect(byte: number | undefined, wanted: number, otherwise: string): void {
  if (byte !== wanted) throw new BadReply(otherwise)
}

function hex(byte = 0): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  const letter = byte | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}
