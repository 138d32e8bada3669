import { isObject, type JsonObject } from '../../members.js'
import { type AnswerEdits, type BlockKind, ownersOf } from '../../part-edits.js'
import { looseObject, looseObjects, looseText } from '../anthropic/loose.js'
import { inputOf } from '../anthropic/tool-input.js'
import { readBlock, writePart } from './response.js'
import { writeStop } from './stops.js'

/** An answer of Converse as it came, with what policies changed. */
export function editResponse(body: JsonObject, [edits]: AnswerEdits): JsonObject {
  if (edits === undefined) return body
  const output = looseObject(body.output)
  const message = looseObject(output.message)
  const blocks = looseObjects(message.content)
  const owners = ownersOf(blocks, block => readBlock(block, 0) !== undefined)
  const content = edits.whole(blocks, owners, BLOCKS)
  const edited = { ...body, output: { ...output, message: { ...message, content } } }
  if (edits.reason === undefined) return edited
  return { ...edited, stopReason: writeStop(edits.reason, edits.after.stop_sequence) }
}

const BLOCKS: BlockKind = {
  text: block => (isObject(block.citationsContent) ? citedText(block.citationsContent) : looseText(block.text)),
  write: writePart,
  change: (block, part) => {
    if (part.type === 'tool_call') return { ...block, toolUse: { ...looseObject(block.toolUse), input: inputOf(part) } }
    if (part.type !== 'text') return block
    if (isObject(block.toolUse)) return { text: part.text } // a tool that stood for the answer's format
    if (!isObject(block.citationsContent)) return { ...block, text: part.text }
    const { citations } = block.citationsContent
    const edited = { ...block.citationsContent, content: [{ text: part.text }] }
    return { ...block, citationsContent: { ...edited, citations: looseObjects(citations).map(unquoted) } }
  }
}

function citedText({ content }: JsonObject): string {
  return looseObjects(content)
    .map(({ text }) => looseText(text))
    .join('')
}

/** Without the passage: it may say what a policy took out of the text. */
function unquoted({ sourceContent: _, ...citation }: JsonObject): JsonObject {
  return citation
}
