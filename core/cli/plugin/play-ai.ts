import type { ChatRequest } from '../../ai/chat.js'
import { openaiChat } from '../../ai/dialects/openai-chat/index.js'
import type { ChatEvent } from '../../ai/events.js'
import { isObject, type JsonObject } from '../../ai/members.js'
import { usageOf } from '../../ai/usage.js'
import type { Reply } from '../../base/http.js'
import { answerPolicies } from '../../gateway/ai/answer-policies.js'
import { eachPolicy, type HookCall } from '../../gateway/ai/hooks.js'
import { usageForPlugins } from '../../gateway/ai/plugin-usage.js'
import { promptPolicies } from '../../gateway/ai/prompt-policies.js'
import { StreamEditor } from '../../gateway/ai/stream-editor.js'
import { UsageInput } from '../../plugin-host/abi.js'
import type { ExpectedAi, GivenAi } from './case-ai.js'

/** What came of the AI part of a case, in the words of what is expected. */
export type PlayedAi = Omit<ExpectedAi, 'tags'>

const MODEL = 'model'
const ANSWERING = { account: { name: 'account' }, model: MODEL }
const WISH = { model: MODEL, includeUsage: false, request: {} }

/**
 * Plays the AI hooks as an AI route does: the prompt, then the answer, whole or streamed, then what was used.
 * @returns the reply of a policy that answered itself, or what came out
 */
export async function playAi(given: GivenAi, call: HookCall): Promise<{ early: Reply } | PlayedAi> {
  const played: PlayedAi = {}
  if (isObject(given.prompt)) {
    const early = await prompt(given.prompt, call, played)
    if (early !== undefined) return { early }
  }
  if (isObject(given.answer)) {
    const early = await answer(given.answer, call, played)
    if (early !== undefined) return { early }
  }
  if (given.stream !== undefined) await stream(given.stream, call, played)
  if (given.usage !== undefined) {
    const { microDollars = 0, ...tokens } = given.usage
    const usage = usageForPlugins(usageOf(tokens), microDollars)
    const input = UsageInput.encode({ provider: 'account', model: MODEL, usage }).finish()
    await eachPolicy('on_usage', call, { input: () => input, apply: () => undefined })
  }
  return played
}

async function prompt(given: JsonObject, call: HookCall, played: PlayedAi): Promise<Reply | undefined> {
  const body: JsonObject = { model: MODEL, messages: [], ...given }
  const chat: ChatRequest = openaiChat.chat.readRequest(body, { model: '', stream: undefined, headers: [] })
  const asked = {
    ...call,
    model: chat.model,
    edited: undefined as ChatRequest | undefined,
    changes: [],
    providerTools: () => [],
    stream: chat.stream,
    seen: () => structuredClone(chat),
    promptTokens: () => 0
  }
  const early = await promptPolicies(asked)
  played.model = asked.model
  const went = asked.edited ?? chat
  played.prompt = openaiChat.chat.writeRequest({ ...went, model: asked.model }, { drop: () => undefined })
  return early
}

async function answer(message: JsonObject, call: HookCall, played: PlayedAi): Promise<Reply | undefined> {
  const calls = Array.isArray(message.tool_calls) && message.tool_calls.length > 0
  const choice = { index: 0, message: { role: 'assistant', ...message }, finish_reason: calls ? 'tool_calls' : 'stop' }
  const response = openaiChat.chat.readResponse({
    id: 'answer',
    object: 'chat.completion',
    model: MODEL,
    choices: [choice]
  })
  const { reply } = await answerPolicies(call, ANSWERING, response)
  const { choices } = openaiChat.chat.writeResponse(response, WISH)
  const first: unknown = Array.isArray(choices) ? choices[0] : undefined
  if (isObject(first) && isObject(first.message)) {
    played.answer = first.message
    played.finish = typeof first.finish_reason === 'string' ? first.finish_reason : ''
  }
  return reply
}

async function stream(pieces: NonNullable<GivenAi['stream']>, call: HookCall, played: PlayedAi): Promise<void> {
  const editor = new StreamEditor(call, ANSWERING)
  const texts: string[] = []
  const all: ChatEvent[] = [...(await editor.events([{ type: 'start', id: 'answer', model: MODEL, created: 0 }]))]
  let calls = 0
  for (const piece of pieces) {
    const out = await editor.events(eventsOf(piece, calls))
    if (typeof piece === 'object' && 'toolCall' in piece) calls++
    texts.push(textIn(out))
    all.push(...out)
  }
  const reason = calls > 0 ? 'tool_calls' : 'stop'
  const last = await editor.events([{ type: 'finish', choice: 0, reason }, { type: 'end' }])
  texts.push(textIn(last))
  all.push(...last)
  played.pieces = texts
  played.text = texts.join('')
  played.finish = all.flatMap(event => (event.type === 'finish' ? [event.reason] : [])).at(-1) ?? ''
  played.toolCalls = callsIn(all)
}

function eventsOf(piece: NonNullable<GivenAi['stream']>[number], call: number): ChatEvent[] {
  if (typeof piece === 'string') return [{ type: 'text', choice: 0, text: piece }]
  if ('thinking' in piece) return [{ type: 'thinking', choice: 0, text: piece.thinking }]
  const { id = `call_${call}`, name, arguments: args } = piece.toolCall
  const text = typeof args === 'string' ? args : JSON.stringify(args)
  return [
    { type: 'tool_call', choice: 0, call, id, name },
    { type: 'arguments', choice: 0, call, text }
  ]
}

function textIn(events: readonly ChatEvent[]): string {
  return events.map(event => (event.type === 'text' ? event.text : '')).join('')
}

function callsIn(events: readonly ChatEvent[]): NonNullable<ExpectedAi['toolCalls']> {
  return events.flatMap(event => {
    if (event.type !== 'tool_call') return []
    const own = events.filter(each => each.type === 'arguments' && each.call === event.call)
    const text = own.map(each => (each.type === 'arguments' ? each.text : '')).join('')
    return [{ id: event.id, name: event.name, arguments: text }]
  })
}
