import { Buffer } from 'node:buffer'
import { GatewayError, toGatewayError } from '../base/errors.js'
import { allValues, type HeaderList } from '../base/headers.js'
import { type Effect, type EffectAnswer, type HttpCallout, KvKind, type KvOperation } from '../plugin-host/abi.js'
import type { Binding } from '../plugin-host/binding.js'
import type { Store } from '../store/store.js'
import { ForbiddenAddress } from '../upstream/guard.js'
import { type Cancellable, type HttpClient, sendBy } from '../upstream/http.js'
import type { Target } from '../upstream/target.js'
import { ANY_TARGET, type Upstream } from '../upstream/upstream.js'
import type { Background } from './background.js'
import { collect } from './collect.js'
import { JwksCache } from './jwks.js'

/** An answer as on_effect gets it. */
export type Answered = Parameters<typeof EffectAnswer.encode>[0]
type Answer = Omit<Answered, 'id'>

/** The exchange in which a plugin asks; it is told of the call under way, to end it when the client goes away. */
export interface Asking {
  readonly request: { readonly headers: HeaderList }
  call: Cancellable | undefined
}

/** What the effects of a snapshot's plugins go to. */
export interface EffectTargets {
  readonly upstreams: ReadonlyMap<string, Upstream>
  /** A client for each origin that some plugin is granted. */
  readonly origins: ReadonlyMap<string, HttpClient>
  readonly store: Store
  /** Name to what it is now. */
  readonly secrets: ReadonlyMap<string, () => Promise<string>>
}

/** How often a plugin may ask, in one hook: the last time with the answers to what it asked before. */
export const MAX_ROUNDS = 4

const DEFAULT_MS = 5_000
const DEFAULT_BYTES = 65_536
/** Of one key set. */
const JWKS_CALLOUT = { timeoutMs: 5_000, maxBytes: 256 * 1024 }

/**
 * Does what plugins ask for: the I/O that a hook cannot wait for. What was asked was checked against the plugin's grants on
 * its thread. Never rejects: what goes wrong is an answer with an error.
 */
export class Effects {
  readonly jwks = new JwksCache(url => this.text(url))

  /**
   * @param loopId - marks the gateway's own callouts (RFC 8586): one that comes back to it may cause no more of them
   * @param known - key sets of the snapshot that this one follows: an identity provider that is down while there is a reload locks nobody out
   */
  constructor(
    private readonly targets: EffectTargets,
    private readonly loopId: string,
    private readonly background: Background,
    known?: JwksCache
  ) {
    if (known !== undefined) this.jwks.takeOver(known)
  }

  /** All of them side by side. @returns their answers, in the same order */
  async perform(effects: readonly Effect[], binding: Binding, exchange: Asking | undefined): Promise<Answered[]> {
    const calls = new Set<Cancellable>()
    const all = {
      cancel: () => {
        for (const call of calls) call.cancel()
      }
    }
    if (exchange !== undefined) exchange.call = all
    try {
      return await Promise.all(
        effects.map(async effect => ({ id: effect.id, ...(await this.one(effect, binding, exchange, calls)) }))
      )
    } finally {
      if (exchange?.call === all) exchange.call = undefined
    }
  }

  /** Begins effects that nobody waits for: they go on when the client goes away, and an orderly end waits for them a little. */
  detach(effects: readonly Effect[], binding: Binding, asking: Pick<Asking, 'request'> | undefined): void {
    const work = this.perform(effects, binding, asking && { request: asking.request, call: undefined })
    this.background.add(work.then(() => undefined))
  }

  private async one(
    effect: Effect,
    binding: Binding,
    exchange: Asking | undefined,
    calls: Set<Cancellable>
  ): Promise<Answer> {
    try {
      if (effect.http !== null) {
        return this.isLoop(exchange) ? { error: 'loop' } : await this.callout(effect.http, calls)
      }
      if (effect.kv !== null) return await this.keep(effect.kv, binding.namespace)
      if (effect.jwks !== '') return { body: Buffer.from(await this.jwks.get(effect.jwks, effect.refresh)) }
      const secret = this.targets.secrets.get(effect.secret)
      return secret === undefined ? { error: 'not-found' } : { body: Buffer.from(await secret()) }
    } catch (thrown) {
      return { error: errorName(thrown) }
    }
  }

  private isLoop(exchange: Asking | undefined): boolean {
    return exchange !== undefined && allValues(exchange.request.headers, 'cdn-loop').includes(this.loopId)
  }

