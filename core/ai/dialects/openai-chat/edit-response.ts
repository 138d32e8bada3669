import { isDeepStrictEqual } from 'node:util'
import { editedMembers } from '../../edited-members.js'
import { isObject, type JsonObject } from '../../members.js'
import { type AnswerEdits, type CallKind, editedChoices, ownersOf, type PartEdits, textEdit } from '../../part-edits.js'
import type { TextEdit } from '../../text-edit.js'
import { hadOf, writeFinish } from './finish.js'
import { objectOf, objectsOf } from './lenient.js'
import { answerParts, isCall } from './read-response.js'
import { thoughtsOf } from './thoughts.js'
import { writeCall } from './write-messages.js'
import { writeAnswer } from './write-response.js'

/** A chat completion as it came, with what policies changed. */
export function editResponse(body: JsonObject, edits: AnswerEdits): JsonObject {
  return { ...body, choices: editedChoices(objectsOf(body.choices), edits, edited) }
}

function edited(choice: JsonObject, edits: PartEdits): JsonObject {
  const message = objectOf(choice.message)
  const functions = message.function_call !== undefined && message.function_call !== null
  const { content } = edits.after
  const now: JsonObject = { ...choice, message: editedMessage(message, functions, edits) }
  if (now.logprobs !== undefined) now.logprobs = null
  if (edits.reason === undefined) return now
  const finish = writeFinish(edits.reason, hadOf(content).refusal)
  return { ...now, finish_reason: functions && finish === 'tool_calls' ? 'function_call' : finish }
}

function editedMessage(message: JsonObject, functions: boolean, edits: PartEdits): JsonObject {
  const { annotations: _, tool_calls: listed, ...was } = writeAnswer(edits.before.content, functions)
  const { annotations: __, tool_calls: calls, ...now } = writeAnswer(edits.after.content, functions)
  if (edits.ended) return { ...now, ...(calls !== undefined && { tool_calls: calls }) }
  const edited = editedMembers(message, was, now)
  if (Array.isArray(message.content)) edited.content = editedChunks(message, edits)
  if (THOUGHTS.some(name => !isDeepStrictEqual(was[name], now[name]))) {
    for (const name of THOUGHTS) {
      if (now[name] === undefined) delete edited[name]
    }
  }
  if (listed !== undefined || calls !== undefined) {
    edited.tool_calls = edits.calls(objectsOf(message.tool_calls), CALLS, isCall)
    if (calls === undefined) delete edited.tool_calls
  }
  const { annotations } = message
  const edit = textEdit(edits)
  if (Array.isArray(annotations)) edited.annotations = annotations.flatMap(each => moved(each, edit))
  return edited
}

/** The names that reasoning has, each of which may say all of it. */
const THOUGHTS = ['reasoning_content', 'thinking_blocks', 'reasoning', 'reasoning_details'] as const

/** `content` as a list (Mistral's chunks), in which thoughts may be, too. */
function editedChunks(message: JsonObject, edits: PartEdits): unknown[] {
  const chunks = objectsOf(message.content)
  const owners = ownersOf(chunks, chunk => answerParts([chunk]).length > 0, thoughtsOf(message).length)
  return edits.texts(chunks, owners)
}

const CALLS: CallKind = {
  write: writeCall,
  change: (call, part) => {
    if (isObject(call.custom)) return { ...call, custom: { ...call.custom, input: part.arguments } }
    return { ...call, function: { ...objectOf(call.function), arguments: part.arguments } }
  }
}

/** An annotation where its passage is now: none of a passage that was changed. */
function moved(annotation: unknown, edit: TextEdit): unknown[] {
  if (!isObject(annotation)) return []
  const inner = isObject(annotation.url_citation) ? annotation.url_citation : annotation
  const { start_index: start, end_index: end = start } = inner
  if (typeof start !== 'number' || typeof end !== 'number') return [annotation]
  return edit.carried(annotation, start, end, by => {
    const now = { ...inner, start_index: start + by, end_index: end + by }
    return inner === annotation ? now : { ...annotation, url_citation: now }
  })
}
