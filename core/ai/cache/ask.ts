import type { HeaderList } from '../../base/headers.js'
import type { ChatRequest } from '../chat.js'
import type { DialectName, Wish } from '../dialects/dialect.js'
import type { JsonObject } from '../members.js'
import type { RegionRules } from '../routing/regions.js'

/** A chat request as the AI cache sees it: what is asked, and for whom. */
export interface Ask {
  /** The route: answers are never shared between routes. */
  readonly route: string
  /** The prompt, with its version, whose call it is: what its answers have to be like nobody asked of those to chats. undefined: of none. */
  readonly prompt: string | undefined
  readonly caller: Caller
  /** The model that is asked for, as the client or a policy says. */
  readonly model: string
  /** Which way a virtual model sends the request; empty: it has only one. */
  readonly ruled: string
  /** The body as the client sent it. */
  readonly body: JsonObject
  /** What policies made of it, with all that its dialect knows; undefined: they left it as it came. */
  readonly edited: ChatRequest | undefined
  /** What is asked, read; it is not changed. */
  readonly chat: ChatRequest
  /** The query, without credentials. */
  readonly query: string
  /** Names of headers that go to providers since the operator lets them. */
  readonly forwarded: readonly string[]
  readonly headers: HeaderList
  readonly who: Who
  /** Who pays: what budgets say to one of them is nothing to another. */
  readonly payer: string
  /** Where answers have to have been made. */
  readonly regions: RegionRules
}

/** Who asks. Empty texts: it is not known. */
export interface Who {
  readonly tenant: string
  readonly consumer: string
  /** What tells callers apart that no policy knows: a hash of the credential they sent along. */
  readonly credential: string
}

/** How an answer is to be written. */
export interface Caller extends Shape {
  readonly wish: Wish
}

/** What bytes of an answer are. Those of the same shape can stand for each other. */
export interface Shape {
  readonly dialect: DialectName
  readonly stream: boolean
  /** What else the bytes depend on, such as stream_options.include_usage; empty: nothing. */
  readonly variant: string
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.dialect === b.dialect && a.stream === b.stream && (!a.stream || a.variant === b.variant)
}
