import { isObject, type JsonObject } from '../../../ai/members.js'
import { objects, optionalObjects, type Turn, text } from '../ask.js'
import { invalid, Refused } from '../failure.js'

/** What a message of each role may have; anything else is refused. */
const MEMBERS: Readonly<Record<Turn['role'], readonly string[]>> = {
  system: ['content'],
  user: ['content'],
  assistant: ['content', 'tool_calls', 'prefix'],
  tool: ['content', 'tool_call_id', 'name']
}

/** Who may speak after whom. */
const AFTER: Readonly<Record<Turn['role'], readonly (Turn['role'] | 'nobody')[]>> = {
  system: ['nobody', 'system', 'user'],
  user: ['nobody', 'system', 'user', 'assistant'],
  assistant: ['nobody', 'system', 'user', 'assistant', 'tool'],
  tool: ['assistant', 'tool']
}

/** The messages of a chat. @throws Refused for members and parts that are none, roles out of order, and calls not named as Mistral does */
export function turnsOf(list: unknown): Turn[] {
  let before: Turn['role'] | 'nobody' = 'nobody'
  let open: string[] = []
  const all = objects(list, 'messages')
  const turns = all.map((message, i): Turn => {
    const { role } = message
    if (role !== 'system' && role !== 'user' && role !== 'assistant' && role !== 'tool') {
      throw invalid(`messages[${i}].role: unexpected role ${String(role)}`)
    }
    for (const name of Object.keys(message)) {
      if (name !== 'role' && !MEMBERS[role].includes(name)) throw extra(['messages', i, role, name])
    }
    if (!AFTER[role].includes(before)) throw order(`Unexpected role '${role}' after role '${before}'`)
    if (role === 'tool') open = open.filter(id => id !== message.tool_call_id)
    else if (open.length > 0) throw order('Not the same number of function calls and responses')
    before = role
    const calls = optionalObjects(message.tool_calls)
    open.push(...calls.map(idOf))
    const { words, media } = contentOf(message.content, i)
    if (role === 'assistant' && calls.length === 0 && words === '' && media.length === 0) {
      throw invalid('Assistant message must have either content or tool_calls, but not none.')
    }
    return { role, text: words + (calls.length > 0 ? JSON.stringify(calls) : ''), media }
  })
  if (open.length > 0) throw order('Not the same number of function calls and responses')
  const last = all.at(-1)
  if (last?.role === 'assistant' && last.prefix !== true) {
    throw order('Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant')
  }
  return turns
}

/** A member that Mistral does not know. */
export function extra(place: readonly (string | number)[]): Refused {
  const message = `Extra inputs are not permitted: body.${place.join('.')}`
  return new Refused({ status: 422, kind: 'invalid', message })
}

function order(message: string): Refused {
  return invalid(message, undefined, '3230')
}

function idOf({ id, function: called }: JsonObject): string {
  if (!/^[a-zA-Z0-9]{9}$/.test(text(id))) {
    throw invalid(`Tool call id was ${text(id)} but must be a-z, A-Z, 0-9, with a length of 9.`)
  }
  if (!isObject(called) || text(called.name) === '') throw invalid('tool_calls: expected a function with a name')
  return text(id)
}

const MEDIA: Readonly<Record<string, string>> = {
  image_url: 'an image',
  input_audio: 'a sound',
  document_url: 'a file',
  file: 'a file'
}
const WORDS = ['text', 'thinking', 'reference']

function contentOf(content: unknown, i: number): { words: string; media: string[] } {
  if (content === undefined || content === null || typeof content === 'string')
    return { words: content ?? '', media: [] }
  const parts = objects(content, `messages[${i}].content`)
  for (const { type } of parts) {
    if (MEDIA[text(type)] === undefined && !WORDS.includes(text(type))) {
      throw invalid(`messages[${i}].content: no chunk is of the type ${String(type)}`)
    }
  }
  const words = parts.map(part => text(part.text)).filter(each => each !== '')
  return { words: words.join('\n'), media: parts.flatMap(part => MEDIA[text(part.type)] ?? []) }
}
