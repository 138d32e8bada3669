import type { HeaderList } from '../../base/headers.js'
import type { Need } from '../../config/schema-ai-conditions.js'
import type { Operation } from '../dialects/dialect.js'

/** What is plain to see of a request. */
export class RequestFacts {
  /** As the client asked for it. */
  readonly model: string
  readonly operation: Operation
  readonly stream: boolean
  /** As a policy has named them; empty: nobody did. */
  readonly consumer: string
  /** What policies have said of it: name, value, … */
  readonly tags: HeaderList
  readonly headers: HeaderList

  constructor({ model, operation, stream, consumer, tags, headers }: RequestFacts) {
    this.model = model
    this.operation = operation
    this.stream = stream
    this.consumer = consumer
    this.tags = tags
    this.headers = headers
  }
}

/** What of a request may decide where it goes. Functions are called only by strategies that want to know, at most once each. */
export interface RoutingRequest extends RequestFacts {
  /** A parameter by OpenAI's name, in whichever dialect it came ("max_tokens", "reasoning_effort"). */
  param(name: string): unknown
  metadata(name: string): string | undefined
  /** A claim of the caller's token, by its way in ("realm.roles" or a name with dots); undefined: there is none. */
  claim(name: string): unknown
  needs(): Needs
  /** What requests of one conversation have in common, for prompt caches (`conversationKey`); undefined: it has none. */
  conversation(): string | undefined
}

/** What a request asks of a model. */
export interface Needs {
  /** Tokens of the prompt, estimated. */
  readonly inputTokens: number
  /** Most tokens of the answer, as the request says; 0: it does not. */
  readonly outputTokens: number
  readonly has: ReadonlySet<Need>
}

/** What a model is known to be able to do. */
export interface Abilities {
  /** Tokens of prompt and answer together; undefined: it is not known. */
  readonly contextTokens: number | undefined
  /** Most tokens of an answer; undefined: it is not known. */
  readonly outputTokens: number | undefined
  /** undefined: it is not known. */
  can(need: Need): boolean | undefined
  /** Whether it is a model for that; undefined: it is not known. */
  does(operation: Operation): boolean | undefined
}

/** Whether a model can do what is needed. */
export function abilityFor(
  operation: Operation,
  needs: Needs,
  abilities: Abilities | undefined
): 'able' | 'unable' | 'unknown' {
  if (abilities === undefined) return 'unknown'
  const does = abilities.does(operation)
  if (does === false) return 'unable'
  const { contextTokens, outputTokens } = abilities
  if (contextTokens !== undefined && needs.inputTokens + needs.outputTokens > contextTokens) return 'unable'
  if (outputTokens !== undefined && needs.outputTokens > outputTokens) return 'unable'
  let known = does === true && (contextTokens !== undefined || operation !== 'chat')
  for (const need of needs.has) {
    const can = abilities.can(need)
    if (can === false) return 'unable'
    if (can === undefined) known = false
  }
  return known ? 'able' : 'unknown'
}
