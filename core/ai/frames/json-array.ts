import { Buffer } from 'node:buffer'
import { GatewayError } from '../../base/errors.js'
import { type Frame, type FrameReader, type FrameWriter, type Framing, MAX_FRAME_BYTES } from './frame.js'

/** One JSON array that grows: how Gemini streams to who does not ask for `alt=sse`. */
export const jsonArray: Framing = {
  contentType: 'application/json',
  reader: () => new ElementReader(),
  write: ({ data }) => Buffer.from(`[${data}]`),
  writer: () => new ElementWriter(),
  heartbeat: Buffer.from('\n')
}

const QUOTE = 34
const OPEN_LIST = 91
const BACKSLASH = 92
const CLOSE_LIST = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125

/**
 * Cuts the elements out of an array, at any depth of the array's bytes. An object outside an array counts as an element: that is how some
 * errors come. Only objects are frames; other elements are passed over.
 */
class ElementReader implements FrameReader {
  private parts: Buffer[] = []
  private size = 0
  /** How many braces and brackets are open within the element; 0: between elements. */
  private depth = 0
  private quoted = false
  private escaped = false

  get between(): boolean {
    return this.depth === 0
  }

  feed(piece: Buffer): Frame[] {
    const frames: Frame[] = []
    let from = 0
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at]
      if (this.depth === 0) {
        if (byte !== OPEN_OBJECT) continue
        from = at
        this.depth = 1
      } else if (this.escaped) this.escaped = false
      else if (this.quoted) {
        if (byte === QUOTE) this.quoted = false
        else if (byte === BACKSLASH) this.escaped = true
      } else if (byte === QUOTE) this.quoted = true
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.depth++
      else if ((byte === CLOSE_OBJECT || byte === CLOSE_LIST) && --this.depth === 0) {
        this.keep(piece.subarray(from, at + 1))
        frames.push({ event: '', data: Buffer.concat(this.parts).toString() })
        this.parts = []
        this.size = 0
      }
    }
    if (this.depth > 0) this.keep(piece.subarray(from))
    return frames
  }

  /** What is open still is no element. */
  end(): Frame[] {
    return []
  }

  private keep(part: Buffer): void {
    this.size += part.length
    if (this.size > MAX_FRAME_BYTES) {
      throw new GatewayError('GW_AI_EVENT_TOO_LARGE', `an element of a stream is larger than ${MAX_FRAME_BYTES} bytes`)
    }
    this.parts.push(part)
  }
}

class ElementWriter implements FrameWriter {
  private first = true

  write({ data }: Frame): Buffer {
    const before = this.first ? '[' : ',\r\n'
    this.first = false
    return Buffer.from(before + data)
  }

  end(): Buffer {
    return Buffer.from(this.first ? '[]' : '\r\n]\r\n')
  }
}
