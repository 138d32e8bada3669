import { isObject, type JsonObject } from '../../../ai/members.js'
import { type Answer, answerTo } from '../answer.js'
import { billOf, type Call, type Endpoint, json, type Reply } from '../api.js'
import { type Ask, count, optionalObjects, promptTokens, type Tool, text } from '../ask.js'
import { invalid, notFound } from '../failure.js'
import { CREATED } from '../state.js'
import { reasons } from './openai-chat.js'
import { openaiErrors } from './openai-errors.js'
import { inputItems, turnsOf } from './openai-responses-input.js'
import { responseErrors, responseEvents } from './openai-responses-stream.js'

/** OpenAI's Responses: create, count, get, delete, cancel and the items of the input. */
export const responses: readonly Endpoint[] = [
  { method: 'POST', path: /\/responses$/, errors: responseErrors, handle: create },
  { method: 'POST', path: /\/responses\/input_tokens$/, errors: openaiErrors, handle: countInput },
  { method: 'GET', path: /\/responses\/([^/]+)$/, errors: openaiErrors, handle: get },
  { method: 'DELETE', path: /\/responses\/([^/]+)$/, errors: openaiErrors, handle: remove },
  { method: 'POST', path: /\/responses\/([^/]+)\/cancel$/, errors: openaiErrors, handle: cancel },
  { method: 'GET', path: /\/responses\/([^/]+)\/input_items$/, errors: openaiErrors, handle: listInput }
]

function create(call: Call): Reply {
  const body = call.json
  if (call.model === '') throw invalid("Missing required parameter: 'model'.", 'model', 'missing_required_parameter')
  const items = history(call)
  const turns = turnsOf(items, text(body.instructions), call.state)
  const answer = answerTo(readAsk(body, turns), call.model, call.faults)
  const input = promptTokens(turns, body.tools)
  const response = frame(call, answer, input)
  response.output = outputOf(call, answer)
  if (body.store !== false) call.state.store(text(response.id), { response, input: items })
  if (body.stream === true) return responseEvents(response, answer)
  return json(response)
}

/** The input, with that of the responses before it in front. */
function history(call: Call): JsonObject[] {
  const own = inputItems(call.json.input, call.state)
  const previous = call.json.previous_response_id
  if (typeof previous !== 'string') return own
  const { response, input } = stored(call, previous, 'previous_response_id')
  return [...input, ...optionalObjects(response.output), ...own]
}

function stored(call: Call, id: string, param: string) {
  const found = call.state.responses.get(id)
  if (found === undefined) {
    if (param === 'previous_response_id') {
      throw invalid(`Previous response with id '${id}' not found.`, param, 'previous_response_not_found')
    }
    throw notFound(`Response with id '${id}' not found.`, param, 'not_found')
  }
  return found
}

function readAsk(body: JsonObject, turns: Ask['turns']): Ask {
  const textOptions = isObject(body.text) ? body.text : {}
  const format = isObject(textOptions.format) ? textOptions.format : {}
  const reasoning = isObject(body.reasoning) ? body.reasoning : {}
  const summary = typeof reasoning.summary === 'string'
  return {
    turns,
    tools: optionalObjects(body.tools).flatMap(readTool),
    choice: readChoice(body.tool_choice),
    parallel: body.parallel_tool_calls !== false,
    format:
      format.type === 'json_schema' ? { schema: format.schema } : format.type === 'json_object' ? 'json' : undefined,
    maxTokens: count(body.max_output_tokens),
    stop: [],
    think: summary ? 'shown' : reasons(reasoning.effort) ? 'hidden' : 'no'
  }
}

function readTool(tool: JsonObject): Tool[] {
  return tool.type === 'function' ? [{ name: text(tool.name), schema: tool.parameters }] : []
}

function readChoice(choice: unknown): Ask['choice'] {
  if (choice === 'none' || choice === 'required') return choice
  if (!isObject(choice)) return 'auto'
  if (choice.type === 'function') return [text(choice.name)]
  if (choice.type !== 'allowed_tools' || choice.mode !== 'required') return 'auto'
  return optionalObjects(choice.tools).map(tool => text(tool.name))
}

