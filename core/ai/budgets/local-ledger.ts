import type { Account } from './account.js'
import { Books } from './books.js'
import type { Journal } from './journal.js'
import type { AccountReport, Answer, Ask, Ledger, Standing } from './ledger.js'
import { Lots } from './lots.js'
import { type Hold, inputOf, outputFitting, Reservation, unitOf } from './reservation.js'
import {
  type Amounts,
  accountKey,
  amountOf,
  type BudgetRule,
  concerns,
  type Dimensions,
  dimensionsOf,
  signature
} from './rule.js'

/** A threshold that was passed. */
export interface Passed {
  readonly rule: BudgetRule
  readonly dimensions: Dimensions
  /** Per cent of the limit. */
  readonly threshold: number
  readonly spent: number
  readonly resetAt: number
  readonly at: number
}

export interface LedgerOptions {
  readonly rules: readonly BudgetRule[]
  /** Where what is spent outlives the process; undefined: it does not. */
  readonly journal?: Journal | undefined
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** Hears of each threshold once in a period, for each account. */
  readonly passed?: ((threshold: Passed) => void) | undefined
  /** After this long without a word a reservation is taken for lost. */
  readonly ttlMs?: number
}

const TTL_MS = 600_000
/** An answer shorter than this is not worth beginning, unless no more was asked for. */
const LEAST_OUTPUT = 16
/** When to ask again where only exchanges under way are in the way. */
const SOON_MS = 1_000
/** A running answer takes at least so many more at a time. */
const STEP = 256

/** The ledger of a process: all numbers are in memory and every answer is at once. The journal is written behind it. */
export class LocalLedger implements Ledger {
  private rules: readonly { readonly rule: BudgetRule; readonly signature: string }[] = []
  private readonly books = new Books()
  private lots: Lots
  private readonly journal: Journal | undefined
  private readonly now: () => number
  private readonly passed: ((threshold: Passed) => void) | undefined

  constructor(options: LedgerOptions) {
    this.now = options.now ?? Date.now
    this.journal = options.journal
    this.passed = options.passed
    this.lots = new Lots(options.ttlMs ?? TTL_MS)
    this.use(options.rules)
    this.journal?.restore(this.books, this.now)
    this.hush()
  }

  /** Goes on with other rules. What was spent under one that has kept its name, period and what it counts stays. */
  use(rules: readonly BudgetRule[]): void {
    this.rules = rules.map(rule => ({ rule, signature: signature(rule) }))
    this.hearAllAgain()
  }

  /**
   * Takes the place of another, before anything is reserved here: what was spent there counts here, and what is under way there ends here.
   * Of what both know the larger counts: one has it from the other, from when they changed places before.
   */
  takeOver(other: LocalLedger): void {
    const now = this.now()
    const own = ({ signature, key }: Account): Account => this.books.account(signature, key, now)
    for (const account of other.books) {
      for (const [threshold, until] of account.quiet) own(account).quiet.set(threshold, until)
      for (const { start, end, spent } of account.live(now)) {
        const entry = own(account).book(start, end, 0)
        if (spent <= entry.spent) continue
        entry.spent = spent
        this.journal?.changed(own(account), entry)
      }
    }
    this.lots = other.lots
    for (const reservation of this.lots.all()) reservation.move(own)
    this.hearAllAgain()
  }

