import type { AssistantPart, ChatResponse } from '../../chat.js'
import { objectIn, objectsIn, secondsIn, someText, textIn } from '../../lenient.js'
import { badResponse, isObject, type JsonObject } from '../../members.js'
import type { Wish } from '../dialect.js'
import { dateOf, ending, readFinish, readLogprobs, readUsage, textsOf, writeLogprobs } from '../ollama/reply.js'
import { imageType } from '../source.js'
import { callId } from '../tool-calls.js'
import { writeCall } from './request-write.js'

export function readResponse(body: JsonObject): ChatResponse {
  const { message } = body
  if (!isObject(message)) throw badResponse('message', 'an object', message)
  const content: AssistantPart[] = []
  const thinking = someText(message.thinking)
  if (thinking !== undefined) content.push({ type: 'thinking', text: thinking })
  const text = someText(message.content)
  if (text !== undefined) content.push({ type: 'text', text })
  for (const data of Array.isArray(message.images) ? message.images : []) {
    if (typeof data === 'string') {
      content.push({ type: 'image', source: { kind: 'base64', media_type: imageType(data), data } })
    }
  }
  const seed = textIn(body.created_at)
  const calls = objectsIn(message.tool_calls)
  calls.forEach((call, i) => {
    content.push(readCall(call, seed, i))
  })
  const logprobs = readLogprobs(body.logprobs)
  return {
    id: '',
    model: textIn(body.model),
    created: secondsIn(body.created_at),
    choices: [
      {
        index: 0,
        content,
        finish_reason: readFinish(body.done_reason, calls.length > 0),
        ...(logprobs !== undefined && { logprobs })
      }
    ],
    usage: readUsage(body)
  }
}

/** Newer versions name their calls; the others' are named by the time of the reply. */
export function readCall(call: JsonObject, seed: string, position: number): AssistantPart & { type: 'tool_call' } {
  const called = objectIn(call.function)
  const name = textIn(called.name)
  const given = called.arguments
  return {
    type: 'tool_call',
    id: someText(call.id) ?? callId(seed, 0, position, name),
    name,
    arguments: typeof given === 'string' ? given : JSON.stringify(objectIn(given))
  }
}

export function writeResponse(response: ChatResponse, wish: Wish): JsonObject {
  const [choice] = response.choices
  const parts = choice?.content ?? []
  const logprobs = writeLogprobs(choice?.logprobs)
  return {
    model: response.model === '' ? wish.model : response.model,
    created_at: dateOf(response.created),
    message: writeMessage(parts),
    ...(logprobs !== undefined && { logprobs }),
    ...ending(choice?.finish_reason ?? 'stop', response.usage, 0)
  }
}

export function writeMessage(parts: readonly AssistantPart[]): JsonObject {
  const { text, thinking } = textsOf(parts)
  const calls = parts.flatMap(part =>
    part.type === 'tool_call' ? [writeCall(part.id, part.name, part.arguments)] : []
  )
  const images = parts.flatMap(part =>
    part.type === 'image' && part.source.kind === 'base64' ? [part.source.data] : []
  )
  return {
    role: 'assistant',
    content: text,
    ...(thinking !== '' && { thinking }),
    ...(images.length > 0 && { images }),
    ...(calls.length > 0 && { tool_calls: calls })
  }
}
