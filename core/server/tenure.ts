import { toGatewayError } from '../base/errors.js'
import type { Snapshot } from '../gateway/snapshot.js'
import { Uploads } from './uploads.js'

/**
 * A snapshot's time of serving on one listener: from the moment new exchanges begin under it until the last of them is
 * over, which may be long after the next snapshot took its place.
 */
export class Tenure {
  /** Exchanges under way. */
  active = 0
  readonly uploads: Uploads
  private replaced = false
  private over: (() => void) | undefined

  constructor(
    readonly snapshot: Snapshot,
    /** Hears of the end of every exchange. */
    private readonly onEnded: () => void
  ) {
    this.uploads = new Uploads(snapshot.requestMs)
  }

  begin(): void {
    this.active++
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
    this.over?.()
  }
}
