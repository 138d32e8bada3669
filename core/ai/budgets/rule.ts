import type { Period } from './period.js'

/** What a budget counts. */
export const COUNTED = ['requests', 'tokens', 'inputTokens', 'outputTokens', 'microDollars'] as const
export type Counted = (typeof COUNTED)[number]

/** Who or what an exchange is counted for. An operator may count by each of them, or by several at once. */
export const DIMENSIONS = ['consumer', 'app', 'tenant', 'model', 'provider', 'route'] as const
export type Dimension = (typeof DIMENSIONS)[number]
/** Of one exchange. What is not known is left out: all exchanges of which it is not known share an account. */
export type Dimensions = Readonly<Partial<Record<Dimension, string>>>

/** A budget or a limit. */
export interface BudgetRule {
  readonly name: string
  /** Each distinct combination has an account of its own; none: there is one for all. */
  readonly per: readonly Dimension[]
  /** Counts only exchanges whose dimensions are among these; a "*" stands for anything. */
  readonly when: readonly { readonly dimension: Dimension; readonly among: readonly RegExp[] }[]
  readonly counted: Counted
  readonly limit: number
  readonly period: Period
  /** Per cent of the limit at which operators hear of it, ascending. */
  readonly thresholds: readonly number[]
  /** False: it counts and alerts, and refuses nothing. */
  readonly enforced: boolean
}

/** What an exchange used, or will. All whole and at least 0. */
export interface Amounts {
  readonly requests: number
  readonly input: number
  readonly output: number
  readonly microDollars: number
}

export function amountOf(counted: Counted, { requests, input, output, microDollars }: Amounts): number {
  switch (counted) {
    case 'requests':
      return requests
    case 'tokens':
      return input + output
    case 'inputTokens':
      return input
    case 'outputTokens':
      return output
    case 'microDollars':
      return microDollars
  }
}

/** Whether the exchange is one the rule counts. */
export function concerns({ when }: BudgetRule, dimensions: Dimensions): boolean {
  return when.every(({ dimension, among }) => {
    const value = dimensions[dimension]
    return value !== undefined && among.some(each => each.test(value))
  })
}

/** Between the parts of an account's key. */
const PART = '\u0000'
/** A dimension of which nothing is known. */
const NOTHING = '\u0001'

/** The name of the exchange's account under the rule. */
export function accountKey({ per }: BudgetRule, dimensions: Dimensions): string {
  let key = ''
  for (const dimension of per) {
    const value = dimensions[dimension] ?? NOTHING
    key += value.includes(PART) ? JSON.stringify(value) : value
    key += PART
  }
  return key
}

/** What a key says. */
export function dimensionsOf({ per }: BudgetRule, key: string): Dimensions {
  const values = key.split(PART)
  if (values.length !== per.length + 1) return {}
  const known = per.flatMap((dimension, i) => (values[i] === NOTHING ? [] : [[dimension, values[i]]]))
  return Object.fromEntries(known)
}

/** What an account belongs to: one of a rule that counts something else now is not its account any more. */
export function signature({ name, counted, per, period }: BudgetRule): string {
  return [name, counted, period.name, per.join('+')].join(' ')
}
