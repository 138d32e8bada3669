import type { PassiveConfig } from '../../config/resolve-upstream.js'
import { RollingWindow } from './window.js'

export type EjectionReason = 'consecutive' | 'rate' | 'latency'

/** Samples of response times that are kept of a target between two comparisons. */
const MAX_SAMPLES = 64

/**
 * What is remembered of one target's failures, and for how long it is out next time. Decides nothing about other targets and
 * looks at no clock: whoever calls it says what time it is.
 */
export class Ejections {
  private inARow = 0
  private readonly window: RollingWindow | undefined
  /** The last response times, milliseconds; only where latency is compared. */
  samples: number[] = []
  private oldest = 0
  /** How often in succession it was ejected: each time doubles the next. */
  repeats = 0
  private returnedAt = Number.NEGATIVE_INFINITY
  /** It came back from an ejection and has not answered yet: one failure is enough. */
  private onTrial = false

  constructor(private readonly options: PassiveConfig) {
    this.window = options.rate && new RollingWindow(options.rate.windowMs)
  }

  /** A try came to an end. @returns why the target should be ejected, if it should */
  add(failed: boolean, ms: number, now: number): EjectionReason | undefined {
    const { options, window } = this
    window?.add(failed, now)
    if (!failed) {
      this.inARow = 0
      this.onTrial = false
      if (options.latency !== undefined) this.sample(ms)
      return undefined
    }
    this.inARow++
    if (this.onTrial || this.inARow >= options.consecutive) return 'consecutive'
    if (window === undefined || options.rate === undefined) return undefined
    const { tries, failures } = window.totals(now)
    const { requests, share } = options.rate
    return tries >= requests && failures >= share * tries ? 'rate' : undefined
  }

  /** Another target was faster: that it is slow is known, not that it fails. */
  overtaken(ms: number): void {
    if (this.options.latency !== undefined) this.sample(ms)
  }

  /** It is ejected. @returns for how many milliseconds */
  eject(now: number): number {
    const { ejectionMs, maxEjectionMs } = this.options
    // Each stretch of health as long as the first ejection makes up for one.
    const forgiven = Math.floor((now - this.returnedAt) / ejectionMs)
    this.repeats = Math.max(0, this.repeats - forgiven) + 1
    return Math.min(maxEjectionMs, ejectionMs * 2 ** Math.min(this.repeats - 1, 30))
  }

  /** Its time is over. */
  returned(now: number): void {
    this.returnedAt = now
    this.inARow = 0
    this.onTrial = true
    this.window?.clear()
    this.samples = []
  }

  /** Takes what is remembered over from an object with other options. */
  adopt({ repeats, returnedAt, onTrial }: Ejections): void {
    this.repeats = repeats
    this.returnedAt = returnedAt
    this.onTrial = onTrial
  }

  private sample(ms: number): void {
    if (this.samples.length < MAX_SAMPLES) this.samples.push(ms)
    else {
      this.samples[this.oldest % MAX_SAMPLES] = ms
      this.oldest++
    }
  }
}
