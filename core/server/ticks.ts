import { Queue, type Queued } from '../base/queue.js'

/** How often uWebSockets.js's own clock must be set back: it closes a connection after 8 to 12 seconds. */
const MAX_TICK_MS = 4_000

/** A body on its way from or to a client: asked at every tick whether that has been quiet for too long. */
export interface Ticked extends Queued<Ticked> {
  /**
   * @param maxQuiet - how many ticks it may be quiet, when nothing else is said of it
   * @param tickMs - how long one is
   */
  tick(maxQuiet: number, tickMs: number): void
}

/** One clock for all bodies on their way from clients, or to them: a timer for each would cost many more than their bytes do. */
export class Ticks {
  private readonly bodies = new Queue<Ticked>()
  private readonly timer: NodeJS.Timeout
  private readonly maxQuiet: number
  private readonly tickMs: number

  /** @param timeoutMs - how long a client may do nothing; kept to within a quarter */
  constructor(timeoutMs: number) {
    this.tickMs = Math.min(MAX_TICK_MS, Math.max(1, Math.ceil(timeoutMs / 4)))
    this.maxQuiet = Math.ceil(timeoutMs / this.tickMs)
    this.timer = setInterval(() => this.tick(), this.tickMs)
    this.timer.unref()
  }

  add(body: Ticked): void {
    this.bodies.push(body)
  }

  delete(body: Ticked): void {
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
