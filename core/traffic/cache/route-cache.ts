import { Buffer } from 'node:buffer'
import { GatewayError, toGatewayError } from '../../base/errors.js'
import { type HeaderList, header } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import type { CacheRules } from '../../config/resolve-cache.js'
import { Again } from './again.js'
import type { RequestFacts } from './assess.js'
import type { CacheOutcome, Forwarded } from './cache-status.js'
import { contradicts } from './conditional.js'
import type { Outcome } from './counts.js'
import { type Decision, decide, ERRORS, RETRY_MS, usableOnError } from './decide.js'
import { type Entry, withoutNames } from './entry.js'
import { discard, Flight } from './flight.js'
import { Flights } from './flights.js'
import type { HttpCache } from './http-cache.js'
import { invalidateAfter } from './invalidate.js'
import { dropUnkeyed, Keys, keyQuery } from './key.js'
import { type Ask, allows, factsOf, lookUp } from './look-up.js'
import { aboutOrigin, clientControl, outgoing } from './outgoing.js'
import type { FlightOutcome, Party } from './party.js'
import { normalReference, placesOf } from './place.js'
import type { CacheRequest, Origin } from './request.js'
import { conditional, serveLive, servePassed, serveStored } from './serve.js'
import { selecting, selects } from './vary.js'

/** How often a request waits for a call of others before it is sent on by itself. */
const MAX_ROUNDS = 3

/** The cache of one route: looks up, asks the upstream, lets others share what comes, stores it. */
export class RouteCache {
  private readonly flights = new Flights()
  private readonly counts: Record<Outcome, number>
  private readonly keys: Keys

  /** @param scope - the route's name, and whatever else changes what its keys mean */
  constructor(
    private readonly cache: HttpCache,
    private readonly rules: CacheRules,
    private readonly route: string,
    scope = route
  ) {
    this.keys = new Keys(scope, rules.key)
    this.counts = cache.counts.of(route)
  }

  /** Whether its keys are made of less of a request than came, or of headers. */
  get narrows(): boolean {
    const { key } = this.rules
    return !this.keys.simple || key.cookies !== undefined || key.queryOnly !== undefined || key.queryIgnore.size > 0
  }

  /** Takes off a request what its key leaves out. To be done before anything else. */
  narrow(request: { readonly method: string; query: string; headers: HeaderList }): void {
    if (request.method === 'GET' || request.method === 'HEAD') dropUnkeyed(request, this.rules.key)
  }

  /**
   * The reply to a request, stored or from its upstream.
   * @throws GatewayError GW_NOT_CACHED, and what the upstream call throws
   */
  obtain(request: CacheRequest, origin: Origin): Reply | Promise<Reply> {
    const { method, headers } = request
    const { rules, cache } = this
    if (method !== 'GET' && method !== 'HEAD') return this.pass(request, origin, 'method')
    if (!rules.store || request.content || aboutOrigin(headers)) return this.pass(request, origin, 'bypass')
    const control = rules.clientControl ? clientControl(headers) : undefined
    const now = cache.now()
    const own = this.keys.own(request)
    const shared = this.keys.public(request)
    const facts = factsOf(request, rules.key)
    const found = lookUp(cache.store, [own, shared], headers, facts)
    const entry = typeof found === 'object' ? found : undefined
    const decision = entry === undefined ? undefined : decide(entry, control, now)
    if (entry !== undefined && decision !== undefined && decision.use !== 'ask') {
      const detail = decision.use === 'stale' ? decision.detail : undefined
      this.count(detail === undefined ? 'hit' : 'stale', origin)
      if (detail === 'stale-while-revalidate' && now >= entry.retryAt) {
        this.refresh({ request, facts, own, public: shared, entry, fwd: 'stale' }, origin)
      }
      entry.visited = true
      if (origin.remembers && decision.use === 'fresh' && control === undefined && asksForAll(request)) {
        origin.answered(new Again(cache, this.counts, [own, shared], facts, rules.cacheStatus))
      }
      return serveStored(entry, request, now, this.told({ fwd: undefined, detail }))
    }
    if (control?.onlyIfCached) {
      this.count('miss', origin)
      throw new GatewayError('GW_NOT_CACHED', 'only-if-cached, and nothing is stored to use')
    }
    const ask: Ask = { request, facts, own, public: shared, entry, fwd: fwdOf(found, decision) }
    if (control?.noStore) return this.pass(request, origin, 'request')
    // What HEAD brings cannot be stored, and of a part nobody knows how large the whole is: they go on as they are.
    if (method === 'HEAD' && entry !== undefined) return this.head(request, origin, ask.fwd, entry)
    if (method === 'HEAD' || (entry === undefined && header(headers, 'range') !== undefined)) {
      return this.pass(request, origin, ask.fwd)
    }
    return this.fetch(ask, origin)
  }

