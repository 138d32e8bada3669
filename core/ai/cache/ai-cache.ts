import type { Buffer } from 'node:buffer'
import type { BodySource } from '../../base/body.js'
import type { HeaderList } from '../../base/headers.js'
import type { Clock } from '../../upstream/clock.js'
import { regionAllowed } from '../routing/regions.js'
import type { Usage } from '../usage.js'
import { AnswerStore } from './answer-store.js'
import type { AnswerCall, Embed } from './call.js'
import { type CacheCounts, type CacheStatus, noCounts } from './counts.js'
import type { AnswerFacts, StoredAnswer } from './entry.js'
import { Flight } from './flight.js'
import type { Party } from './party.js'
import type { CachePlan } from './plan.js'
import { Likeness } from './semantic.js'
import { VectorIndex } from './vector-index.js'
import { bytesFor, contentTypeOf, type Dialects, sourceFor } from './written.js'

export interface AiCacheOptions {
  /** Of all answers and vectors. */
  readonly bytes: number
  readonly dialects: Dialects
  readonly clock: Clock
  /** Told when a vector could not be had. */
  readonly troubled?: (thrown: unknown) => void
}

/** How a request reaches a model, and vectors are had. */
export interface AnswerOrigin {
  /**
   * Sends the request on, for whoever waits for the answer: not only for this client.
   * @param bounded - to be told when a budget may end the answer sooner than the request does
   */
  call(bounded: () => void): AnswerCall
  /** Needed where the route has a semantic layer. */
  readonly embed?: Embed | undefined
}

/** What a client gets. The status of the reply is 200. */
export interface CachedReply {
  readonly status: CacheStatus
  /** With Content-Type, and what the cache says of itself. */
  readonly headers: HeaderList
  readonly body: Buffer | BodySource
  readonly facts: AnswerFacts
  /** What the stored answer used when it was made; undefined: it is not a stored one, or nobody knows. */
  readonly usage: Usage | undefined
}

export interface Obtained {
  /** Rejects with a GatewayError. */
  readonly reply: Promise<CachedReply>
  /** The client went away. */
  leave(): void
}

/** Answers of models: kept, shared while they arrive, found by what questions say and by what they mean. */
export class AiCache {
  readonly store: AnswerStore
  readonly counts: CacheCounts = noCounts()
  private readonly flights = new Map<string, Flight>()
  /** All upstream calls under way, also those that nobody may join. */
  private readonly under = new Set<Flight>()
  /** By route: each has its own bound. */
  private readonly indexes = new Map<string, VectorIndex<StoredAnswer>>()

  constructor(private readonly options: AiCacheOptions) {
    this.store = new AnswerStore(options.bytes, answer => this.indexes.get(answer.route)?.remove(answer))
  }

  /** Gets the answer to a request, from wherever it is cheapest. Where there is no question of meaning, the call is made before this returns. */
  obtain(plan: CachePlan, origin: AnswerOrigin): Obtained {
    const { rules, wishes, key } = plan
    if (rules.exact && wishes.lookUp) {
      const stored = this.store.find(key, this.options.clock.now(), wishes.maxAgeMs)
      if (stored !== undefined && regionAllowed(stored.facts.region, plan.ask.regions))
        return { reply: this.stored(plan, stored), leave: () => undefined }
    }
    const sharing = rules.coalesce && wishes.share
    const known = sharing && wishes.lookUp ? this.flights.get(flightOf(plan)) : undefined
    if (known?.joinable(plan.ask.payer))
      return this.joined(plan, known.join(rules.coalesceWaitMs, plan.ask.payer), origin)
    return this.sent(plan, origin, sharing)
  }

  /**
   * Forgets the answers of a route, or all, and keeps those from being stored and shared that are on their way.
   * @returns how many were stored
   */
  purge(route?: string): number {
    for (const flight of this.under) if (route === undefined || flight.route === route) flight.spoil()
    return this.store.purge(route)
  }

  /** The client did not want the cache, or it has no part in the request. @returns the headers to say so */
  bypassed(statusHeaders: boolean): HeaderList {
    this.counts.bypass++
    return statusHeaders ? ['x-sluice-cache', 'bypass'] : []
  }

