import { Buffer } from 'node:buffer'
import { codeAt, partOf } from '../base/bare.js'

/** Inputs are written behind each other into blocks of this size; a larger one gets room of its own. */
const BLOCK_BYTES = 65_536
/** Less than this is not worth beginning in: the input would have to move. */
const LEAST_BYTES = 1_024
/** Longer texts are written by the engine, shorter ones faster here. */
const SHORT_CHARACTERS = 40
/** Lengths of messages are written with so many bytes, known only once the message is there: up to 2 MiB, or one more. */
const LENGTH_BYTES = 4

/**
 * Writes the messages that every exchange takes, without an object for each: protobufjs takes three times as long. What it writes
 * means the same as what protobufjs writes (lengths of messages are padded), which a property test checks.
 */
export class InputWriter {
  private buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES)
  private from = 0
  private at = 0

  begin(): void {
    if (this.buffer.length - this.at < LEAST_BYTES || this.buffer.length > BLOCK_BYTES) {
      this.buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES)
      this.at = 0
    }
    // A multiple of WORD_BYTES (words.ts): copies to and from shared memory are fast where both lie alike.
    this.from = (this.at + 7) & ~7
    this.at = this.from
  }

  /** What was written since begin(). It is not copied: nothing is ever written there again. */
  finish(): Buffer {
    return partOf(this.buffer, this.from, this.at)
  }

  /** Bytes that are a message already, or the beginning of one. */
  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.buffer.set(bytes, this.at)
    this.at += bytes.length
  }

  /** Begins a message field. @returns what `close` needs */
  open(field: number): number {
    this.reserve(1 + LENGTH_BYTES)
    this.buffer[this.at++] = (field << 3) | 2
    this.at += LENGTH_BYTES
    return this.at - this.from // the input may move before it is closed
  }

  close(opened: number): void {
    this.closeAt(this.from + opened)
  }

  /** Writes the length of what begins at `from` before it. */
  private closeAt(from: number): void {
    let rest = this.at - from
    for (let i = LENGTH_BYTES; i > 0; i--) {
      this.buffer[from - i] = i === 1 ? rest & 127 : (rest & 127) | 128
      rest >>>= 7
    }
  }

  /** A text field; nothing when it is empty. @param field - up to 15 */
  text(field: number, text: string): void {
    if (text.length > 0) this.element(field, text)
  }

  /** An element of a repeated text field, also when it is empty. */
  element(field: number, text: string): void {
    const { length } = text
    this.reserve(6 + length * 3)
    const { buffer } = this
    const start = this.at
    buffer[start] = (field << 3) | 2
    if (length < SHORT_CHARACTERS) {
      let at = start + 2
      for (let i = 0; i < length; i++) {
        const code = codeAt(text, i)
        if (code > 127) break
        buffer[at++] = code
      }
      if (at === start + 2 + length) {
        buffer[start + 1] = length
        this.at = at
        return
      }
    }
    this.longElement(text, start)
  }

  /** The engine writes it, and says how long it became: the length before it is padded to its widest. */
  private longElement(text: string, start: number): void {
    const size = this.buffer.write(text, start + 1 + LENGTH_BYTES, 'utf8')
    this.at = start + 1 + LENGTH_BYTES + size
    this.closeAt(start + 1 + LENGTH_BYTES)
  }

  texts(field: number, list: readonly string[]): void {
    for (let i = 0; i < list.length; i++) this.element(field, list[i] ?? '')
  }

  bytes(field: number, bytes: Uint8Array): void {
    const from = this.open(field)
    this.raw(bytes)
    this.close(from)
  }

  /** @param value - a whole number from 0 below 2^53; nothing when it is 0 */
  number(field: number, value: number): void {
    if (value === 0) return
    this.reserve(11)
    this.buffer[this.at++] = field << 3
    let rest = value
    while (rest > 127) {
      this.buffer[this.at++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.buffer[this.at++] = rest
  }

  private reserve(bytes: number): void {
    if (this.at + bytes > this.buffer.length) this.move(bytes)
  }

  /** To where there is room for so many bytes more. */
  private move(bytes: number): void {
    const written = this.at - this.from
    const larger = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, written * 2, written + bytes))
    this.buffer.copy(larger, 0, this.from, this.at)
    this.buffer = larger
    this.from = 0
    this.at = written
  }
}
