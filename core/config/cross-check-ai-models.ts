import { allTargets, modelOf } from './ai-targets.js'
import { conditionProblems } from './cross-check-ai-conditions.js'
import { type CrossProblem, hintFor, type View, written } from './cross-check-view.js'
import { isRecord, keysAt, listAt, valueAt } from './json.js'
import type { Path } from './problems.js'
import { wrongParam } from './schema-ai-params.js'

/** What virtual models say about each other, about accounts, and by keys that do not go together. */
export function aiModelProblems(view: View): CrossProblem[] {
  return [
    ...allTargets(view.value).flatMap(({ path, target }) => [
      ...(isRecord(target) ? shapeProblems(target, path) : []),
      ...paramProblems(target, path),
      ...listAt(target, ['rules']).flatMap((_, i) => conditionProblems(view.value, [...path, 'rules', i, 'when'])),
      ...modelProblems(view, path, target)
    ]),
    ...circles(view)
  ]
}

function paramProblems(target: unknown, path: Path): CrossProblem[] {
  const params = valueAt(target, ['params'])
  return Object.entries(isRecord(params) ? params : {}).flatMap(([name, value]) => {
    const expected = wrongParam(name, value)
    return expected === undefined
      ? []
      : [{ path: [...path, 'params', name], message: `is not right; expected ${expected}` }]
  })
}

/** Which keys mean something with which strategies. */
const STRATEGIES_OF: Readonly<Record<string, readonly string[]>> = {
  on: ['weighted', 'fallback', 'cheapest', 'fastest', 'capable', 'sticky'],
  fallbacks: ['fallback'],
  rules: ['conditional'],
  default: ['conditional'],
  by: ['sticky', 'weighted'],
  explore: ['fastest'],
  decay: ['fastest'],
  unknown: ['capable']
}

function shapeProblems(target: Record<string, unknown>, path: Path): CrossProblem[] {
  const { model, strategy, targets } = target
  const named = ['model', 'strategy'].filter(key => target[key] !== undefined)
  if (named.length !== 1) {
    const got = named.length === 0 ? 'it has neither model nor strategy' : 'it has model and strategy'
    return [{ path, message: `${got}; expected one of the two` }]
  }
  if (model !== undefined) return strangers(target, path, [...Object.keys(STRATEGIES_OF), 'targets', 'maxAttempts'])
  const problems: CrossProblem[] = strangers(target, path, ['attempts'])
  if (typeof strategy !== 'string') return problems
  for (const [key, strategies] of Object.entries(STRATEGIES_OF)) {
    if (target[key] === undefined || strategies.includes(strategy)) continue
    const message = `means nothing with ${strategy}; expected it with ${strategies.join(', ')}`
    problems.push({ path: [...path, key], message })
  }
  if (strategy === 'conditional') return [...problems, ...conditionalProblems(target, path)]
  if (targets === undefined)
    problems.push({ path, message: `${strategy} has nothing to choose from; expected targets` })
  if (strategy === 'single' && Array.isArray(targets) && targets.length > 1) {
    problems.push({ path: [...path, 'targets'], message: 'single has one target; expected one, or another strategy' })
  }
  return [...problems, ...weightProblems(target, path), ...byProblems(target, path)]
}

function strangers(target: Record<string, unknown>, path: Path, keys: readonly string[]): CrossProblem[] {
  const [of, other] = target.model === undefined ? ['a strategy', 'a model'] : ['a model', 'a strategy']
  return keys
    .filter(key => target[key] !== undefined)
    .map(key => ({ path: [...path, key], message: `means nothing for ${of}; expected it beside ${other}` }))
}

function conditionalProblems(target: Record<string, unknown>, path: Path): CrossProblem[] {
  if (target.targets !== undefined) {
    return [{ path: [...path, 'targets'], message: 'conditional has no targets; expected rules, and a default' }]
  }
  return target.rules === undefined ? [{ path, message: 'conditional has no rules; expected rules' }] : []
}

