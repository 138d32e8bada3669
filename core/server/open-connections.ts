/** Connections of clients that are open: one count for all listeners of all event loops, which `limits.connections` is about. */
export class OpenConnections {
  /** How many were opened so far at the listeners of this event loop. */
  taken = 0
  private readonly count: Int32Array

  /** @param memory - four bytes, shared by all that count together; left out: nobody else does */
  constructor(memory = new SharedArrayBuffer(4)) {
    this.count = new Int32Array(memory)
  }

  /** @param change - 1 for one that was opened, -1 for one that was closed. @returns how many are open then */
  changed(change: number): number {
    if (change > 0) this.taken++
    return Atomics.add(this.count, 0, change) + change
  }
}
