import { isObject, type JsonObject } from '../../../ai/members.js'
import { optionalObjects, type Turn, text } from '../ask.js'
import { invalid } from '../failure.js'
import type { State } from '../state.js'

/** The items of an input, a text being one; each has an id. @throws Refused */
export function inputItems(input: unknown, state: State): JsonObject[] {
  if (typeof input === 'string') {
    const content = [{ type: 'input_text', text: input }]
    return [{ id: state.id('msg_'), type: 'message', role: 'user', content, status: 'completed' }]
  }
  if (!Array.isArray(input)) {
    throw invalid("Missing required parameter: 'input'.", 'input', 'missing_required_parameter')
  }
  return input.map((item, i) => {
    if (!isObject(item))
      throw invalid(`Invalid type for 'input[${i}]': expected an object.`, `input[${i}]`, 'invalid_type')
    return { id: state.id('item_'), ...item, type: item.type ?? 'message' }
  })
}

/**
 * The messages that the items are.
 * @throws Refused where a result has no call, a call no result, or reasoning is not the mock's own
 */
export function turnsOf(items: readonly JsonObject[], instructions: string, state: State): Turn[] {
  const turns: Turn[] = instructions === '' ? [] : [{ role: 'system', text: instructions, media: [] }]
  const open = new Set<string>()
  for (const [i, item] of items.entries()) {
    const param = `input[${i}]`
    switch (item.type) {
      case 'message':
        turns.push(messageTurn(item, param))
        break
      case 'function_call':
        open.add(text(item.call_id))
        turns.push({ role: 'assistant', text: `${text(item.name)} ${text(item.arguments)}`, media: [] })
        break
      case 'function_call_output':
        if (!open.delete(text(item.call_id))) {
          throw invalid(`No tool call found for function call output with call_id ${text(item.call_id)}.`, 'input')
        }
        turns.push({ role: 'tool', ...read(item.output) })
        break
      case 'reasoning':
        verify(item, param, state)
        break
      default: // other kinds of items are taken and cost nothing
    }
  }
  const [unanswered] = open
  if (unanswered !== undefined) throw invalid(`No tool output found for function call ${unanswered}.`, 'input')
  return turns
}

function messageTurn(item: JsonObject, param: string): Turn {
  const role = item.role === 'developer' ? 'system' : item.role
  if (role !== 'system' && role !== 'user' && role !== 'assistant') {
    const found = String(item.role)
    throw invalid(
      `Invalid value: '${found}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.`,
      `${param}.role`,
      'invalid_value'
    )
  }
  return { role, ...read(item.content) }
}

const MEDIA: Readonly<Record<string, string>> = {
  input_image: 'an image',
  input_audio: 'a sound',
  input_file: 'a file'
}

function read(content: unknown): Pick<Turn, 'text' | 'media'> {
  if (typeof content === 'string') return { text: content, media: [] }
  const parts = optionalObjects(content)
  const words = parts.map(part => text(part.text) || text(part.refusal)).filter(each => each !== '')
  return { text: words.join('\n'), media: parts.flatMap(part => MEDIA[text(part.type)] ?? []) }
}

function verify(item: JsonObject, param: string, state: State): void {
  const sent = item.encrypted_content
  if (typeof sent !== 'string' || sent === state.sign(text(item.id))) return
  const message = `The encrypted content for item ${text(item.id)} could not be verified.`
  throw invalid(message, `${param}.encrypted_content`, 'invalid_encrypted_content')
}
