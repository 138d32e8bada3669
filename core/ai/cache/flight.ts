import { Buffer } from 'node:buffer'
import { wholeBody } from '../../base/body.js'
import { toGatewayError } from '../../base/errors.js'
import { Reservation } from '../../bodies/bounded-store.js'
import { SharedBody } from '../../bodies/shared-body.js'
import type { Clock } from '../../upstream/clock.js'
import { AnswerCheck } from './answer-check.js'
import type { AnswerStore } from './answer-store.js'
import type { AnswerCall, ArrivingAnswer } from './call.js'
import { type StoredAnswer, sizeOf } from './entry.js'
import { Party } from './party.js'
import type { CachePlan } from './plan.js'
import type { Likeness } from './semantic.js'
import { type Dialects, dialectOf } from './written.js'

/** What a flight works with. */
export interface FlightTools {
  readonly store: AnswerStore
  readonly dialects: Dialects
  readonly clock: Clock
  /** Looks for a stored answer by meaning; undefined: not for this request. */
  readonly likeness: Likeness | undefined
  /** Sends the request on. @param bounded - to be told when a budget may end the answer sooner than the request does */
  readonly call: (bounded: () => void) => AnswerCall
}

/** One upstream call, and all who wait for what it brings. It goes on as long as one of them is left. */
export class Flight {
  private readonly parties = new Set<Party>()
  private under: AnswerCall | undefined
  private arriving: { readonly answer: ArrivingAnswer; readonly shared: SharedBody } | undefined
  private over = false
  private abandoned = false
  /** A budget of the one whose call it is may end the answer. */
  private bounded = false
  /** It was asked for before a purge. */
  private spoiled = false

  /** @param ended - called once: nobody can join any more */
  constructor(
    private readonly plan: CachePlan,
    private readonly tools: FlightTools,
    private readonly ended: (flight: Flight) => void
  ) {}

  /** Whether one more may join and will miss nothing. */
  joinable(payer: string): boolean {
    if (this.bounded && payer !== this.plan.ask.payer) return false
    return (
      !this.over && !this.abandoned && !this.spoiled && (this.arriving === undefined || this.arriving.shared.joinable)
    )
  }

  /** @param waitMs - how long for the head of the answer; undefined: however long it takes */
  join(waitMs: number | undefined, payer: string): Party {
    const party = new Party(this.tools.clock, waitMs, payer, this.left)
    this.parties.add(party)
    if (this.arriving !== undefined) this.hand(party, this.arriving)
    return party
  }

  get route(): string {
    return this.plan.ask.route
  }

  /** What was asked for before is out of date: those who wait get it, nobody new joins, and it is not stored. */
  spoil(): void {
    this.spoiled = true
    if (this.parties.size === 0) this.abandon()
  }

  /** Sends the request on, if nothing stored means the same. Called once, when the first one has joined. */
  async start(): Promise<void> {
    try {
      const { likeness } = this.tools
      const like = likeness && (await likeness.find())
      if (this.abandoned) return
      if (like !== undefined) return this.settle(party => party.told({ kind: 'stored', ...like }))
      this.under = this.tools.call(this.bound)
      const answer = await this.under.answer
      if (this.abandoned) {
        if (!Buffer.isBuffer(answer.body)) answer.body.cancel()
        return
      }
      this.share(answer)
    } catch (thrown) {
      const error = toGatewayError(thrown)
      // What one caller is refused, by a budget, a limit or a policy, another may have.
      const own = error.spec.blame === 'client'
      this.settle(party => (own && !party.owner ? party.sendAway() : party.failed(error)))
    }
  }

  /** Who pays from other budgets must not be cut short by this one. */
  private readonly bound = (): void => {
    this.bounded = true
    for (const party of [...this.parties]) if (party.payer !== this.plan.ask.payer) party.sendAway()
  }

  private readonly left = (party: Party): void => {
    if (!this.parties.delete(party) || this.parties.size > 0 || this.over) return
    if (this.plan.rules.finish && this.stores && (this.arriving?.shared.kept ?? true)) return
    this.abandon()
  }

  private get stores(): boolean {
    return this.plan.wishes.store && !this.spoiled
  }

  private abandon(): void {
    this.abandoned = true
    if (this.arriving !== undefined) this.arriving.shared.cancel()
    else {
      this.under?.cancel()
      this.finish()
    }
  }

  private share(answer: ArrivingAnswer): void {
    const { plan, tools } = this
    const check = new AnswerCheck(dialectOf(tools.dialects, answer.shape), answer.shape.stream)
    const reserved = new Reservation(tools.store, plan.rules.entryBytes)
    const source = Buffer.isBuffer(answer.body) ? wholeBody(answer.body) : answer.body
    const shared = new SharedBody(
      source,
      {
        piece: chunk => {
          // What is shared but not stored is kept under the same bounds, so that one may still join.
          const room = reserved.grow(chunk.length)
          if (room && this.stores) check.feed(chunk)
          else check.stop()
          if (!room && this.parties.size === 0) queueMicrotask(() => shared.cancel())
          return room
        },
        complete: whole => {
          reserved.release()
          if (whole !== undefined && this.stores) this.keep(answer, check, whole)
          this.finish()
        },
        failed: () => {
          reserved.release()
          this.finish()
        }
      },
      tools.clock
    )
    this.arriving = { answer, shared }
    for (const party of [...this.parties]) this.hand(party, this.arriving)
    shared.start()
  }

  private hand(party: Party, { answer, shared }: NonNullable<Flight['arriving']>): void {
    party.told({ kind: 'arriving', answer, source: shared.reader(() => party.done()) })
  }

  private keep(answer: ArrivingAnswer, check: AnswerCheck, whole: Buffer): void {
    const { plan, tools } = this
    const { plain, response } = check.end(whole)
    if (response === undefined || answer.keep?.(response) === false) return
    const { shape, headers, facts } = answer
    const storedAt = tools.clock.now()
    const stored: StoredAnswer = {
      key: plan.key,
      route: plan.ask.route,
      shape: { dialect: shape.dialect, stream: shape.stream, variant: shape.variant },
      headers,
      bytes: whole,
      facts,
      usage: answer.usage?.() ?? response.usage,
      storedAt,
      expiresAt: storedAt + plan.wishes.ttlMs,
      size: sizeOf({ bytes: whole, headers, facts }),
      removed: false
    }
    if (tools.store.add(stored) && plain) tools.likeness?.remember(stored)
  }

  private settle(tell: (party: Party) => void): void {
    this.finish()
    for (const party of [...this.parties]) {
      tell(party)
      party.done()
    }
  }

  private finish(): void {
    if (this.over) return
    this.over = true
    this.ended(this)
  }
}
