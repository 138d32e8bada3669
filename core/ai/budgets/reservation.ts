import type { Account } from './account.js'
import type { Ask } from './ledger.js'
import type { BudgetRule } from './rule.js'

/** A rule that concerns an exchange, with the exchange's account. */
export interface Hold {
  readonly rule: BudgetRule
  readonly account: Account
}

/** What an exchange under way holds of its accounts. */
export class Reservation {
  /** Whether a rule counts what the answer takes. */
  readonly bounded: boolean
  /** When its request was booked. */
  requestsAt: number | undefined
  /** When its prompt was booked, of one that is answered in the background. */
  promptAt: number | undefined
  private held = false

  /** @param output - tokens of the answer that are paid for */
  constructor(
    readonly ask: Ask,
    public holds: readonly Hold[],
    public output: number
  ) {
    this.bounded = holds.some(({ rule }) => rule.enforced && unitOf(rule, ask) > 0)
  }

  take(): void {
    this.held = true
    for (const { rule, account } of this.holds) account.reserved += this.amount(rule)
  }

  /** Once only, however it ends. */
  giveBack(): void {
    if (!this.held) return
    this.held = false
    for (const { rule, account } of this.holds) account.reserved -= this.amount(rule)
  }

  /** Holds the same of other accounts. */
  move(to: (account: Account) => Account): void {
    const { held } = this
    this.giveBack()
    this.holds = this.holds.map(({ rule, account }) => ({ rule, account: to(account) }))
    if (held) this.take()
  }

  /** Holds so many more tokens of the answer; holds again if it was taken for lost. */
  grow(output: number): void {
    this.giveBack()
    this.output += output
    this.take()
  }

  /** Holds the prompt no longer: it is booked. */
  payPrompt(now: number): void {
    const { held } = this
    this.giveBack()
    this.promptAt = now
    if (held) this.take()
  }

  /** What was booked of a rule for the prompt. */
  paid(rule: BudgetRule): number {
    return this.promptAt === undefined ? 0 : inputOf(rule, this.ask)
  }

  /** What it holds of a rule. */
  amount(rule: BudgetRule): number {
    return inputOf(rule, this.ask) - this.paid(rule) + Math.ceil(unitOf(rule, this.ask) * this.output)
  }
}

/** What the prompt takes of a rule. Requests are not held but booked. */
export function inputOf({ counted }: BudgetRule, ask: Ask): number {
  switch (counted) {
    case 'requests':
    case 'outputTokens':
      return 0
    case 'tokens':
    case 'inputTokens':
      return ask.input
    case 'microDollars':
      return ask.inputMicroDollars
  }
}

/** What a token of the answer takes of a rule. */
export function unitOf({ counted }: BudgetRule, ask: Ask): number {
  switch (counted) {
    case 'requests':
    case 'inputTokens':
      return 0
    case 'tokens':
    case 'outputTokens':
      return 1
    case 'microDollars':
      return ask.outputRate / 1_000_000
  }
}

/** Tokens of the answer there is room for; below 0: not even the prompt fits. */
export function outputFitting(rule: BudgetRule, ask: Ask, left: number): number {
  const rest = left - inputOf(rule, ask) - (rule.counted === 'requests' ? 1 : 0)
  if (rest < 0) return -1
  // A budget that is spent is spent, whatever the next request may cost: also nothing.
  if (left <= 0) return -1
  const unit = unitOf(rule, ask)
  return unit === 0 ? Number.POSITIVE_INFINITY : Math.floor(rest / unit)
}
