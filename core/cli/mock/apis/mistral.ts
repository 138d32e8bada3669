import { Buffer } from 'node:buffer'
import { isObject, type JsonObject } from '../../../ai/members.js'
import { type Answer, answerTo } from '../answer.js'
import { billOf, type Call, data, type Endpoint, events, json, type Reply } from '../api.js'
import { type Ask, count, optionalObjects, promptTokens, strings, type Tool, type Turn, text } from '../ask.js'
import { invalid } from '../failure.js'
import { CREATED } from '../state.js'
import { mistralErrors } from './mistral-errors.js'
import { extra, turnsOf } from './mistral-messages.js'

/** Mistral's chat, below a path that says so: it looks like OpenAI's, and refuses much of it. https://docs.mistral.ai/api */
export const mistral: Endpoint = {
  method: 'POST',
  path: /\/mistral\/(?:.+\/)?chat\/completions$/,
  errors: mistralErrors,
  handle
}

/** All that a request may have. */
const MEMBERS = new Set(
  (
    'model messages stream temperature top_p max_tokens stop random_seed metadata response_format tools tool_choice ' +
    'presence_penalty frequency_penalty n prediction parallel_tool_calls reasoning_effort prompt_mode guardrails ' +
    'prompt_cache_key service_tier safe_prompt'
  ).split(' ')
)

function handle(call: Call): Reply {
  const { json: body } = call
  for (const name of Object.keys(body)) if (!MEMBERS.has(name)) throw extra([name])
  if (call.model === '') throw invalid('model: Field required')
  const turns = turnsOf(body.messages)
  const answer = answerTo(readAsk(body, turns, call.model), call.model, call.faults)
  const usage = usageOf(call, answer, promptTokens(turns, body.tools))
  const head = { id: call.state.id(''), created: CREATED, model: call.model }
  const calls = answer.calls.map((each, index) => ({
    index,
    id: call.state.id('').slice(0, 9),
    type: 'function',
    function: { name: each.name, arguments: each.arguments.join('') }
  }))
  if (body.stream === true) return stream(head, answer, calls, usage)
  const message = {
    role: 'assistant',
    content: answer.reasoning.length > 0 ? chunks(answer) : answer.text.join(''),
    tool_calls: calls.length > 0 ? calls : null
  }
  return json({
    ...head,
    object: 'chat.completion',
    ...usage,
    choices: [{ index: 0, finish_reason: finish(answer), message }]
  })
}

function readAsk(body: JsonObject, turns: readonly Turn[], model: string): Ask {
  const format = isObject(body.response_format) ? body.response_format : {}
  const schema = isObject(format.json_schema) ? format.json_schema.schema : undefined
  const effort = typeof body.reasoning_effort === 'string' && body.reasoning_effort !== 'none'
  return {
    turns,
    tools: optionalObjects(body.tools).map(readTool),
    choice: readChoice(body.tool_choice),
    parallel: body.parallel_tool_calls !== false,
    format: format.type === 'json_schema' ? { schema } : format.type === 'json_object' ? 'json' : undefined,
    maxTokens: count(body.max_tokens),
    stop: strings(body.stop),
    think: effort || model.startsWith('magistral') ? 'shown' : 'no'
  }
}

const TOOL_MEMBERS = ['name', 'description', 'parameters', 'strict']

function readTool({ type, function: tool }: JsonObject, i: number): Tool {
  if (type !== 'function' || !isObject(tool)) throw invalid(`tools[${i}]: expected a function`)
  for (const name of Object.keys(tool)) if (!TOOL_MEMBERS.includes(name)) throw extra(['tools', i, 'function', name])
  if (!isObject(tool.parameters)) throw invalid(`tools[${i}].function.parameters: Field required`)
  return { name: text(tool.name), schema: tool.parameters }
}

function readChoice(choice: unknown): Ask['choice'] {
  if (choice === undefined || choice === 'auto' || choice === 'none') return choice ?? 'auto'
  if (choice === 'any' || choice === 'required') return 'required'
  if (isObject(choice) && isObject(choice.function)) return [text(choice.function.name)]
  throw invalid("tool_choice: Input should be 'auto', 'none', 'any' or 'required', or a function")
}

function usageOf(call: Call, answer: Answer, input: number): JsonObject {
  const output = answer.outputTokens
  const cacheRead = Math.min(call.faults.number('cached') ?? 0, input)
  call.bill(billOf({ input, output, reasoning: answer.reasoningTokens, cacheRead }))
  if (call.faults.has('no-usage')) return {}
  const usage = { prompt_tokens: input, total_tokens: input + output, completion_tokens: output }
  return { usage: cacheRead > 0 ? { ...usage, prompt_tokens_details: { cached_tokens: cacheRead } } : usage }
}

function finish({ finish: reason }: Answer): string {
  return { tools: 'tool_calls', length: 'length', filter: 'error', stop: 'stop' }[reason]
}

function thought(piece: string): JsonObject {
  return { type: 'thinking', thinking: [{ type: 'text', text: piece }] }
}

function chunks(answer: Answer): JsonObject[] {
  const said = answer.text.join('')
  return [thought(answer.reasoning.join('')), ...(said === '' ? [] : [{ type: 'text', text: said }])]
}

/** A call comes whole, and what was used with the last chunk, whether it was asked for or not. */
function stream(head: JsonObject, answer: Answer, calls: readonly JsonObject[], usage: JsonObject): Reply {
  const chunk = (delta: JsonObject, reason: string | null = null, more: JsonObject = {}): Buffer => {
    const choices = [{ index: 0, delta, finish_reason: reason, logprobs: null }]
    return data({ ...head, object: 'chat.completion.chunk', choices, ...more })
  }
  const last = calls.length > 0 ? { content: null, tool_calls: calls } : { content: '' }
  const frames = [
    chunk({ role: 'assistant', content: '' }),
    ...answer.reasoning.map(piece => chunk({ content: [thought(piece)] })),
    ...answer.text.map(piece => chunk({ content: piece })),
    chunk(last, finish(answer), usage),
    Buffer.from('data: [DONE]\n\n')
  ]
  return events(frames, 2)
}
