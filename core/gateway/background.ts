/** How long an ending gateway waits for it, milliseconds. */
const END_MS = 2_000

/** Work that no exchange waits for, but that an orderly end does, a little. */
export class Background {
  private readonly running = new Set<Promise<void>>()

  /** @param work - never rejects */
  add(work: Promise<void>): void {
    this.running.add(work)
    void work.then(() => this.running.delete(work))
  }

  async end(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>(resolve => {
      timer = setTimeout(resolve, END_MS)
    })
    await Promise.race([Promise.all(this.running), late])
    clearTimeout(timer)
  }
}