  /** Vectors that are kept. */
  get vectors(): number {
    let sum = 0
    for (const index of this.indexes.values()) sum += index.size
    return sum
  }

  /** Upstream calls that others may still join. */
  get inFlight(): number {
    return this.flights.size
  }

  private sent(plan: CachePlan, origin: AnswerOrigin, sharing: boolean): Obtained {
    const key = flightOf(plan)
    const { dialects, clock } = this.options
    const tools = {
      store: this.store,
      dialects,
      clock,
      likeness: this.likeness(plan, origin),
      call: (bounded: () => void) => origin.call(bounded)
    }
    const flight = new Flight(plan, tools, ended => {
      this.under.delete(ended)
      if (this.flights.get(key) === ended) this.flights.delete(key)
    })
    this.under.add(flight)
    if (sharing) this.flights.set(key, flight)
    const party = flight.join(undefined, plan.ask.payer)
    void flight.start()
    return { reply: this.brought(plan, party, 'miss'), leave: () => party.leave() }
  }

  /** It waits for another's answer; when that takes too long to begin, or is not for it, it asks for one of its own. */
  private joined(plan: CachePlan, party: Party, origin: AnswerOrigin): Obtained {
    let leave = (): void => party.leave()
    let gone = false
    const alone = (): Promise<CachedReply> => {
      const own = this.sent(plan, origin, false)
      leave = own.leave
      if (gone) leave()
      return own.reply
    }
    return {
      reply: this.brought(plan, party, 'coalesced', alone),
      leave: () => {
        gone = true
        leave()
      }
    }
  }

  private async brought(
    plan: CachePlan,
    party: Party,
    status: CacheStatus,
    alone?: () => Promise<CachedReply>
  ): Promise<CachedReply> {
    const outcome = await party.outcome
    switch (outcome.kind) {
      case 'stored':
        return this.stored(plan, outcome.answer, outcome.similarity)
      case 'arriving': {
        const { answer, source } = outcome
        const { dialects } = this.options
        return {
          status: this.count(status),
          headers: this.headersOf(plan, answer.headers, status),
          body: sourceFor(dialects, source, answer, plan.ask.caller),
          facts: answer.facts,
          usage: undefined
        }
      }
      case 'alone':
        if (alone === undefined) throw new Error('only those who wait for another can be sent away')
        return await alone()
    }
  }

  private async stored(plan: CachePlan, answer: StoredAnswer, similarity?: number): Promise<CachedReply> {
    const body = bytesFor(this.options.dialects, answer, plan.ask.caller)
    const status = this.count(similarity === undefined ? 'hit' : 'semantic-hit')
    const headers = this.headersOf(plan, answer.headers, status)
    if (plan.rules.statusHeaders) {
      const age = Math.floor((this.options.clock.now() - answer.storedAt) / 1_000)
      headers.push('x-sluice-cache-age', String(Math.max(0, age)))
      if (similarity !== undefined) headers.push('x-sluice-cache-similarity', similarity.toFixed(4))
    }
    return { status, headers, body, facts: answer.facts, usage: answer.usage }
  }

  private headersOf({ ask, rules }: CachePlan, headers: HeaderList, status: CacheStatus): HeaderList {
    const all = ['content-type', contentTypeOf(this.options.dialects, ask.caller), ...headers]
    if (rules.statusHeaders) all.push('x-sluice-cache', status)
    return all
  }

  private likeness({ meaning, rules, wishes, ask }: CachePlan, { embed }: AnswerOrigin): Likeness | undefined {
    if (meaning === undefined || rules.semantic === undefined || embed === undefined) return undefined
    let index = this.indexes.get(ask.route)
    if (index === undefined) {
      index = new VectorIndex()
      this.indexes.set(ask.route, index)
    }
    const { clock, troubled = () => undefined } = this.options
    return new Likeness(meaning, rules.semantic, wishes, ask.regions, {
      index,
      store: this.store,
      clock,
      embed,
      troubled
    })
  }

  private count(status: CacheStatus): CacheStatus {
    this.counts[status]++
    return status
  }
}

/** What calls are shared by: those who are held to other regions cannot know where one goes. */
function flightOf({ key, ask }: CachePlan): string {
  return ask.regions.length === 0 ? key : JSON.stringify([key, ask.regions])
}
