import fc from 'fast-check'
import type { Test } from 'tap'
import type { Frame, FrameReader } from '../../../core/ai/frames/frame.js'

/** Bytes cut anywhere: each number is the length of the next piece. */
export function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = []
  let at = 0
  for (const length of lengths) {
    pieces.push(bytes.subarray(at, at + length))
    at += length
  }
  pieces.push(bytes.subarray(at))
  return pieces
}

/** All frames of these pieces. */
export function readAll(reader: FrameReader, pieces: readonly Buffer[]): Frame[] {
  return [...pieces.flatMap(piece => reader.feed(piece)), ...reader.end()]
}

/** Lengths of pieces, empty ones among them. */
export const lengths = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 })

/** Four times the work takes about four times the time; the square would be sixteen times. */
export function linear(t: Test, run: (size: number) => void, size: number): void {
  run(size) // to warm up
  const once = cpuOf(() => run(size))
  const fourfold = cpuOf(() => run(size * 4))
  t.ok(fourfold < once * 10, `${once} µs, of four times the size ${fourfold} µs`)
}

/** The least CPU time of some runs, microseconds. */
function cpuOf(run: () => void): number {
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < 5; i++) {
    const before = process.cpuUsage()
    run()
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, user + system)
  }
  return Math.max(least, 1000)
}
