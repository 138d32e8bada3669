import { RetryLater } from '../base/refusal.js'
import type { Clock } from '../upstream/clock.js'
import { PRIORITIES, type Priority } from './priority.js'

export interface LoadSheddingOptions {
  /** Delay of the event loop from which on the lowest class is shed. */
  readonly delayMs: number
}

/** How often the event loop is asked how late it is, milliseconds. */
const SAMPLE_MS = 50
/** How much a new sample counts; one pause of a garbage collection is no overload. */
const WEIGHT = 0.25
/** At how many times the delay a class begins to be shed. At twice that, all of it is. */
const STARTS: Readonly<Record<Priority, number>> = { bulk: 1, default: 2, critical: 4 }

/**
 * Refuses a part of the traffic when the event loop cannot keep up, the lowest class first: bulk from the delay on, and all of it at
 * twice that, where the default class begins; critical traffic from four times on.
 */
export class LoadShedder {
  /** Smoothed delay of the event loop, milliseconds. */
  delayMs = 0
  private stop: (() => void) | undefined

  constructor(
    private readonly options: LoadSheddingOptions,
    private readonly clock: Clock,
    private readonly onRefused: (priority: Priority) => void = () => undefined,
    private readonly chance: () => number = Math.random
  ) {}

  /** Begins to watch the event loop. */
  start(): this {
    const expected = this.clock.now() + SAMPLE_MS
    this.stop = this.clock.after(SAMPLE_MS, () => {
      this.sample(Math.max(0, this.clock.now() - expected))
      this.start()
    })
    return this
  }

  close(): void {
    this.stop?.()
  }

  sample(lateMs: number): void {
    this.delayMs += WEIGHT * (lateMs - this.delayMs)
  }

  /** Share of a class that is refused now. */
  share(priority: Priority): number {
    const start = STARTS[priority] * this.options.delayMs
    return Math.min(1, Math.max(0, (this.delayMs - start) / start))
  }

  /** Whether the event loop is so late that some may be refused. */
  get late(): boolean {
    return this.delayMs >= this.options.delayMs
  }

  /** @throws RetryLater GW_OVERLOADED */
  check(priority: Priority): void {
    if (!this.late) return
    const share = this.share(priority)
    if (share === 0 || this.chance() >= share) return
    this.onRefused(priority)
    throw new RetryLater('GW_OVERLOADED', `the event loop is ${Math.round(this.delayMs)} ms late`, 1_000)
  }

  /** Classes of which something is refused now, the lowest first. */
  get shedding(): readonly Priority[] {
    return PRIORITIES.filter(priority => this.share(priority) > 0).reverse()
  }
}
