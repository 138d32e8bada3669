import { isObject, type JsonObject } from '../../../ai/members.js'
import { objects, optionalObjects, text } from '../ask.js'
import { invalid, Refused } from '../failure.js'

/**
 * A request of Converse as one of Anthropic's Messages, which is then counted, cached and checked like those.
 * @throws Refused for what Converse refuses: turns out of order, blank texts, results without calls, tools that are not said
 */
export function asMessages(body: JsonObject, model: string): JsonObject {
  const list = objects(body.messages, 'messages')
  const config = isObject(body.toolConfig) ? body.toolConfig : undefined
  if (config === undefined && list.some(message => optionalObjects(message.content).some(isOfTools))) {
    throw invalid('The toolConfig field must be defined when using toolUse and toolResult content blocks.')
  }
  const messages = list.map(({ role, content }, i) => {
    if (role !== (i % 2 === 0 ? 'user' : 'assistant')) throw disorder(i)
    const blocks = optionalObjects(content)
    if (blocks.length === 0) throw invalid(`The content field in the Message object at messages.${i} is empty.`)
    matchResults(blocks, optionalObjects(list[i - 1]?.content), i)
    return { role, content: marked(blocks, `messages.${i}.content`, model, readBlock) }
  })
  return {
    messages,
    system: marked(optionalObjects(body.system), 'system', model, readBlock),
    tools: marked(optionalObjects(config?.tools), 'toolConfig.tools', model, readTool)
  }
}

function isOfTools(block: JsonObject): boolean {
  return isObject(block.toolUse) || isObject(block.toolResult)
}

function disorder(i: number): Refused {
  if (i === 0) return invalid('A conversation must start with a user message.')
  return invalid('A conversation must alternate between user and assistant roles.')
}

/** Results and calls of the turn before are the same. */
function matchResults(blocks: readonly JsonObject[], before: readonly JsonObject[], i: number): void {
  const ids = (all: readonly JsonObject[], kind: string) =>
    all.flatMap(block => (isObject(block[kind]) ? text(block[kind].toolUseId) : []))
  const results = ids(blocks, 'toolResult')
  const missing = ids(before, 'toolUse').filter(id => !results.includes(id))
  if (missing.length > 0) {
    throw invalid(`Expected toolResult blocks at messages.${i}.content for the following Ids: ${missing.join(', ')}`)
  }
  if (results.length <= ids(before, 'toolUse').length) return
  throw invalid(
    `The number of toolResult blocks at messages.${i}.content exceeds the number of toolUse blocks of previous turn.`
  )
}

type Read = (block: JsonObject, path: string) => JsonObject

/** A cache point is a mark on what is before it; a model that caches nothing refuses it. */
function marked(blocks: readonly JsonObject[], path: string, model: string, read: Read): JsonObject[] {
  const found: JsonObject[] = []
  for (const [i, block] of blocks.entries()) {
    const { cachePoint } = block
    if (!isObject(cachePoint)) {
      found.push(read(block, `${path}.${i}`))
      continue
    }
    const last = found.at(-1)
    if (last === undefined) throw invalid(`${path}.${i}: a cachePoint has to be behind what is cached`)
    if (!(/claude/.test(model) || (/nova/.test(model) && read !== readTool))) {
      const message = 'You invoked an unsupported model or your request did not allow prompt caching.'
      throw new Refused({ status: 403, kind: 'invalid', code: 'AccessDeniedException', message })
    }
    last.cache_control = { type: 'ephemeral', ttl: cachePoint.ttl ?? '5m' }
  }
  return found
}

const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/

function readTool({ toolSpec: spec }: JsonObject, path: string): JsonObject {
  const schema = isObject(spec) && isObject(spec.inputSchema) ? spec.inputSchema.json : undefined
  if (!isObject(spec) || !TOOL_NAME.test(text(spec.name))) throw constraint(`${path}.toolSpec.name`)
  if (!isObject(schema) || schema.type !== 'object') {
    throw invalid(`The value at ${path}.toolSpec.inputSchema.json.type must be one of the following: object.`)
  }
  return { name: spec.name, description: spec.description, input_schema: schema }
}

function readBlock(block: JsonObject, path: string): JsonObject {
  const { text: said, image, document, toolUse, toolResult, reasoningContent: reasoning } = block
  if (typeof said === 'string') {
    if (said.trim() !== '') return { type: 'text', text: said }
    throw invalid(`The text field in the ContentBlock object at ${path} is blank. Add text to the text field.`)
  }
  if (isObject(image)) return medium('image', image, `${path}.image`)
  if (isObject(document)) return medium('document', document, `${path}.document`)
  if (isObject(toolUse)) {
    if (!TOOL_NAME.test(text(toolUse.toolUseId))) throw constraint(`${path}.toolUse.toolUseId`)
    if (!isObject(toolUse.input)) throw invalid(`The value at ${path}.toolUse.input has to be an object.`)
    return { type: 'tool_use', id: toolUse.toolUseId, name: toolUse.name, input: toolUse.input }
  }
  if (isObject(toolResult)) {
    const content = optionalObjects(toolResult.content).map((each, i) => readResult(each, `${path}.content.${i}`))
    if (content.length === 0) throw invalid(`The content field at ${path}.toolResult is empty.`)
    return { type: 'tool_result', tool_use_id: toolResult.toolUseId, content }
  }
  if (!isObject(reasoning)) throw invalid(`The ContentBlock object at ${path} must set one of its members.`)
  if (!isObject(reasoning.reasoningText)) return { type: 'redacted_thinking', data: reasoning.redactedContent }
  const { text: thought, signature } = reasoning.reasoningText
  return { type: 'thinking', thinking: thought, signature }
}

function readResult(block: JsonObject, path: string): JsonObject {
  return isObject(block.json) ? { type: 'text', text: JSON.stringify(block.json) } : readBlock(block, path)
}

const FORMATS: Readonly<Record<string, readonly string[]>> = {
  image: ['png', 'jpeg', 'gif', 'webp'],
  document: ['pdf', 'csv', 'doc', 'docx', 'xls', 'xlsx', 'html', 'txt', 'md']
}
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

function medium(type: string, { format, source, name }: JsonObject, path: string): JsonObject {
  if (FORMATS[type]?.includes(text(format)) !== true) throw constraint(`${path}.format`)
  if (type === 'document' && !/^[a-zA-Z0-9\-()[\]]+(?: [a-zA-Z0-9\-()[\]]+)*$/.test(text(name)))
    throw constraint(`${path}.name`)
  if (isObject(source) && (isObject(source.s3Location) || BASE64.test(text(source.bytes)))) return { type, source }
  throw invalid(`The source at ${path} has to be bytes in base64, or a place in S3.`)
}

function constraint(path: string): Refused {
  return invalid(`1 validation error detected: Value at '${path}' failed to satisfy constraint`)
}
