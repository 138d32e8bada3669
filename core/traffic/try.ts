import type { GatewayError } from '../base/errors.js'
import type { Reply } from '../base/http.js'
import type { Cancellable } from '../upstream/http.js'
import type { Outcome, Target } from '../upstream/target.js'
import type { Admission, CircuitBreaker } from './circuit-breaker.js'

/** One request to one target. Its target and the breaker hear once that it is over, however it ends. */
export class Try {
  call: Cancellable | undefined
  /** Nobody waits for it any more: what it still comes to is thrown away. */
  over = false
  /** Set when its time is over, before it is cancelled. */
  timedOut: GatewayError | undefined
  /** Ends its clock. */
  callOff: (() => void) | undefined
  private held = true
  /** The head of a reply that is judged later. */
  private came: { readonly status: number; readonly ms: number } | undefined

  constructor(
    readonly target: Target,
    /** When it began. */
    readonly since: number,
    readonly hedged: boolean,
    private readonly breaker: CircuitBreaker | undefined,
    private admission: Admission
  ) {
    target.begin()
  }

  /** Whether it has come to something already. */
  get told(): boolean {
    return this.came !== undefined
  }

  /** Whether any of the request may have reached the target. */
  get sent(): boolean {
    return this.call?.sent !== false
  }

  /**
   * It came to this: the head of a reply, or an error of the upstream.
   * @param judged - `turnedOut` tells of the reply, as far as its status does not
   */
  cameTo(outcome: Outcome, now: number, judged: boolean): void {
    const { status, ms } = outcome
    this.target.report(outcome)
    this.came = { status, ms }
    if (!judged || status === 0 || status >= 400) this.turnedOut(status, now)
  }

  /** @param status - what its reply is worth; undefined: what it said itself */
  turnedOut(status: number | undefined, now: number): void {
    if (this.admission === 0 || this.came === undefined) return
    this.breaker?.record(this.admission, now, status ?? this.came.status, this.came.ms)
    this.admission = 0
  }

  /**
   * Nobody waits for it any longer: no failure, but not fast either.
   * @param ms - how long it took so far
   * @param overtaken - a later one was faster
   */
  tookLonger(ms: number, overtaken: boolean): void {
    this.target.report({ status: 0, code: undefined, ms, overtaken })
  }

  /** It is of no use any more. */
  giveUp(): void {
    this.over = true
    this.call?.cancel()
    this.end()
  }

  /** It is over, its reply's body too. */
  end(): void {
    this.callOff?.()
    if (!this.held) return
    this.held = false
    if (this.admission !== 0) this.breaker?.release(this.admission)
    this.target.done()
  }
}

/** What a try came to: a reply or an error. */
export interface Result {
  readonly target: Target
  /** Whether any of the request may have reached it. */
  readonly sent: boolean
  /** undefined: it was over before anybody watched. */
  readonly attempt: Try | undefined
  readonly reply: Reply | undefined
  readonly error: GatewayError | undefined
}

/** A reply nobody will read. */
export function dropResult({ attempt, reply }: Result): void {
  if (reply !== undefined && !Buffer.isBuffer(reply.body)) reply.body.cancel()
  reply?.upgraded?.cancel()
  attempt?.end()
}
