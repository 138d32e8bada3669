import { Buffer } from 'node:buffer'
import { isObject, type JsonObject } from '../../../ai/members.js'
import { type Answer, answerTo } from '../answer.js'
import { billOf, type Call, data, type Endpoint, events, json, type Reply } from '../api.js'
import { type Ask, count, objects, optionalObjects, promptTokens, strings, type Tool, type Turn, text } from '../ask.js'
import { invalid } from '../failure.js'
import { CREATED } from '../state.js'
import { openaiErrors } from './openai-errors.js'

/** OpenAI's Chat Completions, and with `deployments/NAME` in the path, Azure's. */
export const chatCompletions: Endpoint = {
  method: 'POST',
  path: /\/(?:deployments\/([^/]+)\/)?chat\/completions$/,
  errors: openaiErrors,
  model: groups => groups[0] ?? '',
  handle
}

function handle(call: Call): Reply {
  const body = call.json
  if (call.model === '') throw invalid('you must provide a model parameter', 'model')
  const turns = readTurns(objects(body.messages, 'messages'))
  const ask = readAsk(body, turns)
  const n = Math.max(1, Math.min(count(body.n) ?? 1, 16))
  const answer = answerTo(ask, call.model, call.faults)
  const usage = usageOf(call, promptTokens(turns, body.tools), answer, n)
  const head = { id: call.state.id('chatcmpl-'), created: CREATED, model: call.model, system_fingerprint: 'fp_mock' }
  const ids = answer.calls.map(() => call.state.id('call_'))
  if (body.stream === true) return stream(call, head, answer, ids, usage, n)
  const choices = Array.from({ length: n }, (_, index) => {
    return { index, message: message(answer, ids), logprobs: null, finish_reason: finish(answer) }
  })
  return json({ object: 'chat.completion', ...head, choices, ...(usage && { usage }), service_tier: 'default' })
}

function readTurns(messages: readonly JsonObject[]): Turn[] {
  const open = new Set<string>()
  const turns = messages.map((each, i): Turn => {
    const at = `messages.[${i}]`
    const role = each.role === 'developer' ? 'system' : each.role
    if (role !== 'system' && role !== 'user' && role !== 'assistant' && role !== 'tool' && role !== 'function') {
      throw invalid(
        `Invalid value: '${String(each.role)}'. ` +
          "Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.",
        `messages[${i}].role`,
        'invalid_value'
      )
    }
    if (role === 'tool') {
      if (!open.delete(text(each.tool_call_id))) {
        throw invalid(
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
          `${at}.role`
        )
      }
    } else if (open.size > 0) throw unanswered(open, at)
    const calls = optionalObjects(each.tool_calls)
    for (const each of calls) open.add(text(each.id))
    const { words, media } = readContent(each.content)
    return {
      role: role === 'function' ? 'tool' : role,
      text: words + (calls.length > 0 ? JSON.stringify(calls) : ''),
      media
    }
  })
  if (open.size > 0) throw unanswered(open, `messages.[${messages.length}]`)
  return turns
}

