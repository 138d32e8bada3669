import type { Connection } from './gate.js'

/** That many requests of a connection may wait for the one before. Beyond, it ends: nobody sends so many by mistake. */
const MAX_WAITING = 256

/**
 * The requests of an HTTP/1.1 connection, one after the other, as uWebSockets.js and most servers have it. Node hands
 * them over as they come (pipelining), but one may change what the next is about (RFC 9112 §9.3.2), and behind
 * one that ends the connection nothing may be done (§9.6).
 */
export class Turns {
  private readonly waiting: (() => Promise<void> | undefined)[] = []
  private running = false

  constructor(private readonly connection: Connection) {}

  /**
   * @param begin - handles the request when it is its turn; undefined: there is nobody to answer any more
   * @returns whether there was room for it
   */
  take(begin: () => Promise<void> | undefined): boolean {
    if (!this.running) {
      this.run(begin)
      return true
    }
    if (this.waiting.length === MAX_WAITING) return false
    this.connection.busy++ // the connection is not idle between two of them
    this.waiting.push(begin)
    return true
  }

  private run(begin: () => Promise<void> | undefined): void {
    this.running = true
    void (begin() ?? Promise.resolve()).then(this.next)
  }

  private readonly next = (): void => {
    this.running = false
    const begin = this.waiting.shift()
    if (begin === undefined) return
    this.run(begin)
    this.connection.busy--
    if (this.connection.busy === 0) this.connection.onIdle?.()
  }
}