  reserve(ask: Ask): Answer {
    const now = this.now()
    this.lots.expire(now)
    const holds = this.holdsOf(ask.dimensions, now).filter(({ rule }) => !ask.aside || rule.counted !== 'requests')
    let most = Number.POSITIVE_INFINITY
    let short: { readonly hold: Hold; readonly resetAt: number } | undefined
    for (const hold of holds) {
      const left = hold.rule.limit - hold.account.spent(now) - hold.account.reserved
      const fitting = outputFitting(hold.rule, ask, left)
      if (!hold.rule.enforced) continue
      most = Math.min(most, fitting)
      if (fitting >= Math.min(ask.output, LEAST_OUTPUT)) continue
      const wanted = inputOf(hold.rule, ask) + unitOf(hold.rule, ask) * Math.min(ask.output, LEAST_OUTPUT)
      const resetAt = this.roomAt(hold, Math.max(1, wanted), now)
      if (short === undefined || resetAt > short.resetAt) short = { hold, resetAt }
    }
    if (short !== undefined) {
      const { rule, account } = short.hold
      return {
        granted: false,
        rule: rule.name,
        counted: rule.counted,
        limit: rule.limit,
        spent: account.spent(now),
        resetAt: short.resetAt,
        retryAfterMs: Math.max(0, short.resetAt - now),
        standings: standingsOf(holds, now)
      }
    }
    const reservation = new Reservation(ask, holds, Math.min(ask.output, most))
    reservation.take()
    this.bookRequests(reservation, now, 1)
    const id = this.lots.add(reservation, now)
    const cutAt = reservation.bounded ? reservation.output : Number.POSITIVE_INFINITY
    return { granted: true, id, cutAt, mostOutput: most, standings: standingsOf(holds, now, reservation) }
  }

  cutAt(id: string, produced: number): number {
    const now = this.now()
    const reservation = this.lots.touch(id, now)
    if (reservation === undefined || !reservation.bounded) return Number.POSITIVE_INFINITY
    let more = Math.max(STEP, reservation.ask.output, produced - reservation.output)
    for (const { rule, account } of reservation.holds) {
      const unit = unitOf(rule, reservation.ask)
      if (!rule.enforced || unit === 0) continue
      const left = rule.limit - account.spent(now) - account.reserved
      more = Math.min(more, Math.max(0, Math.floor(left / unit)))
    }
    reservation.grow(more)
    return reservation.output
  }

  defer(id: string): void {
    const now = this.now()
    const reservation = this.lots.touch(id, now)
    if (reservation === undefined || reservation.promptAt !== undefined) return
    reservation.payPrompt(now)
    this.bookPrompt(reservation, now, 1)
    for (const { rule, account } of this.counted(reservation)) this.passedNow(rule, account, now, this.passed)
  }

  settle(id: string, actual: Amounts): void {
    const reservation = this.lots.remove(id)
    if (reservation === undefined) return
    const now = this.now()
    reservation.giveBack()
    this.bookRequests(reservation, now, actual.requests - 1)
    for (const { rule, account } of reservation.holds) {
      if (rule.counted === 'requests') continue
      const rest = amountOf(rule.counted, actual) - reservation.paid(rule)
      this.bookAt(rest < 0 ? (reservation.promptAt ?? now) : now, rule, account, now, rest)
    }
    for (const { rule, account } of this.counted(reservation)) {
      if (actual.requests === 0) this.hearAgain(rule, account, now)
      this.passedNow(rule, account, now, this.passed)
    }
  }

  release(id: string): void {
    const reservation = this.lots.remove(id)
    if (reservation === undefined) return
    const now = this.now()
    reservation.giveBack()
    this.bookRequests(reservation, now, -1)
    this.bookPrompt(reservation, now, -1)
    for (const { rule, account } of this.counted(reservation)) this.hearAgain(rule, account, now)
  }

  standings(dimensions: Dimensions): readonly Standing[] {
    const now = this.now()
    return standingsOf(this.holdsOf(dimensions, now), now)
  }

  report(): AccountReport[] {
    const now = this.now()
    return this.rules.flatMap(({ rule, signature }) => {
      const accounts = [...this.books.of(signature)].filter(account => !account.idle(now))
      return accounts.map(account => reportOf(rule, account, now))
    })
  }

  /** Requests count when they come, not when they end: they are booked at once, and taken back when nothing came of them. */
  private bookRequests(reservation: Reservation, now: number, amount: number): void {
    reservation.requestsAt ??= now
    if (amount === 0) return
    for (const { rule, account } of reservation.holds) {
      if (rule.counted === 'requests') this.bookAt(reservation.requestsAt, rule, account, now, amount)
    }
  }

