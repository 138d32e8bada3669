import { isRecord, keysAt, listAt, valueAt } from './json.js'
import type { Path } from './problems.js'
import { FALLBACK_KINDS } from './schema-ai-models.js'

/** A target somewhere in the virtual models of a configuration of which nothing is known for sure. */
export interface FoundTarget {
  readonly path: Path
  /** The name of a model, or the mapping. */
  readonly target: unknown
}

/** The places of targets right below a target. */
export function targetsBelow(value: unknown, path: Path): Path[] {
  if (!isRecord(valueAt(value, path))) return []
  const list = (key: string): Path[] => listAt(value, [...path, key]).map((_, i) => [...path, key, i])
  const fallbacks = FALLBACK_KINDS.flatMap(kind =>
    listAt(value, [...path, 'fallbacks', kind]).map((_, i) => [...path, 'fallbacks', kind, i])
  )
  const preset = valueAt(value, [...path, 'default']) === undefined ? [] : [[...path, 'default']]
  return [...list('targets'), ...fallbacks, ...list('rules').map(rule => [...rule, 'target']), ...preset]
}

/** A target and all within it. YAML can tie a mapping into itself by an alias: what is deeper than anyone would write is not looked at. */
export function targetsAt(value: unknown, path: Path, depth = 0): FoundTarget[] {
  const target = valueAt(value, path)
  if (target === undefined || depth > MAX_DEPTH) return []
  return [{ path, target }, ...targetsBelow(value, path).flatMap(below => targetsAt(value, below, depth + 1))]
}

const MAX_DEPTH = 16

/** The name of the model a target is, or undefined. */
export function modelOf(target: unknown): string | undefined {
  if (typeof target === 'string') return target
  const model = valueAt(target, ['model'])
  return typeof model === 'string' ? model : undefined
}

/** Every target of every virtual model, with the name of that. */
export function allTargets(value: unknown): (FoundTarget & { readonly within: string })[] {
  return keysAt(value, ['ai', 'models']).flatMap(within =>
    targetsAt(value, ['ai', 'models', within]).map(found => ({ ...found, within }))
  )
}
