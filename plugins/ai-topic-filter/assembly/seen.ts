/** The signs that were found, each once: a word that is said often is not more of a sign. */
@final
export class Seen {
  readonly signs: i32[] = []

  add(sign: i32): void {
    if (!this.has(sign)) this.signs.push(sign)
  }

  has(sign: i32): bool {
    return this.signs.includes(sign)
  }
}
