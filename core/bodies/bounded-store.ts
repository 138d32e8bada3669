/** What is stored within a budget of bytes. When room is needed, what is chosen to go first goes. */
export abstract class BoundedStore<Stored> {
  /** Bytes of all that is stored. */
  bytes = 0
  /** Bytes promised to what is still arriving. */
  reserved = 0
  evictions = 0

  constructor(public budget: number) {}

  abstract remove(stored: Stored): void
  /** What goes first; undefined: nothing is stored. */
  protected abstract victim(): Stored | undefined

  /** Keeps room for bytes that are arriving: at most half of the budget, so that what arrives does not push out everything. */
  reserve(bytes: number): boolean {
    if (this.reserved + bytes > this.budget / 2 || !this.makeRoom(bytes)) return false
    this.reserved += bytes
    return true
  }

  release(bytes: number): void {
    this.reserved -= bytes
  }

  resize(budget: number): void {
    this.budget = budget
    this.makeRoom(0)
  }

  protected makeRoom(bytes: number): boolean {
    if (bytes + this.reserved > this.budget) return false
    while (this.bytes + this.reserved + bytes > this.budget) {
      const victim = this.victim()
      if (victim === undefined) return false
      this.evictions++
      this.remove(victim)
    }
    return true
  }
}

/** Room in the store for a body that is arriving. */
export class Reservation {
  private bytes = 0

  constructor(
    private readonly store: BoundedStore<unknown>,
    private readonly limit: number
  ) {}

  grow(bytes: number): boolean {
    if (this.bytes + bytes > this.limit || !this.store.reserve(bytes)) {
      this.release()
      return false
    }
    this.bytes += bytes
    return true
  }

  release(): void {
    this.store.release(this.bytes)
    this.bytes = 0
  }
}
