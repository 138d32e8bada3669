import type { AssistantPart, ChatResponse } from '../../chat.js'
import { badResponse, isObject, type JsonObject } from '../../members.js'
import { carryCall, carryPart } from '../anthropic/carried.js'
import { looseObject, looseObjects, looseText } from '../anthropic/loose.js'
import { inputOf } from '../anthropic/tool-input.js'
import { ANSWER_TOOL } from '../anthropic/write-request.js'
import type { Wish } from '../dialect.js'
import { annotationOf } from './citations.js'
import { blobOf, dataOf } from './redacted.js'
import { readStop, writeStop } from './stops.js'
import { answerUsage, writeUsage } from './usage.js'

/** @throws GatewayError GW_UPSTREAM_BAD_RESPONSE */
export function readResponse(body: JsonObject): ChatResponse {
  const message = looseObject(looseObject(body.output).message)
  if (!Array.isArray(message.content))
    throw badResponse('output.message.content', 'a list of content blocks', message.content)
  const content: AssistantPart[] = []
  let length = 0
  let answered = false
  for (const block of looseObjects(message.content)) {
    const part = readBlock(block, length)
    if (part === undefined) continue
    if (part.type === 'text') {
      length += part.text.length
      answered ||= isObject(block.toolUse)
    }
    content.push(part)
  }
  const reason = readStop(body.stopReason)
  const called = content.some(part => part.type === 'tool_call')
  const tier = looseText(looseObject(body.serviceTier).type)
  return {
    id: '',
    model: '',
    created: 0,
    choices: [
      {
        index: 0,
        content,
        finish_reason: answered && !called && reason === 'tool_calls' ? 'stop' : reason,
        stop_sequence: stopSequenceOf(body)
      }
    ],
    usage: answerUsage(body),
    service_tier: tier === '' ? undefined : tier
  }
}

export function writeResponse(response: ChatResponse, wish: Wish): JsonObject {
  const [choice] = response.choices
  return {
    output: { message: { role: 'assistant', content: (choice?.content ?? []).flatMap(writePart) } },
    stopReason: writeStop(choice?.finish_reason ?? 'stop', choice?.stop_sequence),
    usage: writeUsage(response.usage),
    metrics: { latencyMs: latencyMs(wish) }
  }
}

/** Since the request came; 0 when nobody says when it did. */
export function latencyMs({ startedMs }: Wish): number {
  return startedMs === undefined ? 0 : Math.max(0, Math.round(performance.now() - startedMs))
}

/** Where a model says it, and only if it was asked to (additionalModelResponseFieldPaths). */
export function stopSequenceOf(body: JsonObject): string | undefined {
  const fields = looseObject(body.additionalModelResponseFields)
  const text = looseText(fields.stop_sequence) || looseText(looseObject(fields.delta).stop_sequence)
  return text === '' ? undefined : text
}

/** @param start - characters of text before the block; undefined is returned for a block that has no canonical form */
export function readBlock(block: JsonObject, start: number): AssistantPart | undefined {
  if (typeof block.text === 'string') return block.text === '' ? undefined : { type: 'text', text: block.text }
  if (isObject(block.toolUse)) {
    const { toolUseId, name, input } = block.toolUse
    const text = typeof input === 'string' ? input : JSON.stringify(input ?? {})
    if (name === ANSWER_TOOL) return { type: 'text', text }
    return { type: 'tool_call', id: looseText(toolUseId), name: looseText(name), arguments: text }
  }
  if (isObject(block.reasoningContent)) {
    const { reasoningText, redactedContent } = block.reasoningContent
    if (typeof redactedContent === 'string') return { type: 'redacted_thinking', data: dataOf(redactedContent) }
    const { text, signature } = looseObject(reasoningText)
    const sign = looseText(signature)
    return { type: 'thinking', text: looseText(text), signature: sign === '' ? undefined : sign }
  }
  if (isObject(block.citationsContent)) {
    const text = looseObjects(block.citationsContent.content)
      .map(each => looseText(each.text))
      .join('')
    const annotations = looseObjects(block.citationsContent.citations).flatMap(each =>
      annotationOf(each, start, start + text.length)
    )
    return annotations.length === 0 ? { type: 'text', text } : { type: 'text', text, annotations }
  }
  return undefined
}

export function writePart(part: AssistantPart): JsonObject[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [{ text: part.text }]
    case 'refusal':
      return part.refusal === '' ? [] : [{ text: part.refusal }]
    case 'thinking':
      return [reasoning(part.text, carryPart(part.id, part.signature))]
    case 'redacted_thinking':
      return [{ reasoningContent: { redactedContent: blobOf(carryPart(part.id, part.data)) } }]
    case 'tool_call': {
      const block = { toolUse: { toolUseId: part.id, name: part.name, input: inputOf(part) } }
      return part.signature === undefined ? [block] : [reasoning('', carryCall(part.signature)), block]
    }
    default:
      return []
  }
}

function reasoning(text: string, signature: string): JsonObject {
  return { reasoningContent: { reasoningText: signature === '' ? { text } : { text, signature } } }
}
