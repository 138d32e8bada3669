/** Counts the probes of one target in a row. The first of all decides alone: nothing is known that it could contradict. */
export class ProbeCount {
  private row = 0
  private first = true

  constructor(
    private readonly thresholds: { readonly healthyAfter: number; readonly unhealthyAfter: number },
    /** What the target is taken for now. */
    public failing = false
  ) {}

  /** @returns whether the target changed sides with this probe */
  add(passed: boolean): boolean {
    const { first } = this
    this.first = false
    if (passed !== this.failing) {
      this.row = 0
      return false
    }
    this.row++
    const enough = this.failing ? this.thresholds.healthyAfter : this.thresholds.unhealthyAfter
    if (!first && this.row < enough) return false
    this.row = 0
    this.failing = !this.failing
    return true
  }

  /** It is known from before. */
  known(): void {
    this.first = false
  }
}
