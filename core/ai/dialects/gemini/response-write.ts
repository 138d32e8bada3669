import { type AssistantPart, type ChatResponse, type Choice, textOf } from '../../chat.js'
import { numberIn, objectIn, objectsIn } from '../../lenient.js'
import type { JsonObject } from '../../members.js'
import type { Wish } from '../dialect.js'
import { argumentsOf } from './contents-write.js'
import { writeFinish } from './finish.js'
import { writeGrounding } from './grounding.js'
import { writeAudio, writeSource } from './media.js'
import { clientRedacted, clientSignature } from './signature.js'
import { writeUsage } from './usage.js'

/** The answer as clients of generateContent read it. */
export function writeResponse(response: ChatResponse, wish: Wish): JsonObject {
  return {
    candidates: response.choices.map(writeChoice),
    ...(response.usage !== undefined && { usageMetadata: writeUsage(response.usage) }),
    ...headOf(response.id, response.model === '' ? wish.model : response.model, response.created)
  }
}

/** What every chunk of a stream has too. */
export function headOf(id: string, model: string, created: number): JsonObject {
  return {
    modelVersion: model,
    ...(created > 0 && { createTime: new Date(created * 1_000).toISOString() }),
    ...(id !== '' && { responseId: id })
  }
}

function writeChoice(choice: Choice): JsonObject {
  const parts = choice.content.flatMap(writePart)
  const annotations = choice.content.flatMap(part => (part.type === 'text' ? (part.annotations ?? []) : []))
  const logprobsResult = choice.logprobs === undefined ? undefined : writeLogprobs(choice.logprobs)
  return {
    content: { parts, role: 'model' },
    finishReason: writeFinish(choice.finish_reason),
    index: choice.index,
    ...(annotations.length > 0 && { groundingMetadata: writeGrounding(annotations, textOf(choice.content)) }),
    ...(logprobsResult !== undefined && { logprobsResult })
  }
}

export function writePart(part: AssistantPart): JsonObject[] {
  switch (part.type) {
    case 'text':
      return [{ text: part.text, ...(part.signature !== undefined && { thoughtSignature: part.signature }) }]
    case 'thinking':
      return [thoughtPart(part.text, part.signature, part.id)]
    case 'redacted_thinking':
      return [{ text: '', thought: true, thoughtSignature: clientRedacted(part.data, part.id) }]
    case 'refusal':
      return [{ text: part.refusal }]
    case 'tool_call':
      return [callPart(part.id, part.name, argumentsOf(part.arguments, part.custom === true), part.signature)]
    case 'image': {
      const written = writeSource(part.source, 'image/png')
      if (written === undefined) return []
      return [part.signature === undefined ? written : { ...written, thoughtSignature: part.signature }]
    }
    case 'audio':
      return [writeAudio(part)]
  }
}

export function thoughtPart(text: string, signature: string | undefined, id?: string | undefined): JsonObject {
  return { text, thought: true, ...(signature !== undefined && { thoughtSignature: clientSignature(signature, id) }) }
}

export function callPart(id: string, name: string, args: JsonObject, signature: string | undefined): JsonObject {
  return { functionCall: { id, name, args }, ...(signature !== undefined && { thoughtSignature: signature }) }
}

/** From OpenAI's shape; undefined: there is nothing in it. */
export function writeLogprobs(logprobs: unknown): JsonObject | undefined {
  const content = objectsIn(objectIn(logprobs).content)
  if (content.length === 0) return undefined
  return {
    chosenCandidates: content.map(candidateOf),
    topCandidates: content.map(each => ({ candidates: objectsIn(each.top_logprobs).map(candidateOf) }))
  }
}

function candidateOf(each: JsonObject): JsonObject {
  return { token: each.token, logProbability: numberIn(each.logprob) ?? 0 }
}
