import { textOf } from '../../chat.js'
import type { JsonObject } from '../../members.js'
import { type AnswerEdits, editedChoices, type PartEdits } from '../../part-edits.js'
import { objectsOf } from '../openai-chat/lenient.js'
import { finishWord } from './response.js'

/** A completion as it came, with what policies changed. */
export function editResponse(body: JsonObject, edits: AnswerEdits): JsonObject {
  return { ...body, choices: editedChoices(objectsOf(body.choices), edits, edited) }
}

/** A prompt that was asked for with `echo` is in the text, and was before policies saw it. */
function edited(choice: JsonObject, { after, reason }: PartEdits): JsonObject {
  const now: JsonObject = { ...choice, text: textOf(after.content) }
  if (now.logprobs !== undefined) now.logprobs = null
  return reason === undefined ? now : { ...now, finish_reason: finishWord(reason) }
}
