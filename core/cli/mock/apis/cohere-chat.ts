import type { Buffer } from 'node:buffer'
import { isObject, type JsonObject } from '../../../ai/members.js'
import { type Answer, answerTo } from '../answer.js'
import { billOf, type Call, event, events, json, type Reply } from '../api.js'
import { type Ask, count, optionalObjects, promptTokens, strings, type Turn, text } from '../ask.js'
import { invalid } from '../failure.js'
import { pieces, tokens } from '../tokens.js'
import { turnsOf } from './cohere-messages.js'

/** Cohere's chat, version 2, whole and streamed: https://docs.cohere.com/reference/chat. */
export function chat(call: Call): Reply {
  const { json: body } = call
  if (call.model === '') throw invalid('invalid request: model is required')
  checkRanges(body)
  const turns = turnsOf(body.messages)
  const answer = answerTo(readAsk(body, turns, call.model), call.model, call.faults)
  const plan = planOf(answer)
  const calls = answer.calls.map(({ name, arguments: json }) => {
    return { id: call.state.id(`${name}_`), type: 'function', function: { name, arguments: json.join('') } }
  })
  const end = { finish_reason: finish(answer), ...usageOf(call, answer, promptTokens(turns, body.tools), plan) }
  const id = call.state.id('')
  if (body.stream === true) return stream(id, answer, plan, calls, end)
  const content = [
    ...(answer.reasoning.length > 0 ? [{ type: 'thinking', thinking: answer.reasoning.join('') }] : []),
    ...(answer.text.length > 0 ? [{ type: 'text', text: answer.text.join('') }] : [])
  ]
  const message = {
    role: 'assistant',
    ...(plan.length > 0 && { tool_plan: plan.join('') }),
    ...(content.length > 0 && { content }),
    ...(calls.length > 0 && { tool_calls: calls })
  }
  return json({ id, message, ...end })
}

const RANGES: Readonly<Record<string, readonly [least: number, most: number]>> = {
  p: [0.01, 0.99],
  k: [0, 500],
  temperature: [0, Number.POSITIVE_INFINITY],
  frequency_penalty: [0, 1],
  presence_penalty: [0, 1],
  max_tokens: [0, Number.POSITIVE_INFINITY]
}

function checkRanges(body: JsonObject): void {
  for (const [name, [least, most]] of Object.entries(RANGES)) {
    const value = body[name]
    if (value === undefined || (typeof value === 'number' && value >= least && value <= most)) continue
    throw invalid(`invalid request: ${name} must be between ${least} and ${most}`)
  }
  if (strings(body.stop_sequences).length > 5) throw invalid('invalid request: stop_sequences: 5 are the most')
}

function readAsk(body: JsonObject, turns: readonly Turn[], model: string): Ask {
  const tools = optionalObjects(body.tools).map(({ type, function: tool }, i) => {
    if (type !== 'function' || !isObject(tool)) throw invalid(`invalid request: tools[${i}]: expected a function`)
    return { name: text(tool.name), schema: tool.parameters }
  })
  const { tool_choice: choice, response_format: format, thinking } = body
  if (choice !== undefined && ((choice !== 'REQUIRED' && choice !== 'NONE') || tools.length === 0)) {
    throw invalid('invalid request: tool_choice must be REQUIRED or NONE, and goes with tools')
  }
  const json = isObject(format) && format.type === 'json_object'
  if (json && tools.length > 0) throw invalid('invalid request: response_format is not supported together with tools')
  const thinks = isObject(thinking) ? thinking.type === 'enabled' : model.includes('reasoning')
  return {
    turns,
    tools,
    choice: choice === 'REQUIRED' ? 'required' : choice === 'NONE' ? 'none' : 'auto',
    parallel: true,
    format: json ? (isObject(format.json_schema) ? { schema: format.json_schema } : 'json') : undefined,
    maxTokens: count(body.max_tokens),
    stop: strings(body.stop_sequences),
    think: thinks ? 'shown' : 'no'
  }
}

/** A model that does not reason says first which tools it will use. */
function planOf({ calls, reasoning }: Answer): string[] {
  if (calls.length === 0 || reasoning.length > 0) return []
  return pieces(`I will use ${calls.map(({ name }) => name).join(' and ')}.`)
}

function finish(answer: Answer): string {
  if (answer.stoppedBy !== undefined) return 'STOP_SEQUENCE'
  return { tools: 'TOOL_CALL', length: 'MAX_TOKENS', filter: 'ERROR_TOXIC', stop: 'COMPLETE' }[answer.finish]
}

/** What was billed is what was processed: this one puts nothing of its own before the prompt. */
function usageOf(call: Call, answer: Answer, input: number, plan: readonly string[]): JsonObject {
  const output = answer.outputTokens + plan.reduce((sum, piece) => sum + tokens(piece), 0)
  const cacheRead = Math.min(call.faults.number('cached') ?? 0, input)
  call.bill(billOf({ input, output, reasoning: answer.reasoningTokens, cacheRead }))
  if (call.faults.has('no-usage')) return {}
  const both = { input_tokens: input, output_tokens: output }
  return { usage: { billed_units: both, tokens: both, cached_tokens: cacheRead } }
}

function stream(
  id: string,
  answer: Answer,
  plan: readonly string[],
  calls: readonly JsonObject[],
  end: JsonObject
): Reply {
  const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
  const frames = [event('message-start', { id, delta: { message } })]
  const parts = [
    { name: 'thinking', all: answer.reasoning },
    { name: 'text', all: answer.text }
  ].filter(({ all }) => all.length > 0)
  for (const [index, { name, all }] of parts.entries()) frames.push(...part(index, name, all))
  for (const piece of plan) frames.push(event('tool-plan-delta', { delta: { message: { tool_plan: piece } } }))
  for (const [index, call] of calls.entries())
    frames.push(...toolCall(index, call, answer.calls[index]?.arguments ?? []))
  frames.push(event('message-end', { delta: end }))
  return events(frames, 1)
}

function part(index: number, type: string, all: readonly string[]): Buffer[] {
  const content = (members: JsonObject) => ({ index, delta: { message: { content: members } } })
  return [
    event('content-start', content({ type, [type]: '' })),
    ...all.map(piece => event('content-delta', content({ [type]: piece }))),
    event('content-end', { index })
  ]
}

function toolCall(index: number, call: JsonObject, all: readonly string[]): Buffer[] {
  const delta = (calls: JsonObject) => ({ index, delta: { message: { tool_calls: calls } } })
  const called = isObject(call.function) ? call.function : {}
  return [
    event('tool-call-start', delta({ ...call, function: { ...called, arguments: '' } })),
    ...all.map(piece => event('tool-call-delta', delta({ function: { arguments: piece } }))),
    event('tool-call-end', { index })
  ]
}
