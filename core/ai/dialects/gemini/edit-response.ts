import { numberIn, objectIn, objectsIn, textIn } from '../../lenient.js'
import { isObject, type JsonObject } from '../../members.js'
import { type AnswerEdits, type BlockKind, editedChoices, type PartEdits, textEdit } from '../../part-edits.js'
import { argumentsOf } from './contents-write.js'
import { writeFinish } from './finish.js'
import { unquoted } from './grounding.js'
import { readPart } from './parts.js'
import { readParts } from './response-read.js'
import { writePart } from './response-write.js'

/** An answer of generateContent as it came, with what policies changed. */
export function editResponse(body: JsonObject, edits: AnswerEdits): JsonObject | undefined {
  const candidates = editedChoices(objectsIn(body.candidates), edits, (candidate, own, i) =>
    edited(candidate, i, textIn(body.responseId), own)
  )
  return candidates.length === 0 ? undefined : { ...body, candidates } // a prompt that was refused has none
}

function edited(candidate: JsonObject, position: number, responseId: string, edits: PartEdits): JsonObject {
  const { owners } = readParts(candidate, numberIn(candidate.index) ?? position, responseId)
  const content = objectIn(candidate.content)
  const { logprobsResult: _, ...rest } = candidate
  const now: JsonObject = {
    ...rest,
    content: { ...content, parts: edits.whole(objectsIn(content.parts), owners, BLOCKS) }
  }
  if (edits.reason !== undefined) now.finishReason = writeFinish(edits.reason)
  if (edits.ended) for (const name of GROUNDING) delete now[name]
  const { was, now: text } = textEdit(edits)
  if (isObject(now.groundingMetadata) && was !== text) now.groundingMetadata = unquoted(now.groundingMetadata)
  return now
}

const GROUNDING = ['groundingMetadata', 'citationMetadata', 'urlContextMetadata'] as const

const BLOCKS: BlockKind = {
  text: block => {
    const part = readPart(block)
    return part?.type === 'text' ? part.text : ''
  },
  write: writePart,
  change: (block, part) => {
    if (part.type === 'tool_call') {
      const args = argumentsOf(part.arguments, part.custom === true)
      return { ...block, functionCall: { ...objectIn(block.functionCall), args } }
    }
    if (part.type !== 'text') return block
    if (typeof block.text !== 'string') return { text: part.text } // code, and what came of it
    const { thoughtSignature: _, ...unsigned } = block // it was for another text
    return { ...unsigned, text: part.text }
  }
}
