import type { Buffer } from 'node:buffer'
import { isObject, type JsonObject } from '../../../ai/members.js'
import { type Answer, answerTo } from '../answer.js'
import { type Bill, billOf, type Call, json, type Reply } from '../api.js'
import { type Ask, count, optionalObjects, strings, type Turn, text } from '../ask.js'
import { invalid } from '../failure.js'
import { cacheOf, promptOf } from './anthropic-prompt.js'
import { awsEvent, awsEvents } from './aws-events.js'
import { asMessages } from './bedrock-prompt.js'

/** Bedrock's Converse, and ConverseStream: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html. */
export function converse(call: Call, streamed: boolean): Reply {
  const { json: body, model, state } = call
  const more = isObject(body.additionalModelRequestFields) ? body.additionalModelRequestFields : {}
  const thinks = [more.thinking, more.reasoningConfig].some(each => isObject(each) && THINKS.has(each.type))
  // That a call comes back with its thinking is a rule of Claude's alone: of Nova, AWS says nothing like it.
  const { turns, blocks } = promptOf(asMessages(body, model), state, thinks && /claude/.test(model))
  const answer = answerTo(readAsk(body, turns, thinks || typeof more.reasoning_effort === 'string'), model, call.faults)
  const cache = cacheOf(blocks, `${call.key} ${model}`, state)
  const cacheRead = Math.min(call.faults.number('cached') ?? cache.cacheRead, cache.input - cache.cacheWrite)
  const bill = billOf({ ...cache, cacheRead, output: answer.outputTokens, reasoning: answer.reasoningTokens })
  call.bill(bill)
  const content = contentOf(call, answer)
  const end = { stopReason: stopReason(answer), ...additional(body, answer) }
  const used = { ...(!call.faults.has('no-usage') && { usage: usageOf(bill) }), metrics: { latencyMs: 5 } }
  const headers = { 'x-amzn-requestid': state.id('') }
  if (!streamed) return json({ output: { message: { role: 'assistant', content } }, ...end, ...used }, 200, headers)
  const frames = [
    awsEvent('messageStart', { role: 'assistant' }),
    ...content.flatMap((block, i) => eventsOf(block, i, answer)),
    awsEvent('messageStop', end),
    awsEvent('metadata', used)
  ]
  return awsEvents('contentBlockDelta', { headers, frames, terminal: 2 })
}

/** CountTokens of the same. */
export function countConverse(call: Call, body: JsonObject): Reply {
  const { blocks } = promptOf(asMessages(body, call.model), call.state, false)
  return json({ inputTokens: blocks.reduce((sum, block) => sum + block.tokens, 0) })
}

/** A recording of the payloads, which have server-sent events around them, in AWS's events again. */
export function recordedConverse(recorded: Reply): Reply {
  if ('body' in recorded) return recorded
  const frames = recorded.frames.map(frame => {
    const [[type, value] = ['', {}]] = Object.entries(JSON.parse(frame.toString().replace(/^data: /, '')))
    return awsEvent(type, value)
  })
  return awsEvents('contentBlockDelta', { ...recorded, frames })
}

const THINKS = new Set<unknown>(['enabled', 'adaptive'])

function readAsk(body: JsonObject, turns: readonly Turn[], thinks: boolean): Ask {
  const inference = isObject(body.inferenceConfig) ? body.inferenceConfig : {}
  const { maxTokens, temperature, topP, stopSequences } = inference
  if (maxTokens !== undefined && (count(maxTokens) ?? 0) < 1) throw range('maxTokens', 'greater than or equal to 1')
  for (const [name, value] of Object.entries({ temperature, topP })) {
    if (value !== undefined && !(Number(value) >= 0 && Number(value) <= 1)) throw range(name, 'from 0 to 1')
  }
  if (strings(stopSequences).some(each => each.trim() === '')) throw range('stopSequences', 'not blank')
  const config = isObject(body.toolConfig) ? body.toolConfig : {}
  return {
    turns,
    tools: optionalObjects(config.tools).flatMap(({ toolSpec: spec }) => {
      if (!isObject(spec)) return []
      return [{ name: text(spec.name), schema: isObject(spec.inputSchema) ? spec.inputSchema.json : undefined }]
    }),
    choice: readChoice(config.toolChoice),
    parallel: true,
    format: readFormat(body.outputConfig),
    maxTokens: count(maxTokens),
    stop: strings(stopSequences),
    think: thinks ? 'shown' : 'no'
  }
}

function range(name: string, expected: string): Error {
  return invalid(`Value at 'inferenceConfig.${name}' failed to satisfy constraint: Member must be ${expected}`)
}