  /** @param times - 1, or -1 to take it back */
  private bookPrompt(reservation: Reservation, now: number, times: number): void {
    if (reservation.promptAt === undefined) return
    for (const { rule, account } of reservation.holds) {
      const amount = reservation.paid(rule)
      if (amount > 0) this.bookAt(reservation.promptAt, rule, account, now, times * amount)
    }
  }

  /** To the piece of time of `at`, if that counts still. */
  private bookAt(at: number, { period }: BudgetRule, account: Account, now: number, amount: number): void {
    const start = period.start(at)
    const end = period.end(start)
    if (end > now) this.book(account, start, end, amount)
  }

  private book(account: Account, start: number, end: number, amount: number): void {
    const entry = account.book(start, end, Number.isFinite(amount) ? Math.ceil(amount) : 0)
    this.journal?.changed(account, entry)
  }

  private holdsOf(dimensions: Dimensions, now: number): Hold[] {
    const holds: Hold[] = []
    for (const { rule, signature } of this.rules) {
      if (!concerns(rule, dimensions)) continue
      holds.push({ rule, account: this.books.account(signature, accountKey(rule, dimensions), now) })
    }
    return holds
  }

  /** The accounts it concerns with the rules there are now: what is told of them goes by those, not by the ones an exchange began under. */
  private counted({ holds }: Reservation): Hold[] {
    return holds.flatMap(({ account }) => {
      const now = this.rules.find(({ signature }) => signature === account.signature)
      return now === undefined ? [] : [{ rule: now.rule, account }]
    })
  }

  /** When there is room for `wanted`. What others hold may come free at any time, nobody can say when: where that is all that is missing, soon. */
  private roomAt({ rule, account }: Hold, wanted: number, now: number): number {
    const missing = wanted - (rule.limit - account.spent(now))
    if (missing <= 0) return now + SOON_MS
    const free = account.freeAt(now, missing + account.reserved)
    return free > now ? free : rule.period.end(rule.period.start(now))
  }

  /** What had been passed before the restart was said then. */
  private hush(): void {
    for (const { rule, signature } of this.rules) {
      for (const account of this.books.of(signature)) this.passedNow(rule, account, this.now(), undefined)
    }
  }

  private hearAllAgain(): void {
    for (const { rule, signature } of this.rules) {
      for (const account of this.books.of(signature)) this.hearAgain(rule, account, this.now())
    }
  }

  /** What is not passed any more, under a higher limit or since a request came to nothing, is told of when it is passed again. */
  private hearAgain(rule: BudgetRule, account: Account, now: number): void {
    const spent = account.spent(now)
    for (const threshold of rule.thresholds) {
      if (spent * 100 < rule.limit * threshold) account.quiet.delete(threshold)
    }
  }

  private passedNow(rule: BudgetRule, account: Account, now: number, tell: LedgerOptions['passed']): void {
    const spent = account.spent(now)
    for (const threshold of rule.thresholds) {
      if (spent * 100 < rule.limit * threshold) return
      if ((account.quiet.get(threshold) ?? 0) > now) continue
      account.quiet.set(threshold, rule.period.quietUntil(now))
      tell?.({
        rule,
        dimensions: dimensionsOf(rule, account.key),
        threshold,
        spent,
        resetAt: account.freeAt(now, spent),
        at: now
      })
    }
  }
}

function standingsOf(holds: readonly Hold[], now: number, own?: Reservation): Standing[] {
  return holds.map(({ rule, account }) => {
    const spent = account.spent(now)
    return {
      rule: rule.name,
      counted: rule.counted,
      limit: rule.limit,
      remaining: Math.max(0, rule.limit - spent - account.reserved),
      held: own?.amount(rule) ?? 0,
      resetAt: spent > 0 ? account.freeAt(now, spent) : rule.period.end(rule.period.start(now))
    }
  })
}

function reportOf(rule: BudgetRule, account: Account, now: number): AccountReport {
  const { name, counted, period, limit } = rule
  const spent = account.spent(now)
  return {
    rule: name,
    counted,
    period: period.name,
    dimensions: dimensionsOf(rule, account.key),
    limit,
    spent,
    reserved: account.reserved,
    resetAt: account.freeAt(now, spent)
  }
}
