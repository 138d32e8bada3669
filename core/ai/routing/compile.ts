import { GatewayError } from '../../base/errors.js'
import type { AiModelConfig, AiTargetConfig, BranchConfig, LeafConfig } from '../../config/resolve-ai-models.js'
import type { AiProviderConfig } from '../../config/resolve-ai-providers.js'
import { DEFAULT_FALLBACKS } from '../../config/schema-ai-models.js'
import { compileCondition } from './condition.js'
import { type InCatalog, modelsNamed } from './names.js'
import { strategyOf } from './strategies/index.js'
import type { ModelAt } from './target.js'
import { type Branch, leavesOf, type Node } from './tree.js'

/** Names of models of accounts that are remembered. */
const REMEMBERED = 1_000

/** Looks up what names stand for, each once. */
export class Compiler {
  private readonly virtual: ReadonlyMap<string, AiTargetConfig>
  private readonly compiled = new Map<string, Node>()
  private readonly underWay = new Set<string>()

  constructor(
    models: readonly AiModelConfig[],
    private readonly accounts: readonly AiProviderConfig[],
    private readonly inCatalog: InCatalog
  ) {
    this.virtual = new Map(models.map(({ name, target }) => [name, target]))
  }

  /**
   * What a client may ask for by this name; undefined: there is nothing of it.
   * @throws GatewayError GW_CONFIG_INVALID when a virtual model names one that is nowhere
   */
  named(name: string): Node | undefined {
    const target = this.virtual.get(name)
    const known = this.compiled.get(name)
    if (known !== undefined) return known
    if (target === undefined) return this.inAccounts(name)
    if (this.underWay.has(name)) throw invalid(`ai.models.${name}`, 'leads back to itself')
    this.underWay.add(name)
    const node = this.node(target, name, `ai.models.${name}`)
    this.underWay.delete(name)
    this.compiled.set(name, node)
    return node
  }

  /** Names are clients' to choose: those of which there is nothing are not remembered, and of the others not all. */
  private inAccounts(name: string): Node | undefined {
    const node = inOneNode(modelsNamed(name, this.accounts, this.inCatalog), name)
    if (node !== undefined && this.compiled.size < this.virtual.size + REMEMBERED) this.compiled.set(name, node)
    return node
  }

  private node(config: AiTargetConfig, label: string, at: string): Node {
    return config.model === undefined ? this.branch(config, label, at) : this.reference(config, label, at)
  }

  /** What is said where a model is named comes before what the model itself says, as everything around does. */
  private reference({ model, weight, params, attempts }: LeafConfig, label: string, at: string): Node {
    const node = this.named(model)
    if (node === undefined) {
      throw invalid(at, `there is no model "${model}" in ai.models, in the models of an account, or in the catalog`)
    }
    const here = { label, weight, params: { ...params, ...node.params } }
    if (node.kind === 'leaf') return { ...node, ...here, attempts: Math.max(attempts, node.attempts) }
    if (this.virtual.has(model)) return { ...node, ...here }
    return {
      ...node,
      ...here,
      targets: node.targets.map(each => (each.kind === 'leaf' ? { ...each, attempts } : each))
    }
  }

  private branch(config: BranchConfig, label: string, at: string): Branch {
    const list = (targets: readonly AiTargetConfig[], key: string): Node[] =>
      targets.map((target, i) => this.node(target, `${key}[${i}]`, `${at}.${key}[${i}]`))
    const fallbacks = [...config.fallbacks].map(
      ([kind, targets]) => [kind, list(targets, `fallbacks.${kind}`)] as const
    )
    const rules = config.rules.map(({ when, target }, i) => ({
      holds: compileCondition(when),
      target: this.node(target, `rules[${i}]`, `${at}.rules[${i}].target`)
    }))
    const { default: preset } = config
    return finished({
      label,
      weight: config.weight,
      params: config.params,
      strategy: strategyOf(config.strategy),
      settings: config,
      targets: list(config.targets, 'targets'),
      fallbacks: new Map(fallbacks),
      rules,
      default: preset && this.node(preset, 'default', `${at}.default`)
    })
  }
}

function finished(branch: Omit<Branch, 'kind' | 'id' | 'leaves'>): Branch {
  const { strategy, targets, fallbacks, rules, default: preset } = branch
  const below = [...targets, ...[...fallbacks.values()].flat(), ...rules.map(({ target }) => target)]
  if (preset !== undefined) below.push(preset)
  const id = `${strategy.name}(${below.map(node => node.id).join(',')})`
  return { ...branch, kind: 'branch', id, leaves: leavesOf(below) }
}

/** One model as it is; one that several accounts have, at one after the other. */
function inOneNode(models: readonly ModelAt[], label: string): Node | undefined {
  const [first] = models
  if (first === undefined) return undefined
  if (models.length === 1) return leaf(first, label)
  return finished({
    label,
    weight: 1,
    params: {},
    strategy: strategyOf('fallback'),
    settings: {
      on: new Set(DEFAULT_FALLBACKS),
      maxAttempts: Number.POSITIVE_INFINITY,
      by: undefined,
      explore: 0,
      decayMs: 1,
      unknown: 'last'
    },
    targets: models.map(model => leaf(model, model.account)),
    fallbacks: new Map(),
    rules: [],
    default: undefined
  })
}

function leaf(model: ModelAt, label: string): Node {
  return { kind: 'leaf', id: `${model.account}/${model.model}`, label, weight: 1, params: {}, attempts: 1, ...model }
}

function invalid(at: string, message: string): GatewayError {
  return new GatewayError('GW_CONFIG_INVALID', `${at}: ${message}`)
}