  private async callout(http: HttpCallout, calls: Set<Cancellable>): Promise<Answer> {
    const { client, target, held } = this.clientFor(http)
    const since = performance.now()
    const timeoutMs = http.timeoutMs || DEFAULT_MS
    let timedOut = false
    let replied = false
    let call: Cancellable | undefined
    const timer = setTimeout(() => {
      timedOut = true
      call?.cancel()
    }, timeoutMs)
    held?.begin()
    try {
      const reply = await sendBy(
        client,
        {
          method: http.method || 'GET',
          target,
          headers: [...http.headers, 'cdn-loop', this.loopId, 'accept-encoding', 'identity'],
          body: http.body.length === 0 ? undefined : Buffer.from(http.body)
        },
        { connect: timeoutMs, headers: timeoutMs + 1_000, idle: timeoutMs + 1_000 },
        started => {
          call = started
          calls.add(started)
        }
      )
      replied = true
      held?.report({ status: reply.status, code: undefined, ms: performance.now() - since })
      const body = await collect(reply.body, http.maxBytes || DEFAULT_BYTES, 'GW_UPSTREAM_BODY_TOO_LARGE')
      return { status: reply.status, headers: reply.headers, body }
    } catch (thrown) {
      // How long a plugin waits says nothing about the target: only what failed by itself is told to it.
      if (timedOut) return { error: 'timeout' }
      const { code } = toGatewayError(thrown)
      if (!replied && code !== 'GW_CLIENT_GONE') held?.report({ status: 0, code, ms: performance.now() - since })
      throw thrown
    } finally {
      clearTimeout(timer)
      held?.done()
      if (call !== undefined) calls.delete(call)
    }
  }

  /** Where a callout goes. Redirects are not followed: the plugin gets them, and a new URL is checked like the first. */
  private clientFor({ upstream, url }: HttpCallout): { client: HttpClient; target: string; held?: Target } {
    if (upstream !== '') {
      const named = this.targets.upstreams.get(upstream)
      if (named === undefined) throw new Error(`no upstream ${upstream}`)
      const target = named.pick(ANY_TARGET)
      if (target === undefined) throw new GatewayError('GW_UPSTREAM_UNAVAILABLE', `${upstream}: no target in service`)
      return { client: target.client, target: url, held: target }
    }
    const parsed = new URL(url)
    const client = this.targets.origins.get(parsed.origin)
    if (client === undefined) throw new Error(`no client for ${parsed.origin}`)
    return { client, target: parsed.pathname + parsed.search }
  }

  /** @throws Error when it cannot be had */
  private async text(url: string): Promise<string> {
    const http = { upstream: '', url, method: 'GET', headers: ['accept', 'application/json'], body: NO_BYTES }
    const answer = await this.callout({ ...http, ...JWKS_CALLOUT }, new Set())
    if (answer.error !== undefined) throw new Error(answer.error)
    if (answer.status !== 200) throw new Error(`status ${answer.status}`)
    return Buffer.from(answer.body ?? NO_BYTES).toString('utf8')
  }

  /** Keys of one plugin do not meet those of another. */
  private async keep(kv: KvOperation, namespace: string): Promise<Answer> {
    const { store } = this.targets
    const key = `${namespace}:${kv.key}`
    switch (kv.kind) {
      case KvKind.SET:
        await store.set(key, kv.value, kv.ttlMs)
        return { found: true }
      case KvKind.DELETE:
        return { found: await store.delete(key) }
      case KvKind.SWAP:
        return { found: await store.swap(key, kv.expected.length === 0 ? undefined : kv.expected, kv.value, kv.ttlMs) }
      case KvKind.ADD:
        return { found: true, number: await store.add(key, kv.delta, kv.ttlMs) }
      default: {
        const body = await store.get(key)
        return body === undefined ? { found: false } : { found: true, body }
      }
    }
  }
}

const NO_BYTES = new Uint8Array(0)

/** What a plugin is told: a word, no names of hosts. */
function errorName(thrown: unknown): string {
  const error = toGatewayError(thrown)
  if (causedBy(error, ForbiddenAddress)) return 'denied'
  switch (error.code) {
    case 'GW_UPSTREAM_TIMEOUT':
      return 'timeout'
    case 'GW_UPSTREAM_BODY_TOO_LARGE':
      return 'too-large'
    case 'GW_UPSTREAM_REFUSED':
    case 'GW_UPSTREAM_RESET':
    case 'GW_UPSTREAM_UNAVAILABLE':
      return 'unreachable'
    default:
      return 'failed'
  }
}

function causedBy(error: unknown, kind: typeof ForbiddenAddress): boolean {
  for (let each = error; each instanceof Error; each = each.cause) if (each instanceof kind) return true
  return false
}
