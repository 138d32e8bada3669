import { openCatalog } from '../../ai/catalog/catalog.js'
import { providers } from '../../ai/providers/index.js'
import { modelsNamed } from '../../ai/routing/names.js'
import type { Loaded } from '../../config/load.js'
import type { Path } from '../../config/problems.js'
import type { Config } from '../../config/resolve.js'
import type { AiTargetConfig } from '../../config/resolve-ai-models.js'
import { didYouMean } from '../../config/suggest.js'
import { shown } from '../../config/wording.js'

interface NameProblem {
  readonly path: Path
  readonly message: string
}

/** A name that stands for nothing, and what might have been meant. */
interface Unknown extends Reference {
  readonly what: string
  readonly expected: string
  readonly known: readonly string[]
}

/** A name that stands for something else, with its place. */
interface Reference {
  readonly path: Path
  readonly name: string
}

/**
 * Names in the AI sections that stand for nothing. What a model is only the catalog can tell, so this comes when the configuration is
 * right in itself.
 */
export function unknownAiNames({ config, locate }: Pick<Loaded, 'config' | 'locate'>): NameProblem[] {
  const { ai, routes } = config
  const models = [
    ...ai.models.flatMap(({ name, target }) => modelsIn(target, ['ai', 'models', name])),
    ...routeModels(config)
  ]
  const routeNames = routes.map(({ name }) => name)
  const accounts = ai.providers.map(({ name }) => name)
  const wrong = [
    ...unknownModels(config, models),
    ...budgetNames(config, 'route').flatMap(each => unknown(each, 'route', routeNames)),
    ...budgetNames(config, 'provider').flatMap(each => unknown(each, 'account', accounts))
  ]
  return wrong.map(({ path, name, what, expected, known }) => {
    const model = [...path, 'model']
    const at = locate(model).origin === undefined ? path : model
    const { origin } = locate(at)
    // A name that was interpolated is not repeated.
    const hint = origin?.written === undefined ? didYouMean(name, known) : ''
    return { path: at, message: `there is no ${what} ${shown(name, origin, false)}; ${expected}${hint}` }
  })
}

function unknownModels({ ai }: Config, references: readonly Reference[]): Unknown[] {
  if (references.length === 0) return []
  const catalog = openCatalog(ai.catalog.overlay)
  const places = new Map(providers.map(({ name, catalog = name }) => [name, catalog]))
  const virtual = new Set(ai.models.map(({ name }) => name))
  const known = [...virtual, ...ai.providers.flatMap(({ models }) => [...models.keys()])]
  const isThere = (name: string): boolean => {
    if (virtual.has(name)) return true
    const inCatalog = (provider: string, model: string) =>
      catalog.find(places.get(provider) ?? provider, model) !== undefined
    return modelsNamed(name, ai.providers, ({ provider }, model) => inCatalog(provider, model)).length > 0
  }
  return references
    .filter(({ name }) => !isThere(name))
    .map(each => ({ ...each, what: 'model', expected: MODEL, known }))
}

const MODEL = 'expected a name of ai.models, of the models of an account or of the catalog, or account/model'

function modelsIn(target: AiTargetConfig, path: Path): Reference[] {
  if (target.model !== undefined) return [{ path, name: target.model }]
  const { targets, fallbacks, rules } = target
  return [
    ...targets.flatMap((each, i) => modelsIn(each, [...path, 'targets', i])),
    ...[...fallbacks].flatMap(([kind, list]) =>
      list.flatMap((each, i) => modelsIn(each, [...path, 'fallbacks', kind, i]))
    ),
    ...rules.flatMap((rule, i) => modelsIn(rule.target, [...path, 'rules', i, 'target'])),
    ...(target.default === undefined ? [] : modelsIn(target.default, [...path, 'default']))
  ]
}

/** Models a route is limited to, where they are named whole, and those its cache asks for vectors. */
function routeModels({ routes }: Config): Reference[] {
  return routes.flatMap(({ ai }, index) => {
    const path = ['routes', index, 'ai']
    const only = ai?.models.map((name, i) => ({ path: [...path, 'models', i], name })) ?? []
    const embedding = ai?.cache?.semantic?.embedding
    return [
      ...only.filter(({ name }) => !name.includes('*')),
      ...(embedding === undefined ? [] : [{ path: [...path, 'cache', 'semantic', 'embedding'], name: embedding }])
    ]
  })
}

/** Names in the `when` of budgets; those with "*" may stand for what comes later. */
function budgetNames({ ai }: Config, dimension: string): Reference[] {
  return ai.budgets.flatMap(({ when }, index) =>
    when
      .filter(each => each.dimension === dimension)
      .flatMap(({ among }) => among.map((name, i) => ({ path: ['ai', 'budgets', index, 'when', dimension, i], name })))
      .filter(({ name }) => !name.includes('*'))
  )
}

function unknown(reference: Reference, what: string, known: readonly string[]): Unknown[] {
  if (known.includes(reference.name)) return []
  const expected = known.length === 0 ? 'but there is none' : `expected one of ${known.join(', ')}`
  return [{ ...reference, what, expected, known }]
}
