/** Fields of a message. A number in a field that holds a date is so many seconds from now. */
export type Fields = Readonly<Record<string, string | number | readonly string[]>>

/** Where the client's reply must come from. */
export type Source =
  /** The upstream hears nothing of it. */
  | 'cache'
  /** The upstream is asked for all of it. */
  | 'upstream'
  /** The upstream is asked whether it is still good, and says that it is. */
  | 'validated by etag'
  | 'validated by date'

export interface Step {
  readonly method?: string
  /** Added to the path of the case. */
  readonly suffix?: string
  /** Fields of the request. */
  readonly ask?: Fields
  /** What the upstream answers; "cut": it breaks the connection. */
  readonly reply?: Answer | 'cut'
  readonly from?: Source
  /** The client's reply. */
  readonly status?: number
  readonly text?: string
  readonly has?: Readonly<Record<string, string | RegExp>>
  readonly lacks?: readonly string[]
  /** What the upstream must have got. */
  readonly sent?: Readonly<Record<string, string | undefined>>
  /** Seconds that pass afterwards. */
  readonly pass?: number
}

export interface Answer {
  readonly status?: number
  readonly fields?: Fields
  readonly body?: string
}

export interface Case {
  /** As in the public cache-tests; "own-…" where there is none like it. */
  readonly id: string
  /** There: "required" by the RFC, "optimal", or a "check" of how caches differ. */
  readonly kind: 'required' | 'optimal' | 'check'
  /** The route, by what it allows beyond the defaults. */
  readonly route?: 'plain' | 'heuristic' | 'lenient'
  readonly steps: readonly Step[]
}

export const FRESH: Fields = { expires: 100_000, 'cache-control': 'max-age=100000', 'last-modified': 0, date: 0 }

/** A reply with these fields is used again, three seconds later. */
export function reused(id: string, kind: Case['kind'], fields: Fields, more: Partial<Case> = {}): Case {
  return { id, kind, steps: [{ reply: { fields }, pass: 3 }, { from: 'cache' }], ...more }
}

/** A reply with these fields is not used again. */
export function fetched(id: string, kind: Case['kind'], fields: Fields, more: Partial<Case> = {}): Case {
  return { id, kind, steps: [{ reply: { fields }, pass: 3 }, { from: 'upstream' }], ...more }
}
