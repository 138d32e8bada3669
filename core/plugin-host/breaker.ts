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
  private probing = false

  constructor(
    private readonly options: BreakerOptions,
    /** Hears of every change, with the failure that caused it. */
    private readonly onChange: (state: Breaker['state'], reason: string) => void,
    private readonly now: () => number = () => performance.now()
  ) {}

  /** Whether an exchange may call the plugin. One that may in half-open state is the probe: it must say how it went. */
  admits(): boolean {
    if (this.state === 'closed') return true
    if (this.state === 'open' && this.now() >= this.openUntil) this.change('half-open', 'its time is over')
    if (this.state === 'open' || this.probing) return false
    this.probing = true
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

  /** The probe went well. */
  passed(): void {
    if (this.state !== 'half-open') return
    this.probing = false
    this.failedAt = []
    this.change('closed', 'it works again')
  }

  /** The probe did not come to the plugin: the next exchange is one. */
  released(): void {
    this.probing = false
  }

  private open(now: number, reason: string): void {
    this.openUntil = now + this.options.openMs
    this.probing = false
    this.failedAt = []
    this.change('open', reason)
  }

  private change(state: Breaker['state'], reason: string): void {
    if (this.state === state) return
    this.state = state
    this.onChange(state, reason)
  }
}
