import { toGatewayError } from '../base/errors.js'
import type { Snapshot } from '../gateway/snapshot.js'
import { Ticks } from './ticks.js'

/**
 * A snapshot's time of serving on one listener: from the moment new exchanges begin under it until the last of them is
 * over, which may be long after the next snapshot took its place.
 */
export class Tenure {
  /** Exchanges under way. */
  active = 0
  readonly uploads: Ticks
  /** Replies that wait for their clients. Those of uWebSockets.js have its own clock. */
  readonly replies: Ticks
  private replaced = false
  private over: (() => void) | undefined

  constructor(
    readonly snapshot: Snapshot,
    /** Hears of the end of every exchange. */
    private readonly onEnded: () => void
  ) {
    this.uploads = new Ticks(snapshot.requestMs)
    this.replies = new Ticks(snapshot.replyMs)
  }

  /** One function for every exchange. */
  readonly ended = (): void => {
    this.active--
    if (this.replaced && this.active === 0) this.close()
    this.onEnded()
  }

  /** Nothing an exchange is handled by rejects. Should it do so all the same, one exchange hangs, not the whole gateway. */
  readonly broken = (thrown: unknown): void => {
    this.ended()
    process.emitWarning(toGatewayError(thrown))
  }

  /** No exchange begins under it any more. Resolves when the last one is over. */
  end(): Promise<void> {
    return new Promise(resolve => {
      this.replaced = true
      this.over = resolve
      if (this.active === 0) this.close()
    })
  }

  private close(): void {
    this.uploads.close()
    this.replies.close()
    this.over?.()
  }
}

/** The exchanges of one listener, each under the snapshot it began with. */
export class Tenures {
  /** Exchanges under way, whatever snapshot they began with. */
  active = 0
  /** That of the snapshot new exchanges begin with. */
  current: Tenure
  private onIdle: (() => void) | undefined

  constructor(snapshot: Snapshot) {
    this.current = new Tenure(snapshot, this.ended)
  }

  /** An exchange begins under the current one. */
  begin(): void {
    this.active++
    this.current.active++
  }

  /**
   * Every exchange that begins from now on begins under `snapshot`.
   * @returns when nothing runs under the former one any more
   */
  swap(snapshot: Snapshot): Promise<void> {
    const former = this.current
    this.current = new Tenure(snapshot, this.ended)
    return former.end()
  }

  /** Resolves when nothing runs any more, at the latest after so many milliseconds. */
  idleWithin(deadlineMs: number): Promise<void> {
    if (this.active === 0) return Promise.resolve()
    return new Promise(resolve => {
      const timer = setTimeout(resolve, deadlineMs)
      this.onIdle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** No exchange begins any more. */
  end(): void {
    void this.current.end()
  }

  /** One function for every exchange. */
  private readonly ended = (): void => {
    this.active--
    if (this.active === 0) this.onIdle?.()
  }
}
