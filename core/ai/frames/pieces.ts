import { Buffer } from 'node:buffer'

/**
 * The beginning of something whose end is still to come, in one buffer that grows by doubling: however small the
 * pieces are, the time is linear and the memory at most twice the bytes, and the pieces themselves (often a part of a
 * much larger buffer) are let go.
 */
export class Pieces {
  private buffer = NOTHING
  private used = 0

  get empty(): boolean {
    return this.used === 0
  }

  add(piece: Buffer, from: number, to: number): void {
    const needed = this.used + to - from
    if (needed > this.buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2, LEAST))
      this.buffer.copy(larger, 0, 0, this.used)
      this.buffer = larger
    }
    piece.copy(this.buffer, this.used, from, to)
    this.used = needed
  }

  /** All of it as text; then it is empty. */
  take(): string {
    const text = this.buffer.toString('utf8', 0, this.used)
    this.clear()
    return text
  }

  /** A large buffer is not kept for lines that may never be so long again. */
  clear(): void {
    this.used = 0
    if (this.buffer.length > KEPT) this.buffer = NOTHING
  }
}

const NOTHING = Buffer.alloc(0)
const LEAST = 1024
const KEPT = 64 * 1024
