import { Buffer } from 'node:buffer'

/** One message of a stream, whatever separates messages there: an event of SSE, a line of NDJSON, a message of AWS's event stream. */
export interface Frame {
  /** SSE's `event` field, AWS's `:event-type` or `:exception-type`; empty: it has none. */
  readonly event: string
  /** The payload: JSON text, or a word like "[DONE]". */
  readonly data: string
}

/** Cuts bytes that arrive in any pieces into frames. */
export interface FrameReader {
  /** Whether the bytes so far end with a whole frame: nothing of the next one has come. */
  readonly between: boolean
  /**
   * Takes a piece.
   * @returns the frames it completes
   * @throws GatewayError GW_AI_EVENT_TOO_LARGE, GW_UPSTREAM_BAD_RESPONSE
   */
  feed(piece: Buffer): Frame[]
  /** The stream is over: what is left counts as a frame where the format lets it. @throws GatewayError as feed does */
  end(): Frame[]
}

/** Writes the frames of one stream. */
export interface FrameWriter {
  write(frame: Frame): Buffer
  /** The bytes after the last frame. */
  end(): Buffer
}

/** A stream's way of separating messages. */
export interface Framing {
  /** The Content-Type of such a stream. */
  readonly contentType: string
  reader(): FrameReader
  /** The bytes of a frame. */
  write(frame: Frame): Buffer
  /** For formats in which it matters where a frame stands: a new one for each stream. Left out: `write` does, and nothing ends it. */
  writer?(): FrameWriter
  /** What ends a frame that broke off, so that another can follow it; undefined: nothing does. */
  readonly close?: Buffer
  /** A frame that means nothing and keeps the connection from falling asleep; undefined: the format has none. */
  readonly heartbeat: Buffer | undefined
}

/** The writer of one stream. */
export function writerOf(framing: Framing): FrameWriter {
  return framing.writer?.() ?? { write: framing.write, end: () => NOTHING }
}

/** The largest event that is taken, bytes. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024

const NOTHING = Buffer.alloc(0)