function unanswered(ids: ReadonlySet<string>, param: string): Error {
  return invalid(
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. ` +
      `The following tool_call_ids did not have response messages: ${[...ids].join(', ')}`,
    `${param}.role`
  )
}

const MEDIA: Readonly<Record<string, string>> = { image_url: 'an image', input_audio: 'a sound', file: 'a file' }

function readContent(content: unknown): { words: string; media: string[] } {
  if (typeof content === 'string') return { words: content, media: [] }
  const parts = optionalObjects(content)
  const words = parts.map(part => text(part.text) || text(part.refusal)).filter(each => each !== '')
  return { words: words.join('\n'), media: parts.flatMap(part => MEDIA[text(part.type)] ?? []) }
}

function readAsk(body: JsonObject, turns: readonly Turn[]): Ask {
  const format = isObject(body.response_format) ? body.response_format : {}
  const schema = isObject(format.json_schema) ? format.json_schema.schema : undefined
  return {
    turns,
    tools: optionalObjects(body.tools).flatMap(readTool),
    choice: readChoice(body.tool_choice),
    parallel: body.parallel_tool_calls !== false,
    format: format.type === 'json_schema' ? { schema } : format.type === 'json_object' ? 'json' : undefined,
    maxTokens: count(body.max_completion_tokens) ?? count(body.max_tokens),
    stop: strings(body.stop),
    think: reasons(body.reasoning_effort) ? 'hidden' : 'no'
  }
}

/** Whether an effort is one. */
export function reasons(effort: unknown): boolean {
  return typeof effort === 'string' && effort !== 'none'
}

function readTool(tool: JsonObject): Tool[] {
  const inner = isObject(tool.function) ? tool.function : undefined
  return inner === undefined ? [] : [{ name: text(inner.name), schema: inner.parameters }]
}

function readChoice(choice: unknown): Ask['choice'] {
  if (choice === 'none' || choice === 'required') return choice
  if (!isObject(choice)) return 'auto'
  if (isObject(choice.function)) return [text(choice.function.name)]
  if (!isObject(choice.allowed_tools)) return 'auto'
  const { mode, tools } = choice.allowed_tools
  return mode === 'required' ? optionalObjects(tools).flatMap(each => readTool(each).map(tool => tool.name)) : 'auto'
}

/** The usage as OpenAI writes it, booked; undefined when a fault keeps it back. */
export function usageOf(call: Call, input: number, answer: Answer, n = 1): JsonObject | undefined {
  const output = answer.outputTokens * n
  const reasoning = answer.reasoningTokens * n
  const cacheRead = Math.min(call.faults.number('cached') ?? 0, input)
  call.bill(billOf({ input, output, reasoning, cacheRead }))
  if (call.faults.has('no-usage')) return undefined
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cacheRead, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0
    }
  }
}

function message(answer: Answer, ids: readonly string[]): JsonObject {
  const calls = answer.calls.map((call, i) => {
    return { id: ids[i], type: 'function', function: { name: call.name, arguments: call.arguments.join('') } }
  })
  return {
    role: 'assistant',
    content: calls.length > 0 ? null : answer.text.join(''),
    ...(answer.reasoning.length > 0 && { reasoning_content: answer.reasoning.join('') }),
    ...(calls.length > 0 && { tool_calls: calls }),
    refusal: null,
    annotations: []
  }
}

function finish(answer: Answer): string {
  if (answer.finish === 'tools') return 'tool_calls'
  return answer.finish === 'filter' ? 'content_filter' : answer.finish
}

function stream(
  call: Call,
  head: JsonObject,
  answer: Answer,
  ids: readonly string[],
  usage: JsonObject | undefined,
  n: number
): Reply {
  const options = isObject(call.json.stream_options) ? call.json.stream_options : {}
  const include = options.include_usage === true && usage !== undefined
  const chunk = (choices: readonly JsonObject[], rest?: JsonObject): Buffer => {
    const members = { object: 'chat.completion.chunk', ...head, choices, ...(include && { usage: null }), ...rest }
    return data(members)
  }
  const deltas = deltasOf(answer, ids)
  const frames: Buffer[] = []
  for (const delta of deltas) {
    for (let index = 0; index < n; index++) frames.push(chunk([{ index, delta, logprobs: null, finish_reason: null }]))
  }
  for (let index = 0; index < n; index++) {
    frames.push(chunk([{ index, delta: {}, logprobs: null, finish_reason: finish(answer) }]))
  }
  if (include) frames.push(chunk([], { usage }))
  frames.push(Buffer.from('data: [DONE]\n\n'))
  return events(frames, n + (include ? 2 : 1))
}

function deltasOf(answer: Answer, ids: readonly string[]): JsonObject[] {
  const calls = answer.calls.length > 0
  const deltas: JsonObject[] = [{ role: 'assistant', content: calls ? null : '', refusal: null }]
  for (const piece of answer.reasoning) deltas.push({ reasoning_content: piece })
  for (const piece of answer.text) deltas.push({ content: piece })
  answer.calls.forEach((call, index) => {
    const begun = { index, id: ids[index], type: 'function', function: { name: call.name, arguments: '' } }
    deltas.push({ tool_calls: [begun] })
    for (const piece of call.arguments) deltas.push({ tool_calls: [{ index, function: { arguments: piece } }] })
  })
  return deltas
}
