import { milliseconds } from '../base/units.js'
import type { Condition } from './schema-ai-conditions.js'
import {
  type AiModels,
  DEFAULT_FALLBACKS,
  FALLBACK_KINDS,
  type FallbackKind,
  type StrategyName,
  type TargetEntry,
  type TargetOrName
} from './schema-ai-models.js'
import type { AiRegions } from './schema-ai-regions.js'

/** A virtual model: what stands behind a name. */
export interface AiModelConfig {
  readonly name: string
  readonly target: AiTargetConfig
}

/** A model by name, or a strategy over targets. */
export type AiTargetConfig = LeafConfig | BranchConfig

interface AnyTarget {
  /** What counts instead of the caller's parameters; null takes one out. */
  readonly params: Readonly<Record<string, unknown>>
  readonly weight: number
}

export interface LeafConfig extends AnyTarget {
  readonly model: string
  /** How often in a row. */
  readonly attempts: number
}

export interface BranchConfig extends AnyTarget {
  readonly model: undefined
  readonly strategy: StrategyName
  readonly targets: readonly AiTargetConfig[]
  readonly on: ReadonlySet<FallbackKind>
  readonly fallbacks: ReadonlyMap<FallbackKind, readonly AiTargetConfig[]>
  readonly maxAttempts: number
  readonly rules: readonly { readonly when: Condition; readonly target: AiTargetConfig }[]
  readonly default: AiTargetConfig | undefined
  /** undefined: requests do not stay together. */
  readonly by: KeepBy | undefined
  /** A share of the requests. */
  readonly explore: number
  readonly decayMs: number
  readonly unknown: 'last' | 'never'
}

export type KeepBy =
  | { readonly from: 'conversation' | 'consumer' }
  | { readonly from: 'header' | 'metadata'; readonly name: string }

export interface AiRegionsConfig {
  /** undefined: all. */
  readonly default: readonly string[] | undefined
  readonly consumers: ReadonlyMap<string, readonly string[]>
  /** By name, then by value. */
  readonly tags: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>
}

export function resolveAiModels(entries: AiModels): AiModelConfig[] {
  return Object.entries(entries).map(([name, entry]) => ({ name, target: resolveTarget(entry) }))
}

export function resolveAiRegions(regions: AiRegions): AiRegionsConfig {
  const tags = Object.entries(regions.tags).map(([name, values]) => [name, new Map(Object.entries(values))] as const)
  return { default: regions.default, consumers: new Map(Object.entries(regions.consumers)), tags: new Map(tags) }
}

export function resolveTarget(entry: TargetOrName): AiTargetConfig {
  if (typeof entry === 'string') return { model: entry, params: {}, weight: 1, attempts: 1 }
  const { model, params = {}, weight, attempts = 1 } = entry
  return model === undefined ? resolveBranch(entry) : { model, params, weight, attempts }
}

function resolveBranch(entry: TargetEntry): BranchConfig {
  const { params = {}, weight, strategy = 'single', targets = [], fallbacks = {}, rules = [], by } = entry
  const lists = FALLBACK_KINDS.flatMap(kind => {
    const list = fallbacks[kind]
    return list === undefined ? [] : [[kind, list.map(resolveTarget)] as const]
  })
  return {
    model: undefined,
    params,
    weight,
    strategy,
    targets: targets.map(resolveTarget),
    // Whoever lists targets for a kind of failure wants them asked.
    on: new Set([...(entry.on ?? DEFAULT_FALLBACKS), ...lists.map(([kind]) => kind)]),
    fallbacks: new Map(lists),
    maxAttempts: entry.maxAttempts ?? Number.POSITIVE_INFINITY,
    rules: rules.map(({ when, target }) => ({ when, target: resolveTarget(target) })),
    default: entry.default === undefined ? undefined : resolveTarget(entry.default),
    by: by === undefined && strategy === 'sticky' ? { from: 'conversation' } : resolveBy(by),
    explore: entry.explore ?? 0.05,
    decayMs: milliseconds(entry.decay ?? '5m'),
    unknown: entry.unknown ?? 'last'
  }
}

function resolveBy(by: TargetEntry['by']): KeepBy | undefined {
  if (by === undefined) return undefined
  if (typeof by === 'string') return { from: by }
  if (by.header !== undefined) return { from: 'header', name: by.header.toLowerCase() }
  return { from: 'metadata', name: by.metadata ?? '' }
}
