import { isObject, type JsonObject } from '../../../ai/members.js'
import { type Answer, answerTo } from '../answer.js'
import {
  type Bill,
  billOf,
  type Call,
  type Endpoint,
  type ErrorForm,
  event,
  events,
  json,
  type Reply,
  type Streamed
} from '../api.js'
import { type Ask, count, optionalObjects, strings, type Tool, text } from '../ask.js'
import { invalid } from '../failure.js'
import { anthropicErrors } from './anthropic-errors.js'
import { cacheOf, promptOf } from './anthropic-prompt.js'

/** Anthropic's Messages, and its count of tokens; with Vertex's paths too. */
export const messages: readonly Endpoint[] = [
  { method: 'POST', path: /\/messages$/, errors: anthropicErrors, handle: create },
  { method: 'POST', path: /\/messages\/count_tokens$/, errors: anthropicErrors, handle: countInput },
  vertex(/\/publishers\/anthropic\/models\/([^/]+):(?:streamRawPredict|rawPredict)$/, anthropicErrors)
]

function vertex(path: RegExp, errors: ErrorForm): Endpoint {
  const handle = (call: Call): Reply => messageReply(call, call.path.endsWith(':streamRawPredict'))
  return { method: 'POST', path, errors, model: groups => groups[0] ?? '', handle }
}

function create(call: Call): Reply {
  if (call.header('anthropic-version') === undefined) throw invalid('anthropic-version: header is required')
  return messageReply(call, false)
}

/** Its type, and what else is in it. */
export type MessageEvent = readonly [type: string, members: JsonObject]

/**
 * @param streamed - whether it streams though the body does not say so
 * @param write - the events of a stream as a cloud that sells Claude sends them, where it is not Anthropic's way
 */
export function messageReply(
  call: Call,
  streamed: boolean,
  write: (all: readonly MessageEvent[]) => Streamed = sent
): Reply {
  const body = call.json
  if (call.model === '') throw invalid('model: Field required')
  const limit = count(body.max_tokens)
  if (limit === undefined || limit === 0) throw invalid('max_tokens: Field required')
  const thinking = isObject(body.thinking) ? body.thinking : {}
  const thinks = thinking.type === 'enabled' || thinking.type === 'adaptive'
  const budget = count(thinking.budget_tokens)
  if (budget !== undefined && limit <= budget) {
    throw invalid('`max_tokens` must be greater than `thinking.budget_tokens`.')
  }
  const { turns, blocks } = promptOf(body, call.state, thinks)
  const ask: Ask = {
    turns,
    tools: optionalObjects(body.tools).flatMap(readTool),
    ...readChoice(body.tool_choice),
    format: readFormat(body),
    maxTokens: limit,
    stop: strings(body.stop_sequences),
    think: thinks ? 'shown' : 'no'
  }
  const answer = answerTo(ask, call.model, call.faults)
  const cache = cacheOf(blocks, `${call.key} ${call.model}`, call.state)
  const said = call.faults.number('cached')
  const cacheRead = said === undefined ? cache.cacheRead : Math.min(said, cache.input - cache.cacheWrite)
  const bill = billOf({ ...cache, cacheRead, output: answer.outputTokens, reasoning: answer.reasoningTokens })
  call.bill(bill)
  if (body.stream !== true && !streamed)
    return json(message(call, answer, contentOf(call, answer), usageOf(call, bill)), 200, headers(call))
  const stream = write(eventsOf(call, answer, bill))
  return { ...stream, headers: { ...stream.headers, ...headers(call) } }
}

function sent(all: readonly MessageEvent[]): Streamed {
  return events(
    all.map(([type, members]) => event(type, members)),
    TERMINAL
  )
}

/** The last events are the message's delta, with its usage, and its end. */
export const TERMINAL = 2

function readTool(tool: JsonObject): Tool[] {
  const own = tool.type === undefined || tool.type === 'custom'
  return own ? [{ name: text(tool.name), schema: tool.input_schema }] : []
}

function readChoice(choice: unknown): Pick<Ask, 'choice' | 'parallel'> {
  const { type, name, disable_parallel_tool_use: single } = isObject(choice) ? choice : {}
  const parallel = single !== true
  if (type === 'tool') return { choice: [text(name)], parallel }
  return { choice: type === 'any' ? 'required' : type === 'none' ? 'none' : 'auto', parallel }
}

