import { type Catalog, openCatalog } from '../../ai/catalog/catalog.js'
import { ABILITIES, type Ability, type CatalogModel, isAble } from '../../ai/catalog/model.js'
import { providerName } from '../../ai/catalog/names.js'
import { loadAiCatalog } from '../../config/load.js'
import { didYouMean } from '../../config/suggest.js'
import { modelsJson } from './json.js'
import { modelsTable } from './table.js'

export interface ModelsOptions {
  /** A configuration whose own models count too. */
  readonly config?: string | undefined
  readonly provider?: string | undefined
  /** Words that name, provider or title have. */
  readonly search?: string | undefined
  /** Abilities, comma-separated, that a model is known to have. */
  readonly can?: string | undefined
  readonly json?: boolean | undefined
}

/** `sluice models`: what the catalog knows, sorted by provider and name. @throws ConfigError */
export function modelsCommand(args: readonly string[], options: ModelsOptions): number {
  if (args.length > 0) return misused(`models: expected nothing after it but options, found "${args[0]}"`)
  const wanted = (options.can ?? '').split(',').flatMap(each => (each.trim() === '' ? [] : [each.trim()]))
  const unknown = wanted.find(each => !isAbility(each))
  if (unknown !== undefined) {
    return misused(`models --can: "${unknown}" is none of ${ABILITIES.join(', ')}${didYouMean(unknown, ABILITIES)}`)
  }
  const catalog = openCatalog(options.config === undefined ? {} : loadAiCatalog(options.config).overlay)
  const providers = [...new Set(catalog.models.map(({ provider }) => provider))]
  const provider = options.provider === undefined ? undefined : providerName(options.provider)
  if (provider !== undefined && !providers.includes(provider)) {
    return misused(`models --provider: "${options.provider}" is none of ${providers.join(', ')}`)
  }
  const words = (options.search ?? '').toLowerCase().split(/\s+/)
  const found = catalog.models.filter(
    model =>
      (provider === undefined || model.provider === provider) &&
      words.every(word => described(model).includes(word)) &&
      wanted.filter(isAbility).every(ability => isAble(model, ability))
  )
  return print(catalog, found, options.json === true)
}

function print(catalog: Catalog, models: readonly CatalogModel[], json: boolean): number {
  const now = Date.now()
  process.stdout.write(json ? modelsJson(catalog, models, now) : modelsTable(catalog, models, now))
  return 0
}

function described({ provider, id, name }: CatalogModel): string {
  return `${provider}/${id}\n${name}`.toLowerCase()
}

function isAbility(text: string): text is Ability {
  return ABILITIES.some(each => each === text)
}

function misused(message: string): number {
  process.stderr.write(`sluice: ${message}\nTry: sluice --help\n`)
  return 2
}
