import { createHash } from 'node:crypto'
import type { ChatRequest } from '../chat.js'
import type { DialectName, Dropped, Operation } from '../dialects/dialect.js'
import { callId, NO_ARGUMENTS } from '../dialects/tool-calls.js'
import type { JsonObject } from '../members.js'
import { bearer } from './bearer.js'
import { forwarded, methodOf, pathOf } from './openai-address.js'
import type { Provider, ProviderCall } from './provider.js'
import { adapt, type Droppable, dropMembers, finish, type Quirks } from './quirks.js'

/** https://platform.openai.com/docs/guides/images-vision#image-input-requirements */
const IMAGES: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp', 'image/gif'])

export const OPENAI_QUIRKS: Quirks = {
  developer: true,
  customTools: true,
  maxCompletionTokens: true,
  mostStops: 4,
  videos: false,
  drops: ['top_k'],
  strict: true,
  plainRoots: true,
  images: IMAGES,
  effort: openaiEffort
}

/** Responses have a place for earlier reasoning, and know themselves what they cannot say. */
const RESPONSES_QUIRKS: Quirks = {
  developer: true,
  customTools: true,
  drops: [],
  thoughts: 'blocks',
  cacheControl: true,
  fileUrls: true,
  instructions: true,
  plainRoots: true,
  images: IMAGES,
  videos: false,
  effort: openaiEffort
}

/** https://platform.openai.com/docs/api-reference */
export const openai: Provider = {
  name: 'openai',
  title: 'OpenAI',
  baseUrl: 'https://api.openai.com/v1',
  required: [],
  optional: ['organization', 'project'],
  dialects: openaiDialects,

  address(call) {
    const { organization, project } = call.account.options
    const headers = forwarded(call.headers)
    if (organization !== undefined) headers.push('openai-organization', organization)
    if (project !== undefined) headers.push('openai-project', project)
    return { method: methodOf(call.operation), path: pathOf(call), headers }
  },

  authorize: (_request, credential) => bearer('openai', credential),
  adapt: adaptOpenai,
  finish: finishOpenai
}

export function finishOpenai(body: JsonObject, { dialect, operation }: ProviderCall): void {
  if (dialect.name === 'openai-chat') finish(OPENAI_QUIRKS, body)
  // What only an answer needs is refused where tokens are counted.
  if (operation !== 'response-input-tokens') return
  for (const name of Object.keys(body)) if (!COUNTED.has(name)) delete body[name]
}

const COUNTED = new Set([
  ...['model', 'input', 'instructions', 'tools', 'tool_choice', 'parallel_tool_calls'],
  ...['text', 'reasoning', 'truncation', 'previous_response_id', 'conversation']
])

/** Models that continue a prompt and do not chat. */
const CONTINUES = /instruct|^(?:davinci|babbage)/
/** Models that are only to be had by responses. */
const RESPONSES_ONLY = /^(?:o\d+-pro|gpt-5(?:\.\d+)?-pro|gpt-5(?:\.\d+)?-codex|codex-|computer-use)|deep-research/

export function openaiDialects(operation: Operation, model: string): readonly DialectName[] {
  switch (operation) {
    case 'chat':
      if (CONTINUES.test(model)) return ['openai-completions']
      return RESPONSES_ONLY.test(model) ? ['openai-responses'] : ['openai-chat', 'openai-responses']
    case 'response-get':
    case 'response-delete':
    case 'response-cancel':
    case 'response-input-items':
    case 'response-input-tokens':
      return ['openai-responses']
    case 'invoke':
    case 'rerank':
    case 'count-tokens':
      return []
    default:
      return ['openai-chat']
  }
}

/** What models that think refuse: https://platform.openai.com/docs/guides/reasoning */
const SAMPLING: readonly Droppable[] = [
  'temperature',
  'top_p',
  'stop',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs'
]

