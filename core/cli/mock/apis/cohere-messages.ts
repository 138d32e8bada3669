import { isObject, type JsonObject } from '../../../ai/members.js'
import { objects, optionalObjects, type Turn, text } from '../ask.js'
import { invalid } from '../failure.js'

/** The messages of a chat. @throws Refused for roles that are none, parts out of place, and results that do not belong to the calls */
export function turnsOf(list: unknown): Turn[] {
  const open = new Set<string>()
  const turns = objects(list, 'messages').map((message, i): Turn => {
    const { role } = message
    if (role !== 'system' && role !== 'user' && role !== 'assistant' && role !== 'tool') {
      throw invalid(`invalid request: messages[${i}].role: "${String(role)}" is none of system, user, assistant, tool`)
    }
    const id = text(message.tool_call_id)
    if (role === 'tool' && !open.delete(id)) {
      throw invalid(`invalid request: messages[${i}]: tool call id "${id}" is not found in the calls before`)
    }
    if (role !== 'tool' && open.size > 0) throw unanswered(open)
    const calls = optionalObjects(message.tool_calls)
    for (const call of calls) open.add(idOf(call, i))
    const { words, media } = contentOf(message.content, role, i)
    const said = [text(message.tool_plan), words, calls.length > 0 ? JSON.stringify(calls) : '']
    if (said.every(each => each === '') && media.length === 0 && role !== 'tool') {
      throw invalid(`invalid request: messages[${i}]: all messages must have content`)
    }
    return { role, text: said.filter(each => each !== '').join('\n'), media }
  })
  if (open.size > 0) throw unanswered(open)
  return turns
}

function idOf({ id, type, function: called }: JsonObject, i: number): string {
  if (typeof id === 'string' && type === 'function' && isObject(called) && typeof called.arguments === 'string')
    return id
  throw invalid(`invalid request: messages[${i}].tool_calls: expected an id, the type "function" and arguments as text`)
}

function unanswered(ids: ReadonlySet<string>): Error {
  return invalid(`invalid request: the tool calls ${[...ids].join(', ')} have no results`)
}

/** What a message of each role may have in it. */
const PARTS: Readonly<Record<Turn['role'], readonly string[]>> = {
  system: ['text'],
  user: ['text', 'image_url'],
  assistant: ['text', 'thinking'],
  tool: ['text', 'document']
}

function contentOf(content: unknown, role: Turn['role'], i: number): { words: string; media: string[] } {
  if (content === undefined || typeof content === 'string') return { words: content ?? '', media: [] }
  const words: string[] = []
  const media: string[] = []
  for (const part of objects(content, `messages[${i}].content`)) {
    const type = text(part.type)
    if (!PARTS[role].includes(type)) {
      throw invalid(`invalid request: messages[${i}].content: a ${role} message has no part "${type}"`)
    }
    if (type === 'image_url') media.push(imageOf(part, i))
    else if (type === 'text') words.push(text(part.text))
    else if (type === 'document') words.push(JSON.stringify(part.document))
  }
  return { words: words.join('\n'), media }
}

function imageOf({ image_url: image }: JsonObject, i: number): string {
  const url = isObject(image) ? text(image.url) : ''
  if (/^(?:https?:\/\/|data:image\/(?:png|jpeg|webp|gif);base64,)/.test(url)) return 'an image'
  throw invalid(`invalid request: messages[${i}].content: image_url.url has to be an address or data of an image`)
}
