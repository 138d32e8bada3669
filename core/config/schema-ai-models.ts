import Type, { type Static } from 'typebox'
import { type Condition, ConditionSchema, conditionRef } from './schema-ai-conditions.js'
import { Duration, HEADER_NAME_PATTERN, MODEL_NAME_PATTERN } from './values.js'

const closed = { additionalProperties: false } as const

/** Every way of choosing among targets; core/ai/routing/strategies has a file for each. */
export const STRATEGIES = [
  'single',
  'weighted',
  'fallback',
  'conditional',
  'cheapest',
  'fastest',
  'capable',
  'sticky'
] as const
export type StrategyName = (typeof STRATEGIES)[number]

/**
 * What can go wrong with a target so that another one may do better; "limit" is 429 and what means the same. What is the caller's fault is none of it.
 */
export const FALLBACK_KINDS = ['error', 'timeout', 'limit', 'context-window', 'content-policy'] as const
export type FallbackKind = (typeof FALLBACK_KINDS)[number]

/**
 * What is fallen back on where nothing is said. Not when a provider declines to answer a prompt: to look for one that does is for the operator to
 * say.
 */
export const DEFAULT_FALLBACKS: readonly FallbackKind[] = ['error', 'timeout', 'limit', 'context-window']

/** Whose requests stay together. */
export type StickyBy = 'conversation' | 'consumer' | { readonly header?: string; readonly metadata?: string }

/** A target as written: a model, or a strategy over targets. */
export interface TargetEntry {
  readonly model?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly weight: number
  readonly attempts?: number
  readonly strategy?: StrategyName
  readonly targets?: readonly TargetOrName[]
  readonly on?: readonly FallbackKind[]
  readonly fallbacks?: { readonly [kind in FallbackKind]?: readonly TargetOrName[] }
  readonly maxAttempts?: number
  readonly rules?: readonly { readonly when: Condition; readonly target: TargetOrName }[]
  readonly default?: TargetOrName
  readonly by?: StickyBy
  readonly explore?: number
  readonly decay?: string
  readonly unknown?: 'last' | 'never'
}
export type TargetOrName = string | TargetEntry

const ModelName = Type.String({ pattern: MODEL_NAME_PATTERN })

/** A target within a target: the schema names itself. `AI_DEFS` has to be in `$defs` of the whole. */
const targetRef = (description: string) =>
  Type.Union([ModelName, Type.Unsafe<TargetEntry>({ $ref: '#/$defs/aiTarget' })], { description })
const Targets = (description: string) => Type.Array(targetRef(description), { minItems: 1, description })

const By = Type.Union(
  [
    Type.Enum(['conversation', 'consumer']),
    Type.Object(
      {
        header: Type.Optional(
          Type.String({
            pattern: HEADER_NAME_PATTERN,
            title: 'a header name',
            description: 'The value of this header.'
          })
        ),
        metadata: Type.Optional(Type.String({ minLength: 1, description: 'This value of the request’s metadata.' }))
      },
      { ...closed, title: 'a mapping with header or metadata' }
    )
  ],
  {
    description:
      'sticky, weighted: requests that have the same of this go to the same target. Left out: the conversation, which is who calls, the system prompt and the first message; for weighted: each request is drawn for itself.'
  }
)

const Rule = Type.Object(
  { when: conditionRef('Which requests.'), target: targetRef('Where they go.') },
  { ...closed, description: 'Where requests of one kind go.' }
)

const TargetSchema = Type.Object(
  {
    model: Type.Optional(
      Type.String({
        pattern: MODEL_NAME_PATTERN,
        description: 'A model: "account/model", one of this list, or a name that an account has. Or a strategy.'
      })
    ),
    params: Type.Optional(
      Type.Record(Type.String({ minLength: 1 }), Type.Unknown(), {
        description:
          'Parameters that count instead of the caller’s, by OpenAI’s names: temperature, max_tokens, reasoning_effort. null takes one out. Those of a target within count before these.'
      })
    ),
    weight: Type.Number({
      minimum: 0,
      maximum: 65_535,
      default: 1,
      description: 'Within weighted and sticky: its share, against the weights of the others; 0: none.'
    }),
    attempts: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 5,
        description:
          'A model: how often it is asked before the next target is. Left out: once. Retries of the account come on top.'
      })
    ),
    strategy: Type.Optional(
      Type.Enum([...STRATEGIES], { description: 'How one of its targets is chosen. Or a model.' })
    ),
    targets: Type.Optional(Targets('Models, or strategies over targets of their own.')),
    on: Type.Optional(
      Type.Array(Type.Enum([...FALLBACK_KINDS]), {
        uniqueItems: true,
        description:
          'After which failures the next target is asked: error is all that is not named here, limit is 429 and no credit, context-window too long a request. Left out: all but content-policy; empty: after none.'
      })
    ),
    fallbacks: Type.Optional(
      Type.Object(
        Object.fromEntries(
          FALLBACK_KINDS.map(kind => [
            kind,
            Type.Optional(Targets(`Instead of the rest of the targets, after ${kind}.`))
          ])
        ),
        {
          ...closed,
          description: 'fallback: targets for one kind of failure: a larger window, another provider’s policy.'
        }
      )
    ),
    maxAttempts: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 50,
        description: 'How often targets below here are asked, all together. Left out: as often as there are some.'
      })
    ),
    rules: Type.Optional(
      Type.Array(Rule, { minItems: 1, description: 'conditional: the first one that holds says the target.' })
    ),
    default: Type.Optional(
      targetRef('conditional: where requests go for which no rule holds. Left out: they are refused.')
    ),
    by: Type.Optional(By),
    explore: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description:
          'fastest: the share of requests that goes to any of the targets, to know how fast they are. Left out: 0.05.'
      })
    ),
    decay: Type.Optional(
      Duration('fastest: how long a measurement counts; after it, a third is left. Left out: 5m.', { min: 100 })
    ),
    unknown: Type.Optional(
      Type.Enum(['last', 'never'], {
        description: 'capable: when models are asked of which it is not known what they can do. Left out: last.'
      })
    )
  },
  { ...closed, title: 'a mapping with a model or a strategy', description: 'A model, or a strategy over targets.' }
)

/** What schemas here refer to: has to be in `$defs` of the schema they become part of. */
export const AI_DEFS = { aiTarget: TargetSchema, aiCondition: ConditionSchema }

export const AiModels = Type.Record(
  Type.String({ pattern: MODEL_NAME_PATTERN }),
  targetRef('What stands behind the name.'),
  {
    ...closed,
    default: {},
    description: 'Virtual models, by the name clients ask for: a name of a model, or a strategy over targets.'
  }
)
export type AiModels = Static<typeof AiModels>
