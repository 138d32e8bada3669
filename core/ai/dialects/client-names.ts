import { isObject, type JsonObject } from '../members.js'
import type { DialectName } from './dialect.js'

/**
 * What a client wrote that is called `name` in the canonical chat, as paths within its request: several where it said one thing in several
 * places. A name that is not found there stays as it is: the operator's parameters and policies say things too.
 */
export function clientNames(dialect: DialectName, name: string, request: JsonObject): readonly string[] {
  const [kind, place] = indexOf(name)
  const found = new Set<string>()
  for (const candidate of NAMES[dialect][kind] ?? [kind]) {
    const path = pathIn(request, candidate.replace('[#]', `[${place}]`))
    if (path !== undefined && ![...found].some(more => more.startsWith(`${path}.`))) found.add(path)
  }
  return found.size === 0 ? [name] : [...found]
}

/** A name without its place in a list of parameters, and that. */
function indexOf(name: string): readonly [kind: string, place: string] {
  const at = /^(tools|stop)\[(\d+)\]/.exec(name)
  return at === null ? [name, ''] : [name.replace(at[0], `${at[1]}[#]`), at[2] ?? '']
}

/** The path as the request spells it: Gemini's clients may write snake case, and wrap what they count. */
function pathIn(request: JsonObject, path: string): string | undefined {
  return spelled(request, path) ?? spelled(request, `${WRAPPER}.${path}`)
}

const WRAPPER = 'generateContentRequest'

/** The path as the request spells it; undefined: there is nothing. */
export function spelled(request: JsonObject, path: string): string | undefined {
  let value: unknown = request
  let out = ''
  for (const step of path.match(/\[\d+\]|[^.[\]]+/g) ?? []) {
    if (step.startsWith('[')) {
      if (Array.isArray(value)) {
        value = value[Number(step.slice(1, -1))]
        out += step
      } else if (step !== '[0]') return undefined // one object stands for a list of one
    } else {
      const name = isObject(value) ? ownName(value, step) : undefined
      if (name === undefined || !isObject(value)) return undefined
      value = value[name]
      out += out === '' ? name : `.${name}`
    }
    if (value === undefined || value === null) return undefined
  }
  return out
}

function ownName(object: JsonObject, name: string): string | undefined {
  if (Object.hasOwn(object, name)) return name
  const snake = name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
  return Object.hasOwn(object, snake) ? snake : undefined
}

type Names = Readonly<Record<string, readonly string[] | undefined>>

/** In the order in which one may stand for another: where a member within is named, what it is in is not. */

const OPENAI: Names = {
  max_tokens: ['max_completion_tokens', 'max_tokens'],
  seed: ['seed', 'random_seed'],
  reasoning: ['reasoning_effort', 'reasoning', 'thinking'],
  'reasoning.effort': ['reasoning_effort', 'reasoning.effort', 'reasoning', 'thinking'],
  'reasoning.budget_tokens': ['reasoning.max_tokens', 'thinking.budget_tokens'],
  'reasoning.summary': ['reasoning.summary', 'thinking.display'],
  'response_format.strict': ['response_format.json_schema.strict', 'response_format'],
  'tools[#].strict': ['tools[#].function.strict']
}

const OLLAMA: Names = {
  max_tokens: ['options.num_predict'],
  temperature: ['options.temperature'],
  top_p: ['options.top_p'],
  top_k: ['options.top_k'],
  stop: ['options.stop'],
  'stop[#]': ['options.stop[#]', 'options.stop'],
  seed: ['options.seed'],
  presence_penalty: ['options.presence_penalty'],
  frequency_penalty: ['options.frequency_penalty'],
  response_format: ['format'],
  'response_format.strict': ['format'],
  reasoning: ['think'],
  'reasoning.effort': ['think'],
  'reasoning.summary': ['think']
}

