import { baseCatalog, keyOf } from './base.js'
import type { CatalogModel } from './model.js'
import { candidates, placesOf } from './names.js'
import { type CatalogOverlay, overlaid } from './overlay.js'
import type { PriceRules } from './price-rules.js'
import type { Source } from './snapshot.js'

/** Names clients make up must not fill the memory: past this many the answers are forgotten and found again. */
const REMEMBERED = 10_000

/** The models an operator can use, with what they can do and cost. */
export interface Catalog {
  /** Where the data is from and how old it is. */
  readonly sources: readonly Source[]
  /** By provider and name. */
  readonly models: readonly CatalogModel[]
  /**
   * The model a provider means by a name, dated, with a region, fine-tuned or not.
   * @param provider - as the configuration or the provider's `catalog` names it
   */
  find(provider: string, model: string): CatalogModel | undefined
}

/** By what operators say in one configuration: it is asked for while that is checked, and by what then serves it. */
const opened = new WeakMap<CatalogOverlay, Catalog>()
const NOTHING: CatalogOverlay = {}

/** The catalog of the packages with the operator's own over it. */
export function openCatalog(overlay: CatalogOverlay = NOTHING): Catalog {
  const key = Object.keys(overlay).length === 0 ? NOTHING : overlay
  const catalog = opened.get(key) ?? put(overlay)
  opened.set(key, catalog)
  return catalog
}

function put(overlay: CatalogOverlay): Catalog {
  const { sources, models: known, rules } = baseCatalog()
  const models = overlaid(known, overlay).sort(inOrder)
  const names = new Map(models.map(model => [keyOf(model.provider, model.id), model]))
  const found = new Map<string, CatalogModel | undefined>()
  return {
    sources,
    models,
    find: (provider, model) => {
      const key = `${provider}\n${model}`
      if (found.has(key)) return found.get(key)
      if (found.size >= REMEMBERED) found.clear()
      const answer = search(names, rules, provider, model)
      found.set(key, answer)
      return answer
    }
  }
}

/** The name as it is first, everywhere; then ever shorter ones. */
function search(
  names: ReadonlyMap<string, CatalogModel>,
  rules: ReadonlyMap<string, PriceRules<CatalogModel>>,
  provider: string,
  model: string
): CatalogModel | undefined {
  const places = placesOf(provider)
  for (const name of candidates(model)) {
    for (const place of places) {
      const exact = names.get(keyOf(place, name))
      if (exact !== undefined) return exact
      const rule = rules.get(place)?.find(name)
      // What a rule stands for may have been changed by the operator.
      if (rule !== undefined) return names.get(keyOf(place, rule.id)) ?? rule
    }
  }
  return undefined
}

function inOrder(a: CatalogModel, b: CatalogModel): number {
  return compare(a.provider, b.provider) || compare(a.id, b.id)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
