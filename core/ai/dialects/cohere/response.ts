import { type Annotation, type AssistantPart, type ChatResponse, type TextPart, textOf } from '../../chat.js'
import { numberIn, objectIn, objectsIn, someText, textIn } from '../../lenient.js'
import { badResponse, isObject, type JsonObject } from '../../members.js'
import { NO_ARGUMENTS } from '../tool-calls.js'
import { readFinish, writeFinish } from './finish.js'
import { usageIn, writeUsage } from './usage.js'

/** https://docs.cohere.com/reference/chat#response */
export function readResponse(body: JsonObject): ChatResponse {
  if (!isObject(body.message)) throw badResponse('message', 'an object', body.message)
  const { message } = body
  const content: AssistantPart[] = []
  const plan = someText(message.tool_plan)
  if (plan !== undefined) content.push({ type: 'thinking', text: plan })
  if (typeof message.content === 'string' && message.content !== '')
    content.push({ type: 'text', text: message.content })
  for (const part of objectsIn(message.content)) {
    if (part.type === 'thinking') content.push({ type: 'thinking', text: textIn(part.thinking) })
    else if (typeof part.text === 'string') content.push({ type: 'text', text: part.text })
  }
  const calls = objectsIn(message.tool_calls)
  for (const call of calls) content.push(readCall(call))
  annotate(content, objectsIn(message.citations))
  const finish = readFinish(textIn(body.finish_reason), calls.length > 0)
  const logprobs = readLogprobs(body.logprobs)
  return {
    id: textIn(body.id),
    model: '',
    created: 0,
    choices: [{ index: 0, content, finish_reason: finish, ...(logprobs !== undefined && { logprobs }) }],
    usage: isObject(body.usage) ? usageIn(body.usage) : undefined
  }
}

export function writeResponse(response: ChatResponse): JsonObject {
  const [choice] = response.choices
  const parts = choice?.content ?? []
  const content = parts.flatMap((part): JsonObject[] => {
    if (part.type === 'text') return [{ type: 'text', text: part.text }]
    if (part.type === 'refusal') return [{ type: 'text', text: part.refusal }]
    return part.type === 'thinking' && part.text !== '' ? [{ type: 'thinking', thinking: part.text }] : []
  })
  const calls = parts.flatMap(part =>
    part.type === 'tool_call' ? [writeCall(part.id, part.name, part.arguments || NO_ARGUMENTS)] : []
  )
  const cited = parts.flatMap(part => (part.type === 'text' ? (part.annotations ?? []) : []))
  const text = textOf(parts)
  return {
    id: response.id,
    message: {
      role: 'assistant',
      ...(content.length > 0 && { content }),
      ...(calls.length > 0 && { tool_calls: calls }),
      ...(cited.length > 0 && { citations: cited.map(each => writeCitation(each, text)) })
    },
    finish_reason: writeFinish(choice?.finish_reason ?? 'stop', choice?.stop_sequence),
    ...(response.usage !== undefined && { usage: writeUsage(response.usage) })
  }
}

export function writeCall(id: string, name: string, text: string): JsonObject {
  return { id, type: 'function', function: { name, arguments: text } }
}

function readCall(call: JsonObject): AssistantPart {
  const called = objectIn(call.function)
  const text = textIn(called.arguments)
  // The model writes "null" for a tool without arguments.
  const given = text === '' || text === 'null' ? NO_ARGUMENTS : text
  return { type: 'tool_call', id: textIn(call.id), name: textIn(called.name), arguments: given }
}

function annotate(content: readonly AssistantPart[], citations: readonly JsonObject[]): void {
  const last = content.findLast((part): part is TextPart => part.type === 'text')
  const found = citations.flatMap(readCitation)
  if (last !== undefined && found.length > 0) last.annotations = found
}

/** Sources that have an address: documents without one cannot be pointed at. */
export function readCitation(citation: JsonObject): Annotation[] {
  return objectsIn(citation.sources).flatMap((source): Annotation[] => {
    const document = objectIn(source.document ?? source.tool_output)
    const url = someText(document.url)
    if (url === undefined) return []
    return [
      {
        type: 'url_citation',
        url,
        title: someText(document.title),
        start_index: numberIn(citation.start),
        end_index: numberIn(citation.end)
      }
    ]
  })
}

export function writeCitation(annotation: Annotation, text: string): JsonObject {
  const { url, title, start_index: start = 0, end_index: end = start } = annotation
  const document = { id: url, url, title: title ?? url }
  return {
    start,
    end,
    text: text.slice(start, end),
    sources: [{ type: 'document', id: url, document }],
    type: 'TEXT_CONTENT'
  }
}

/** As OpenAI's clients have them: Cohere says tokens by number and their texts in one. */
function readLogprobs(logprobs: unknown): JsonObject | undefined {
  const chunks = objectsIn(logprobs)
  if (chunks.length === 0) return undefined
  const content = chunks.flatMap(chunk => {
    const values = Array.isArray(chunk.logprobs) ? chunk.logprobs : []
    return values.map((value, i) => ({
      token: i === 0 ? textIn(chunk.text) : '',
      logprob: numberIn(value) ?? 0,
      top_logprobs: []
    }))
  })
  return { content }
}
