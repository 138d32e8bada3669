import { Buffer } from 'node:buffer'
import { GatewayError } from '../../base/errors.js'
import { type Frame, type FrameReader, type Framing, MAX_FRAME_BYTES } from './frame.js'
import { Pieces } from './pieces.js'

/** JSON values one to a line: how Ollama streams. */
export const ndjson: Framing = {
  contentType: 'application/x-ndjson',
  reader: () => new LineReader(),
  write: ({ data }) => Buffer.from(`${data}\n`),
  close: Buffer.from('\n'),
  heartbeat: undefined
}

/** Cuts at LF; empty lines are passed over, a last line without LF counts. */
export class LineReader implements FrameReader {
  private readonly begun = new Pieces()
  /** Bytes of the line so far. */
  private size = 0

  constructor(private readonly maxBytes = MAX_FRAME_BYTES) {}

  get between(): boolean {
    return this.begun.empty
  }

  feed(piece: Buffer): Frame[] {
    const frames: Frame[] = []
    let at = 0
    for (let end = piece.indexOf(LF); end !== -1; end = piece.indexOf(LF, at)) {
      this.grow(end - at)
      let text: string
      if (this.begun.empty) text = piece.toString('utf8', at, end)
      else {
        this.begun.add(piece, at, end)
        text = this.begun.take()
      }
      this.dispatch(text, frames)
      at = end + 1
    }
    if (at < piece.length) {
      this.grow(piece.length - at)
      this.begun.add(piece, at, piece.length)
    }
    return frames
  }

  end(): Frame[] {
    const frames: Frame[] = []
    this.dispatch(this.begun.take(), frames)
    return frames
  }

  private grow(bytes: number): void {
    this.size += bytes
    if (this.size <= this.maxBytes) return
    this.begun.clear()
    throw new GatewayError('GW_AI_EVENT_TOO_LARGE', `a line of a stream is larger than ${this.maxBytes} bytes`)
  }

  private dispatch(text: string, frames: Frame[]): void {
    this.size = 0
    const data = text.trim()
    if (data !== '') frames.push({ event: '', data })
  }
}

const LF = 10