/** The response without its output. */
function frame(call: Call, answer: Answer, input: number): JsonObject {
  const body = call.json
  const cut =
    answer.finish === 'length' ? 'max_output_tokens' : answer.finish === 'filter' ? 'content_filter' : undefined
  const cacheRead = Math.min(call.faults.number('cached') ?? 0, input)
  const { outputTokens: output, reasoningTokens: reasoning } = answer
  call.bill(billOf({ input, output, reasoning, cacheRead }))
  return {
    id: call.state.id('resp_'),
    object: 'response',
    created_at: CREATED,
    status: cut === undefined ? 'completed' : 'incomplete',
    background: body.background === true,
    completed_at: cut === undefined ? CREATED : null,
    error: null,
    incomplete_details: cut === undefined ? null : { reason: cut },
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    model: call.model,
    output: [],
    parallel_tool_calls: body.parallel_tool_calls !== false,
    previous_response_id: body.previous_response_id ?? null,
    reasoning: body.reasoning ?? { effort: null, summary: null },
    service_tier: 'default',
    store: body.store !== false,
    temperature: body.temperature ?? 1,
    text: body.text ?? { format: { type: 'text' } },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_p: body.top_p ?? 1,
    truncation: body.truncation ?? 'disabled',
    usage: call.faults.has('no-usage')
      ? null
      : {
          input_tokens: input,
          input_tokens_details: { cached_tokens: cacheRead },
          output_tokens: output,
          output_tokens_details: { reasoning_tokens: reasoning },
          total_tokens: input + output
        },
    user: body.user ?? null,
    metadata: body.metadata ?? {}
  }
}

function outputOf(call: Call, answer: Answer): JsonObject[] {
  const output: JsonObject[] = []
  const include = Array.isArray(call.json.include) ? call.json.include : []
  if (answer.reasoningTokens > 0) {
    const thought = answer.reasoning.join('')
    const id = call.state.id('rs_')
    output.push({
      id,
      type: 'reasoning',
      summary: thought === '' ? [] : [{ type: 'summary_text', text: thought }],
      ...(include.includes('reasoning.encrypted_content') && { encrypted_content: call.state.sign(id) })
    })
  }
  for (const each of answer.calls) {
    output.push({
      id: call.state.id('fc_'),
      type: 'function_call',
      status: 'completed',
      arguments: each.arguments.join(''),
      call_id: call.state.id('call_'),
      name: each.name
    })
  }
  if (answer.calls.length > 0) return output
  const part = { type: 'output_text', annotations: [], logprobs: [], text: answer.text.join('') }
  const status = answer.finish === 'stop' ? 'completed' : 'incomplete'
  output.push({ id: call.state.id('msg_'), type: 'message', status, content: [part], role: 'assistant' })
  return output
}

function countInput(call: Call): Reply {
  const turns = turnsOf(history(call), text(call.json.instructions), call.state)
  return json({ object: 'response.input_tokens', input_tokens: promptTokens(turns, call.json.tools) })
}

function get(call: Call): Reply {
  return json(stored(call, call.groups[0] ?? '', 'response_id').response)
}

function remove(call: Call): Reply {
  const id = call.groups[0] ?? ''
  stored(call, id, 'response_id')
  call.state.responses.delete(id)
  return json({ id, object: 'response', deleted: true })
}

/** Only what runs in the background can be cancelled. */
function cancel(call: Call): Reply {
  const found = stored(call, call.groups[0] ?? '', 'response_id')
  if (found.response.background !== true) {
    throw invalid('Cannot cancel a synchronous response.', 'response_id')
  }
  found.response = { ...found.response, status: 'cancelled' }
  return json(found.response)
}

function listInput(call: Call): Reply {
  const { input } = stored(call, call.groups[0] ?? '', 'response_id')
  const list = [...input].reverse()
  return json({
    object: 'list',
    data: list,
    first_id: list[0]?.id ?? null,
    last_id: list.at(-1)?.id ?? null,
    has_more: false
  })
}
