import { GatewayError } from '../../../base/errors.js'
import type { Annotation, AssistantPart, ChatResponse, Choice } from '../../chat.js'
import { badResponse, isObject, type JsonObject } from '../../members.js'
import type { Wish } from '../dialect.js'
import { readFailure } from './failure.js'
import { OutputBuilder } from './output-builder.js'
import { finishReason, logprobsOf, readItem } from './read-output.js'
import { beginReply, ending, responseId, suffixOf } from './reply.js'
import { knownTools } from './tool-names.js'
import { usageOfResponse, writeUsage } from './usage.js'

/** @throws GatewayError GW_UPSTREAM_BAD_RESPONSE, GW_AI_PROVIDER_FAILED when it is a response that failed */
export function readResponse(body: JsonObject): ChatResponse {
  if (body.status === 'failed' || body.status === 'cancelled') {
    throw new GatewayError('GW_AI_PROVIDER_FAILED', `the response ${body.status}: ${readFailure(0, body).message}`)
  }
  if (!Array.isArray(body.output)) throw badResponse('output', 'a list of items', body.output)
  const signatures = new Map<string, string>()
  const content = placed(body.output.flatMap(item => readItem(item, signatures)))
  const called = content.some(part => part.type === 'tool_call')
  const refused = content.some(part => part.type === 'refusal')
  const logprobs = body.output.flatMap(logprobsOf)
  return {
    id: typeof body.id === 'string' ? body.id : '',
    model: typeof body.model === 'string' ? body.model : '',
    created: typeof body.created_at === 'number' ? Math.trunc(body.created_at) : 0,
    choices: [
      {
        index: 0,
        content,
        finish_reason: finishReason(body, called, refused),
        ...(logprobs.length > 0 && { logprobs: { content: logprobs } })
      }
    ],
    usage: usageOfResponse(body),
    ...(typeof body.service_tier === 'string' && { service_tier: body.service_tier })
  }
}

/** Citations count from the beginning of the whole answer, on the wire from that of their part. */
function placed(content: AssistantPart[]): AssistantPart[] {
  let start = 0
  return content.map(part => {
    if (part.type !== 'text') return part
    const before = start
    start += part.text.length
    return part.annotations === undefined
      ? part
      : { ...part, annotations: part.annotations.map(each => moved(each, before)) }
  })
}

function moved(annotation: Annotation, by: number): Annotation {
  const { start_index: start, end_index: end } = annotation
  return {
    ...annotation,
    ...(start !== undefined && { start_index: start + by }),
    ...(end !== undefined && { end_index: end + by })
  }
}

/** The first answer, as a response object: there is no place for more. */
export function writeResponse(response: ChatResponse, wish: Wish): JsonObject {
  const id = responseId(response.id, wish)
  const reply = beginReply(id, response.model, response.created, wish)
  const choice = response.choices[0]
  if (response.service_tier !== undefined) reply.service_tier = response.service_tier
  const refused = choice?.content.some(part => part.type === 'refusal') ?? false
  Object.assign(reply, ending(choice?.finish_reason ?? 'stop', refused))
  reply.output = choice === undefined ? [] : writeOutput(choice, id, wish, reply.status)
  reply.usage = writeUsage(response.usage)
  return reply
}

function writeOutput(choice: Choice, id: string, wish: Wish, status: unknown): JsonObject[] {
  const builder = new OutputBuilder(suffixOf(id), knownTools(wish.request), () => undefined)
  if (isObject(choice.logprobs) && Array.isArray(choice.logprobs.content)) builder.addLogprobs(choice.logprobs.content)
  for (const [i, part] of choice.content.entries()) {
    writePart(builder, part, i)
    builder.next()
  }
  builder.end(status === 'incomplete' ? 'incomplete' : 'completed')
  return builder.items
}

export function writePart(builder: OutputBuilder, part: AssistantPart, i: number): void {
  switch (part.type) {
    case 'text':
      builder.text(part.text)
      for (const annotation of part.annotations ?? []) builder.annotation(annotation)
      break
    case 'refusal':
      builder.refusal(part.refusal)
      break
    case 'thinking':
      builder.thinking(part.text, part.id)
      if (part.signature !== undefined) builder.signature(part.signature)
      break
    case 'redacted_thinking':
      builder.redacted(part)
      break
    case 'tool_call':
      if (part.item !== undefined) builder.clientCall(i, part.item)
      else builder.call(i, part.id, part.name, part.custom === true, part.signature)
      builder.arguments(i, part.arguments)
      break
    case 'image':
      if (part.source.kind === 'base64') builder.image(part.source.media_type, part.source.data)
      break
    case 'audio':
      if (part.transcript !== undefined) builder.text(part.transcript)
  }
}
