/** What an answer is taken for when nothing is known of the model. */
const UNKNOWN_OUTPUT = 1_024
/** No more is held for an answer before it comes: a max_tokens of 128,000 must not keep everybody else out. */
const MOST_HELD = 16_384
const LEAST_HELD = 64
/** No provider gives more answers to one question. */
const MOST_ANSWERS = 128
/** Models that are remembered: names may come from clients. */
const REMEMBERED = 10_000
/** Share of the newest answer in the mean. */
const WEIGHT = 0.05

/** How long answers of models usually are: a mean that forgets. */
export class UsualOutput {
  private readonly means = new Map<string, number>()

  observe(model: string, output: number): void {
    const mean = this.means.get(model)
    if (mean === undefined && this.means.size >= REMEMBERED) return
    this.means.set(model, mean === undefined ? output : mean + (output - mean) * WEIGHT)
  }

  /** Undefined: none has come yet. */
  of(model: string): number | undefined {
    return this.means.get(model)
  }
}

/** Answers that are counted with, of so many that are asked for. */
export function answersHeld(n: number): number {
  return Math.min(MOST_ANSWERS, Math.max(1, n))
}

export interface OutputEstimate {
  /** The request's max_tokens; undefined: it sets none. */
  readonly asked: number | undefined
  /** Answers asked for. */
  readonly n: number
  readonly usual: number | undefined
  /** The most the model can give. */
  readonly most: number | undefined
}

/**
 * Tokens to hold for an answer: twice what the model usually gives, never more than was asked for, than the model can, or, all answers
 * together, than 16,384. A stream that comes to more takes more as it goes (`Ledger.cutAt`); what is not a stream may go over by what it
 * gives beyond.
 */
export function reservedOutput({ asked, n, usual, most }: OutputEstimate): number {
  const likely = Math.max(LEAST_HELD, Math.ceil((usual ?? UNKNOWN_OUTPUT / 2) * 2))
  const each = Math.min(likely, asked ?? Number.POSITIVE_INFINITY, most ?? Number.POSITIVE_INFINITY)
  return Math.min(MOST_HELD, Math.max(0, each) * answersHeld(n))
}
