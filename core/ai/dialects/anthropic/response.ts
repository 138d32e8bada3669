import { randomUUID } from 'node:crypto'
import type { AssistantPart, ChatResponse, TextPart, ToolCallPart } from '../../chat.js'
import { badResponse, isObject, type JsonObject } from '../../members.js'
import type { Wish } from '../dialect.js'
import { carryCall, carryPart } from './carried.js'
import { annotationsOf, citationOf } from './citations.js'
import { looseObject, looseObjects, looseText } from './loose.js'
import { readStop, writeStop } from './stops.js'
import { inputOf } from './tool-input.js'
import { messageUsage, writeUsage } from './usage.js'
import { ANSWER_TOOL } from './write-request.js'

/** @throws GatewayError GW_UPSTREAM_BAD_RESPONSE */
export function readResponse(body: JsonObject): ChatResponse {
  if (!Array.isArray(body.content)) throw badResponse('content', 'a list of content blocks', body.content)
  const content: AssistantPart[] = []
  let length = 0
  let answered = false
  for (const block of looseObjects(body.content)) {
    const part = readBlock(block, length)
    if (part === undefined) continue
    if (part.type === 'text') {
      length += part.text.length
      answered ||= block.type === 'tool_use'
    }
    content.push(part)
  }
  const reason = readStop(body.stop_reason)
  const explanation = looseText(looseObject(body.stop_details).explanation)
  if (reason === 'refusal' && content.length === 0 && explanation !== '')
    content.push({ type: 'refusal', refusal: explanation })
  const called = content.some(part => part.type === 'tool_call')
  const stopSequence = looseText(body.stop_sequence)
  const usage = messageUsage(body)
  return {
    id: looseText(body.id),
    model: looseText(body.model),
    created: 0,
    choices: [
      {
        index: 0,
        content,
        finish_reason: answered && !called && reason === 'tool_calls' ? 'stop' : reason,
        stop_sequence: stopSequence === '' ? undefined : stopSequence
      }
    ],
    usage,
    service_tier: usage?.tier
  }
}

export function writeResponse(response: ChatResponse, wish: Wish): JsonObject {
  const [choice] = response.choices
  return {
    id: response.id === '' ? messageId() : response.id,
    type: 'message',
    role: 'assistant',
    model: response.model === '' ? wish.model : response.model,
    content: (choice?.content ?? []).flatMap(writePart),
    stop_reason: writeStop(choice?.finish_reason ?? 'stop', choice?.stop_sequence),
    stop_sequence: choice?.stop_sequence ?? null,
    usage: writeUsage(response.usage)
  }
}

export function messageId(): string {
  return `msg_${randomUUID().replaceAll('-', '')}`
}

/** @param start - characters of text before the block; undefined is returned for a block that has no canonical form */
export function readBlock(block: JsonObject, start: number): AssistantPart | undefined {
  switch (block.type) {
    case 'text':
      return readText(block, start)
    case 'thinking': {
      const signature = looseText(block.signature)
      return { type: 'thinking', text: looseText(block.thinking), signature: signature === '' ? undefined : signature }
    }
    case 'redacted_thinking':
      return { type: 'redacted_thinking', data: looseText(block.data) }
    case 'tool_use': {
      const text =
        typeof block.input === 'string' ? block.input : JSON.stringify(isObject(block.input) ? block.input : {})
      if (block.name === ANSWER_TOOL) return { type: 'text', text }
      return { type: 'tool_call', id: looseText(block.id), name: looseText(block.name), arguments: text }
    }
    default:
      return undefined
  }
}

function readText(block: JsonObject, start: number): TextPart | undefined {
  const text = looseText(block.text)
  if (text === '') return undefined
  const annotations = annotationsOf(block.citations, start, start + text.length)
  return annotations.length === 0 ? { type: 'text', text } : { type: 'text', text, annotations }
}

export function writePart(part: AssistantPart): JsonObject[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [writeText(part)]
    case 'refusal':
      return part.refusal === '' ? [] : [writeText({ type: 'text', text: part.refusal })]
    case 'thinking':
      return [{ type: 'thinking', thinking: part.text, signature: carryPart(part.id, part.signature) }]
    case 'redacted_thinking':
      return [{ type: 'redacted_thinking', data: carryPart(part.id, part.data) }]
    case 'tool_call':
      return writeCall(part)
    default:
      return []
  }
}

function writeText(part: TextPart): JsonObject {
  const block: JsonObject = { type: 'text', text: part.text }
  if (part.annotations !== undefined && part.annotations.length > 0) block.citations = part.annotations.map(citationOf)
  return block
}

function writeCall(part: ToolCallPart): JsonObject[] {
  const block = { type: 'tool_use', id: part.id, name: part.name, input: inputOf(part) }
  if (part.signature === undefined) return [block]
  return [{ type: 'thinking', thinking: '', signature: carryCall(part.signature) }, block]
}