  /** Sends the client's own request on, and stores nothing. */
  private async pass(request: CacheRequest, origin: Origin, fwd: Forwarded): Promise<Reply> {
    this.count('bypass', origin)
    const reply = await origin.direct()
    const everywhere = invalidateAfter(this.cache, request, reply)
    if (everywhere !== undefined) await everywhere
    return servePassed(reply, this.told({ fwd }), this.rules.stripSurrogate)
  }

  /** Sends a HEAD on. What is stored stands in for an upstream that fails, where it may. */
  private async head(request: CacheRequest, origin: Origin, fwd: Forwarded, entry: Entry): Promise<Reply> {
    const { cache } = this
    try {
      const reply = await origin.direct()
      if (!ERRORS.has(reply.status) || !usableOnError(entry, cache.now())) {
        this.count('bypass', origin)
        // What HEAD says may show that what is stored is out of date (RFC 9111 §4.3.5).
        if (contradicts(reply, entry)) cache.store.remove(entry)
        return servePassed(reply, this.told({ fwd }), this.rules.stripSurrogate)
      }
      discard(reply)
    } catch (thrown) {
      if (toGatewayError(thrown).spec.blame === 'client' || !usableOnError(entry, cache.now())) {
        this.count('bypass', origin)
        throw thrown
      }
    }
    entry.retryAt = cache.now() + RETRY_MS
    return this.onError(entry, request, origin)
  }

