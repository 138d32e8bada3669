import type { HeaderList } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import type { Outcome } from './counts.js'

/** A request as the cache sees it: what would go upstream, and for whom. */
export interface CacheRequest {
  readonly method: string
  readonly scheme: string
  readonly host: string
  readonly path: string
  /** The path the client asked for, whatever policies made of it. */
  readonly asked: string
  readonly query: string
  readonly headers: HeaderList
  /** Name of the upstream it would go to. */
  readonly upstream: string
  /** Whom the policies found it to come from; empty: nobody was asked. */
  readonly consumer: string
  /** What a believed proxy says of host and scheme: upstreams build links with it. Empty: none does. */
  readonly forwarded: string
  /** Whether it has a body. */
  readonly content: boolean
}

/** An upstream call that no client owns. */
export interface SharedCall {
  /** Rejects with a GatewayError. */
  readonly reply: Promise<Reply>
  cancel(): void
}

/** A plain request for all of a reply that what is stored answered, and what that answers it with again. */
export interface Answered {
  /**
   * @param finish - what becomes of the headers on their way to the client; the list it returns is used again
   * @returns undefined when there is nothing fresh: the request is to go the long way
   */
  reply(requested: HeaderList, finish: (headers: HeaderList) => HeaderList): Reply | undefined
}

/** How one exchange reaches its upstream. */
export interface Origin {
  /** Sends the client's own request on: it ends with the client. */
  direct(): Promise<Reply>
  /** Sends it on with these headers, for whoever waits for the reply. */
  shared(headers: HeaderList): SharedCall
  /** Takes work that no exchange waits for. It never rejects. */
  background(work: Promise<void>): void
  /** Says what the cache did. */
  note(outcome: Outcome): void
  /** Whether it is to be told what was `answered`. */
  readonly remembers: boolean
  /** Says that it was a plain request that what is stored answers, as it would the same request again. */
  answered(again: Answered): void
  /** Says what is to be done when the client goes away; the last one counts. */
  onGone(leave: () => void): void
}
