import { editedMembers } from '../../edited-members.js'
import type { JsonObject } from '../../members.js'
import type { AnswerEdits } from '../../part-edits.js'
import { ending } from '../ollama/reply.js'
import { writeTexts } from './reply.js'

/** A reply of /api/generate as it came, with what policies changed; `context` holds the tokens of what it said before. */
export function editResponse(body: JsonObject, [edits]: AnswerEdits): JsonObject {
  if (edits === undefined) return body
  const { logprobs: _, context: __, ...rest } = body
  const now = editedMembers(rest, writeTexts(edits.before.content), writeTexts(edits.after.content))
  if (edits.reason !== undefined) now.done_reason = ending(edits.reason, undefined, 0).done_reason
  return now
}
