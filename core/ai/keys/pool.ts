import type { AiKeyConfig, CooldownConfig } from '../../config/resolve-ai-providers.js'
import type { FailureKind } from '../failure.js'
import { Rest } from './key-state.js'

/** A key that was taken for one attempt: to be told how it went. */
export interface TakenKey {
  readonly key: AiKeyConfig
  /** It was answered. */
  succeeded(): void
  /**
   * The provider refused. Kinds that are not about the key change nothing.
   * @param waitMs - how long it says to wait, by header or body
   */
  failed(kind: FailureKind, waitMs?: number): void
}

/** Keys that one request was made with. */
export type Tried = ReadonlySet<AiKeyConfig>
const NONE: Tried = new Set()

/** How a key is, for metrics and operators: nothing of it can be read from this. */
export interface KeyStatus {
  readonly label: string
  readonly state: 'ready' | 'limited' | 'refused'
  /** Milliseconds until it is ready. */
  readonly forMs: number
}

export interface KeyPoolOptions {
  readonly keys: readonly AiKeyConfig[]
  readonly cooldown: CooldownConfig
  /** Milliseconds on a clock that only goes forward. */
  now(): number
  /**
   * A key is out of service for long: someone has to act. Told once, however many requests were under way with it.
   * @param model - the only one it is out of service for; undefined: for all
   */
  refused(label: string, kind: FailureKind, forMs: number, model: string | undefined): void
}

/** Models per key of which limits are remembered: names are clients' to choose. */
const MAX_MODELS = 1_000

interface Entry {
  readonly key: AiKeyConfig
  /** For the key as a whole: it is refused, or its account has no credit. */
  readonly whole: Rest
  /** By model: providers count limits, and give permissions, for each. */
  readonly models: Map<string, Rest>
  credit: number
}

/**
 * The keys of an account. They take turns by weight (nginx's smooth way); one that was limited rests as long as the provider says, else longer each time;
 * one that was refused rests for long. A new configuration begins with a new pool: all keys are in service again.
 *
 * A limit (429) and a missing permission (403) are about one model: a client that asks for a model the key may not use takes it from nobody else.
 */
export class KeyPool {
  private readonly entries: readonly Entry[]

  constructor(private readonly options: KeyPoolOptions) {
    const { keys, cooldown } = options
    this.entries = keys.map(key => ({ key, whole: new Rest(cooldown), models: new Map(), credit: 0 }))
  }

  /** Whether the account works without a key. */
  get keyless(): boolean {
    return this.entries.length === 0
  }

  /**
   * The key whose turn it is; undefined: every one rests (`readyInMs` says how long), or there is none.
   * @param tried - those that the same request was made with before: none of them again
   */
  take(model: string, tried: Tried = NONE): TakenKey | undefined {
    const now = this.options.now()
    let total = 0
    let best: Entry | undefined
    for (const entry of this.entries) {
      if (!isReady(entry, model, tried, now)) continue
      total += entry.key.weight
      entry.credit += entry.key.weight
      if (best === undefined || entry.credit > best.credit) best = entry
    }
    if (best === undefined) return undefined
    best.credit -= total
    return this.taken(best, model)
  }

  /** Whether there is a key for the model now, beside those that were tried. */
  hasOther(model: string, tried: Tried): boolean {
    const now = this.options.now()
    return this.entries.some(entry => isReady(entry, model, tried, now))
  }

  /** Milliseconds until there is a key for the model: 0 when there is one now, or none is needed. */
  readyInMs(model: string): number {
    if (this.keyless) return 0
    const now = this.options.now()
    let soonest = Number.POSITIVE_INFINITY
    for (const entry of this.entries) {
      if (entry.key.weight > 0) soonest = Math.min(soonest, restsUntil(entry, model))
    }
    return Math.max(0, soonest - now)
  }

  /** Each key with the longest rest it has for any model. */
  status(): KeyStatus[] {
    const now = this.options.now()
    return this.entries.map(({ key: { label }, whole, models }) => {
      if (whole.until > now) return { label, state: 'refused', forMs: whole.until - now }
      const until = Math.max(0, ...[...models.values()].map(rest => rest.until))
      return until > now ? { label, state: 'limited', forMs: until - now } : { label, state: 'ready', forMs: 0 }
    })
  }

  private taken(entry: Entry, model: string): TakenKey {
    return {
      key: entry.key,
      succeeded: () => entry.models.get(model)?.succeeded(),
      failed: (kind, waitMs) => this.failed(entry, model, kind, waitMs)
    }
  }

  private failed(entry: Entry, model: string, kind: FailureKind, waitMs: number | undefined): void {
    if (kind === 'rate_limit') this.restFor(entry, model).limited(waitMs, this.options.now())
    else if (kind === 'permission') this.refuse(entry, this.restFor(entry, model), kind, model)
    else if (kind === 'authentication' || kind === 'credit') this.refuse(entry, entry.whole, kind, undefined)
  }

  private refuse({ key }: Entry, rest: Rest, kind: FailureKind, model: string | undefined): void {
    const { now, cooldown, refused } = this.options
    const known = rest.until > now()
    rest.refused(now())
    if (!known) refused(key.label, kind, cooldown.refusedMs, model)
  }

  private restFor({ models }: Entry, model: string): Rest {
    const known = models.get(model)
    if (known !== undefined) return known
    if (models.size >= MAX_MODELS) {
      for (const oldest of models.keys()) {
        models.delete(oldest)
        break
      }
    }
    const rest = new Rest(this.options.cooldown)
    models.set(model, rest)
    return rest
  }
}

function isReady(entry: Entry, model: string, tried: Tried, now: number): boolean {
  return entry.key.weight > 0 && !tried.has(entry.key) && restsUntil(entry, model) <= now
}

function restsUntil({ whole, models }: Entry, model: string): number {
  return Math.max(whole.until, models.get(model)?.until ?? 0)
}
