import { Queue, type Queued } from '../base/queue.js'

/** How often uWebSockets.js's own clock must be set back: it closes a connection after 8 to 12 seconds. */
const MAX_TICK_MS = 4_000

/** A request body that is still arriving: asked at every tick whether its client has been quiet for too long. */
export interface Upload extends Queued<Upload> {
  /**
   * @param maxQuiet - how many ticks it may be quiet, when nothing else is said of it
   * @param tickMs - how long one is
   */
  tick(maxQuiet: number, tickMs: number): void
}

/**
 * The request bodies that are still arriving, and one clock for all of them: a timer for each would cost every upload
 * more than its bytes do.
 */
export class Uploads {
  private readonly bodies = new Queue<Upload>()
  private readonly timer: NodeJS.Timeout
  private readonly maxQuiet: number
  private readonly tickMs: number

  /** @param timeoutMs - how long a client may send nothing of its body; kept to within a quarter */
  constructor(timeoutMs: number) {
    this.tickMs = Math.min(MAX_TICK_MS, Math.max(1, Math.ceil(timeoutMs / 4)))
    this.maxQuiet = Math.ceil(timeoutMs / this.tickMs)
    this.timer = setInterval(() => this.tick(), this.tickMs)
    this.timer.unref()
  }

  add(body: Upload): void {
    this.bodies.push(body)
  }

  delete(body: Upload): void {
    this.bodies.remove(body)
  }

  close(): void {
    clearInterval(this.timer)
  }

  private tick(): void {
    for (let body = this.bodies.first; body !== undefined; ) {
      const { behind } = body
      body.tick(this.maxQuiet, this.tickMs)
      body = behind
    }
  }
}
