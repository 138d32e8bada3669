import type { TextPart, ToolCallPart, ToolMessage } from '../../chat.js'
import { parsed, textIn } from '../../lenient.js'
import { isObject, type JsonObject } from '../../members.js'

/**
 * Tools that Anthropic runs itself: what the model called, and what came of it, stands within an answer. The block stays with what is read of
 * it, to be written as it came.
 */

/** @returns undefined: the block is no call of such a tool */
export function serverCall(block: JsonObject): ToolCallPart | undefined {
  if (block.type !== 'server_tool_use' && block.type !== 'mcp_tool_use') return undefined
  return { type: 'tool_call', id: textIn(block.id), name: textIn(block.name), arguments: inputText(block), block }
}

/** @returns undefined: the block does not tell what such a tool came to */
export function serverResult(block: JsonObject): ToolMessage | undefined {
  if (!/_tool_result$/.test(textIn(block.type)) || typeof block.tool_use_id !== 'string') return undefined
  const content = placesOf(block).map(
    ({ holder, member }): TextPart => ({ type: 'text', text: textIn(holder[member]) })
  )
  return { role: 'tool', tool_call_id: block.tool_use_id, content, block }
}

/** The block with arguments that a policy may have changed. */
export function withInput(block: JsonObject, args: string): JsonObject {
  if (args === inputText(block)) return block
  const input = parsed(args)
  return isObject(input) ? { ...block, input } : block
}

/** The block with what policies made of its texts; of fewer texts than there were, the rest is empty. */
export function withResult(block: JsonObject, { content }: ToolMessage): JsonObject {
  const texts = content.flatMap(part => (part.type === 'text' ? [part.text] : []))
  const were = placesOf(block)
  if (were.length === texts.length && were.every(({ holder, member }, i) => holder[member] === texts[i])) return block
  const changed = structuredClone(block)
  const places = placesOf(changed)
  for (const [i, { holder, member }] of places.entries()) {
    holder[member] = i === places.length - 1 ? texts.slice(i).join('\n') : (texts[i] ?? '')
  }
  return changed
}

function inputText({ input }: JsonObject): string {
  return typeof input === 'string' ? input : JSON.stringify(input ?? {})
}

/** Where a text stands: in an object, or in a list by its number. */
interface Place {
  readonly holder: Record<string, unknown>
  readonly member: string
}

/** Members that are text to the model, at any depth; `lines` is a list of texts. What is sealed has other names. */
const TEXTS: ReadonlySet<string> = new Set(['text', 'stdout', 'stderr', 'title', 'content', 'lines'])
/** A result is not nested deeper. */
const DEEPEST = 8

function placesOf(block: JsonObject): Place[] {
  const found: Place[] = []
  collect(block, 'content', 'content', found, 0)
  return found
}

/** @param name - of the member, or of the list it is in */
function collect(holder: Record<string, unknown>, member: string, name: string, found: Place[], depth: number): void {
  const value = holder[member]
  if (depth > DEEPEST || !Object.hasOwn(holder, member)) return
  if (typeof value === 'string') {
    if (isText(holder, name)) found.push({ holder, member })
  } else if (typeof value === 'object' && value !== null) {
    const inside = value as Record<string, unknown>
    for (const each of Object.keys(inside)) collect(inside, each, Array.isArray(value) ? name : each, found, depth + 1)
  }
}

/** `data` is text where its source says so, `content` where the file it is of is none of bytes. */
function isText({ type, file_type: kind }: Record<string, unknown>, name: string): boolean {
  if (name === 'data') return type === 'text'
  return TEXTS.has(name) && (name !== 'content' || kind === undefined || kind === 'text')
}
