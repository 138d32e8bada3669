import { Buffer } from 'node:buffer'
import { GatewayError } from '../../base/errors.js'
import { type Frame, type FrameReader, type Framing, MAX_FRAME_BYTES } from './frame.js'

/** JSON values one to a line: how Ollama streams. */
export const ndjson: Framing = {
  contentType: 'application/x-ndjson',
  reader: () => new LineReader(),
  write: ({ data }) => Buffer.from(`${data}\n`),
  heartbeat: undefined
}

/** Cuts at LF; empty lines are passed over, a last line without LF counts. */
class LineReader implements FrameReader {
  private parts: Buffer[] = []
  private size = 0

  feed(piece: Buffer): Frame[] {
    const frames: Frame[] = []
    let at = 0
    for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, at)) {
      this.keep(piece.subarray(at, end))
      this.dispatch(frames)
      at = end + 1
    }
    if (at < piece.length) this.keep(piece.subarray(at))
    return frames
  }

  end(): Frame[] {
    const frames: Frame[] = []
    this.dispatch(frames)
    return frames
  }

  private keep(part: Buffer): void {
    this.size += part.length
    if (this.size > MAX_FRAME_BYTES) {
      throw new GatewayError('GW_AI_EVENT_TOO_LARGE', `a line of a stream is larger than ${MAX_FRAME_BYTES} bytes`)
    }
    this.parts.push(part)
  }

  private dispatch(frames: Frame[]): void {
    const data = Buffer.concat(this.parts).toString().trim()
    this.parts = []
    this.size = 0
    if (data !== '') frames.push({ event: '', data })
  }
}
