import type { HeaderList } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import type { Assessment, RequestFacts } from './assess.js'
import { ageOf, freshFor } from './assess.js'
import type { Outcome } from './counts.js'
import { decide } from './decide.js'
import type { HttpCache } from './http-cache.js'
import { lookUp } from './look-up.js'
import type { Answered } from './request.js'
import { headersNow } from './serve.js'

/** A key of the requester's own, and one for everybody where there is one. */
export type KeyPair = readonly [string, string | undefined]

/**
 * What a plain request for all of a reply was answered with out of the store: the same request finds its reply by this, without its key
 * being made anew. It keeps no reply alive, and what is purged, replaced or stale is not found by it.
 */
export class Again implements Answered {
  private found: Assessment | undefined
  private second = 0
  private age = 0
  private ttl = 0
  private headers: HeaderList = []

  constructor(
    private readonly cache: HttpCache,
    private readonly counts: Record<Outcome, number>,
    private readonly keys: KeyPair,
    private readonly facts: RequestFacts,
    /** Whether clients are told in Cache-Status. */
    private readonly told: boolean
  ) {}

  reply(requested: HeaderList, finish: (headers: HeaderList) => HeaderList): Reply | undefined {
    const { cache } = this
    const now = cache.now()
    const entry = lookUp(cache.store, this.keys, requested, this.facts)
    if (typeof entry !== 'object' || decide(entry, undefined, now).use !== 'fresh') return undefined
    const { found, status, body } = entry
    const age = Math.floor(ageOf(found, now) / 1_000)
    const ttl = Math.floor(freshFor(found, now) / 1_000)
    const second = Math.floor(now / 1_000) // Date and Expires go by it
    if (this.found !== found || this.second !== second || this.age !== age || this.ttl !== ttl) {
      const headers = finish(headersNow(entry, now, this.told ? { fwd: undefined } : undefined))
      Object.assign(this, { found, second, age, ttl, headers })
    }
    this.counts.hit++
    entry.visited = true
    return { status, headers: this.headers, body }
  }
}
