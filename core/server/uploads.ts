import type { RequestBody } from './request-body.js'

/** How often uWebSockets.js's own clock must be set back: it closes a connection after 8 to 12 seconds. */
const MAX_TICK_MS = 4_000

/**
 * The request bodies that are still arriving, and one clock for all of them: a timer for each would cost every upload
 * more than its bytes do.
 */
export class Uploads {
  private readonly bodies = new Set<RequestBody>()
  private readonly timer: NodeJS.Timeout
  private readonly maxQuiet: number

  /** @param timeoutMs - how long a client may send nothing of its body; kept to within a quarter */
  constructor(timeoutMs: number) {
    const tickMs = Math.min(MAX_TICK_MS, Math.max(1, Math.ceil(timeoutMs / 4)))
    this.maxQuiet = Math.ceil(timeoutMs / tickMs)
    this.timer = setInterval(() => this.tick(), tickMs)
    this.timer.unref()
  }

  add(body: RequestBody): void {
    this.bodies.add(body)
  }

  delete(body: RequestBody): void {
    this.bodies.delete(body)
  }

  close(): void {
    clearInterval(this.timer)
  }

  private tick(): void {
    for (const body of this.bodies) body.tick(this.maxQuiet)
  }
}