function readFormat(body: JsonObject): Ask['format'] {
  const config = isObject(body.output_config) ? body.output_config : {}
  const format = isObject(config.format) ? config.format : isObject(body.output_format) ? body.output_format : {}
  return format.type === 'json_schema' ? { schema: format.schema } : undefined
}

function contentOf(call: Call, answer: Answer): JsonObject[] {
  const content: JsonObject[] = []
  const thought = answer.reasoning.join('')
  if (thought !== '') content.push({ type: 'thinking', thinking: thought, signature: call.state.sign(thought) })
  const said = answer.text.join('')
  if (said !== '') content.push({ type: 'text', text: said })
  for (const { name, arguments: json } of answer.calls) {
    content.push({ type: 'tool_use', id: call.state.id('toolu_'), name, input: JSON.parse(json.join('')) })
  }
  return content
}

function message(call: Call, answer: Answer, content: readonly JsonObject[], usage?: JsonObject): JsonObject {
  return {
    model: call.model,
    id: call.state.id('msg_'),
    type: 'message',
    role: 'assistant',
    content,
    stop_reason: stopReason(answer),
    stop_sequence: answer.stoppedBy ?? null,
    usage
  }
}

function stopReason(answer: Answer): string {
  if (answer.stoppedBy !== undefined) return 'stop_sequence'
  switch (answer.finish) {
    case 'tools':
      return 'tool_use'
    case 'length':
      return 'max_tokens'
    case 'filter':
      return 'refusal'
    case 'stop':
      return 'end_turn'
  }
}

/** Undefined when a fault keeps it back. */
function usageOf(call: Call, bill: Bill): JsonObject | undefined {
  if (call.faults.has('no-usage')) return undefined
  return {
    input_tokens: bill.input - bill.cacheRead - bill.cacheWrite,
    cache_creation_input_tokens: bill.cacheWrite,
    cache_read_input_tokens: bill.cacheRead,
    cache_creation: {
      ephemeral_5m_input_tokens: bill.cacheWrite - bill.cacheWriteLong,
      ephemeral_1h_input_tokens: bill.cacheWriteLong
    },
    output_tokens: bill.output,
    service_tier: 'standard'
  }
}

function headers(call: Call): Record<string, string> {
  return { 'request-id': call.state.id('req_') }
}

function eventsOf(call: Call, answer: Answer, bill: Bill): MessageEvent[] {
  const usage = usageOf(call, bill)
  const first = message(call, answer, [], usage && { ...usage, output_tokens: 1 })
  const begun = { ...first, stop_reason: null, stop_sequence: null }
  const all: MessageEvent[] = [['message_start', { message: begun }]]
  for (const [index, block] of contentOf(call, answer).entries()) {
    const { empty, deltas } = inPieces(block, answer)
    all.push(['content_block_start', { index, content_block: empty }])
    if (index === 0) all.push(['ping', {}])
    for (const delta of deltas) all.push(['content_block_delta', { index, delta }])
    all.push(['content_block_stop', { index }])
  }
  const { service_tier: _, cache_creation: __, ...counts } = usage ?? {}
  const delta = { stop_reason: stopReason(answer), stop_sequence: answer.stoppedBy ?? null }
  all.push(['message_delta', { delta, ...(usage && { usage: counts }) }], ['message_stop', {}])
  return all
}

/** A block as it begins, and what is then added to it. */
function inPieces(block: JsonObject, answer: Answer): { empty: JsonObject; deltas: JsonObject[] } {
  if (block.type === 'thinking') {
    const deltas: JsonObject[] = answer.reasoning.map(thinking => ({ type: 'thinking_delta', thinking }))
    deltas.push({ type: 'signature_delta', signature: block.signature })
    return { empty: { ...block, thinking: '', signature: '' }, deltas }
  }
  if (block.type === 'text') {
    return { empty: { ...block, text: '' }, deltas: answer.text.map(piece => ({ type: 'text_delta', text: piece })) }
  }
  const call = answer.calls.find(
    each => each.name === block.name && each.arguments.join('') === JSON.stringify(block.input)
  )
  const json = call?.arguments ?? [JSON.stringify(block.input)]
  const deltas = ['', ...json].map(partial => ({ type: 'input_json_delta', partial_json: partial }))
  return { empty: { ...block, input: {} }, deltas }
}

function countInput(call: Call): Reply {
  const { blocks } = promptOf(call.json, call.state, false)
  return json({ input_tokens: blocks.reduce((sum, block) => sum + block.tokens, 0) })
}
