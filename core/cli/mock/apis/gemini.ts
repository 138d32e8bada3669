import { Buffer } from 'node:buffer'
import { isObject, type JsonObject } from '../../../ai/members.js'
import { type Answer, answerTo } from '../answer.js'
import { billOf, type Call, data, type Endpoint, type ErrorForm, events, json, type Reply } from '../api.js'
import { type Ask, count, optionalObjects, promptTokens, strings, type Turn, text } from '../ask.js'
import { vectorOf } from '../vectors.js'
import { contents, demandsSignatures } from './gemini-contents.js'
import { geminiErrors } from './gemini-errors.js'

const model = (groups: readonly string[]): string => decodeURIComponent(groups[0] ?? '')

/** An error within a stream that is one JSON list. */
const listErrors: ErrorForm = {
  body: failure => [geminiErrors.body(failure)],
  frame: (failure, after) => Buffer.from(`${after === 0 ? '[' : ',\n'}${JSON.stringify(geminiErrors.body(failure))}]`)
}

/** Gemini's API, also under Vertex's paths. */
export const gemini: readonly Endpoint[] = [
  { method: 'POST', path: /\/models\/(.+):generateContent$/, errors: geminiErrors, model, handle: generate },
  { method: 'POST', path: /\/models\/(.+):streamGenerateContent$/, errors: geminiErrors, model, handle: generate },
  { method: 'POST', path: /\/models\/(.+):countTokens$/, errors: geminiErrors, model, handle: countTokens },
  { method: 'POST', path: /\/models\/(.+):embedContent$/, errors: geminiErrors, model, handle: embed },
  { method: 'POST', path: /\/models\/(.+):batchEmbedContents$/, errors: geminiErrors, model, handle: embedAll }
]

/** The form of the errors of an endpoint: it is another one where Gemini streams a list. */
export function errorForm(usual: ErrorForm, path: string, query: URLSearchParams): ErrorForm {
  return path.endsWith(':streamGenerateContent') && query.get('alt') !== 'sse' ? listErrors : usual
}

function generate(call: Call): Reply {
  const body = call.json
  const turns = turnsOf(call)
  const config = configOf(body)
  const thinking = isObject(config.thinkingConfig) ? config.thinkingConfig : {}
  const ask: Ask = {
    turns,
    tools: toolsOf(body),
    ...readChoice(body.toolConfig ?? body.tool_config),
    format: readFormat(config),
    maxTokens: count(config.maxOutputTokens),
    stop: strings(config.stopSequences),
    think: thinking.includeThoughts === true ? 'shown' : thinking.thinkingBudget === 0 ? 'no' : wantsThought(thinking)
  }
  const answer = answerTo(ask, call.model, call.faults)
  const input = promptTokens(turns, body.tools)
  const cacheRead = Math.min(call.faults.number('cached') ?? 0, input)
  call.bill(billOf({ input, output: answer.outputTokens, reasoning: answer.reasoningTokens, cacheRead }))
  const usage = (shown: number): JsonObject => usageOf(call, answer, input, cacheRead, shown)
  const head = { modelVersion: call.model, responseId: call.state.id('') }
  if (call.path.endsWith(':generateContent')) {
    const parts = partsOf(call, answer, true)
    return json({ candidates: [candidate(parts, finish(answer))], usageMetadata: usage(1), ...head })
  }
  return stream(call, answer, usage, head)
}

function wantsThought(thinking: JsonObject): Ask['think'] {
  return thinking.thinkingBudget === undefined && thinking.thinkingLevel === undefined ? 'no' : 'hidden'
}

function configOf(body: JsonObject): JsonObject {
  const config = body.generationConfig ?? body.generation_config
  return isObject(config) ? config : {}
}

function turnsOf(call: Call): Turn[] {
  const system = call.json.systemInstruction ?? call.json.system_instruction
  return contents(call.json.contents, system, call.state, demandsSignatures(call.model))
}

function toolsOf(body: JsonObject): Ask['tools'] {
  return optionalObjects(body.tools)
    .flatMap(tool => optionalObjects(tool.functionDeclarations ?? tool.function_declarations))
    .map(each => ({ name: text(each.name), schema: each.parametersJsonSchema ?? each.parameters }))
}

