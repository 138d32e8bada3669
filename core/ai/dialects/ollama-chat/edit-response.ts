import { editedMembers } from '../../edited-members.js'
import { objectIn, objectsIn } from '../../lenient.js'
import type { JsonObject } from '../../members.js'
import type { AnswerEdits, CallKind, PartEdits } from '../../part-edits.js'
import { ending } from '../ollama/reply.js'
import { writeCall } from './request-write.js'
import { writeMessage } from './response.js'

/** A reply of /api/chat as it came, with what policies changed. */
export function editResponse(body: JsonObject, [edits]: AnswerEdits): JsonObject {
  if (edits === undefined) return body
  const { logprobs: _, ...rest } = body
  const now: JsonObject = { ...rest, message: editedMessage(objectIn(body.message), edits) }
  if (edits.reason !== undefined) now.done_reason = ending(edits.reason, undefined, 0).done_reason
  return now
}

function editedMessage(message: JsonObject, edits: PartEdits): JsonObject {
  const { tool_calls: listed, ...was } = writeMessage(edits.before.content)
  const { tool_calls: calls, ...now } = writeMessage(edits.after.content)
  const edited = edits.ended ? now : editedMembers(message, was, now)
  if (listed === undefined && calls === undefined) return edited
  if (calls !== undefined) return { ...edited, tool_calls: edits.calls(objectsIn(message.tool_calls), CALLS) }
  const { tool_calls: _, ...rest } = edited
  return rest
}

const CALLS: CallKind = {
  change: (call, part) => {
    const { function: written } = writeCall(part.id, part.name, part.arguments)
    return { ...call, function: { ...objectIn(call.function), ...objectIn(written) } }
  },
  write: part => writeCall(part.id, part.name, part.arguments)
}
