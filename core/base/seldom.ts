/** So seldom something else is kept in a place where nothing comes again. */
const SELDOM = 16

/**
 * For memories of what came lately, in places that hold one thing each: what is kept has to come again to be of use. Where it does, the next
 * that is another is kept at once; where all that comes is new, to keep each would cost more than the memory ever saves.
 */
export class Seldom {
  /** By place: how many came, since one came again, that did not. */
  private readonly misses: Uint32Array

  constructor(places: number) {
    this.misses = new Uint32Array(places)
  }

  /** What is kept there came again. */
  hit(place: number): void {
    this.misses[place] = 0
  }

  /** Something else came. @returns whether to keep it */
  miss(place: number): boolean {
    const misses = this.misses[place] ?? 0
    this.misses[place] = misses + 1
    return misses % SELDOM === 0
  }
}