/** As a chat goes to OpenAI, or to its models at Azure. */
export function adaptOpenai(
  chat: ChatRequest,
  dropped: Dropped,
  dialect = openaiDialects('chat', chat.model)[0]
): void {
  adapt(dialect === 'openai-responses' ? RESPONSES_QUIRKS : OPENAI_QUIRKS, chat, dropped)
  fitCalls(chat, dialect === 'openai-responses' ? MAX_CALL_ID : MAX_TOOL_CALL_ID)
  // With tools its thoughts are asked for (sealed), whether the client spoke of them or not: they have to come back with the results.
  if (chat.tools !== undefined && canThink(chat.model)) chat.reasoning ??= {}
  if (samplingRefused(chat)) {
    if (chat.temperature === 1) chat.temperature = undefined
    if (chat.top_p === 1) chat.top_p = undefined
    dropMembers(chat, SAMPLING, dropped)
  }
  if (dialect === 'openai-chat' && /^o\d/.test(chat.model)) dropMembers(chat, ['parallel_tool_calls'], dropped)
  // "The 'metadata' parameter is only allowed when 'store' is enabled."
  if (dialect === 'openai-chat' && chat.extra.get('store') !== true) dropMembers(chat, ['metadata'], dropped)
  if (chat.user !== undefined && chat.user.length > MAX_USER) {
    chat.user = createHash('sha256').update(chat.user).digest('hex')
  }
  if (chat.service_tier !== undefined && !TIERS.has(chat.service_tier)) dropMembers(chat, ['service_tier'], dropped)
}

/** Characters of a call's id: "string too long. Expected a string with maximum length 40". */
const MAX_TOOL_CALL_ID = 40
const MAX_CALL_ID = 64

/**
 * Gives calls whose ids others made longer than OpenAI takes another, the same each time, in the call and in what it came to; and those without
 * arguments none as JSON has it.
 */
function fitCalls({ messages }: ChatRequest, most: number): void {
  const short = (id: string) => (id.length <= most ? id : callId(id, 0, 0, ''))
  for (const message of messages) {
    if (message.role === 'tool') message.tool_call_id = short(message.tool_call_id)
    if (message.role !== 'assistant') continue
    for (const part of message.content) {
      if (part.type !== 'tool_call') continue
      part.id = short(part.id)
      if (!part.custom) part.arguments ||= NO_ARGUMENTS
    }
  }
}

/** Characters of `user`: the ids of Claude Code are longer. A hash tells users apart as well. */
const MAX_USER = 64

const TIERS: ReadonlySet<string> = new Set(['auto', 'default', 'flex', 'priority', 'scale'])

/** The first of GPT-5 and the o models think always; later ones may be told not to, and then take all. */
const ALWAYS_THINKS = /^(?:o\d|gpt-5(?!\.\d|-chat))/
const MAY_THINK = /^gpt-(?:5\.\d|[6-9])(?!.*-chat)/

function canThink(model: string): boolean {
  return ALWAYS_THINKS.test(model) || MAY_THINK.test(model)
}

function samplingRefused({ model, reasoning }: ChatRequest): boolean {
  if (ALWAYS_THINKS.test(model)) return true
  return MAY_THINK.test(model) && reasoning?.effort !== undefined && reasoning.effort !== 'none'
}

/** The effort that a model takes which comes nearest; undefined: it does not think. */
function openaiEffort(model: string, effort: string): string | undefined {
  if (/^(?:gpt-[34]|chatgpt|gpt-5[\d.]*-chat)/.test(model)) return undefined
  if (/^o\d/.test(model)) return effort === 'none' || effort === 'minimal' ? 'low' : (CAPPED[effort] ?? effort)
  if (/^gpt-5(?!\.\d)/.test(model)) return effort === 'none' ? 'minimal' : (CAPPED[effort] ?? effort)
  if (MAY_THINK.test(model)) return effort === 'minimal' ? 'low' : effort === 'max' ? 'xhigh' : effort
  return effort
}

/** The first models know nothing above "high". */
const CAPPED: Readonly<Record<string, string>> = { xhigh: 'high', max: 'high' }
