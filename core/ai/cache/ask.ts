import type { HeaderList } from '../../base/headers.js'
import type { ChatRequest } from '../chat.js'
import type { DialectName, Wish } from '../dialects/dialect.js'
import type { JsonObject } from '../members.js'
import type { RegionRules } from '../routing/regions.js'

/** A chat request as the AI cache sees it: what is asked, and for whom. */
export interface Ask {
  /** The route: answers are never shared between routes. */
  readonly route: string
  readonly caller: Caller
  /** The body as the client sent it, after policies. */
  readonly body: JsonObject
  /** The same, read; it is not changed. */
  readonly chat: ChatRequest
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
