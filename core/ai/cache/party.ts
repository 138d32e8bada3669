import type { BodySource } from '../../base/body.js'
import { GatewayError } from '../../base/errors.js'
import type { Clock } from '../../upstream/clock.js'
import type { ArrivingAnswer } from './call.js'
import type { StoredAnswer } from './entry.js'

/** What an upstream call came to, for one of those who wait for it. */
export type PartyOutcome =
  /** There was one stored that means the same. */
  | { readonly kind: 'stored'; readonly answer: StoredAnswer; readonly similarity: number }
  /** @param source - this one's own way through it */
  | { readonly kind: 'arriving'; readonly answer: ArrivingAnswer; readonly source: BodySource }
  /** It took too long to begin, or is for the one whose call it is: this one has to ask itself. */
  | { readonly kind: 'alone' }

/** One who waits for a flight, and then reads what it brings. */
export class Party {
  /** Rejects with what the call failed with, or when the client goes away. */
  readonly outcome: Promise<PartyOutcome>
  /** The call is its own: it waits for nobody. */
  readonly owner: boolean
  private gone = false
  private settled = false
  private source: BodySource | undefined
  private resolve: (outcome: PartyOutcome) => void = () => undefined
  private reject: (error: GatewayError) => void = () => undefined
  private readonly stopTimer: (() => void) | undefined

  /** @param waitMs - undefined: however long it takes, as it is its own call */
  constructor(
    clock: Clock,
    waitMs: number | undefined,
    readonly payer: string,
    private readonly left: (party: Party) => void
  ) {
    this.outcome = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    this.owner = waitMs === undefined
    if (waitMs !== undefined) this.stopTimer = clock.after(waitMs, () => this.sendAway())
  }

  told(outcome: PartyOutcome): void {
    if (outcome.kind === 'arriving') this.source = outcome.source
    this.settle(() => this.resolve(outcome))
  }

  failed(error: GatewayError): void {
    this.settle(() => this.reject(error))
  }

  /** It is to ask itself, unless it has its answer already. */
  sendAway(): void {
    if (this.settled) return
    this.told({ kind: 'alone' })
    this.done()
  }

  /** It wants no more. */
  leave(): void {
    if (this.gone) return
    this.failed(new GatewayError('GW_CLIENT_GONE', 'the client went away before there was an answer'))
    this.source?.cancel()
    this.done()
  }

  /** It has all it wanted, or is gone: the flight no longer counts it. */
  done(): void {
    if (this.gone) return
    this.gone = true
    this.left(this)
  }

  private settle(then: () => void): void {
    if (this.settled) return
    this.settled = true
    this.stopTimer?.()
    then()
  }
}
