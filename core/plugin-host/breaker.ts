export interface BreakerOptions {
  /** Failures within `windowMs` that take the plugin out. */
  readonly failures: number
  readonly windowMs: number
  /** How long it stays out before one exchange tries it again. */
  readonly openMs: number
}

/**
 * Takes a plugin that fails again and again out of its route: K failures in T open it, and after a while one exchange at a
 * time tries the plugin again. Counts for one binding, on the event loop.
 */
export class Breaker {
  /** What the next exchange meets: "closed" is the usual state, and costs one comparison. */
  state: 'closed' | 'open' | 'half-open' = 'closed'
  /** When the last failures were, oldest first. */
  private failedAt: number[] = []
  private openUntil = 0
  /** Who tries the plugin, while it is half-open. */
  private probe: object | undefined

  constructor(
    readonly options: BreakerOptions,
    /** Hears of every change, with the failure that caused it. */
    private readonly onChange: (state: Breaker['state'], reason: string) => void,
    private readonly now: () => number = () => performance.now()
  ) {}

  /**
   * Whether the plugin may be called. What may call it in half-open state is the probe: it must say how that went, or give it up.
   * @param by - tells what calls from all else that may
   */
  admits(by: object): boolean {
    if (this.state === 'closed') return true
    if (this.state === 'open' && this.now() >= this.openUntil) this.change('half-open', 'its time is over')
    if (this.state === 'open' || this.probe !== undefined) return false
    this.probe = by
    return true
  }

  failed(reason: string): void {
    const now = this.now()
    if (this.state !== 'closed') {
      this.open(now, reason)
      return
    }
    this.failedAt.push(now)
    if (this.failedAt.length > this.options.failures) this.failedAt.shift()
    const [first] = this.failedAt
    const many = this.failedAt.length === this.options.failures
    if (many && first !== undefined && now - first <= this.options.windowMs) this.open(now, reason)
  }

  /** A call went well: if it was the probe, the plugin is back. */
  passed(by: object): void {
    if (this.probe !== by) return
    this.probe = undefined
    this.failedAt = []
    this.change('closed', 'it works again')
  }

  /** It is over: if it was the probe, and did not come to the plugin, the next call is one. */
  released(by: object): void {
    if (this.probe === by) this.probe = undefined
  }

  private open(now: number, reason: string): void {
    this.openUntil = now + this.options.openMs
    this.probe = undefined
    this.failedAt = []
    this.change('open', reason)
  }

  private change(state: Breaker['state'], reason: string): void {
    if (this.state === state) return
    this.state = state
    this.onChange(state, reason)
  }
}
