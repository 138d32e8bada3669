import { Refusal } from '../../../base/refusal.js'
import type { ChatRequest, Reasoning, ResponseFormat } from '../../chat.js'
import { badRequest, type JsonObject, Members } from '../../members.js'
import type { RequestHints } from '../dialect.js'
import { KEPT_WISHES } from './kept.js'
import { readInput } from './read-input.js'
import { readTools } from './read-tools.js'

/** @throws Refusal GW_AI_REQUEST_INVALID */
export function readRequest(body: JsonObject, hints: RequestHints): ChatRequest {
  const members = new Members(body, '', badRequest)
  const sameDialect = hints.sameDialect === true
  const toSee = hints.toSee === true
  if (!sameDialect && !toSee) refuseState(members)
  const text = members.within('text')
  const reasoning = members.within('reasoning')
  const input = readInput(members, sameDialect, toSee)
  const tools = readTools(members, sameDialect, toSee)
  const include = members.texts('include') ?? []
  const chat: ChatRequest = {
    model: hints.model === '' ? members.text('model') : hints.model,
    messages: input.messages,
    stream: hints.stream ?? members.flag('stream') ?? false,
    max_tokens: members.count('max_output_tokens'),
    temperature: members.number('temperature'),
    top_p: members.number('top_p'),
    logprobs: include.includes('message.output_text.logprobs') || undefined,
    top_logprobs: members.count('top_logprobs'),
    tools: tools.tools,
    tool_choice: tools.choice,
    parallel_tool_calls: members.flag('parallel_tool_calls'),
    response_format: readFormat(text),
    reasoning: readReasoning(reasoning),
    verbosity: text?.optionalText('verbosity'),
    service_tier: members.optionalText('service_tier'),
    user: members.optionalText('user'),
    metadata: readMetadata(members.within('metadata')),
    extra: new Map(),
    ...(input.kept.length > 0 && { kept: input.kept })
  }
  if (!sameDialect) chat.user ??= members.optionalText('safety_identifier')
  members.ignore('model', 'stream', 'stream_options')
  // What these say by default, or what is so here anyway: reasoning always comes sealed, and what is stored is stored here.
  if (members.object.truncation === 'disabled') members.ignore('truncation')
  if (members.object.background === false) members.ignore('background')
  if (!sameDialect) members.ignore('store')
  chat.extra = members.rest()
  if (sameDialect) chat.extra.set(KEPT_WISHES, true)
  const included = sameDialect ? include : include.filter(name => !INCLUDED.has(name))
  if (included.length > 0) chat.extra.set('include', included)
  for (const within of [text, reasoning]) {
    if (within !== undefined) for (const [name, value] of within.rest()) chat.extra.set(within.at(name), value)
  }
  for (const found of [input.extra, tools.extra]) for (const [name, value] of found) chat.extra.set(name, value)
  return chat
}

const INCLUDED: ReadonlySet<string> = new Set(['reasoning.encrypted_content', 'message.output_text.logprobs'])

/** State lives at the provider that made it: without it the model would answer something else than was asked. */
function refuseState(members: Members): void {
  for (const [name, instead] of Object.entries(STATE)) {
    const value = members.object[name]
    if (value === undefined || value === null || value === false) continue
    const shown = typeof value === 'string' ? `"${value.slice(0, 80)}"` : 'this'
    const message = `${name}: ${shown} cannot be used with this model: ${instead}`
    throw new Refusal('GW_AI_REQUEST_INVALID', message, [], { param: name, detail: message })
  }
}

const STATE = {
  previous_response_id: 'the response is not known here; send the whole conversation in input',
  conversation: 'the conversation lives at another provider; send its items in input',
  prompt: 'the prompt lives at another provider; send what it says in instructions and input',
  background: 'its provider does not answer in the background; leave background out'
} as const

function readFormat(text: Members | undefined): ResponseFormat | undefined {
  const format = text?.within('format')
  if (format === undefined) return undefined
  const type = format.text('type')
  if (type === 'text' || type === 'json_object') return { type }
  if (type !== 'json_schema') return format.fail('type', '"text", "json_object" or "json_schema"', type)
  return {
    type,
    name: format.optionalText('name') ?? 'response',
    schema: format.record('schema') ?? format.fail('schema', 'a JSON Schema', undefined),
    strict: format.flag('strict'),
    description: format.optionalText('description')
  }
}

function readReasoning(reasoning: Members | undefined): Reasoning | undefined {
  if (reasoning === undefined) return undefined
  const effort = reasoning.optionalText('effort')
  const older = reasoning.optionalText('generate_summary')
  const summary = reasoning.optionalText('summary') ?? older
  return effort === undefined && summary === undefined ? undefined : { effort, summary }
}

function readMetadata(metadata: Members | undefined): Record<string, string> | undefined {
  if (metadata === undefined) return undefined
  const read = new Map<string, string>()
  for (const name of Object.keys(metadata.object)) {
    const value = metadata.optionalText(name)
    if (value !== undefined) read.set(name, value)
  }
  return read.size > 0 ? Object.fromEntries(read) : undefined
}
