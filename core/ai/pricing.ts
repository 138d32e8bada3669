import type { MetricsRegistry } from '../observe/registry.js'
import type { Catalog } from './catalog/catalog.js'
import { type Cost, type CostOptions, costOf } from './cost.js'
import type { Usage } from './usage.js'

/** How many exchanges had no price, by provider: somebody should add it to the operator's catalog. */
export class UnpricedMeter {
  private readonly counts = new Map<string, number>()

  constructor(registry?: MetricsRegistry) {
    registry?.counter('gateway_ai_unpriced_answers_total', 'Exchanges whose model has no price in the catalog.', () =>
      [...this.counts].map(([provider, value]) => ({ labels: { provider }, value }))
    )
  }

  count(provider: string): void {
    this.counts.set(provider, (this.counts.get(provider) ?? 0) + 1)
  }

  of(provider: string): number {
    return this.counts.get(provider) ?? 0
  }
}

/**
 * The cost of an exchange by the catalog, with that of other models that were used for it; counts those it has no price for. The parts are of
 * the model that answered alone.
 * @param provider - from the configuration, so there are few
 * @param at - milliseconds since 1970
 */
export function priced(
  catalog: Catalog,
  unpriced: UnpricedMeter,
  provider: string,
  model: string,
  usage: Usage,
  at: number,
  options?: CostOptions
): Cost | undefined {
  const other = usage.model === undefined ? undefined : catalog.find(provider, usage.model)
  const cost = costOf(usage, other ?? catalog.find(provider, model), at, options)
  if (cost === undefined) unpriced.count(provider)
  if (usage.beside === undefined || cost?.source === 'provider') return cost
  const others = usage.beside.map(other => priced(catalog, unpriced, provider, other.model, other.usage, at, options))
  return [cost, ...others].reduce(sum)
}

function sum(one: Cost | undefined, other: Cost | undefined): Cost | undefined {
  return one && other ? { ...one, microDollars: one.microDollars + other.microDollars } : (one ?? other)
}
