import { GatewayError } from '../../base/errors.js'
import type { Reply } from '../../base/http.js'
import type { SharedBody } from '../../bodies/shared-body.js'
import type { Entry } from './entry.js'
import type { Storable } from './fill.js'

/** What an upstream call came to. */
export type FlightOutcome =
  /** The stored reply is still good. Not shared: only for the one who asked. */
  | { readonly kind: 'validated'; readonly entry: Entry; readonly shared: boolean }
  /** A reply for everybody whose request selects it. */
  | { readonly kind: 'shared'; readonly reply: Storable; readonly body: SharedBody }
  /** A reply for the one request that was sent on. */
  | { readonly kind: 'own'; readonly reply: Reply }
  /** @param status - of a reply that was an error; undefined: there was none */
  | { readonly kind: 'failed'; readonly error: GatewayError; readonly status: number | undefined }

/** One who waits for a flight, and then reads what it brings. */
export class Party {
  /** Undefined: it took too long. Rejects when the client goes away. */
  readonly outcome: Promise<FlightOutcome | undefined>
  private gone = false
  private resolve: (outcome: FlightOutcome | undefined) => void = () => undefined
  private reject: (error: GatewayError) => void = () => undefined
  private readonly timer: NodeJS.Timeout | undefined

  constructor(
    private readonly left: (party: Party) => void,
    waitMs: number | undefined
  ) {
    this.outcome = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    this.owner = waitMs === undefined
    if (waitMs !== undefined) this.timer = setTimeout(() => this.late(), waitMs)
  }

  /** Whether it is its request that was sent on. */
  readonly owner: boolean

  told(outcome: FlightOutcome): void {
    clearTimeout(this.timer)
    this.resolve(outcome)
  }

  /** It wants no more. */
  leave(): void {
    if (this.gone) return
    this.gone = true
    clearTimeout(this.timer)
    this.reject(new GatewayError('GW_CLIENT_GONE', 'the client went away before there was a reply'))
    this.left(this)
  }

  private late(): void {
    this.resolve(undefined)
  }
}
