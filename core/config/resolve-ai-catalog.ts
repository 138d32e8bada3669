import { resolve } from 'node:path'
import { millionths } from '../base/dollars.js'
import { readCatalogFile } from './ai-catalog-file.js'
import { parseDate } from './dates.js'
import type { AiCatalog, AiCatalogModels } from './schema-ai-catalog.js'

/** The operator's models by provider and name. Rates are picodollars for a token, or a call. */
export type ModelOverlay = Readonly<Record<string, Readonly<Record<string, OverlayModelConfig>>>>

export interface CatalogConfig {
  readonly overlay: ModelOverlay
  /** The file it was read from, absolute. */
  readonly file: string | undefined
  /** A price the provider states counts before the catalog's. */
  readonly providerPrice: boolean
}

type Model = AiCatalogModels[string][string]
type Price = NonNullable<Model['price']> & { from?: string | undefined }

export interface OverlayModelConfig extends Omit<Model, 'price' | 'prices'> {
  readonly prices: readonly PriceConfig[] | undefined
}

export interface PriceConfig {
  /** Milliseconds since 1970; undefined: always was. */
  readonly from: number | undefined
  readonly rates: Readonly<Record<string, number>>
  readonly tiers: readonly { readonly above: number; readonly rates: Readonly<Record<string, number>> }[] | undefined
  /** Thousandths. */
  readonly services: Readonly<Record<string, number>> | undefined
}

/**
 * @param folder - of the configuration file
 * @throws ConfigError with everything that is wrong with the catalog's file
 */
export function resolveAiCatalog(catalog: AiCatalog, folder: string): CatalogConfig {
  const file = catalog.file === undefined ? undefined : resolve(folder, catalog.file)
  const below = file === undefined ? {} : overlayOf(readCatalogFile(file))
  const above = overlayOf(catalog.models)
  const providers = new Set([...Object.keys(below), ...Object.keys(above)])
  const overlay = Object.fromEntries([...providers].map(name => [name, { ...below[name], ...above[name] }]))
  return { overlay, file, providerPrice: catalog.providerPrice }
}

function overlayOf(models: AiCatalogModels): ModelOverlay {
  return Object.fromEntries(
    Object.entries(models).map(([provider, list]) => [
      provider,
      Object.fromEntries(Object.entries(list).map(([id, model]) => [id, modelOf(model)]))
    ])
  )
}

function modelOf({ price, prices, ...model }: Model): OverlayModelConfig {
  const dated: Price[] = [...(prices ?? [])].sort((a, b) => moment(a.from) - moment(b.from))
  const said: Price[] = [...(price === undefined ? [] : [price]), ...dated]
  return { ...model, prices: said.length === 0 ? undefined : said.map(priceOf) }
}

function priceOf(price: Price): PriceConfig {
  const { from, above, services } = price
  return {
    from: from === undefined ? undefined : moment(from),
    rates: { ...ratesOf(price), ...callsOf(price) },
    tiers: above?.map(tier => ({ above: tier.tokens, rates: ratesOf(tier) })).sort((a, b) => a.above - b.above),
    services:
      services && Object.fromEntries(Object.entries(services).map(([name, share]) => [name, Math.round(share * 1_000)]))
  }
}

const TOKENS = [
  ['input', 'input'],
  ['output', 'output'],
  ['cacheRead', 'cacheRead'],
  ['cacheWrite', 'cacheWrite'],
  ['cacheWriteHour', 'cacheWriteLong'],
  ['reasoning', 'reasoning'],
  ['audioInput', 'audioInput'],
  ['audioOutput', 'audioOutput'],
  ['imageInput', 'imageInput'],
  ['imageOutput', 'imageOutput']
] as const

/** A dollar for a million tokens is a million picodollars for one: the millionths of the one are the other. */
function ratesOf(
  price: Readonly<Partial<Record<(typeof TOKENS)[number][0], number | string | undefined>>>
): Record<string, number> {
  const rates: Record<string, number> = {}
  for (const [key, name] of TOKENS) {
    const value = price[key]
    if (value !== undefined) rates[name] = millionths(value) ?? 0
  }
  return rates
}

/** Micro-dollars are a million picodollars. */
function callsOf({ perRequest, perSearch }: Price): Record<string, number> {
  return {
    ...(perRequest !== undefined && { request: (millionths(perRequest) ?? 0) * 1_000_000 }),
    ...(perSearch !== undefined && { search: (millionths(perSearch) ?? 0) * 1_000_000 })
  }
}

function moment(date: string | undefined): number {
  return (date === undefined ? undefined : parseDate(date)) ?? 0
}
