import type { Catalog } from '../../ai/catalog/catalog.js'
import { type CatalogModel, type DatedPrice, priceAt, type Rates } from '../../ai/catalog/model.js'
import { dollars } from '../../base/dollars.js'

/** Everything the catalog says of the models; the price is that of now, in dollars as text. */
export function modelsJson({ sources }: Catalog, models: readonly CatalogModel[], now: number): string {
  const list = models.map(({ prices: _, ...model }) => model)
  const data = { sources, models: list.map((model, i) => ({ ...model, price: priceOf(models[i], now) })) }
  return `${JSON.stringify(data, undefined, 2)}\n`
}

function priceOf(model: CatalogModel | undefined, now: number): object | undefined {
  const price = model && priceAt(model, now)
  if (price === undefined) return undefined
  const { rates, tiers, services }: DatedPrice = price
  return {
    unit: 'dollars for a million tokens, or a call',
    ...ratesOf(rates),
    above: tiers.map(tier => ({ tokens: tier.above, ...ratesOf(tier.rates) })),
    services: Object.fromEntries(Object.entries(services).map(([name, thousandths]) => [name, thousandths / 1_000]))
  }
}

function ratesOf({ request, search, ...rates }: Rates): Record<string, string> {
  const perToken = Object.entries(rates).flatMap(([name, rate]) => (rate === undefined ? [] : [[name, dollars(rate)]]))
  return {
    ...Object.fromEntries(perToken),
    ...(request !== undefined && { perRequest: dollars(request / 1_000_000) }),
    ...(search !== undefined && { perSearch: dollars(search / 1_000_000) })
  }
}
