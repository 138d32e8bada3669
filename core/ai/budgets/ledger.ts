import type { Amounts, Counted, Dimensions } from './rule.js'

/** What an exchange is about to use, as far as that can be known. */
export interface Ask {
  readonly dimensions: Dimensions
  /** It is asked for the sake of a request that has been counted: it takes tokens and money, and is no request itself. */
  readonly aside?: boolean
  /** Tokens of the prompt. */
  readonly input: number
  /** Tokens the answer may take: see `reservedOutput`. */
  readonly output: number
  /** What the prompt costs, and the request itself. */
  readonly inputMicroDollars: number
  /** Picodollars for a token of the answer. */
  readonly outputRate: number
}

export type Answer = Grant | Refused

export interface Grant {
  readonly granted: true
  readonly id: string
  /**
   * Tokens of the answer that are paid for. A stream that comes to them asks `cutAt`. Infinity: no budget counts them.
   */
  readonly cutAt: number
  /** Tokens of the answer that the budgets have room for now: what a `max_tokens` above it is lowered to. Infinity: any. */
  readonly mostOutput: number
  readonly standings: readonly Standing[]
}

export interface Refused {
  readonly granted: false
  /** The rule that has too little left, the one that has it last of several. */
  readonly rule: string
  readonly counted: Counted
  readonly limit: number
  readonly spent: number
  /** When there will be room, milliseconds since 1970. */
  readonly resetAt: number
  readonly retryAfterMs: number
  readonly standings: readonly Standing[]
}

/** How a rule stands for an exchange, with what the exchange itself holds. */
export interface Standing {
  readonly rule: string
  readonly counted: Counted
  readonly limit: number
  /** At least 0. */
  readonly remaining: number
  /** What the exchange itself holds of it; of requests nothing, they are booked at once. */
  readonly held: number
  /** When all that is spent now is free again, milliseconds since 1970. */
  readonly resetAt: number
}

/** An account, for operators. */
export interface AccountReport {
  readonly rule: string
  readonly counted: Counted
  readonly period: string
  readonly dimensions: Dimensions
  readonly limit: number
  readonly spent: number
  readonly reserved: number
  readonly resetAt: number
}

type Soon<T> = T | Promise<T>

/**
 * Who may spend what, and who has. One ledger owns the numbers of a process, whichever event loop asks: what goes in and out can be sent by
 * structured clone, and every method may answer with a promise. A grant ends in `settle` or `release`, once; one that never does is
 * given up after a time, and booked all the same should it be settled later.
 */
export interface Ledger {
  /** Takes from all rules that concern the exchange, or from none. */
  reserve(ask: Ask): Soon<Answer>
  /**
   * A running answer has come to `produced` tokens and would go on: takes more where there is more.
   * @returns how many tokens are paid for now; not more than `produced`: it is to be cut
   */
  cutAt(id: string, produced: number): Soon<number>
  /** It is answered later, in the background: its prompt is booked now, for nobody may ever come for the answer. What that may use stays held. */
  defer(id: string): Soon<void>
  /** Books what was used instead of what was held. */
  settle(id: string, actual: Amounts): Soon<void>
  /** Nothing was used. */
  release(id: string): Soon<void>
  /** How the rules stand for somebody, nothing taken. */
  standings(dimensions: Dimensions): Soon<readonly Standing[]>
  report(): Soon<readonly AccountReport[]>
}

/** A ledger whose methods all answer with promises: what is offered to other threads. */
export type LedgerCalls = {
  readonly [Method in keyof Ledger]: (
    ...args: Parameters<Ledger[Method]>
  ) => Promise<Awaited<ReturnType<Ledger[Method]>>>
}

export function asCalls(ledger: Ledger): LedgerCalls {
  return {
    reserve: async ask => ledger.reserve(ask),
    cutAt: async (id, produced) => ledger.cutAt(id, produced),
    defer: async id => ledger.defer(id),
    settle: async (id, actual) => ledger.settle(id, actual),
    release: async id => ledger.release(id),
    standings: async dimensions => ledger.standings(dimensions),
    report: async () => ledger.report()
  }
}
