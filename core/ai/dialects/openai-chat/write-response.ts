import type { AssistantPart, ChatResponse, Choice } from '../../chat.js'
import type { JsonObject } from '../../members.js'
import type { Wish } from '../dialect.js'
import { writeAnnotation } from './citations.js'
import { hadOf, writeFinish } from './finish.js'
import { createdOr, newId } from './ids.js'
import { urlOf } from './sources.js'
import { writeThoughts } from './thoughts.js'
import { writeUsage } from './usage.js'
import { writeCall } from './write-messages.js'

/** Writes a whole chat completion. */
export function writeResponse(response: ChatResponse, wish: Wish): JsonObject {
  return {
    id: response.id === '' ? newId('chatcmpl-') : response.id,
    object: 'chat.completion',
    created: createdOr(response.created),
    model: response.model === '' ? wish.model : response.model,
    choices: response.choices.map(choice => writeChoice(choice, wantsFunctions(wish))),
    ...(response.usage !== undefined && { usage: writeUsage(response.usage) }),
    ...(response.service_tier !== undefined && { service_tier: response.service_tier })
  }
}

/** Whether the client speaks of functions, as it was before there were tools. */
export function wantsFunctions({ request }: Wish): boolean {
  return Array.isArray(request.functions) && request.tools === undefined
}

function writeChoice(choice: Choice, functions: boolean): JsonObject {
  const finish = writeFinish(choice.finish_reason, hadOf(choice.content).refusal)
  return {
    index: choice.index,
    message: writeAnswer(choice.content, functions),
    logprobs: choice.logprobs ?? null,
    finish_reason: functions && finish === 'tool_calls' ? 'function_call' : finish
  }
}

export function writeAnswer(parts: readonly AssistantPart[], functions: boolean): JsonObject {
  let text = ''
  let refusal = ''
  const annotations: JsonObject[] = []
  const images: JsonObject[] = []
  const calls: JsonObject[] = []
  let audio: JsonObject | undefined
  for (const part of parts) {
    if (part.type === 'text') {
      for (const annotation of part.annotations ?? []) annotations.push(writeAnnotation(annotation))
      text += part.text
    } else if (part.type === 'refusal') refusal += part.refusal
    else if (part.type === 'tool_call') calls.push(writeCall(part))
    else if (part.type === 'image') {
      images.push({ type: 'image_url', image_url: { url: urlOf(part.source) ?? '' }, index: images.length })
    } else if (part.type === 'audio') audio = writeAudio(part)
  }
  return {
    role: 'assistant',
    content: text === '' && (calls.length > 0 || refusal !== '' || audio !== undefined) ? null : text,
    refusal: refusal === '' ? null : refusal,
    ...writeThoughts(parts),
    ...(annotations.length > 0 && { annotations }),
    ...(images.length > 0 && { images }),
    ...(audio !== undefined && { audio }),
    ...(calls.length > 0 && (functions ? { function_call: calls[0]?.function } : { tool_calls: calls }))
  }
}

const AUDIO_LIFE_SECONDS = 3_600

function writeAudio(part: AssistantPart & { type: 'audio' }): JsonObject {
  return {
    id: part.id ?? newId('audio_'),
    data: part.data,
    transcript: part.transcript ?? '',
    expires_at: createdOr(0) + AUDIO_LIFE_SECONDS
  }
}
