import type { Buffer } from 'node:buffer'
import type { Writable } from 'node:stream'

/** Half of the smallest window in use (RFC 9113 §6.9.2): that much clients have read when they open theirs again. */
export const PIECE_BYTES = 32_768

/**
 * Gives an HTTP/2 stream its bytes in pieces. Node says of a write only that all of it is gone, and makes one write of
 * what waits behind another: of a large chunk nobody would see that its client takes it, slowly.
 */
export class Pieces {
  private readonly chunks: Buffer[] = []
  /** Bytes in them. */
  private held = 0
  private written = 0
  private ending = false
  /** Whoever writes was told to stop. */
  private full = false

  /** @param drained - there is room again, after a `write` that said there is none */
  constructor(
    private readonly stream: Writable,
    private readonly drained: () => void
  ) {
    stream.on('drain', () => this.held === 0 && this.roomAgain())
  }

  /** Bytes that have yet to leave. */
  get left(): number {
    return this.held + this.stream.writableLength
  }

  /** Bytes that have left. */
  get taken(): number {
    return this.written - this.left
  }

  /** @returns whether there is room for more */
  write(chunk: Buffer): boolean {
    const { stream } = this
    this.written += chunk.length
    let room: boolean
    if (this.held === 0 && stream.writableLength + chunk.length <= PIECE_BYTES) room = stream.write(chunk, this.gone)
    else {
      this.chunks.push(chunk)
      this.held += chunk.length
      room = this.give()
    }
    this.full ||= !room
    return room
  }

  /** Nothing follows what was written. */
  end(): void {
    this.ending = true
    if (this.held === 0) this.stream.end()
  }

  /** One piece is on its way, and one behind it. @returns whether there is room for more */
  private give(): boolean {
    const { stream, chunks } = this
    let room = false
    while (this.held > 0 && stream.writable && stream.writableLength <= PIECE_BYTES) {
      const [chunk] = chunks
      if (chunk === undefined) break
      const piece = chunk.subarray(0, PIECE_BYTES)
      if (piece.length === chunk.length) chunks.shift()
      else chunks[0] = chunk.subarray(PIECE_BYTES)
      this.held -= piece.length
      room = stream.write(piece, this.gone)
    }
    return room && this.held === 0
  }

  /** After every write: what is held may wait for any of them. */
  private readonly gone = (): void => {
    if (this.held === 0) return
    const room = this.give()
    if (this.held > 0) return
    if (this.ending) this.stream.end()
    else if (room) this.roomAgain()
  }

  private roomAgain(): void {
    if (!this.full) return
    this.full = false
    this.drained()
  }
}
