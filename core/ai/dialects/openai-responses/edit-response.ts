import { randomUUID } from 'node:crypto'
import type { AssistantPart } from '../../chat.js'
import { textIn } from '../../lenient.js'
import { isObject, type JsonObject } from '../../members.js'
import { type AnswerEdits, type BlockKind, ownersOf, type PartEdits } from '../../part-edits.js'
import { TextEdit } from '../../text-edit.js'
import { hadOf } from '../openai-chat/finish.js'
import { withArguments } from './client-calls.js'
import { OutputBuilder } from './output-builder.js'
import { readItem, readPart } from './read-output.js'
import { ending } from './reply.js'
import { writePart } from './response.js'

/** A response as it came, with what policies changed. */
export function editResponse(body: JsonObject, [edits]: AnswerEdits): JsonObject {
  if (edits === undefined) return body
  const { output_text: _, ...rest } = body // some servers say all of the text there once more
  const items = Array.isArray(body.output) ? body.output : []
  const signatures = new Map<string, string>()
  const output: unknown[] = edits.take(-1, ITEMS)
  let place = 0
  for (const item of items) {
    const parts = readItem(item, signatures).length
    if (isObject(item) && item.type === 'message') output.push(...message(item, place, parts, edits))
    else output.push(...edits.blocks([item], [parts === 0 ? undefined : place], ITEMS))
    place += parts
  }
  output.push(...edits.rest(ITEMS))
  if (edits.reason === undefined) return { ...rest, output }
  const now = ending(edits.reason, hadOf(edits.after.content).refusal)
  return now.status === body.status ? { ...rest, output } : { ...rest, ...now, output }
}

/** A message without anything in it is none. */
function message(item: JsonObject, place: number, parts: number, edits: PartEdits): unknown[] {
  const content = Array.isArray(item.content) ? item.content : []
  const owners = ownersOf(content, part => readPart(part).length > 0, place)
  const left = edits.blocks(content, owners, CONTENT).map(part => {
    if (!isObject(part)) return part
    const untold = Array.isArray(part.logprobs) ? { ...part, logprobs: [] } : part
    return edits.ended && Array.isArray(part.annotations) ? { ...untold, annotations: [] } : untold
  })
  const added = Array.from({ length: parts }, (_, i) => edits.take(place + i, ITEMS)).flat()
  return left.length === 0 && content.length > 0 ? added : [{ ...item, content: left }, ...added]
}

const ITEMS: BlockKind = {
  text: () => '',
  change: (item, part) => (part.type === 'tool_call' ? withArguments(item, part.arguments) : item),
  write: part => {
    const builder = new OutputBuilder(`${randomUUID().replaceAll('-', '')}_`, new Map(), () => undefined)
    writePart(builder, part, 0)
    builder.end('completed')
    return builder.items
  }
}

const CONTENT: BlockKind = {
  text: ({ text }) => textIn(text),
  change: (block, part: AssistantPart) => {
    if (part.type !== 'text') return block
    const edit = new TextEdit(textIn(block.text), part.text)
    const { annotations } = block
    return {
      ...block,
      text: part.text,
      ...(Array.isArray(annotations) && { annotations: annotations.flatMap(each => moved(each, edit)) })
    }
  }
}

/** An annotation where its passage is now: none of a passage that was changed. */
function moved(annotation: unknown, edit: TextEdit): unknown[] {
  if (!isObject(annotation)) return []
  const { index, start_index: start = index, end_index: end = start } = annotation
  if (typeof start !== 'number' || typeof end !== 'number') return [annotation]
  return edit.carried(annotation, start, end, by =>
    typeof index === 'number'
      ? { ...annotation, index: index + by }
      : { ...annotation, start_index: start + by, end_index: end + by }
  )
}
