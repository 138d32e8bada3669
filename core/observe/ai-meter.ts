import { Buckets } from './buckets.js'
import type { MetricsRegistry } from './registry.js'

/** What an answer used, in tokens, and cost. */
export interface AiUsed {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
  readonly reasoning: number
  readonly microDollars: number
  /** Counted by the gateway: the provider did not say. */
  readonly estimated: boolean
}

const KINDS = ['input', 'output', 'cacheRead', 'cacheWrite', 'reasoning'] as const
const NAMES = {
  input: 'input',
  output: 'output',
  cacheRead: 'cache_read',
  cacheWrite: 'cache_write',
  reasoning: 'reasoning'
} as const

interface Cells {
  readonly provider: string
  readonly model: string
  readonly tokens: Record<(typeof KINDS)[number], number>
  microDollars: number
  answers: number
  estimated: number
  readonly firstSeconds: Buckets
}

/**
 * What AI traffic comes to, by account and model. Names of models come from clients: those the configuration does not list are counted
 * under an empty name.
 */
export class AiMeter {
  private readonly cells = new Map<string, Cells>()
  private readonly failures = new Map<string, Map<string, number>>()
  private readonly cache = new Map<string, number>()

  constructor(registry: MetricsRegistry) {
    const each = <T>(read: (cells: Cells, labels: { provider: string; model: string }) => T) =>
      [...this.cells.values()].map(cells => read(cells, { provider: cells.provider, model: cells.model }))
    registry.counter('gateway_ai_answers_total', 'Answers of models.', () =>
      each(({ answers }, labels) => ({ labels, value: answers }))
    )
    registry.counter(
      'gateway_ai_tokens_total',
      'Tokens of prompts and answers; input and output have the others in them.',
      () =>
        each(({ tokens }, labels) =>
          KINDS.map(kind => ({ labels: { ...labels, type: NAMES[kind] }, value: tokens[kind] }))
        ).flat()
    )
    registry.counter(
      'gateway_ai_cost_dollars_total',
      'What answers cost, by the catalog or the provider’s own word.',
      () => each(({ microDollars }, labels) => ({ labels, value: microDollars / 1e6 }))
    )
    registry.counter(
      'gateway_ai_estimated_answers_total',
      'Answers whose usage was counted here: the provider did not say.',
      () => each(({ estimated }, labels) => ({ labels, value: estimated }))
    )
    registry.histogram(
      'gateway_ai_first_event_seconds',
      'From the request of a stream to the first event of its answer.',
      () => each(({ firstSeconds: { bounds, counts, sum } }, labels) => ({ labels, bounds, counts, sum }))
    )
    registry.counter(
      'gateway_ai_failures_total',
      'Requests to providers that were not answered, by what went wrong.',
      () =>
        [...this.failures].flatMap(([provider, kinds]) =>
          [...kinds].map(([kind, value]) => ({ labels: { provider, kind }, value }))
        )
    )
    registry.counter('gateway_ai_cache_requests_total', 'Chats on routes with an AI cache, by what it did.', () =>
      [...this.cache].map(([status, value]) => ({ labels: { status }, value }))
    )
  }

  /** @param provider - the account @param model - as the configuration lists it, or empty */
  answered(provider: string, model: string, used: AiUsed | undefined): void {
    const cells = this.of(provider, model)
    cells.answers++
    if (used === undefined) return
    this.used(provider, model, used)
    if (used.estimated) cells.estimated++
  }

  /** Also without an answer. */
  used(provider: string, model: string, used: AiUsed): void {
    const cells = this.of(provider, model)
    for (const kind of KINDS) cells.tokens[kind] += used[kind]
    cells.microDollars += used.microDollars
  }

  first(provider: string, model: string, ms: number): void {
    this.of(provider, model).firstSeconds.observe(ms / 1_000)
  }

  failed(provider: string, kind: string): void {
    let kinds = this.failures.get(provider)
    if (kinds === undefined) {
      kinds = new Map()
      this.failures.set(provider, kinds)
    }
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }

  cached(status: string): void {
    this.cache.set(status, (this.cache.get(status) ?? 0) + 1)
  }

  private of(provider: string, model: string): Cells {
    const key = `${provider}\n${model}`
    let cells = this.cells.get(key)
    if (cells === undefined) {
      const tokens = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 }
      cells = { provider, model, tokens, microDollars: 0, answers: 0, estimated: 0, firstSeconds: new Buckets() }
      this.cells.set(key, cells)
    }
    return cells
  }
}
