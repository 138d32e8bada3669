import { retirementOf, servicesOf, withFamily, withSound } from './families.js'
import type { CatalogModel, DatedPrice } from './model.js'
import { candidates, placesOf, regionIn } from './names.js'
import { PRICE_SOURCE, type PricedModel, priceList } from './price-list.js'
import { PriceRules } from './price-rules.js'
import { readSnapshot, type SnapshotModel, type Source } from './snapshot.js'

/** What the packages know, put together. */
export interface BaseCatalog {
  readonly sources: readonly Source[]
  readonly models: readonly CatalogModel[]
  /** The price list's rules of a provider, for names that are in no list. */
  readonly rules: ReadonlyMap<string, PriceRules<CatalogModel>>
}

let base: BaseCatalog | undefined

/**
 * Puts price list and snapshot together, once for the process; some 0.1 s. The rule: a model's price is the list's where one of the list's rules
 * matches its name, else the snapshot's; what it can do is the snapshot's by its name, else that of a model the same rule of the list
 * matches, else that of the same model at its maker. The operator's own catalog comes over this later.
 */
export function baseCatalog(): BaseCatalog {
  base ??= build()
  return base
}

function build(): BaseCatalog {
  const { sources, models: told } = readSnapshot()
  const priced = byProvider(priceList())
  const snapshot = new Map(told.map(model => [keyOf(model.provider, model.id), model]))
  const anywhere = new Map<string, SnapshotModel>()
  for (const model of told) {
    for (const name of candidates(model.id)) if (!anywhere.has(name)) anywhere.set(name, model)
  }

  // By name: what is in both is the list's, which comes second.
  const models = new Map<string, CatalogModel>()
  const siblings = new Map<PricedModel, SnapshotModel>()
  for (const model of told) {
    const price = priceFor(priced, model)
    if (price !== undefined) siblings.set(price, model) // the last of the sorted list: the newest
    models.set(keyOf(model.provider, model.id), join(model.provider, model.id, price, model))
  }
  const rules = new Map<string, PriceRules<CatalogModel>>()
  for (const [provider, list] of priced) {
    const own = new PriceRules<CatalogModel>()
    for (const price of list.models) {
      const known =
        snapshot.get(keyOf(provider, price.id)) ??
        siblings.get(price) ??
        makersOwn(provider, price.id, snapshot, anywhere)
      const model = join(provider, price.id, price, known)
      models.set(keyOf(provider, price.id), model)
      own.add(price, model)
    }
    rules.set(provider, own)
  }
  return { sources: [PRICE_SOURCE, ...sources], models: [...models.values()], rules }
}

/** Names are looked up in small letters. */
export function keyOf(provider: string, id: string): string {
  return `${provider}\n${id.toLowerCase()}`
}

function byProvider(list: readonly PricedModel[]): Map<string, PriceRules<PricedModel>> {
  const found = new Map<string, PriceRules<PricedModel>>()
  for (const model of list) {
    const own = found.get(model.provider) ?? new PriceRules<PricedModel>()
    found.set(model.provider, own)
    own.add(model, model)
  }
  return found
}

/** The list's model for one of the snapshot. A provider that is not in the list (Vertex) has the prices of those whose models it sells. */
function priceFor(
  priced: ReadonlyMap<string, PriceRules<PricedModel>>,
  { provider, id }: SnapshotModel
): PricedModel | undefined {
  const own = priced.get(provider)
  if (own !== undefined) return own.find(id.toLowerCase())
  for (const name of candidates(id)) {
    for (const place of placesOf(provider)) {
      const found = priced.get(place)?.find(name)
      if (found !== undefined) return found
    }
  }
  return undefined
}

function makersOwn(
  provider: string,
  id: string,
  snapshot: ReadonlyMap<string, SnapshotModel>,
  anywhere: ReadonlyMap<string, SnapshotModel>
): SnapshotModel | undefined {
  const names = candidates(id)
  for (const place of placesOf(provider)) {
    for (const name of names) {
      const found = snapshot.get(keyOf(place, name))
      if (found !== undefined) return found
    }
  }
  for (const name of names) {
    const found = anywhere.get(name)
    if (found !== undefined) return found
  }
  return undefined
}

function join(
  provider: string,
  id: string,
  price: PricedModel | undefined,
  known: SnapshotModel | undefined
): CatalogModel {
  const small = id.toLowerCase()
  const prices = withServices(price === undefined ? ownPrices(known, provider) : price.prices, provider, small)
  const region = regionIn(small)
  return {
    provider,
    id,
    name: price?.id === id ? (price.name ?? known?.name ?? id) : (known?.name ?? price?.name ?? id),
    contextTokens: windowOf(known?.contextTokens, price?.contextTokens, prices),
    maxOutputTokens: known?.maxOutputTokens,
    input: known?.input ?? ['text'],
    output: known?.output ?? ['text'],
    can: withFamily(
      small,
      { tools: known?.tools, structured: undefined, reasoning: known?.reasoning, caching: undefined },
      prices.some(({ rates }) => rates.cacheRead !== undefined)
    ),
    prices,
    regions: region === undefined ? [] : [region],
    released: known?.provider === provider && known.id === id ? known.released : undefined,
    retires: retirementOf(provider, small),
    deprecated: price?.deprecated === true
  }
}

/** The snapshot has the window up to which the lower price counts: where a dearer tier begins there, it goes on. */
function windowOf(
  known: number | undefined,
  listed: number | undefined,
  prices: readonly DatedPrice[]
): number | undefined {
  if (known === undefined || listed === undefined) return known ?? listed
  const goesOn = prices.some(({ tiers }) => tiers.some(({ above }) => above >= known - 1))
  return goesOn ? Math.max(known, listed) : known
}

/** A snapshot's price is that provider's alone. */
function ownPrices(known: SnapshotModel | undefined, provider: string): readonly DatedPrice[] {
  return known?.provider === provider ? known.prices : []
}

function withServices(prices: readonly DatedPrice[], provider: string, id: string): readonly DatedPrice[] {
  const services = servicesOf(provider, id)
  return prices.map(price => ({
    ...price,
    rates: withSound(price.rates, provider, id),
    services: { ...services, ...price.services }
  }))
}