function weightProblems({ strategy, targets }: Record<string, unknown>, path: Path): CrossProblem[] {
  if ((strategy !== 'weighted' && strategy !== 'sticky') || !Array.isArray(targets) || targets.length === 0) return []
  if (!targets.every(each => isRecord(each) && each.weight === 0)) return []
  return [{ path: [...path, 'targets'], message: 'every target has weight 0; expected one that is used' }]
}

function byProblems({ by }: Record<string, unknown>, path: Path): CrossProblem[] {
  if (!isRecord(by)) return []
  const named = ['header', 'metadata'].filter(key => by[key] !== undefined)
  if (named.length === 1) return []
  const got = named.length === 0 ? 'it names nothing' : 'it names header and metadata'
  return [{ path: [...path, 'by'], message: `${got}; expected one of the two` }]
}

/** A name with an account before it, of which there is none. A name alone may be in the catalog, which is not known here. */
function modelProblems(view: View, path: Path, target: unknown): CrossProblem[] {
  const model = modelOf(target)
  const accounts = keysAt(view.value, ['ai', 'providers'])
  if (model === undefined) return []
  if (keysAt(view.value, ['ai', 'models']).includes(model)) return virtualProblems(view, path, target)
  const at = typeof target === 'string' ? path : [...path, 'model']
  const slash = model.indexOf('/')
  const account = model.slice(0, Math.max(slash, 0))
  if (accounts.includes(account)) return accountProblems(view, at, account, model.slice(slash + 1))
  if (slash === -1 || accounts.some(name => modelsOf(view, name).includes(model))) return []
  const expected = accounts.length === 0 ? 'but there are no ai.providers' : `expected one of ${accounts.join(', ')}`
  const whole = [...accounts.map(name => `${name}${model.slice(slash)}`), ...keysAt(view.value, ['ai', 'models'])]
  return [
    { path: at, message: `no account before the "/" of ${written(view, at)}; ${expected}${hintFor(view, at, whole)}` }
  ]
}

function virtualProblems(view: View, path: Path, target: unknown): CrossProblem[] {
  if (valueAt(target, ['attempts']) === undefined) return []
  const message = `means nothing for ${written(view, [...path, 'model'])}, which is of ai.models; expected it there`
  return [{ path: [...path, 'attempts'], message }]
}

function accountProblems(view: View, at: Path, account: string, model: string): CrossProblem[] {
  if (model === '') return [{ path: at, message: `${written(view, at)} names no model; expected one after the "/"` }]
  const only = valueAt(view.value, ['ai', 'providers', account, 'onlyModels']) === true
  const models = modelsOf(view, account)
  if (!only || models.includes(model)) return []
  return [{ path: at, message: `${account} has only ${models.join(', ')}; ${written(view, at)} is none of them` }]
}

function modelsOf({ value }: View, account: string): readonly string[] {
  const path = ['ai', 'providers', account, 'models']
  const list = listAt(value, path).filter(name => typeof name === 'string')
  return list.length > 0 ? list : keysAt(value, path)
}

/** Virtual models that lead back to themselves. */
function circles(view: View): CrossProblem[] {
  const names = keysAt(view.value, ['ai', 'models'])
  const targets = allTargets(view.value)
  const next = new Map(
    names.map(name => {
      const models = targets.filter(({ within }) => within === name).map(({ target }) => modelOf(target) ?? '')
      return [name, new Set(models.filter(model => names.includes(model)))] as const
    })
  )
  const leadsTo = (from: string, goal: string, seen: Set<string>): boolean =>
    [...(next.get(from) ?? [])].some(name => {
      if (name === goal) return true
      if (seen.has(name)) return false
      return leadsTo(name, goal, seen.add(name))
    })
  return targets.flatMap(({ path, target, within }) => {
    const model = modelOf(target)
    if (model === undefined || !next.has(model)) return []
    if (model !== within && !leadsTo(model, within, new Set())) return []
    const at = typeof target === 'string' ? path : [...path, 'model']
    const way = model === within ? 'is this model itself' : `leads back to "${within}"`
    return [{ path: at, message: `${written(view, at)} ${way}; expected another model, or account/model` }]
  })
}
