import type { CooldownConfig } from '../../config/resolve-ai-providers.js'

/** Doublings after which a wait does not grow any more. */
const MAX_DOUBLINGS = 30

/** How long something is left alone, and why. */
export class Rest {
  until = 0
  /** Limits in a row of which nobody said how long they last. */
  private limits = 0

  constructor(private readonly cooldown: CooldownConfig) {}

  /**
   * It was told to come less often.
   * @param waitMs - how long the provider says; undefined: it does not
   * @param now - milliseconds, as `until`
   */
  limited(waitMs: number | undefined, now: number): void {
    // What was already under way when the limit was hit says nothing new.
    const again = now >= this.until
    if (again && waitMs === undefined) this.limits++
    const { baseMs, maxMs } = this.cooldown
    const own = baseMs * 2 ** Math.min(Math.max(this.limits - 1, 0), MAX_DOUBLINGS)
    this.until = Math.max(this.until, now + Math.min(waitMs ?? own, maxMs))
  }

  refused(now: number): void {
    this.until = now + this.cooldown.refusedMs
  }

  succeeded(): void {
    this.limits = 0
  }
}
