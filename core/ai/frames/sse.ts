import { Buffer } from 'node:buffer'
import { GatewayError } from '../../base/errors.js'
import { type Frame, type FrameReader, type Framing, MAX_FRAME_BYTES } from './frame.js'
import { Pieces } from './pieces.js'

/** Server-sent events (WHATWG HTML §9.2): what every AI provider but Bedrock and Ollama streams. */
export const sse: Framing = {
  contentType: 'text/event-stream',
  reader: () => new SseReader(),
  write: ({ event, data }) => {
    const lines = LINE_END.test(data) ? data.split(LINE_END).join('\ndata: ') : data
    return Buffer.from(event === '' ? `data: ${lines}\n\n` : `event: ${event}\ndata: ${lines}\n\n`)
  },
  close: Buffer.from('\n\n'),
  heartbeat: Buffer.from(': keep-alive\n\n')
}

/** A CR within data would end its line too. */
const LINE_END = /\r\n|\r|\n/
const LF = 10
const CR = 13
const SPACE = 32
const DATA = Buffer.from('data:')
const BOM = '\ufeff'

/**
 * Reads events from bytes cut anywhere: within a character, between CR and LF. Lines end with LF, CR or both; comments and unknown fields are
 * passed over; an event whose last blank line never came counts when the stream ends, which a browser would not do but providers rely on.
 */
export class SseReader implements FrameReader {
  /** The beginning of a line of which the rest is still to come. */
  private readonly begun = new Pieces()
  private event = ''
  private data: string | undefined
  /** Bytes of the event so far; comments before it, of which nothing is kept, do not count. */
  private size = 0
  private first = true
  /** The last piece ended with CR: an LF that follows belongs to it. */
  private afterCr = false

  constructor(private readonly maxBytes = MAX_FRAME_BYTES) {}

  /** Whether nothing has come of the next event yet, but for whole lines that say nothing. */
  get between(): boolean {
    return this.size === 0
  }

  feed(piece: Buffer): Frame[] {
    const frames: Frame[] = []
    if (piece.length === 0) return frames
    let at = this.afterCr && piece[0] === LF ? 1 : 0
    this.afterCr = false
    // Each is looked for again only when it was passed: pieces full of one kind of line end take no longer.
    let cr = indexOf(piece, CR, at)
    let lf = indexOf(piece, LF, at)
    while (at < piece.length) {
      if (cr < at) cr = indexOf(piece, CR, at)
      if (lf < at) lf = indexOf(piece, LF, at)
      const end = Math.min(cr, lf)
      if (end === piece.length) break
      this.grow(end - at + 1)
      this.line(piece, at, end, frames)
      at = end + 1
      if (end !== cr) continue
      if (at === piece.length) this.afterCr = true
      else if (piece[at] === LF) at++
    }
    if (at < piece.length) {
      this.grow(piece.length - at)
      this.begun.add(piece, at, piece.length)
    }
    return frames
  }

  end(): Frame[] {
    const frames: Frame[] = []
    if (!this.begun.empty) this.line(EMPTY, 0, 0, frames)
    this.dispatch(frames)
    return frames
  }

  private grow(bytes: number): void {
    this.size += bytes
    if (this.size <= this.maxBytes) return
    this.begun.clear()
    this.data = undefined
    throw new GatewayError('GW_AI_EVENT_TOO_LARGE', `an event of a stream is larger than ${this.maxBytes} bytes`)
  }

  private line(piece: Buffer, from: number, to: number, frames: Frame[]): void {
    let text: string
    if (this.begun.empty) {
      // The common line, at once: no other string is made of it, and no encoding looked up.
      if (!this.first && isData(piece, from, to)) {
        this.addData(piece.toString(undefined, piece[from + 5] === SPACE ? from + 6 : from + 5, to))
        return
      }
      text = piece.toString(undefined, from, to)
    } else {
      this.begun.add(piece, from, to)
      text = this.begun.take()
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
    if (this.data === undefined && this.event === '') this.size = 0
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

/** Whether a line begins with "data:". */
function isData(piece: Buffer, from: number, to: number): boolean {
  for (let i = 0; i < DATA.length; i++) if (piece[from + i] !== DATA[i]) return false
  return from + DATA.length <= to
}

/** The end of the piece where there is none. */
function indexOf(piece: Buffer, byte: number, from: number): number {
  const found = piece.indexOf(byte, from)
  return found === -1 ? piece.length : found
}

const EMPTY = Buffer.alloc(0)
