import { withFamily } from './families.js'
import type { Abilities, CatalogModel, DatedPrice, Modality, Rates } from './model.js'
import { providerName, regionIn } from './names.js'

/** What the operator says of models: by provider, then by name. */
export type CatalogOverlay = Readonly<Record<string, Readonly<Record<string, OverlayModel>>>>

/** What is left out stays as it is. */
export interface OverlayModel {
  readonly name?: string | undefined
  readonly contextTokens?: number | undefined
  readonly maxOutputTokens?: number | undefined
  readonly input?: readonly Modality[] | undefined
  readonly output?: readonly Modality[] | undefined
  readonly can?: Partial<Abilities> | undefined
  readonly regions?: readonly string[] | undefined
  readonly retires?: string | undefined
  /** By date. Each changes what it names of the price that counts otherwise. */
  readonly prices?: readonly OverlayPrice[] | undefined
}

export interface OverlayPrice {
  /** Milliseconds since 1970; undefined: always was. */
  readonly from: number | undefined
  readonly rates: Partial<Rates>
  readonly tiers: readonly { readonly above: number; readonly rates: Partial<Rates> }[] | undefined
  /** Thousandths. */
  readonly services: Readonly<Record<string, number>> | undefined
}

/** The models of a catalog with the operator's changes, and those that are only the operator's. */
export function overlaid(models: readonly CatalogModel[], overlay: CatalogOverlay): CatalogModel[] {
  const changes = new Map<string, { provider: string; id: string; change: OverlayModel }>()
  for (const [provider, list] of Object.entries(overlay)) {
    for (const [id, change] of Object.entries(list)) {
      const name = providerName(provider)
      changes.set(`${name}\n${id.toLowerCase()}`, { provider: name, id, change })
    }
  }
  const merged = models.map(model => {
    const key = `${model.provider}\n${model.id.toLowerCase()}`
    const found = changes.get(key)
    changes.delete(key)
    return found === undefined ? model : changed(model, found.change)
  })
  return [...merged, ...[...changes.values()].map(({ provider, id, change }) => changed(unknown(provider, id), change))]
}

function unknown(provider: string, id: string): CatalogModel {
  const region = regionIn(id.toLowerCase())
  const nothing = { tools: undefined, structured: undefined, reasoning: undefined, caching: undefined }
  return {
    provider,
    id,
    name: id,
    contextTokens: undefined,
    maxOutputTokens: undefined,
    input: ['text'],
    output: ['text'],
    can: withFamily(id.toLowerCase(), nothing, false),
    prices: [],
    regions: region === undefined ? [] : [region],
    released: undefined,
    retires: undefined,
    deprecated: false
  }
}

function changed(model: CatalogModel, change: OverlayModel): CatalogModel {
  return {
    ...model,
    name: change.name ?? model.name,
    contextTokens: change.contextTokens ?? model.contextTokens,
    maxOutputTokens: change.maxOutputTokens ?? model.maxOutputTokens,
    input: change.input ?? model.input,
    output: change.output ?? model.output,
    can: { ...model.can, ...change.can },
    regions: change.regions ?? model.regions,
    retires: change.retires ?? model.retires,
    prices: change.prices === undefined ? model.prices : pricesOf(model.prices, change.prices)
  }
}

/** Without a date the operator's price is the only one: a daily or later one of the packages would win over it otherwise. */
function pricesOf(known: readonly DatedPrice[], said: readonly OverlayPrice[]): DatedPrice[] {
  const below = known.filter(({ daily }) => daily === undefined).at(-1)
  const always = said.some(({ from }) => from === undefined)
  return [...(always ? [] : known), ...said.map(price => over(below, price))]
}

function over(below: DatedPrice | undefined, price: OverlayPrice): DatedPrice {
  const rates = { input: 0, output: 0, ...below?.rates, ...price.rates }
  // A tier of the packages belongs to the packages' rates: with other rates it is gone unless it is said again.
  const moved = price.rates.input !== undefined || price.rates.output !== undefined
  return {
    from: price.from,
    daily: undefined,
    rates,
    tiers:
      price.tiers?.map(tier => ({ above: tier.above, rates: { ...rates, ...tier.rates } })) ??
      (moved ? [] : (below?.tiers ?? [])),
    services: { ...below?.services, ...price.services }
  }
}
