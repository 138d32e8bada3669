import { Buffer } from 'node:buffer'
import { GatewayError } from '../../base/errors.js'
import { type Frame, type FrameReader, type Framing, MAX_FRAME_BYTES } from './frame.js'

/** Server-sent events (WHATWG HTML §9.2): what every AI provider but Bedrock and Ollama streams. */
export const sse: Framing = {
  contentType: 'text/event-stream',
  reader: () => new SseReader(),
  write: ({ event, data }) => {
    const lines = data.includes('\n') ? data.replaceAll('\n', '\ndata: ') : data
    return Buffer.from(event === '' ? `data: ${lines}\n\n` : `event: ${event}\ndata: ${lines}\n\n`)
  },
  heartbeat: Buffer.from(': keep-alive\n\n')
}

const LF = 10
const CR = 13
const BOM = '\ufeff'

/**
 * Reads events from bytes cut anywhere: within a character, between CR and LF. Lines end with LF, CR or both; comments and unknown fields are
 * passed over; an event whose last blank line never came counts when the stream ends, which a browser would not do but providers rely on.
 */
export class SseReader implements FrameReader {
  /** The beginning of a line of which the rest is still to come. */
  private parts: Buffer[] = []
  private event = ''
  private data: string | undefined
  /** Bytes of the event so far. */
  private size = 0
  private first = true
  /** The last piece ended with CR: an LF that follows belongs to it. */
  private afterCr = false

  constructor(private readonly maxBytes = MAX_FRAME_BYTES) {}

  /** Whether nothing has come of the next event yet. */
  get between(): boolean {
    return this.size === 0
  }

  feed(piece: Buffer): Frame[] {
    const frames: Frame[] = []
    let at = this.afterCr && piece[0] === LF ? 1 : 0
    if (piece.length > 0) this.afterCr = false
    let cr = piece.indexOf(CR, at)
    while (at < piece.length) {
      if (cr !== -1 && cr < at) cr = piece.indexOf(CR, at)
      const lf = piece.indexOf(LF, at)
      const end = cr !== -1 && (lf === -1 || cr < lf) ? cr : lf
      if (end === -1) break
      this.grow(end - at + 1)
      this.line(piece, at, end, frames)
      at = end + 1
      if (end !== cr) continue
      if (at === piece.length) this.afterCr = true
      else if (piece[at] === LF) at++
    }
    if (at < piece.length) {
      this.grow(piece.length - at)
      this.parts.push(piece.subarray(at))
    }
    return frames
  }

  end(): Frame[] {
    const frames: Frame[] = []
    if (this.parts.length > 0) this.line(EMPTY, 0, 0, frames)
    this.dispatch(frames)
    return frames
  }

  private grow(bytes: number): void {
    this.size += bytes
    if (this.size <= this.maxBytes) return
    this.parts = []
    throw new GatewayError('GW_AI_EVENT_TOO_LARGE', `an event of a stream is larger than ${this.maxBytes} bytes`)
  }

  private line(piece: Buffer, from: number, to: number, frames: Frame[]): void {
    let text: string
    if (this.parts.length === 0) text = piece.toString('utf8', from, to)
    else {
      this.parts.push(piece.subarray(from, to))
      text = Buffer.concat(this.parts).toString()
      this.parts = []
    }
    if (this.first) {
      this.first = false
      if (text.startsWith(BOM)) text = text.slice(1)
    }
    if (text === '') this.dispatch(frames)
    else if (text.startsWith('data:')) this.addData(text.charCodeAt(5) === 32 ? text.slice(6) : text.slice(5))
    else if (text.startsWith('event:')) this.event = text.charCodeAt(6) === 32 ? text.slice(7) : text.slice(6)
    else if (text === 'data') this.addData('')
    else if (text === 'event') this.event = ''
  }

  private addData(text: string): void {
    this.data = this.data === undefined ? text : `${this.data}\n${text}`
  }

  private dispatch(frames: Frame[]): void {
    if (this.data !== undefined) frames.push({ event: this.event, data: this.data })
    this.event = ''
    this.data = undefined
    this.size = 0
  }
}

const EMPTY = Buffer.alloc(0)
