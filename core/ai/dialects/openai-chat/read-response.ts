import { GatewayError } from '../../../base/errors.js'
import type { Annotation, AssistantPart, ChatResponse, Choice, ToolCallPart } from '../../chat.js'
import { badResponse, isObject, type JsonObject } from '../../members.js'
import { annotationsOf, citedBeside } from './citations.js'
import { failureIn } from './failure.js'
import { hadOf, readFinish } from './finish.js'
import { newId } from './ids.js'
import { countIn, objectOf, objectsOf, optional, textIn } from './lenient.js'
import { imagesOf } from './read-messages.js'
import { chunkText, thoughtsOf } from './thoughts.js'
import { usageIn } from './usage.js'

/** Reads a whole chat completion of OpenAI or of anyone who speaks its dialect. */
export function readResponse(body: JsonObject): ChatResponse {
  const failure = failureIn(body)
  if (failure !== undefined) throw new GatewayError('GW_AI_PROVIDER_FAILED', failure.message)
  if (!Array.isArray(body.choices)) throw badResponse('choices', 'a list', body.choices)
  const cited = citedBeside(body)
  return {
    id: textIn(body.id),
    model: textIn(body.model),
    created: countIn(body.created) ?? 0,
    choices: objectsOf(body.choices).map((choice, i) => readChoice(choice, i, i === 0 ? cited : [])),
    usage: usageIn(body),
    ...(optional(body.service_tier) !== undefined && { service_tier: optional(body.service_tier) })
  }
}

function readChoice(choice: JsonObject, position: number, cited: Annotation[]): Choice {
  const content = readAnswer(objectOf(choice.message), cited)
  const logprobs = choice.logprobs ?? undefined
  const stop_sequence = optional(choice.stop_reason) ?? optional(choice.matched_stop) // vLLM; SGLang
  return {
    index: countIn(choice.index) ?? position,
    content,
    finish_reason: readFinish(choice.finish_reason, hadOf(content)),
    ...(stop_sequence !== undefined && { stop_sequence }),
    ...(logprobs !== undefined && { logprobs })
  }
}

function readAnswer(message: JsonObject, cited: Annotation[]): AssistantPart[] {
  const parts: AssistantPart[] = [...thoughtsOf(message), ...answerParts(message.content)]
  const annotations = [...annotationsOf(message.annotations), ...cited]
  const text = parts.find(part => part.type === 'text')
  if (text !== undefined && annotations.length > 0) text.annotations = annotations
  const refusal = optional(message.refusal)
  if (refusal !== undefined) parts.push({ type: 'refusal', refusal })
  parts.push(...imagesOf(message.images))
  if (isObject(message.audio)) parts.push(readAudio(message.audio))
  parts.push(...objectsOf(message.tool_calls).flatMap(call => readCall(call) ?? []))
  if (isObject(message.function_call)) parts.push(...(readCall({ function: message.function_call }) ?? []))
  return parts
}

/** `content` as text, or as parts (Mistral's chunks, which have thoughts among them). */
export function answerParts(content: unknown): AssistantPart[] {
  const text = optional(content)
  if (text !== undefined) return [{ type: 'text', text }]
  return objectsOf(content).flatMap((chunk): AssistantPart[] => {
    switch (chunk.type) {
      case 'text':
        return textIn(chunk.text) === '' ? [] : [{ type: 'text', text: textIn(chunk.text) }]
      case 'thinking':
        return [{ type: 'thinking', text: chunkText(chunk), signature: optional(chunk.signature) }]
      case 'refusal':
        return [{ type: 'refusal', refusal: textIn(chunk.refusal) }]
      case 'image_url':
        return imagesOf([chunk])
      default:
        return []
    }
  })
}

function readAudio(audio: JsonObject): AssistantPart {
  const known = { id: optional(audio.id), transcript: optional(audio.transcript) }
  return { type: 'audio', format: textIn(audio.format), data: textIn(audio.data), ...known }
}

/** Whether it is a call that has a canonical form. */
export function isCall(call: JsonObject): boolean {
  return isObject(call.custom) || isObject(call.function)
}

function readCall(call: JsonObject): ToolCallPart[] | undefined {
  const id = optional(call.id) ?? newId('call_')
  if (isObject(call.custom)) {
    const name = textIn(call.custom.name)
    return [{ type: 'tool_call', id, name, arguments: textIn(call.custom.input), custom: true }]
  }
  if (!isObject(call.function)) return undefined
  const name = textIn(call.function.name)
  const signature = thoughtSignature(call)
  return [{ type: 'tool_call', id, name, arguments: argumentsText(call.function.arguments), signature }]
}

/** Arguments are JSON text; some providers send the object. */
export function argumentsText(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

export function thoughtSignature(call: JsonObject): string | undefined {
  return optional(objectOf(objectOf(call.extra_content).google).thought_signature)
}