  private async fetch(ask: Ask, origin: Origin): Promise<Reply> {
    const { cache, rules } = this
    // What is for one client each is left to that client and the origin: it may answer 304.
    if (conditional(ask.request) && this.passed(ask)) return this.pass(ask.request, origin, ask.fwd)
    const until = cache.now() + rules.coalesceWaitMs
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const known = this.joinable(ask)
      const flight = known ?? this.open(ask, origin, false)
      const party = flight.join(known === undefined ? undefined : Math.max(0, until - cache.now()))
      origin.onGone(() => party.leave())
      if (known === undefined) flight.start()
      const outcome = await party.outcome.catch((gone: unknown) => {
        this.countParty(party, origin)
        throw gone
      })
      const reply = outcome === undefined ? undefined : this.answer(outcome, ask, flight, party, origin)
      if (reply !== undefined) return reply
      party.leave()
      if (outcome === undefined) break
    }
    return this.pass(ask.request, origin, ask.fwd)
  }

  /** A call of somebody else whose reply may well be the one for this request. */
  private joinable({ request, facts, own, public: shared }: Ask): Flight | undefined {
    const now = this.cache.now()
    for (const key of shared === undefined ? [own] : [own, shared]) {
      const group = this.group(key, facts)
      if (this.flights.passed(group, now)) continue
      const vary = this.varyOf(key, group)
      for (const flight of this.flights.at(group)) {
        if (flight.spoiled) continue
        const { outcome } = flight
        if (outcome === undefined) {
          if (selects(selecting(vary, flight.headers), request.headers)) return flight
          continue
        }
        if (outcome.kind !== 'shared' || !outcome.body.joinable) continue
        if (selects(outcome.reply.slot.selected, request.headers)) return flight
      }
    }
    return undefined
  }

  /** What replies under a key are known to vary by: who asks for another variant need not wait for this one. */
  private varyOf(key: string, group: string): readonly string[] {
    for (const { outcome } of this.flights.at(group)) if (outcome?.kind === 'shared') return outcome.reply.found.vary
    return this.cache.store.varyOf(key)
  }

  /** Requests that may be answered with different things never wait for one another. */
  private group(key: string, { authorized, cookies }: RequestFacts): string {
    return authorized || cookies ? `${key}\n${authorized} ${cookies}` : key
  }

  private passed({ own, facts }: Ask): boolean {
    return this.flights.passed(this.group(own, facts), this.cache.now())
  }

  private open(ask: Ask, origin: Origin, stay: boolean): Flight {
    const { cache, rules, route } = this
    const { request, facts, entry } = ask
    const places = placesOf(request)
    const headers = request.headers.slice() // as they are now: the exchange may be over before this is
    const query = normalReference(keyQuery(request.query, rules.key))
    const flight = new Flight(
      {
        cache,
        rules,
        facts,
        fill: cache.begin(route, places),
        stored: entry,
        headers,
        call: validating => origin.shared(outgoing(headers, validating)),
        slotFor: ({ found }) => ({
          key: found.public && ask.public !== undefined ? ask.public : ask.own,
          route,
          places,
          query,
          rules: rules.key,
          selected: selecting(found.vary, headers)
        })
      },
      stay
    )
    if (stay || (rules.coalesce && !this.passed(ask))) this.list(ask, flight)
    return flight
  }

  private list({ own, public: shared, facts }: Ask, flight: Flight): void {
    const groups = [own, ...(shared === undefined ? [] : [shared])].map(key => this.group(key, facts))
    for (const group of groups) this.flights.add(group, flight)
    void flight.over.then(() => {
      for (const group of groups) this.flights.delete(group, flight)
    })
  }

  /** Validates a stored reply while clients still get it. One call at a time. */
  private refresh(ask: Ask, origin: Origin): void {
    for (const _ of this.flights.at(this.group(ask.own, ask.facts))) return
    const flight = this.open(ask, origin, true)
    flight.start()
    origin.background(flight.over)
  }

  /** @returns undefined when what the flight brought is not for this request */
  private answer(outcome: FlightOutcome, ask: Ask, flight: Flight, party: Party, origin: Origin): Reply | undefined {
    const { cache, rules } = this
    const { request, fwd, entry } = ask
    const now = cache.now()
    const collapsed = party.owner ? {} : { collapsed: true }
    switch (outcome.kind) {
      case 'failed':
        if (entry !== undefined && usableOnError(entry, now)) return this.onError(entry, request, origin)
        if (outcome.status !== undefined) return undefined
        this.countParty(party, origin)
        throw outcome.error
      case 'validated':
        if (!outcome.shared && !party.owner) return undefined
        if (!this.isFor(outcome.entry.slot, ask) || !allows(outcome.entry, ask.facts)) return undefined
        this.count(party.owner ? 'validated' : 'collapsed', origin)
        outcome.entry.visited = true
        return serveStored(outcome.entry, request, now, this.told({ fwd, fwdStatus: 304, ...collapsed }))
      case 'own':
        if (!party.owner) return undefined
        // An error passes; that replies are for one client each is how they are.
        if (outcome.reply.status < 500) this.flights.pass(this.group(ask.own, ask.facts), now)
        this.count('miss', origin)
        return this.serveOwn(outcome.reply, request, now, fwd)
      case 'shared': {
        const { reply, body } = outcome
        if (!this.isFor(reply.slot, ask)) {
          const { public: shared } = ask
          if (shared !== undefined && reply.slot.key !== shared) this.flights.pass(this.group(shared, ask.facts), now)
          return undefined
        }
        if (!body.joinable && !party.owner) return undefined
        this.countParty(party, origin)
        const reader = body.reader(() => party.leave())
        origin.onGone(() => reader.cancel())
        const { withoutFields } = reply.found // for the one who asked alone
        const headers = party.owner ? reply.headers : withoutNames(reply.headers, withoutFields)
        const live = { status: reply.status, headers, body: reader }
        const told = this.told({ fwd, stored: body.kept, ...collapsed })
        const served = serveLive(live, request, now, told, rules.stripSurrogate)
        if (served.body !== reader) {
          if (party.owner) flight.goOn() // the client has it, others will want it
          reader.cancel()
        }
        return served
      }
    }
  }

  private onError(entry: Entry, request: CacheRequest, origin: Origin): Reply {
    this.count('stale', origin)
    return serveStored(entry, request, this.cache.now(), this.told({ fwd: undefined, detail: 'stale-if-error' }))
  }

  private serveOwn(reply: Reply, request: CacheRequest, now: number, fwd: Forwarded): Reply {
    const served = serveLive(reply, request, now, this.told({ fwd }), this.rules.stripSurrogate)
    if (served.body !== reply.body && !Buffer.isBuffer(reply.body)) reply.body.cancel() // the client has it
    return served
  }

  private isFor({ key, selected }: Entry['slot'], ask: Ask): boolean {
    return (key === ask.own || key === ask.public) && selects(selected, ask.request.headers)
  }

  /** Whoever began the call missed; the others waited for it. */
  private countParty({ owner }: Party, origin: Origin): void {
    this.count(owner ? 'miss' : 'collapsed', origin)
  }

  private count(outcome: Outcome, origin: Origin): void {
    this.counts[outcome]++
    origin.note(outcome)
  }

  private told(outcome: CacheOutcome): CacheOutcome | undefined {
    return this.rules.cacheStatus ? outcome : undefined
  }
}

/** Neither a part, nor only what is newer. */
function asksForAll(request: CacheRequest): boolean {
  return request.method === 'GET' && !conditional(request) && header(request.headers, 'range') === undefined
}

function fwdOf(found: Entry | Forwarded, decision: Decision | undefined): Forwarded {
  if (typeof found === 'string') return found
  return decision?.use === 'ask' ? decision.fwd : 'stale'
}
