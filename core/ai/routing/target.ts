/** A model at an account, whoever asks. */
export interface ModelAt {
  readonly account: string
  /** As `provider` of the account names it. */
  readonly provider: string
  /** As the provider names it: aliases are taken away. */
  readonly model: string
  /** Of the account; empty: it is not known. */
  readonly region: string
}

/** Where one attempt goes. */
export interface Target extends ModelAt {
  /** "account/model": what it is known by in logs, metrics and timings. */
  readonly id: string
  /** What counts instead of the caller's parameters, by OpenAI's names; null takes one out. */
  readonly params: Readonly<Record<string, unknown>>
  /** The way through the virtual model: "fast", "targets[1]", "default". */
  readonly path: readonly string[]
  /** Which attempt of the plan it is, from 1. */
  readonly attempt: number
}
