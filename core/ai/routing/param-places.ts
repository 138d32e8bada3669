import { isParamName, type ParamName } from '../../config/schema-ai-params.js'
import { mostThinking } from '../dialects/anthropic/reasoning.js'
import type { DialectName } from '../dialects/dialect.js'
import { isObject, type JsonObject } from '../members.js'
import type { BodyEdits } from '../providers/provider.js'

/** Where a parameter is in the body of a request: a member, or one within a member. */
type Place = readonly [member: string, within?: string, deeper?: string]
type Places = Readonly<Partial<Record<ParamName, Place>>>

const own = (...names: ParamName[]): Places => Object.fromEntries(names.map(name => [name, [name]]))

const OPENAI = own(
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'top_k',
  'n',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'top_logprobs',
  'logprobs',
  'parallel_tool_calls',
  'stop',
  'reasoning_effort',
  'verbosity',
  'service_tier',
  'user'
)

const OLLAMA: Places = {
  temperature: ['options', 'temperature'],
  top_p: ['options', 'top_p'],
  top_k: ['options', 'top_k'],
  seed: ['options', 'seed'],
  stop: ['options', 'stop'],
  max_tokens: ['options', 'num_predict'],
  presence_penalty: ['options', 'presence_penalty'],
  frequency_penalty: ['options', 'frequency_penalty'],
  reasoning_effort: ['think']
}

/** Each dialect's names, for requests whose bytes go out as they came. A parameter that is not here has no place in it. */
const PLACES: Readonly<Record<DialectName, Places>> = {
  'openai-chat': OPENAI,
  'openai-completions': OPENAI,
  'openai-responses': {
    ...own('temperature', 'top_p', 'top_logprobs', 'parallel_tool_calls', 'service_tier', 'user'),
    max_tokens: ['max_output_tokens'],
    reasoning_effort: ['reasoning', 'effort'],
    verbosity: ['text', 'verbosity']
  },
  anthropic: {
    ...own('max_tokens', 'temperature', 'top_p', 'top_k', 'service_tier'),
    stop: ['stop_sequences'],
    user: ['metadata', 'user_id'],
    reasoning_effort: ['output_config', 'effort']
  },
  gemini: {
    max_tokens: ['generationConfig', 'maxOutputTokens'],
    temperature: ['generationConfig', 'temperature'],
    top_p: ['generationConfig', 'topP'],
    top_k: ['generationConfig', 'topK'],
    n: ['generationConfig', 'candidateCount'],
    seed: ['generationConfig', 'seed'],
    presence_penalty: ['generationConfig', 'presencePenalty'],
    frequency_penalty: ['generationConfig', 'frequencyPenalty'],
    logprobs: ['generationConfig', 'responseLogprobs'],
    top_logprobs: ['generationConfig', 'logprobs'],
    stop: ['generationConfig', 'stopSequences'],
    reasoning_effort: ['generationConfig', 'thinkingConfig', 'thinkingLevel']
  },
  converse: {
    max_tokens: ['inferenceConfig', 'maxTokens'],
    temperature: ['inferenceConfig', 'temperature'],
    top_p: ['inferenceConfig', 'topP'],
    stop: ['inferenceConfig', 'stopSequences'],
    top_k: ['additionalModelRequestFields', 'top_k']
  },
  cohere: {
    ...own('max_tokens', 'temperature', 'seed', 'presence_penalty', 'frequency_penalty', 'logprobs'),
    top_p: ['p'],
    top_k: ['k'],
    stop: ['stop_sequences']
  },
  'ollama-chat': OLLAMA,
  'ollama-generate': OLLAMA
}

/** OpenAI has two names for one thing: whichever is set, the other goes. */
const TWINS: Readonly<Record<string, ParamName>> = {
  max_tokens: 'max_completion_tokens',
  max_completion_tokens: 'max_tokens'
}

/** Whether a request in the dialect has a place for a parameter, by OpenAI's name. */
export function hasPlace(dialect: DialectName, name: ParamName): boolean {
  return placeOf(dialect, name) !== undefined
}

