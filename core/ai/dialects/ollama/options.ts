import { type ChatRequest, take } from '../../chat.js'
import { badRequest, isObject, type JsonObject, type Members } from '../../members.js'
import type { Dropped } from '../dialect.js'
import type { Lacks } from '../losses.js'

/** What both of Ollama's ways to ask share. https://docs.ollama.com/api/chat */

/** Reads `options`, `format` and `think`; options nobody else knows (num_ctx, mirostat) stay in `extra` as "options.num_ctx". */
export function readCommon(body: Members, extra: Map<string, unknown>): Partial<ChatRequest> {
  const options = body.within('options')
  const read: Partial<ChatRequest> = {}
  if (options !== undefined) {
    const most = options.number('num_predict')
    if (most !== undefined && most >= 0) read.max_tokens = most // below 0: no limit
    read.temperature = options.number('temperature')
    read.top_p = options.number('top_p')
    read.top_k = options.number('top_k')
    read.stop = options.texts('stop')
    read.seed = options.number('seed')
    read.presence_penalty = options.number('presence_penalty')
    read.frequency_penalty = options.number('frequency_penalty')
    for (const [name, value] of options.rest()) extra.set(`options.${name}`, value)
  }
  readFormat(body, read)
  readThink(body, read)
  read.logprobs = body.flag('logprobs')
  read.top_logprobs = body.count('top_logprobs')
  return read
}

function readFormat(body: Members, read: Partial<ChatRequest>): void {
  const format = body.any('format')
  if (format === undefined || format === '') return
  if (format === 'json') read.response_format = { type: 'json_object' }
  else if (isObject(format)) read.response_format = { type: 'json_schema', name: 'response', schema: format }
  else body.fail('format', '"json" or a JSON schema', format)
}

function readThink(body: Members, read: Partial<ChatRequest>): void {
  const think = body.any('think')
  if (think === false) read.reasoning = { effort: 'none' }
  else if (think === true) read.reasoning = { summary: 'auto' }
  else if (typeof think === 'string') read.reasoning = { effort: think, summary: 'auto' }
  else if (think !== undefined) throw badRequest('think', 'true, false or a level', think)
}

/** What its messages have no place for. */
export const LACKS: Lacks = {
  names: true,
  errors: true,
  details: true,
  marks: true,
  redacted: true,
  signature: () => true
}

/** Writes them; members that Ollama has no place for are dropped by name. */
export function writeCommon(chat: ChatRequest, dropped: Dropped): JsonObject {
  const options: JsonObject = {}
  const put = (name: string, value: unknown) => {
    if (value !== undefined) options[name] = value
  }
  put('num_predict', chat.max_tokens)
  put('temperature', chat.temperature)
  put('top_p', chat.top_p)
  put('top_k', chat.top_k)
  put('stop', chat.stop)
  put('seed', chat.seed)
  put('presence_penalty', chat.presence_penalty)
  put('frequency_penalty', chat.frequency_penalty)
  for (const name of [...chat.extra.keys()]) {
    if (name.startsWith('options.')) put(name.slice('options.'.length), take(chat, name))
  }
  const out: JsonObject = { stream: chat.stream }
  if (Object.keys(options).length > 0) out.options = options
  const format = chat.response_format
  if (format?.type === 'json_object') out.format = 'json'
  else if (format?.type === 'json_schema') out.format = format.schema
  const think = writeThink(chat)
  if (think !== undefined) out.think = think
  if (chat.logprobs !== undefined) out.logprobs = chat.logprobs
  if (chat.top_logprobs !== undefined) out.top_logprobs = chat.top_logprobs
  const kept = take(chat, 'keep_alive')
  if (kept !== undefined) out.keep_alive = kept
  for (const name of ELSEWHERE) {
    if (chat[name] !== undefined && !(name === 'n' && chat.n === 1)) dropped.drop(name)
  }
  return out
}

const ELSEWHERE = ['n', 'logit_bias', 'parallel_tool_calls', 'verbosity', 'service_tier', 'user', 'metadata'] as const

/** Only gpt-oss knows levels; to others thinking is on or off. */
function writeThink({ reasoning, model }: ChatRequest): boolean | string | undefined {
  if (reasoning === undefined) return undefined
  const { effort, budget_tokens } = reasoning
  if (effort === undefined) return budget_tokens === undefined && reasoning.summary === undefined ? undefined : true
  if (effort === 'none') return false
  if (!model.includes('gpt-oss')) return true
  return effort === 'minimal' ? 'low' : effort === 'xhigh' ? 'high' : effort
}
