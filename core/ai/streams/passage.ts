import type { Buffer } from 'node:buffer'
import type { ProviderFailure } from '../failure.js'
import type { Usage } from '../usage.js'

/** What is known of an answer while it streams by. */
export interface Watched {
  /** The last that was said of it; undefined: nothing yet. */
  readonly usage: Usage | undefined
  /** The error that came within the stream. */
  readonly failure: ProviderFailure | undefined
  /** Whether the dialect's own end was seen: without it the answer is not whole. */
  readonly ended: boolean
  /** Whether something of the answer was seen: from here on there is no falling back. */
  readonly begun: boolean
  /** The text of the answer so far, bounded; for an estimate. */
  readonly text: string
  /** The model that answered, as the provider says it; empty: it does not. */
  readonly model: string
  /** The stream ended in order and did not say that the answer did. Left out: not known. */
  readonly supposed?: boolean
}

/** What becomes of a provider's bytes on their way to the client. */
export interface Passage {
  readonly watch: Watched
  /** Whether what was handed out so far ends with a whole event. */
  readonly between: boolean
  /**
   * @param out - gets what the client gets of it; also when this throws, for what came before
   * @throws GatewayError GW_AI_EVENT_TOO_LARGE, GW_UPSTREAM_BAD_RESPONSE
   */
  piece(piece: Buffer, out: Buffer[]): void
  /** The provider is done. @throws as piece does */
  end(out: Buffer[]): void
  /** The answer will never be whole: how the client is told. Undefined: it cannot be, the connection has to say it. */
  fail(failure: ProviderFailure): Buffer[] | undefined
}
