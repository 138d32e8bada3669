import type { JsonObject } from '../../members.js'
import { type AnswerEdits, type BlockKind, ownersOf } from '../../part-edits.js'
import { unquoted } from './citations.js'
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
    const { citations } = block
    return { ...block, text: part.text, ...(Array.isArray(citations) && { citations: citations.map(unquoted) }) }
  }
}