function readChoice(choice: unknown): Ask['choice'] {
  if (choice === undefined) return 'auto'
  const [kind, ...others] = isObject(choice) ? Object.keys(choice) : []
  if (others.length > 0 || !isObject(choice)) throw invalid('toolChoice: exactly one member of the union must be set')
  if (kind === 'tool') return [isObject(choice.tool) ? text(choice.tool.name) : '']
  if (kind !== 'any' && kind !== 'auto') throw invalid(`toolChoice: there is no member "${kind}" in the union`)
  return kind === 'any' ? 'required' : 'auto'
}

function readFormat(config: unknown): Ask['format'] {
  const format = isObject(config) && isObject(config.textFormat) ? config.textFormat : {}
  if (format.type !== 'json_schema') return undefined
  const structure =
    isObject(format.structure) && isObject(format.structure.jsonSchema) ? format.structure.jsonSchema : {}
  try {
    return { schema: JSON.parse(text(structure.schema)) }
  } catch {
    throw invalid('outputConfig.textFormat.structure.jsonSchema.schema: expected a JSON Schema as text')
  }
}

function contentOf(call: Call, answer: Answer): JsonObject[] {
  const content: JsonObject[] = []
  const thought = answer.reasoning.join('')
  if (thought !== '') {
    content.push({ reasoningContent: { reasoningText: { text: thought, signature: call.state.sign(thought) } } })
  }
  const said = answer.text.join('')
  if (said !== '') content.push({ text: said })
  for (const { name, arguments: json } of answer.calls) {
    content.push({ toolUse: { toolUseId: call.state.id('tooluse_'), name, input: JSON.parse(json.join('')) } })
  }
  return content
}

function stopReason(answer: Answer): string {
  if (answer.stoppedBy !== undefined) return 'stop_sequence'
  return { tools: 'tool_use', length: 'max_tokens', filter: 'content_filtered', stop: 'end_turn' }[answer.finish]
}

/** What the caller wants to know of the model's own reply: here only which text it stopped at. */
function additional({ additionalModelResponseFieldPaths: paths }: JsonObject, { stoppedBy }: Answer): JsonObject {
  const wanted = strings(paths).includes('/stop_sequence') && stoppedBy !== undefined
  return wanted ? { additionalModelResponseFields: { stop_sequence: stoppedBy } } : {}
}

function usageOf({ input, output, cacheRead, cacheWrite, cacheWriteLong }: Bill): JsonObject {
  const details = [
    { ttl: '5m', inputTokens: cacheWrite - cacheWriteLong },
    { ttl: '1h', inputTokens: cacheWriteLong }
  ].filter(each => each.inputTokens > 0)
  return {
    inputTokens: input - cacheRead - cacheWrite,
    outputTokens: output,
    totalTokens: input + output,
    cacheReadInputTokens: cacheRead,
    cacheWriteInputTokens: cacheWrite,
    ...(details.length > 0 && { cacheDetails: details })
  }
}

/** Only a call has a beginning; every delta has some letters behind it, so that its length says nothing of what is in it. */
function eventsOf(block: JsonObject, index: number, answer: Answer): Buffer[] {
  const { toolUse } = block
  const at = { contentBlockIndex: index }
  const deltas = deltasOf(block, answer)
  const frames = deltas.map((delta, i) =>
    awsEvent('contentBlockDelta', { ...at, delta, p: PADDING.slice(0, (i % 26) + 1) })
  )
  if (isObject(toolUse)) {
    const start = { toolUse: { toolUseId: toolUse.toolUseId, name: toolUse.name } }
    frames.unshift(awsEvent('contentBlockStart', { ...at, start }))
  }
  return [...frames, awsEvent('contentBlockStop', at)]
}

const PADDING = 'abcdefghijklmnopqrstuvwxyz'

function deltasOf({ toolUse, reasoningContent: reasoning }: JsonObject, answer: Answer): JsonObject[] {
  if (isObject(reasoning)) {
    const { signature } = isObject(reasoning.reasoningText) ? reasoning.reasoningText : {}
    const thoughts = answer.reasoning.map(piece => ({ reasoningContent: { text: piece } }))
    return [...thoughts, { reasoningContent: { signature } }]
  }
  if (!isObject(toolUse)) return answer.text.map(piece => ({ text: piece }))
  const input = JSON.stringify(toolUse.input)
  const call = answer.calls.find(each => each.name === toolUse.name && each.arguments.join('') === input)
  return (call?.arguments ?? [input]).map(piece => ({ toolUse: { input: piece } }))
}
