/** A message that is to arrive. */
export interface Letter {
  /** The same in every attempt, in whichever process: a receiver can tell that it has it. */
  readonly id: string
  readonly body: string
}

/** Where messages outlive the process until they have arrived. */
export interface Outbox {
  /** Those that have not. */
  readonly letters: Iterable<Letter>
  keep(letter: Letter): void
  /** It has arrived, or was given up. */
  done(letter: Letter): void
}
