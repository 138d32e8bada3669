import type { HttpResponse } from 'uWebSockets.js'
import { Buffer } from 'node:buffer'
import { type BodySource, EMPTY_BODY } from '../base/body.js'
import { pieceOf } from '../base/piece.js'
import type { IncomingBody } from '../gateway/exchange.js'
import { ArrivingBody } from './arriving-body.js'
import type { Ticks } from './ticks.js'

/** The body of a request as uWebSockets.js delivers it. Chunks are copied: their memory is reused on return. */
export class RequestBody extends ArrivingBody {
  constructor(
    private readonly response: HttpResponse,
    length: number | undefined,
    limit: number,
    uploads: Ticks
  ) {
    super(length, limit, uploads)
    response.onData((chunk, isLast) => this.receive(chunk, isLast))
  }

  protected hold(): void {
    this.response.pause()
  }

  protected letGo(): void {
    this.response.resume()
  }

  /**
   * uWebSockets.js ends a connection that sends less than 160 KB in ten seconds, also one that we paused; how long a client
   * may be silent is for the configuration to say, so its clock is set back here and ours counts. To resume what is not
   * paused makes it deaf: nothing more would arrive.
   */
  protected override keepOpen(): void {
    if (this.paused) {
      this.response.resume()
      this.response.pause()
    } else {
      this.response.pause()
      this.response.resume()
    }
  }

  private receive(chunk: ArrayBuffer, isLast: boolean): void {
    if (this.released) return
    if (isLast) this.last()
    if (this.count(chunk.byteLength) && chunk.byteLength > 0)
      this.take(pieceOf(Buffer.from(chunk), 0, chunk.byteLength))
    if (isLast) this.finish()
  }
}

/** The body of a request that has none. */
export const NO_BODY: BodySource & { readonly complete: true; readonly received: 0 } = {
  length: 0,
  complete: true,
  received: 0,
  takeWhole: () => EMPTY_BODY,
  pipe: sink => sink.end(),
  resume: () => undefined,
  cancel: () => undefined
}

/** The body of a refused request: nobody reads it, the connection ends. */
export const UNREAD: IncomingBody = { ...NO_BODY, complete: false }