/** By dialect: where its clients write what the canonical chat calls otherwise. */
const NAMES: Readonly<Record<DialectName, Names>> = {
  'openai-chat': OPENAI,
  'openai-completions': { ...OPENAI, top_logprobs: ['logprobs'] },
  'openai-responses': {
    max_tokens: ['max_output_tokens'],
    logprobs: ['include'],
    user: ['user', 'safety_identifier'],
    verbosity: ['text.verbosity'],
    response_format: ['text.format'],
    'response_format.strict': ['text.format.strict', 'text.format'],
    'reasoning.summary': ['reasoning.summary', 'reasoning.generate_summary']
  },
  anthropic: {
    stop: ['stop_sequences'],
    'stop[#]': ['stop_sequences[#]'],
    user: ['metadata.user_id'],
    parallel_tool_calls: ['tool_choice.disable_parallel_tool_use'],
    response_format: ['output_config.format', 'output_format'],
    'response_format.strict': ['output_config.format', 'output_format'],
    reasoning: ['thinking', 'output_config.effort'],
    'reasoning.effort': ['output_config.effort', 'thinking'],
    'reasoning.budget_tokens': ['thinking.budget_tokens'],
    'reasoning.summary': ['thinking.display']
  },
  gemini: {
    max_tokens: ['generationConfig.maxOutputTokens'],
    temperature: ['generationConfig.temperature'],
    top_p: ['generationConfig.topP'],
    top_k: ['generationConfig.topK'],
    n: ['generationConfig.candidateCount'],
    stop: ['generationConfig.stopSequences'],
    'stop[#]': ['generationConfig.stopSequences[#]'],
    seed: ['generationConfig.seed'],
    presence_penalty: ['generationConfig.presencePenalty'],
    frequency_penalty: ['generationConfig.frequencyPenalty'],
    logprobs: ['generationConfig.responseLogprobs'],
    top_logprobs: ['generationConfig.logprobs'],
    tool_choice: ['toolConfig.functionCallingConfig'],
    service_tier: ['serviceTier'],
    response_format: [
      'generationConfig.responseJsonSchema',
      'generationConfig._responseJsonSchema',
      'generationConfig.responseSchema',
      'generationConfig.responseMimeType'
    ],
    'response_format.strict': [
      'generationConfig.responseJsonSchema',
      'generationConfig._responseJsonSchema',
      'generationConfig.responseSchema'
    ],
    reasoning: ['generationConfig.thinkingConfig'],
    'reasoning.effort': [
      'generationConfig.thinkingConfig.thinkingLevel',
      'generationConfig.thinkingConfig.thinkingBudget'
    ],
    'reasoning.budget_tokens': ['generationConfig.thinkingConfig.thinkingBudget'],
    'reasoning.summary': ['generationConfig.thinkingConfig.includeThoughts'],
    dimensions: ['outputDimensionality'],
    task: ['taskType']
  },
  converse: {
    max_tokens: ['inferenceConfig.maxTokens'],
    temperature: ['inferenceConfig.temperature'],
    top_p: ['inferenceConfig.topP'],
    top_k: ['additionalModelRequestFields.top_k'],
    stop: ['inferenceConfig.stopSequences'],
    'stop[#]': ['inferenceConfig.stopSequences[#]'],
    tools: ['toolConfig.tools'],
    'tools[#].strict': ['toolConfig.tools[#].toolSpec.strict'],
    tool_choice: ['toolConfig.toolChoice'],
    service_tier: ['serviceTier'],
    metadata: ['requestMetadata'],
    response_format: ['outputConfig.textFormat'],
    'response_format.strict': ['outputConfig.textFormat'],
    reasoning: [
      'additionalModelRequestFields.thinking',
      'additionalModelRequestFields.reasoning_config',
      'additionalModelRequestFields.reasoning_effort',
      'additionalModelRequestFields.output_config.effort',
      'outputConfig.effort'
    ],
    'reasoning.effort': [
      'outputConfig.effort',
      'additionalModelRequestFields.output_config.effort',
      'additionalModelRequestFields.reasoning_effort',
      'additionalModelRequestFields.thinking',
      'additionalModelRequestFields.reasoning_config'
    ],
    'reasoning.budget_tokens': [
      'additionalModelRequestFields.thinking.budget_tokens',
      'additionalModelRequestFields.reasoning_config.budget_tokens'
    ],
    'reasoning.summary': ['additionalModelRequestFields.thinking.display']
  },
  cohere: {
    top_p: ['p'],
    top_k: ['k'],
    stop: ['stop_sequences'],
    'stop[#]': ['stop_sequences[#]'],
    'tools[#].strict': ['strict_tools'],
    'response_format.strict': ['response_format'],
    reasoning: ['thinking'],
    'reasoning.effort': ['thinking'],
    'reasoning.budget_tokens': ['thinking.token_budget'],
    'reasoning.summary': ['thinking']
  },
  'ollama-chat': OLLAMA,
  'ollama-generate': OLLAMA
}
