import type { Clock } from '../../core/upstream/clock.js'

/** A clock that moves when it is told to, and its timers with it, in order. */
export class FakeClock implements Clock {
  private time: number
  private waiting: { at: number; then: () => void }[] = []

  constructor(start = 1_000_000) {
    this.time = start
  }

  now(): number {
    return this.time
  }

  after(ms: number, then: () => void): () => void {
    const timer = { at: this.time + Math.max(0, ms), then }
    this.waiting.push(timer)
    return () => {
      this.waiting = this.waiting.filter(each => each !== timer)
    }
  }

  /** How many timers are set. */
  get timers(): number {
    return this.waiting.length
  }

  pass(ms: number): void {
    const end = this.time + ms
    for (;;) {
      const next = this.waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.waiting = this.waiting.filter(each => each !== next)
      this.time = Math.max(this.time, next.at)
      next.then()
    }
    this.time = end
  }
}

/** Numbers from 0 up to 1 that look like chance and are the same each time (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