function readChoice(config: unknown): Pick<Ask, 'choice' | 'parallel'> {
  const calling = isObject(config) ? (config.functionCallingConfig ?? config.function_calling_config) : undefined
  const { mode, allowedFunctionNames } = isObject(calling) ? calling : {}
  const names = strings(allowedFunctionNames)
  if (mode === 'NONE') return { choice: 'none', parallel: true }
  if (mode !== 'ANY') return { choice: 'auto', parallel: true }
  return { choice: names.length > 0 ? names : 'required', parallel: true }
}

function readFormat(config: JsonObject): Ask['format'] {
  const schema = config.responseJsonSchema ?? config.responseSchema
  if (schema !== undefined) return { schema }
  return config.responseMimeType === 'application/json' ? 'json' : undefined
}

/** @param share - of the answer that was sent so far, up to 1 */
function usageOf(call: Call, answer: Answer, input: number, cacheRead: number, share: number): JsonObject {
  if (call.faults.has('no-usage')) return {}
  const thoughts = answer.reasoningTokens
  const candidates = Math.round((answer.outputTokens - thoughts) * share)
  return {
    promptTokenCount: input,
    candidatesTokenCount: candidates,
    totalTokenCount: input + candidates + thoughts,
    ...(cacheRead > 0 && { cachedContentTokenCount: cacheRead }),
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: input }],
    ...(thoughts > 0 && { thoughtsTokenCount: thoughts })
  }
}

/** @param whole - each part in one, else in the pieces of a stream */
function partsOf(call: Call, answer: Answer, whole: boolean): JsonObject[] {
  const joined = (pieces: readonly string[]): readonly string[] =>
    whole && pieces.length > 0 ? [pieces.join('')] : pieces
  const parts: JsonObject[] = joined(answer.reasoning).map(piece => ({ text: piece, thought: true }))
  for (const piece of joined(answer.text)) parts.push({ text: piece })
  answer.calls.forEach(({ name, arguments: json }, i) => {
    const functionCall = { name, args: JSON.parse(json.join('')), id: call.state.id('') }
    // Only the first of parallel calls is signed.
    parts.push({ functionCall, ...(i === 0 && { thoughtSignature: call.state.sign(`call ${name}`) }) })
  })
  if (whole && parts.length === 0) parts.push({ text: '' })
  return parts
}

function candidate(parts: readonly JsonObject[], finishReason?: string): JsonObject {
  return { content: { parts, role: 'model' }, ...(finishReason && { finishReason }), index: 0 }
}

function finish(answer: Answer): string {
  if (answer.finish === 'filter') return 'SAFETY'
  return answer.finish === 'length' ? 'MAX_TOKENS' : 'STOP'
}

function stream(call: Call, answer: Answer, usage: (share: number) => JsonObject, head: JsonObject): Reply {
  const parts = partsOf(call, answer, false)
  const chunks: JsonObject[] = parts.map((part, i) => {
    return { candidates: [candidate([part])], usageMetadata: usage((i + 1) / parts.length), ...head }
  })
  chunks.push({ candidates: [candidate([{ text: '' }], finish(answer))], usageMetadata: usage(1), ...head })
  if (call.query.get('alt') === 'sse') return events(chunks.map(data), 1)
  const frames = chunks.map((chunk, i) => Buffer.from(`${i === 0 ? '[' : ',\n'}${JSON.stringify(chunk)}`))
  return {
    headers: { 'content-type': 'application/json; charset=UTF-8' },
    frames: [...frames, Buffer.from(']')],
    terminal: 2
  }
}

function countTokens(call: Call): Reply {
  const inner = isObject(call.json.generateContentRequest) ? call.json.generateContentRequest : call.json
  const turns = turnsOf({ ...call, json: inner })
  const totalTokens = promptTokens(turns, inner.tools)
  return json({ totalTokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: totalTokens }] })
}

function embed(call: Call): Reply {
  return json({ embedding: embeddings(call, [call.json])[0] })
}

function embedAll(call: Call): Reply {
  return json({ embeddings: embeddings(call, optionalObjects(call.json.requests)) })
}

function embeddings(call: Call, requests: readonly JsonObject[]): JsonObject[] {
  let input = 0
  const all = requests.map(request => {
    const content = contents([request.content], undefined, call.state, false)
    input += promptTokens(content, undefined)
    const words = content.map(turn => turn.text).join('\n')
    return { values: vectorOf(words, count(request.outputDimensionality) ?? 768, call.state.seed) }
  })
  call.bill(billOf({ input }))
  return all
}
