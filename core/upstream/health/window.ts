const PARTS = 10

/** How many tries there were, and how many of them failed, over the last while. Time moves on in tenths of it. */
export class RollingWindow {
  private readonly tries = new Uint32Array(PARTS)
  private readonly failures = new Uint32Array(PARTS)
  private readonly partMs: number
  /** Number of the newest part since time began. */
  private newest = 0

  constructor(windowMs: number) {
    this.partMs = windowMs / PARTS
  }

  add(failed: boolean, now: number): void {
    this.moveTo(now)
    const at = this.newest % PARTS
    this.tries[at] = (this.tries[at] ?? 0) + 1
    if (failed) this.failures[at] = (this.failures[at] ?? 0) + 1
  }

  totals(now: number): { tries: number; failures: number } {
    this.moveTo(now)
    return { tries: sum(this.tries), failures: sum(this.failures) }
  }

  clear(): void {
    this.tries.fill(0)
    this.failures.fill(0)
  }

  private moveTo(now: number): void {
    const part = Math.floor(now / this.partMs)
    if (part - this.newest >= PARTS) this.clear()
    else {
      for (let each = this.newest + 1; each <= part; each++) {
        this.tries[each % PARTS] = 0
        this.failures[each % PARTS] = 0
      }
    }
    if (part > this.newest) this.newest = part
  }
}

function sum(numbers: Uint32Array): number {
  let total = 0
  for (const number of numbers) total += number
  return total
}
