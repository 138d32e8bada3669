import { Refusal } from '../../../base/refusal.js'
import type { AssistantPart, ToolMessage } from '../../chat.js'
import { parsed, textIn } from '../../lenient.js'
import { isObject, type JsonObject } from '../../members.js'
import { sourceOfUrl } from './sources.js'

/** What a tool of OpenAI's own came to. */
export interface ToolOutput {
  /** The call, where the item is that as well: the provider has run it. */
  readonly call: (AssistantPart & { type: 'tool_call' }) | undefined
  readonly message: ToolMessage
}

/** Where a text stands. */
interface Place {
  readonly holder: JsonObject
  readonly member: string
}

/** Items that are a call and what it came to: what they are called, and the member that says with what. */
const RUN: Readonly<Record<string, { readonly name: string; readonly given: string }>> = {
  mcp_call: { name: '', given: 'arguments' },
  code_interpreter_call: { name: 'code_interpreter', given: 'code' },
  file_search_call: { name: 'file_search', given: 'queries' }
}

/** An item as the result of a tool: its texts and pictures in order. The item stays with it. @returns undefined: it is none */
export function toolOutput(item: JsonObject): ToolOutput | undefined {
  const type = textIn(item.type)
  const run = Object.hasOwn(RUN, type) ? RUN[type] : undefined
  if (run === undefined && !OUTPUTS.has(type)) return undefined
  const id = textIn(run === undefined ? item.call_id || item.id : item.id)
  const content: ToolMessage['content'] = placesOf(item).map(({ holder, member }) => {
    return { type: 'text', text: textIn(holder[member]) }
  })
  const picture = pictureOf(item)
  if (picture !== undefined) content.push(picture)
  const message: ToolMessage = { role: 'tool', tool_call_id: id, content, item }
  if (run === undefined) return { call: undefined, message }
  const args = givenOf(item, run.given)
  return { call: { type: 'tool_call', id, name: run.name || textIn(item.name), arguments: args, item }, message }
}

function givenOf(item: JsonObject, member: string): string {
  const given = item[member]
  return typeof given === 'string' && member === 'arguments' ? given : JSON.stringify({ [member]: given })
}

/** The item of a call that was run, with what policies made of its arguments. @throws Refusal GW_AI_UNSUPPORTED when it has no place for them */
export function withGiven(item: JsonObject, args: string): JsonObject {
  const { given } = RUN[textIn(item.type)] ?? {}
  if (given === undefined || givenOf(item, given) === args) return item
  if (given === 'arguments') return { ...item, arguments: args }
  const value = parsed(args)
  if (isObject(value) && value[given] !== undefined) return { ...item, [given]: value[given] }
  const detail = `${textIn(item.type)}: a policy of this route changed its arguments to what such a call cannot have.`
  throw new Refusal('GW_AI_UNSUPPORTED', detail, [], { detail })
}

/** Whether an item is a call and what it came to: it is written once, as what it came to. */
export function isRun(item: JsonObject): boolean {
  return Object.hasOwn(RUN, textIn(item.type))
}

/** The item with what policies made of its texts; none where they took the picture it is. */
export function withOutput(item: JsonObject, { content }: ToolMessage): JsonObject[] {
  const texts = content.flatMap(part => (part.type === 'text' ? [part.text] : []))
  if (pictureOf(item) !== undefined && !content.some(({ type }) => type === 'image')) return []
  const were = placesOf(item)
  if (were.length === texts.length && were.every(({ holder, member }, i) => holder[member] === texts[i])) return [item]
  const changed = structuredClone(item)
  const places = placesOf(changed)
  for (const [i, { holder, member }] of places.entries()) {
    holder[member] = i === places.length - 1 ? texts.slice(i).join('\n') : (texts[i] ?? '')
  }
  return [changed]
}

const OUTPUTS: ReadonlySet<string> = new Set([
  'local_shell_call_output',
  'shell_call_output',
  'apply_patch_call_output',
  'computer_call_output'
])

/** The texts of what a tool came to. */
function placesOf(item: JsonObject): Place[] {
  const { output, outputs, results } = item
  const within = (list: unknown, ...members: readonly string[]): Place[] =>
    (Array.isArray(list) ? list : [])
      .filter(isObject)
      .flatMap(holder => members.flatMap(member => (typeof holder[member] === 'string' ? [{ holder, member }] : [])))
  switch (item.type) {
    case 'shell_call_output':
      return typeof output === 'string' ? [{ holder: item, member: 'output' }] : within(output, 'stdout', 'stderr')
    case 'code_interpreter_call':
      return within(outputs, 'logs')
    case 'file_search_call':
      return within(results, 'text')
    case 'mcp_call':
      return within([item], 'output', 'error')
    default:
      return within([item], 'output')
  }
}

function pictureOf({ type, output }: JsonObject): ToolMessage['content'][number] | undefined {
  if (type !== 'computer_call_output' || !isObject(output)) return undefined
  if (typeof output.image_url === 'string') return { type: 'image', source: sourceOfUrl(output.image_url) }
  return { type: 'image', source: { kind: 'id', file_id: textIn(output.file_id), of: 'openai' } }
}
