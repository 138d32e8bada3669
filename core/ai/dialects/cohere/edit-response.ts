import { numberIn, objectIn, objectsIn, textIn } from '../../lenient.js'
import type { JsonObject } from '../../members.js'
import { type AnswerEdits, type CallKind, type PartEdits, textEdit } from '../../part-edits.js'
import type { TextEdit } from '../../text-edit.js'
import { writeFinish } from './finish.js'
import { writeCall } from './response.js'

/** A reply of /v2/chat as it came, with what policies changed. */
export function editResponse(body: JsonObject, [edits]: AnswerEdits): JsonObject {
  if (edits === undefined) return body
  const { logprobs: _, ...rest } = body
  const now: JsonObject = { ...rest, message: edited(objectIn(body.message), edits) }
  return edits.reason === undefined
    ? now
    : { ...now, finish_reason: writeFinish(edits.reason, edits.after.stop_sequence) }
}

function edited(message: JsonObject, edits: PartEdits): JsonObject {
  const places = edits.places('text', 'thinking')
  const plan = textIn(message.tool_plan) === '' ? undefined : places.shift()
  const { content: given } = message
  const blocks = typeof given === 'string' && given !== '' ? [{ type: 'text', text: given }] : objectsIn(given)
  const owners = blocks.map(block => (isPart(block) ? places.shift() : undefined))
  const content = edits.texts(blocks, owners)
  const calls = edits.calls(objectsIn(message.tool_calls), CALLS)
  const now: JsonObject = { ...message, content, tool_calls: calls }
  if (plan !== undefined && edits.at(plan) === undefined) delete now.tool_plan
  if (content.length === 0) delete now.content
  if (calls.length === 0) delete now.tool_calls
  if (message.citations === undefined) return now
  const edit = textEdit(edits)
  return { ...now, citations: edits.ended ? [] : objectsIn(message.citations).flatMap(each => moved(each, edit)) }
}

function isPart({ type, text }: JsonObject): boolean {
  return type === 'thinking' || typeof text === 'string'
}

const CALLS: CallKind = {
  change: (call, part) => ({ ...call, function: { ...objectIn(call.function), arguments: part.arguments } }),
  write: part => writeCall(part.id, part.name, part.arguments)
}

/** A citation where its passage is now: none of a passage that was changed. */
function moved(citation: JsonObject, edit: TextEdit): JsonObject[] {
  const start = numberIn(citation.start) ?? 0
  const end = numberIn(citation.end) ?? start
  return edit.carried(citation, start, end, by => ({ ...citation, start: start + by, end: end + by }))
}