/** A parameter by OpenAI's name, from a body in any dialect; undefined: it is not there. */
export function paramOf(dialect: DialectName, body: JsonObject, name: string): unknown {
  const value = valueAt(body, placeOf(dialect, name) ?? [name])
  const twin = TWINS[name]
  if ((value === undefined || value === null) && twin !== undefined)
    return valueAt(body, placeOf(dialect, twin) ?? [twin])
  return value ?? undefined
}

const NO_EDITS = { edits: {}, homeless: [] }

/**
 * What `params` of a target change in a body that goes out as it came. Parameters that are not OpenAI's become members of the body under
 * their own name.
 * @param body - as the client sent it: of members within members the rest is kept
 * @returns the changes, and the names of parameters for which the dialect has no place or which had to go
 */
export function paramEdits(
  dialect: DialectName,
  params: Readonly<Record<string, unknown>>,
  body: JsonObject
): { readonly edits: BodyEdits; readonly homeless: readonly string[] } {
  const names = Object.keys(params)
  if (names.length === 0) return NO_EDITS
  const changed = new Map<string, unknown>()
  const homeless: string[] = []
  for (const name of names) {
    const value = params[name]
    const place = isParamName(name) ? placeOf(dialect, name) : ([name] as const)
    if (place === undefined) {
      // A client may have sent it all the same: taken out it is, by its own name, where `paramOf` finds it.
      if (value === null) changed.set(name, undefined)
      else homeless.push(name)
      continue
    }
    const twin = TWINS[name]
    if (twin !== undefined && PLACES[dialect].max_completion_tokens !== undefined) changed.set(twin, undefined)
    const [member] = place
    const before = changed.has(member) ? changed.get(member) : body[member]
    changed.set(member, put(before, place.slice(1), listed(name, place, value)))
  }
  if (dialect === 'anthropic' && !fitThinking(body, changed)) homeless.push('thinking')
  const set = Object.fromEntries([...changed].filter(([, value]) => value !== undefined))
  const remove = [...changed].filter(([name, value]) => value === undefined && Object.hasOwn(body, name))
  return { edits: { set, remove: remove.map(([name]) => name) }, homeless }
}

/**
 * Where Anthropic's `max_tokens` was lowered, the budget for thinking follows.
 * @returns false: there is no room left to think in
 */
function fitThinking(body: JsonObject, changed: Map<string, unknown>): boolean {
  const most = changed.get('max_tokens')
  const thinking = changed.get('thinking') ?? body.thinking
  if (typeof most !== 'number' || !isObject(thinking) || typeof thinking.budget_tokens !== 'number') return true
  if (thinking.budget_tokens < most) return true
  const budget = mostThinking(most)
  changed.set('thinking', budget === undefined ? undefined : { ...thinking, budget_tokens: budget })
  return budget !== undefined
}

function placeOf(dialect: DialectName, name: string): Place | undefined {
  if (!isParamName(name)) return undefined
  const places = PLACES[dialect]
  return places[name] ?? (name === 'max_completion_tokens' ? places.max_tokens : undefined)
}

function valueAt(body: JsonObject, place: readonly (string | undefined)[]): unknown {
  let value: unknown = body
  for (const step of place) {
    if (step === undefined) break
    if (!isObject(value) || !Object.hasOwn(value, step)) return undefined
    value = value[step]
  }
  return value
}

/** A copy of `before` with a value at a way in; null takes it out. */
function put(before: unknown, way: readonly (string | undefined)[], value: unknown): unknown {
  const [step, ...deeper] = way
  if (step === undefined) return value ?? undefined
  const { [step]: old, ...rest } = isObject(before) ? before : {}
  const inner = put(old, deeper, value)
  if (inner !== undefined) return { ...rest, [step]: inner }
  return before === undefined ? undefined : rest
}

/** OpenAI takes one stop sequence without a list, the others do not. */
function listed(name: string, place: Place, value: unknown): unknown {
  return name === 'stop' && place[0] !== 'stop' && typeof value === 'string' ? [value] : value
}
