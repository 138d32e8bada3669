import { Rolling } from './rolling.js'

export interface CircuitBreakerOptions {
  /** Share of failed tries that opens it. */
  readonly errorShare: number
  /** Statuses that count as failed. */
  readonly statuses: ReadonlySet<number>
  /** A try slower than this to the head of its reply counts as slow; undefined: none does. */
  readonly slowMs: number | undefined
  /** Share of slow tries that opens it. */
  readonly slowShare: number
  readonly windowMs: number
  /** Tries in the window before a share means anything. */
  readonly minRequests: number
  readonly openMs: number
  /** Tries let through when it is half-open; as many must go well. */
  readonly probes: number
}

export type CircuitState = 'closed' | 'open' | 'half-open'

/** Lets a try through; given back with its outcome. 0: none is let through. */
export type Admission = number

const TOTAL = 0
const ERRORS = 1
const SLOW = 2

/**
 * Keeps requests from an upstream that fails or is slow, so that it can recover and clients need not wait. Closed: all pass, and are
 * counted. Open: none does. After a while half-open: a few probes decide.
 */
export class CircuitBreaker {
  state: CircuitState = 'closed'
  private readonly window: Rolling
  private openUntil = 0
  private probing = 0
  private passed = 0
  /** Counts changes of state: an outcome of a try from before one says nothing about now. */
  private era: Admission = 1

  constructor(
    private readonly options: CircuitBreakerOptions,
    /** Hears of every change and its reason. */
    private readonly onChange: (state: CircuitState, reason: string) => void
  ) {
    this.window = new Rolling(3, options.windowMs)
  }

  /** Asks to send one try. What is not 0 has to come back, by `record` or `release`. */
  admit(now: number): Admission {
    if (this.state === 'open' && now >= this.openUntil) this.change('half-open', 'its time is over')
    if (this.state === 'open') return 0
    if (this.state === 'half-open') {
      if (this.probing + this.passed >= this.options.probes) return 0
      this.probing++
    }
    return this.era
  }

  /** Whether a try would be let through now. */
  wouldAdmit(now: number): boolean {
    if (this.state === 'open') return now >= this.openUntil
    return this.state === 'closed' || this.probing + this.passed < this.options.probes
  }

  /** How a try went. @param status - 0: there is no reply @param ms - to the head of the reply, or the error */
  record(admission: Admission, now: number, status: number, ms: number): void {
    if (admission !== this.era || this.state === 'open') return
    const failed = status === 0 || this.options.statuses.has(status)
    const slow = this.options.slowMs !== undefined && ms > this.options.slowMs
    if (this.state === 'half-open') this.probed(now, failed, slow)
    else this.count(now, failed, slow)
  }

  /** A try came to nothing that says anything of the upstream. */
  release(admission: Admission): void {
    if (admission === this.era && this.state === 'half-open') this.probing--
  }

  /** How long until the next probe, milliseconds; 0 unless it is open. */
  remainingMs(now: number): number {
    return this.state === 'open' ? Math.max(0, this.openUntil - now) : 0
  }

  /** What the window says, for operators. */
  figures(now: number): { readonly requests: number; readonly errors: number; readonly slow: number } {
    const { window } = this
    return { requests: window.sum(TOTAL, now), errors: window.sum(ERRORS, now), slow: window.sum(SLOW, now) }
  }

  private probed(now: number, failed: boolean, slow: boolean): void {
    if (failed || slow) {
      this.open(now, failed ? 'a probe failed' : 'a probe was slow')
      return
    }
    this.probing--
    this.passed++
    if (this.passed >= this.options.probes) this.change('closed', 'its probes went well')
  }

  private count(now: number, failed: boolean, slow: boolean): void {
    const { window } = this
    window.add(TOTAL, now)
    if (failed) window.add(ERRORS, now)
    if (slow) window.add(SLOW, now)
    if (failed || slow) this.judge(now)
  }

  private judge(now: number): void {
    const { errorShare, slowShare, minRequests } = this.options
    const { requests, errors, slow } = this.figures(now)
    if (requests < minRequests) return
    if (errors > 0 && errors >= errorShare * requests) this.open(now, `${errors} of ${requests} tries failed`)
    else if (slow > 0 && slow >= slowShare * requests) this.open(now, `${slow} of ${requests} tries were slow`)
  }

  private open(now: number, reason: string): void {
    this.openUntil = now + this.options.openMs
    this.change('open', reason)
  }

  private change(state: CircuitState, reason: string): void {
    this.state = state
    this.era++
    this.probing = 0
    this.passed = 0
    this.window.clear()
    this.onChange(state, reason)
  }
}
