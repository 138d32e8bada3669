import type { Buffer } from 'node:buffer'
import type { HeaderList } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'

/** One reply as HTTP/1.1 or HTTP/2 writes it. */
export interface Wire {
  /** The highest status it can say. */
  readonly maxStatus: number
  /**
   * The head.
   * @param end - nothing follows
   * @param close - the connection ends after this reply, as far as the protocol can say so
   */
  head(reply: Reply, length: number | undefined, options: { readonly end: boolean; readonly close: boolean }): void
  /** @returns whether there is room for more; else `drained` is called when there is */
  write(chunk: Buffer): boolean
  /** Links ahead of the head. */
  hint(links: readonly string[]): void
  end(trailers: HeaderList | undefined): void
  /** Breaks the reply off, so that the client sees that it is not complete. */
  cut(): void
  /** Gives up on a client that takes nothing of the reply. */
  giveUp(): void
  /** Bytes that were written and, as far as can be seen, have yet to be taken. */
  readonly left: number
  /** Differs from what it was when the client has taken something since. */
  readonly taken: number
  /** Says what becomes of it. `closed`: once, with whether everything was handed on. */
  listen(events: { drained(): void; closed(complete: boolean): void }): void
}
