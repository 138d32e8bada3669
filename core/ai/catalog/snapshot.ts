import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { picoPerToken } from '../../base/dollars.js'
import { PACKAGE_ROOT } from '../../base/paths.js'
import { isObject, type JsonObject } from '../members.js'
import { type DatedPrice, MODALITIES, type Modality, type Rates, type Tier } from './model.js'
import { hourOf } from './price-list.js'

/** Where data of the catalog is from, and how old it is. */
export interface Source {
  readonly package: string
  readonly version: string
  /** Of the data, YYYY-MM-DD. */
  readonly date: string
  readonly licence: string
}

/** What a model can do, as the snapshot has it. */
export interface SnapshotModel {
  readonly provider: string
  readonly id: string
  readonly name: string
  readonly contextTokens: number | undefined
  readonly maxOutputTokens: number | undefined
  readonly input: readonly Modality[]
  readonly output: readonly Modality[]
  readonly tools: boolean | undefined
  readonly reasoning: boolean | undefined
  readonly released: string | undefined
  readonly prices: readonly DatedPrice[]
}

const FILE = join(PACKAGE_ROOT, 'core/ai/catalog/gen/models.json')

/** Reads the snapshot that make-snapshot.mjs wrote. */
export function readSnapshot(): { readonly sources: readonly Source[]; readonly models: readonly SnapshotModel[] } {
  const file: unknown = JSON.parse(readFileSync(FILE, 'utf8'))
  if (!isObject(file) || !isObject(file.models) || !Array.isArray(file.sources)) throw new Error(`${FILE}: no snapshot`)
  const models = Object.entries(file.models).flatMap(([provider, list]) =>
    isObject(list)
      ? Object.entries(list).flatMap(([id, model]) => (isObject(model) ? [modelOf(provider, id, model)] : []))
      : []
  )
  return { sources: file.sources.filter(isSource), models }
}

function modelOf(provider: string, id: string, model: JsonObject): SnapshotModel {
  return {
    provider,
    id,
    name: typeof model.name === 'string' ? model.name : id,
    contextTokens: number(model.context),
    maxOutputTokens: number(model.maxOutput),
    input: modalities(model.input),
    output: modalities(model.output),
    tools: flag(model.tools),
    reasoning: flag(model.reasoning),
    released: typeof model.released === 'string' ? model.released : undefined,
    prices: isObject(model.prices) ? [priceOf(id, model.prices)] : []
  }
}

function priceOf(id: string, prices: JsonObject): DatedPrice {
  const tiers: Tier[] = Array.isArray(prices.tiers)
    ? prices.tiers.filter(isObject).map(tier => ({ above: number(tier.above) ?? 0, rates: ratesOf(id, tier) }))
    : []
  return { from: undefined, daily: undefined, rates: ratesOf(id, prices), tiers, services: {} }
}

function ratesOf(id: string, rates: JsonObject): Rates {
  const of = (value: unknown) => (typeof value === 'number' ? picoPerToken(value) : undefined)
  const [input, cacheWrite] = [of(rates.input) ?? 0, of(rates.cacheWrite)]
  return {
    input,
    output: of(rates.output) ?? 0,
    cacheRead: of(rates.cacheRead),
    cacheWrite,
    cacheWriteLong: hourOf(id, input, cacheWrite)
  }
}

function modalities(value: unknown): Modality[] {
  return Array.isArray(value) ? MODALITIES.filter(each => value.includes(each)) : []
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

function isSource(value: unknown): value is Source {
  return isObject(value) && ['package', 'version', 'date', 'licence'].every(name => typeof value[name] === 'string')
}
