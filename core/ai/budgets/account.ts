/** What was spent in one piece of time. */
export interface Entry {
  readonly start: number
  /** From then on it does not count any more. */
  readonly end: number
  spent: number
}

/** What one consumer, app … has spent and holds under one rule. Amounts are of what the rule counts. */
export class Account {
  /** Held by exchanges under way. */
  reserved = 0
  /** Until when no alert is given for a threshold, by threshold. */
  readonly quiet = new Map<number, number>()
  /** By start, ascending; of a calendar period there is one. */
  private entries: Entry[] = []

  constructor(
    readonly signature: string,
    readonly key: string
  ) {}

  /** What counts now. */
  spent(now: number): number {
    this.forget(now)
    let sum = 0
    for (const { spent } of this.entries) sum += spent
    return sum
  }

  /** Adds to the piece of time that began at `start`; below nothing it does not go. */
  book(start: number, end: number, amount: number): Entry {
    let entry = this.entries.find(each => each.start === start)
    if (entry === undefined) {
      entry = { start, end, spent: 0 }
      this.entries.push(entry)
      this.entries.sort((a, b) => a.start - b.start)
    }
    entry.spent = Math.max(0, entry.spent + amount)
    return entry
  }

  /** When `amount` less counts than now; what is held is not looked at. `now`: it never does, as nothing was spent. */
  freeAt(now: number, amount: number): number {
    let [freed, at] = [0, now]
    for (const { spent, end } of this.entries) {
      if (freed >= amount && at > now) break
      freed += spent
      at = end
    }
    return at
  }

  /** Pieces of time that still count. */
  live(now: number): readonly Entry[] {
    this.forget(now)
    return this.entries
  }

  idle(now: number): boolean {
    return this.reserved === 0 && this.live(now).length === 0
  }

  private forget(now: number): void {
    while (this.entries[0] !== undefined && this.entries[0].end <= now) this.entries.shift()
  }
}
