import { Buffer } from 'node:buffer'
import { wholeBody } from '../../base/body.js'
import { GatewayError, toGatewayError } from '../../base/errors.js'
import { type HeaderList, header, removeHeader } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import { Reservation } from '../../bodies/bounded-store.js'
import { SharedBody } from '../../bodies/shared-body.js'
import type { CacheRules } from '../../config/resolve-cache.js'
import { assess, type RequestFacts } from './assess.js'
import { ERRORS, RETRY_MS, usableOnError } from './decide.js'
import { type Entry, type Slot, tagsOf, updatedHeaders } from './entry.js'
import { type Fill, type Storable, storeReply } from './fill.js'
import type { HttpCache } from './http-cache.js'
import { type FlightOutcome, Party } from './party.js'
import type { SharedCall } from './request.js'

/** What a flight is about. */
export interface FlightPlan {
  readonly cache: HttpCache
  readonly rules: CacheRules
  readonly facts: RequestFacts
  readonly fill: Fill
  /** The stale reply that there is: it is validated when it can be. */
  readonly stored: Entry | undefined
  /** Headers of the request, as they were when it was sent on. */
  readonly headers: HeaderList
  /** Sends the request on. @param validating - makes it conditional */
  readonly call: (validating: Entry | undefined) => SharedCall
  /** Where a reply that is assessed like this is stored. */
  readonly slotFor: (reply: Pick<Storable, 'found'>) => Slot
}

/** One upstream call, and all who wait for it. It goes on as long as one of them is left. */
export class Flight {
  /** Undefined until the head of the reply is here. */
  outcome: FlightOutcome | undefined
  /** Resolves when nothing of it is left to do. Never rejects. */
  readonly over: Promise<void>
  private readonly parties = new Set<Party>()
  private under: SharedCall | undefined
  private finish: () => void = () => undefined

  constructor(
    private readonly plan: FlightPlan,
    /** It goes on to its end, also when nobody waits: what it brings is stored. */
    private stay: boolean
  ) {
    this.over = new Promise(resolve => {
      this.finish = () => {
        plan.cache.over(plan.fill)
        resolve()
      }
    })
  }

  get headers(): HeaderList {
    return this.plan.headers
  }

  get spoiled(): boolean {
    return this.plan.fill.spoiled
  }

  /** Sends the request on. Called once. */
  start(): void {
    const { stored } = this.plan
    void this.run(stored?.validatable === true ? stored : undefined)
  }

  /** @param waitMs - how long for the head of the reply; undefined: this is the one whose request it is */
  join(waitMs: number | undefined): Party {
    const party = new Party(this.left, waitMs)
    this.parties.add(party)
    if (this.outcome !== undefined) party.told(this.outcome)
    return party
  }

  goOn(): void {
    this.stay = true
  }

  private readonly left = (party: Party): void => {
    if (!this.parties.delete(party) || this.parties.size > 0) return
    // Nobody waits: it goes on only when what it brings will be stored.
    if (this.stay && (this.outcome?.kind !== 'shared' || this.outcome.body.kept)) return
    this.abandon()
  }

  private abandon(): void {
    const { outcome } = this
    if (outcome === undefined) this.under?.cancel()
    else if (outcome.kind === 'shared') outcome.body.cancel()
  }

  private async run(validating: Entry | undefined): Promise<void> {
    const { cache, stored } = this.plan
    const requestedAt = cache.now()
    try {
      this.under = this.plan.call(validating)
      const reply = await this.under.reply
      const outcome = this.judge(reply, validating, requestedAt)
      if (outcome === 'again') return void this.run(undefined)
      this.settle(outcome)
    } catch (thrown) {
      const error = toGatewayError(thrown)
      if (stored !== undefined && error.spec.blame !== 'client') stored.retryAt = cache.now() + RETRY_MS
      this.settle({ kind: 'failed', error, status: undefined })
    }
  }

