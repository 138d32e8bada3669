import type { GatewayError } from './errors.js'
import type { HeaderList } from './headers.js'

/** Takes the bytes of a body. */
export interface BodySink {
  /** Takes one chunk. False: it is taken, but send nothing more until `BodySource.resume()` is called. */
  write(chunk: Buffer): boolean
  end(): void
  /** The source broke off: what was written is all there will be. */
  fail(error: GatewayError): void
}

/** A body on its way: it begins to arrive before anyone takes it, and stops by itself when its small buffer is full. */
export interface BodySource {
  /** Length announced in advance, in bytes. */
  readonly length: number | undefined
  /**
   * Whether its end is certain to be the end: the length, chunks or a stream say so. That of one that ends with its connection is not, it
   * may as well have been cut off. Left out: not known.
   */
  readonly delimited?: boolean | undefined
  /** What came after the body, once all of it is here; undefined when nothing did, or such sources have none. */
  readonly trailers?: HeaderList | undefined
  /** The whole body when all of it is here already and nobody took any, else undefined. Takes it. */
  takeWhole(): Buffer | undefined
  /** Hands over everything, also what came before. Called once. */
  pipe(sink: BodySink): void
  /** The sink has room again. */
  resume(): void
  /** Nobody wants the rest: whoever sends it is told to stop. */
  cancel(): void
}

/** What a source may hold before someone takes it, bytes: past this it tells the sender to pause. */
export const SOURCE_BUFFER_BYTES = 65_536

export const EMPTY_BODY: Buffer = Buffer.alloc(0)

/** No bytes, and nothing said of how many another reply would have: with HEAD and 304 a length is that of the reply they stand for (RFC 9110 §8.6). */
export const UNMEASURED_BODY: BodySource = {
  length: undefined,
  takeWhole: () => EMPTY_BODY,
  pipe: sink => sink.end(),
  resume: () => undefined,
  cancel: () => undefined
}

/** Chunks as one; a single one is not copied. */
export function joined(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)
}

/** A body that is all here, for who takes bodies piece by piece. */
export function wholeBody(bytes: Buffer): BodySource {
  return {
    length: bytes.length,
    takeWhole: () => bytes,
    pipe: sink => {
      sink.write(bytes)
      sink.end()
    },
    resume: () => undefined,
    cancel: () => undefined
  }
}
