import type { ChatMessage } from '../chat.js'
import { objectsOf } from '../dialects/openai-chat/lenient.js'
import { resultsFirst } from '../dialects/results-first.js'
import { isObject, type JsonObject } from '../members.js'

/** How Mistral names calls. */
export const CALL_ID = /^[a-zA-Z0-9]{9}$/

/** After whom a message of a role is refused ("Unexpected role 'user' after role 'tool'"). */
const NEVER_AFTER: Readonly<Record<string, readonly string[]>> = {
  system: ['assistant', 'tool'],
  user: ['tool']
}

/** What messages may have: the answers of others have more, and come back with it. */
const MEMBERS = new Set(['role', 'content', 'tool_calls', 'prefix', 'tool_call_id', 'name'])

/**
 * Whether a request in the dialect has what Mistral refuses and others take: calls that others named, members and roles of theirs, another
 * order, nothing where something has to be.
 */
export function isForeign(body: JsonObject): boolean {
  const messages = objectsOf(body.messages)
  const last = messages.at(-1)
  if (last?.role === 'assistant' && last.prefix !== true) return true
  if (isObject(body.tool_choice) && body.tool_choice.type !== 'function') return true // allowed_tools, custom
  if (objectsOf(body.tools).some(({ type }) => type === 'custom')) return true
  if (objectsOf(body.tools).some(({ function: tool }) => isObject(tool) && !isObject(tool.parameters))) return true
  return messages.some((message, i) => isAnothers(message, messages[i - 1]?.role))
}

function isAnothers(message: JsonObject, before: unknown): boolean {
  const { role, content, tool_calls, tool_call_id: id, name } = message
  const calls = objectsOf(tool_calls)
  const nothing = content === undefined || content === null || content === ''
  return (
    role === 'developer' ||
    (role !== 'tool' && name !== undefined) ||
    (role === 'assistant' && nothing && calls.length === 0) ||
    [id, ...calls.map(call => call.id)].some(each => typeof each === 'string' && !CALL_ID.test(each)) ||
    NEVER_AFTER[nameOf(role)]?.includes(String(before)) === true ||
    Object.keys(message).some(each => !MEMBERS.has(each))
  )
}

/** The messages as Mistral takes them: instructions before the answers, and an answer between results and what the user says next. */
export function inOrder(messages: readonly ChatMessage[]): ChatMessage[] {
  const ordered: ChatMessage[] = []
  for (const { message } of resultsFirst(messages)) {
    if (message.role === 'assistant' && isEmpty(message)) continue
    const before = ordered.at(-1)?.role ?? ''
    if (NEVER_AFTER[nameOf(message.role)]?.includes(before) !== true) ordered.push(message)
    else if (message.role !== 'user') {
      const said = ordered.findIndex(({ role }) => role !== 'system' && role !== 'developer')
      ordered.splice(said, 0, message)
    } else ordered.push({ role: 'assistant', content: [{ type: 'text', text: 'OK.' }] }, message)
  }
  return ordered
}

function isEmpty({ content }: ChatMessage): boolean {
  return content.every(part => part.type === 'text' && part.text === '')
}

function nameOf(role: unknown): string {
  return role === 'developer' ? 'system' : String(role)
}
