const SLICES = 10

/**
 * Sums over the last while, in ten slices: what is older than the window is out of it, and the youngest nine tenths of it are always in.
 * An addition is a few operations on numbers.
 */
export class Rolling {
  private readonly sliceMs: number
  /** Slice by slice, each with a number for each field. */
  private readonly slices: Float64Array
  private readonly sums: Float64Array
  /** Number of the slice that is being filled, since the clock's zero. */
  private current = 0

  /** @param fields - how many sums are kept side by side */
  constructor(
    private readonly fields: number,
    windowMs: number
  ) {
    this.sliceMs = windowMs / SLICES
    this.slices = new Float64Array(SLICES * fields)
    this.sums = new Float64Array(fields)
  }

  add(field: number, now: number, amount = 1): void {
    this.advance(now)
    const at = (this.current % SLICES) * this.fields + field
    this.slices[at] = (this.slices[at] ?? 0) + amount
    this.sums[field] = (this.sums[field] ?? 0) + amount
  }

  sum(field: number, now: number): number {
    this.advance(now)
    return this.sums[field] ?? 0
  }

  clear(): void {
    this.slices.fill(0)
    this.sums.fill(0)
  }

  private advance(now: number): void {
    const slice = Math.floor(now / this.sliceMs)
    const passed = slice - this.current
    if (passed <= 0) return
    if (passed >= SLICES) this.clear()
    else for (let i = this.current + 1; i <= slice; i++) this.empty(i % SLICES)
    this.current = slice
  }

  private empty(slice: number): void {
    for (let field = 0; field < this.fields; field++) {
      const at = slice * this.fields + field
      this.sums[field] = (this.sums[field] ?? 0) - (this.slices[at] ?? 0)
      this.slices[at] = 0
    }
  }
}
