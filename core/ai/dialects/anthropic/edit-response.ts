import type { JsonObject } from '../../members.js'
import { type AnswerEdits, type BlockKind, ownersOf } from '../../part-edits.js'
import { looseObjects, looseText } from './loose.js'
import { readBlock, writePart } from './response.js'
import { writeStop } from './stops.js'
import { inputOf } from './tool-input.js'

/** A message as it came, with what policies changed. */
export function editResponse(body: JsonObject, [edits]: AnswerEdits): JsonObject {
  if (edits === undefined) return body
  const blocks = looseObjects(body.content)
  const owners = ownersOf(blocks, block => readBlock(block, 0) !== undefined)
  const content = edits.whole(blocks, owners, BLOCKS)
  if (edits.reason === undefined) return { ...body, content }
  return { ...body, content, stop_reason: writeStop(edits.reason, edits.after.stop_sequence) }
}

const BLOCKS: BlockKind = {
  text: ({ text }) => looseText(text),
  write: writePart,
  change: (block, part) => {
    if (part.type === 'tool_call') return { ...block, input: inputOf(part) }
    if (part.type !== 'text') return block
    if (block.type !== 'text') return { type: 'text', text: part.text } // a tool that stood for the answer's format
    return { ...block, text: part.text, ...('citations' in block && { citations: unquoted(block.citations) }) }
  }
}

/** The passages of its sources stay named and are not told: they may say what a policy took out of the text. */
function unquoted(citations: unknown): unknown {
  if (!Array.isArray(citations)) return citations
  return looseObjects(citations).map(each => ('cited_text' in each ? { ...each, cited_text: '' } : each))
}
