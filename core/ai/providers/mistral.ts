import { createHash } from 'node:crypto'
import type { DialectName, Operation } from '../dialects/dialect.js'
import { objectsOf } from '../dialects/openai-chat/lenient.js'
import { isObject, type JsonObject } from '../members.js'
import { isMistrals } from '../mistral-client.js'
import { bearer } from './bearer.js'
import { rename, renamed } from './edits.js'
import { CALL_ID, inOrder, isForeign } from './mistral-messages.js'
import { forwarded, methodOf, pathOf } from './openai-address.js'
import type { Provider, ProviderAddress, ProviderCall } from './provider.js'
import { adapt, finish, type Quirks } from './quirks.js'

const QUIRKS: Quirks = {
  drops: ['top_k', 'logit_bias', 'logprobs', 'top_logprobs', 'verbosity', 'service_tier', 'user'],
  nameless: true,
  fileUrls: true,
  videos: false,
  thoughts: 'chunks',
  effort: (model, effort) => (THINKS_ON_DEMAND.test(model) ? (effort === 'none' ? 'none' : 'high') : undefined)
}

const THINKS_ALWAYS = /^magistral/
/** When they are told to. */
const THINKS_ON_DEMAND = /^mistral-(?:small|medium)-(?:latest|26\d\d|3\.5|4)/

const OPERATIONS: ReadonlySet<Operation> = new Set([
  'chat',
  'embeddings',
  'moderations',
  'transcription',
  'speech',
  'models'
])

/** Names of OpenAI's that Mistral has others for. It refuses members that it does not know. */
const NAMES = { max_completion_tokens: 'max_tokens', seed: 'random_seed' } as const

const EMBEDDING_NAMES = { dimensions: 'output_dimension' } as const

/** What OpenAI's clients send and Mistral refuses: most of them without being asked to. */
const UNKNOWN = [
  'audio',
  'function_call',
  'functions',
  'logit_bias',
  'logprobs',
  'modalities',
  'prompt_cache_retention',
  'safety_identifier',
  'store',
  'top_logprobs',
  'user',
  'verbosity',
  'web_search_options'
] as const

/** https://docs.mistral.ai/api */
export const mistral: Provider = {
  name: 'mistral',
  title: 'Mistral',
  baseUrl: 'https://api.mistral.ai/v1',
  required: [],
  optional: [],
  streamsUsage: true,
  dialects: (operation): readonly DialectName[] => (OPERATIONS.has(operation) ? ['openai-chat'] : []),

  address(call) {
    if (call.operation === 'embeddings') return embedded(call)
    const body = call.operation === 'chat' ? call.body : undefined
    const dropped = UNKNOWN.filter(name => body?.[name] !== undefined)
    const edits = renamed(body, NAMES, [...dropped, 'stream_options'])
    return { method: methodOf(call.operation), path: pathOf(call), headers: forwarded(call.headers), edits, dropped }
  },

  authorize: (_request, credential) => bearer('mistral', credential),

  adapt(chat, dropped) {
    adapt(QUIRKS, chat, dropped)
    chat.messages = inOrder(chat.messages)
    // Its calls are named by nine letters and digits.
    for (const message of chat.messages) {
      if (message.role === 'tool') message.tool_call_id = callId(message.tool_call_id)
      if (message.role !== 'assistant') continue
      for (const part of message.content) if (part.type === 'tool_call') part.id = callId(part.id)
    }
  },

  rewrites: (operation, body) => (operation === 'chat' && isForeign(body) ? 'request' : undefined),

  /** Of models that think, `content` is a list of chunks. */
  answersOddly({ operation, model, body, headers }) {
    if (operation !== 'chat' || isMistrals(headers)) return false
    return THINKS_ALWAYS.test(model) || (THINKS_ON_DEMAND.test(model) && body?.reasoning_effort !== undefined)
  },

  finish(body, call) {
    if (call.operation === 'embeddings') rename(body, 'dimensions', 'output_dimension')
    if (call.operation !== 'chat') return
    finish(QUIRKS, body)
    delete body.stream_options
    rename(body, 'seed', 'random_seed')
    narrow(body)
    if (body.tool_choice === 'required') body.tool_choice = 'any'
    for (const { function: tool } of objectsOf(body.tools)) {
      if (isObject(tool)) tool.parameters ??= { type: 'object', properties: {} }
    }
    finishMessages(objectsOf(body.messages))
  }
}

/** An input to embed: whom it is for is not taken. */
function embedded(call: ProviderCall): ProviderAddress {
  const dropped = call.body?.user === undefined ? [] : ['user']
  const edits = renamed(call.body, EMBEDDING_NAMES, dropped)
  return { method: methodOf(call.operation), path: pathOf(call), headers: forwarded(call.headers), edits, dropped }
}

/** A choice among some of the tools, which Mistral does not know: it gets no others. */
function narrow(body: JsonObject): void {
  const { tool_choice: choice } = body
  if (!isObject(choice) || !isObject(choice.allowed_tools)) return
  const { mode, tools } = choice.allowed_tools
  const allowed = new Set(objectsOf(tools).map(nameOf))
  body.tools = objectsOf(body.tools).filter(tool => allowed.has(nameOf(tool)))
  body.tool_choice = mode
}

function nameOf({ function: tool }: JsonObject): unknown {
  return isObject(tool) ? tool.name : undefined
}

function finishMessages(messages: JsonObject[]): void {
  for (const { content } of messages) {
    for (const part of objectsOf(content)) {
      if (part.type === 'file' && isObject(part.file)) toDocument(part, part.file)
      else if (part.type === 'input_audio' && isObject(part.input_audio)) part.input_audio = part.input_audio.data
    }
  }
  const last = messages.at(-1)
  // An answer that is to be continued has to say so.
  if (last?.role === 'assistant' && last.tool_calls === undefined) last.prefix = true
}

function toDocument(part: JsonObject, file: JsonObject): void {
  if (file.file_data === undefined) return
  part.type = 'document_url'
  part.document_url = file.file_data
  if (file.filename !== undefined) part.document_name = file.filename
  delete part.file
}

const CALL_ID_LENGTH = 9

/** The same nine letters and digits for the same name each time, in the call and in what it came to. */
function callId(id: string): string {
  if (CALL_ID.test(id)) return id
  return createHash('sha256').update(id).digest('hex').slice(0, CALL_ID_LENGTH)
}
