import { Buffer } from 'node:buffer'
import { isObject, type JsonObject } from '../../../ai/members.js'
import { type Answer, answerTo } from '../answer.js'
import { billOf, type Call, type Endpoint, type ErrorForm, json, type Reply } from '../api.js'
import { type Ask, count, objects, optionalObjects, promptTokens, strings, type Turn, text } from '../ask.js'
import { invalid } from '../failure.js'
import { tokens } from '../tokens.js'
import { vectorOf } from '../vectors.js'

const line = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value)}\n`)
const errors: ErrorForm = {
  body: ({ message, kind }) => ({ error: kind === 'context' ? 'input length exceeds the context length' : message }),
  frame: failure => line(errors.body(failure))
}

/** Ollama: chat, generate, embed and the list of models. */
export const ollama: readonly Endpoint[] = [
  { method: 'POST', path: /\/api\/chat$/, errors, handle: chat },
  { method: 'POST', path: /\/api\/generate$/, errors, handle: generate },
  { method: 'POST', path: /\/api\/embed$/, errors, handle: embed },
  { method: 'POST', path: /\/api\/embeddings$/, errors, handle: embedOne },
  { method: 'GET', path: /\/api\/tags$/, errors, handle: tags },
  { method: 'GET', path: /\/api\/version$/, errors, handle: () => json({ version: '0.13.0' }) }
]

const CREATED_AT = '2026-01-01T00:00:00Z'

function chat(call: Call): Reply {
  const turns = objects(call.json.messages, 'messages').map(readTurn)
  const answer = answerTo(readAsk(call.json, turns), call.model, call.faults)
  const calls = answer.calls.map(({ name, arguments: json }) => {
    return { function: { name, arguments: JSON.parse(json.join('')) } }
  })
  const message = (content: string, rest: JsonObject = {}): JsonObject => ({
    message: { role: 'assistant', content, ...rest }
  })
  const whole = message(answer.text.join(''), {
    ...(answer.reasoning.length > 0 && { thinking: answer.reasoning.join('') }),
    ...(calls.length > 0 && { tool_calls: calls })
  })
  const parts = [
    ...answer.reasoning.map(thinking => message('', { thinking })),
    ...answer.text.map(piece => message(piece)),
    ...(calls.length > 0 ? [message('', { tool_calls: calls })] : [])
  ]
  return reply(call, answer, promptTokens(turns, call.json.tools), whole, parts, message(''))
}

function generate(call: Call): Reply {
  const { prompt, system, images } = call.json
  const user: Turn = { role: 'user', text: text(prompt), media: strings(images).map(() => 'an image') }
  const turns: Turn[] = typeof system === 'string' ? [{ role: 'system', text: system, media: [] }, user] : [user]
  const answer = answerTo(readAsk(call.json, turns), call.model, call.faults)
  const thinking = answer.reasoning.join('')
  const whole = { response: answer.text.join(''), ...(thinking !== '' && { thinking }) }
  const parts: JsonObject[] = answer.reasoning.map(piece => ({ response: '', thinking: piece }))
  for (const piece of answer.text) parts.push({ response: piece })
  return reply(call, answer, promptTokens(turns, undefined), whole, parts, { response: '' })
}

function reply(
  call: Call,
  answer: Answer,
  input: number,
  whole: JsonObject,
  parts: readonly JsonObject[],
  empty: JsonObject
): Reply {
  call.bill(billOf({ input, output: answer.outputTokens, reasoning: answer.reasoningTokens }))
  const head = { model: call.model, created_at: CREATED_AT }
  const counts = { prompt_eval_count: input, eval_count: answer.outputTokens }
  const end = {
    done: true,
    done_reason: answer.finish === 'length' ? 'length' : 'stop',
    total_duration: 5_000_000,
    load_duration: 1_000_000,
    ...(!call.faults.has('no-usage') && counts),
    prompt_eval_duration: 1_000_000,
    eval_duration: 3_000_000
  }
  if (call.json.stream === false) return json({ ...head, ...whole, ...end })
  const frames = parts.map(part => line({ ...head, ...part, done: false }))
  frames.push(line({ ...head, ...empty, ...end }))
  return { headers: { 'content-type': 'application/x-ndjson' }, frames, terminal: 1 }
}

function readTurn(message: JsonObject, i: number): Turn {
  const { role } = message
  if (role !== 'system' && role !== 'user' && role !== 'assistant' && role !== 'tool') {
    throw invalid(`messages[${i}].role: invalid role: ${String(role)}`)
  }
  const calls = optionalObjects(message.tool_calls)
  const words = text(message.content) + (calls.length > 0 ? JSON.stringify(calls) : '')
  return { role, text: words, media: strings(message.images).map(() => 'an image') }
}

function readAsk(body: JsonObject, turns: readonly Turn[]): Ask {
  const options = isObject(body.options) ? body.options : {}
  const limit = count(options.num_predict)
  return {
    turns,
    tools: optionalObjects(body.tools).flatMap(tool =>
      isObject(tool.function) ? [{ name: text(tool.function.name), schema: tool.function.parameters }] : []
    ),
    choice: 'auto',
    parallel: true,
    format: isObject(body.format) ? { schema: body.format } : body.format === 'json' ? 'json' : undefined,
    maxTokens: limit === 0 ? undefined : limit,
    stop: strings(options.stop),
    think: body.think === true || typeof body.think === 'string' ? 'shown' : 'no'
  }
}

function embed(call: Call): Reply {
  const texts = strings(call.json.input)
  const used = texts.reduce((sum, each) => sum + tokens(each), 0)
  call.bill(billOf({ input: used }))
  const embeddings = texts.map(each => vectorOf(each, count(call.json.dimensions) ?? 768, call.state.seed))
  return json({ model: call.model, embeddings, total_duration: 1_000_000, load_duration: 0, prompt_eval_count: used })
}

function embedOne(call: Call): Reply {
  return json({ embedding: vectorOf(text(call.json.prompt), 768, call.state.seed) })
}

function tags(): Reply {
  const details = { format: 'gguf', family: 'llama', parameter_size: '3.2B', quantization_level: 'Q4_K_M' }
  const model = {
    name: 'llama3.2:latest',
    model: 'llama3.2:latest',
    modified_at: CREATED_AT,
    size: 2_019_393_189,
    digest: 'mock',
    details
  }
  return json({ models: [model] })
}
