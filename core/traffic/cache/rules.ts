/** What makes two requests the same to a cache. */
export interface KeyRules {
  /** Of the query: these parameters alone; undefined: all but `queryIgnore`. */
  readonly queryOnly: ReadonlySet<string> | undefined
  readonly queryIgnore: ReadonlySet<string>
  /** Parameters in any order are the same. */
  readonly sortQuery: boolean
  /** Names in lower case. */
  readonly headers: readonly string[]
  /** Undefined: nobody said which cookies matter. */
  readonly cookies: ReadonlySet<string> | undefined
  /** Replies that say they are for everybody are shared by all consumers. */
  readonly shareAcrossConsumers: boolean
}

/** How a route caches, compiled. Times are milliseconds; undefined: not at all. */
export interface CacheRules {
  /** False: nothing is stored or looked up, unsafe requests still invalidate. */
  readonly store: boolean
  /** For replies that do not say how long they are fresh. */
  readonly ttlMs: number | undefined
  /** The same for 404 and 410. */
  readonly notFoundTtlMs: number | undefined
  /** Guess from Last-Modified (RFC 9111 §4.2.2). */
  readonly heuristic: boolean
  /** Where the reply says nothing. */
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  /** The largest body that is stored, bytes. */
  readonly entryBytes: number
  /** Whether the client's Cache-Control counts. */
  readonly clientControl: boolean
  readonly coalesce: boolean
  /** How long a request waits for the head of another's reply. */
  readonly coalesceWaitMs: number
  /** Take Surrogate-Key, Surrogate-Control and CDN-Cache-Control off replies. */
  readonly stripSurrogate: boolean
  /** Say in a Cache-Status header what the cache did. */
  readonly cacheStatus: boolean
  readonly key: KeyRules
}