  private settle(outcome: FlightOutcome): void {
    this.outcome = outcome
    const wanted = this.parties.size > 0 || this.stay
    for (const party of this.parties) party.told(outcome)
    if (outcome.kind === 'shared') {
      if (wanted) outcome.body.start()
      else outcome.body.cancel()
      return
    }
    if (outcome.kind === 'own' && ![...this.parties].some(({ owner }) => owner)) discard(outcome.reply)
    this.finish()
  }

  private judge(reply: Reply, validating: Entry | undefined, requestedAt: number): FlightOutcome | 'again' {
    const { cache, rules, facts, fill, stored, slotFor } = this.plan
    const times = { requestedAt, receivedAt: cache.now() }
    if (validating !== undefined && reply.status === 304) return this.validated(reply, validating, times)
    if (stored !== undefined && ERRORS.has(reply.status) && usableOnError(stored, cache.now())) {
      discard(reply)
      stored.retryAt = cache.now() + RETRY_MS
      const error = new GatewayError('GW_UPSTREAM_BAD_RESPONSE', `the upstream answered ${reply.status}`)
      return { kind: 'failed', error, status: reply.status }
    }
    const found = assess(reply, facts, rules, times)
    if (found === undefined || !wholeKnown(reply) || (reply.body.length ?? 0) > rules.entryBytes) {
      // There is something newer than what is stored, though it cannot take its place.
      if (stored !== undefined && reply.status < 500) cache.store.remove(stored)
      return { kind: 'own', reply }
    }
    fill.tags = tagsOf(reply.headers)
    const { status, headers } = reply
    const storable = { slot: slotFor({ found }), status, headers, found, strip: rules.stripSurrogate }
    return { kind: 'shared', reply: storable, body: this.shared(reply, storable) }
  }

  private validated(reply: Reply, entry: Entry, times: Parameters<typeof assess>[3]): FlightOutcome | 'again' {
    const { cache, rules, facts, slotFor } = this.plan
    discard(reply)
    const etag = header(reply.headers, 'etag')
    if (etag !== undefined && entry.etag !== undefined && weak(etag) !== weak(entry.etag)) {
      cache.store.remove(entry) // it confirms another reply than ours (RFC 9111 §4.3.4)
      return 'again'
    }
    const headers = updatedHeaders(entry.headers, reply.headers)
    if (header(reply.headers, 'date') === undefined) removeHeader(headers, 'date') // that of the stored reply is not when this was said
    const aged = header(reply.headers, 'age')
    const given = aged === undefined ? headers : [...headers, 'age', aged]
    const found = assess({ status: entry.status, headers: given }, facts, rules, times)
    cache.store.update(entry, () => entry.describe(headers, found ?? entry.found, rules.stripSurrogate))
    // The 304 may say what the stored reply did not: that it is not to be stored, or not for everybody.
    const shared = found !== undefined && slotFor({ found }).key === entry.slot.key
    if (!shared) cache.store.remove(entry)
    entry.retryAt = 0
    return { kind: 'validated', entry, shared }
  }

  private shared(reply: Reply, storable: Storable): SharedBody {
    const { cache, rules, fill } = this.plan
    const room = new Reservation(cache.store, rules.entryBytes)
    const source = Buffer.isBuffer(reply.body) ? wholeBody(reply.body) : reply.body
    const body = new SharedBody(source, {
      piece: chunk => {
        const kept = room.grow(chunk.length)
        if (!kept && this.parties.size === 0) queueMicrotask(() => body.cancel())
        return kept
      },
      complete: whole => {
        room.release()
        if (whole !== undefined) storeReply(cache.store, fill, storable, whole)
        this.finish()
      },
      failed: () => {
        room.release()
        this.finish()
      }
    })
    return body
  }
}

/** Ends a reply that nobody will have. */
export function discard({ body }: Reply): void {
  if (!Buffer.isBuffer(body)) body.cancel()
}

/**
 * Whether the end of the body will be known for one: a body that ends with its connection may as well have been cut off, and what
 * is not whole must not be stored (RFC 9111 §3.3).
 */
function wholeKnown({ status, body }: Reply): boolean {
  return Buffer.isBuffer(body) || body.length !== undefined || status === 204 || body.delimited === true
}

function weak(etag: string): string {
  return etag.startsWith('W/') ? etag.slice(2) : etag
}
