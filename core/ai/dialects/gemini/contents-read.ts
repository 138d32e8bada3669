import type { AssistantPart, ChatMessage, ImagePart, TextPart, ToolMessage, UserPart } from '../../chat.js'
import { textIn } from '../../lenient.js'
import { badRequest, isObject, type JsonObject, type Members } from '../../members.js'
import { inPlaceOf, placed } from '../../places.js'
import { OpenCalls } from '../tool-calls.js'
import { readAddress, readBytes } from './media.js'
import { readThought, UNKNOWN_SIGNATURE } from './signature.js'
import { membersOf, objects, within } from './spelling.js'

/**
 * The messages that `contents` are. Calls and their results belong together by id, or by name and order where there is none.
 * @param extra - gets the files of answers: they have no place in a chat
 */
export function readContents(contents: readonly Members[], extra: Map<string, unknown>): ChatMessage[] {
  const reader = new ContentsReader(extra)
  for (const content of contents) reader.content(content)
  return reader.messages
}

/** The texts of a systemInstruction: a content, or a plain string. */
export function readInstruction(body: Members, extra: Map<string, unknown>): TextPart[] {
  const value = body.any('systemInstruction')
  if (value === undefined) return []
  if (typeof value === 'string') return value === '' ? [] : [{ type: 'text', text: value }]
  const content = membersOf(value, 'systemInstruction', badRequest)
  return objects(content, 'parts', badRequest).flatMap(part => {
    const text = part.optionalText('text')
    if (text === undefined) extra.set(part.path, part.object)
    return text === undefined || text === '' ? [] : [{ type: 'text', text }]
  })
}

class ContentsReader {
  readonly messages: ChatMessage[] = []
  private readonly calls = new OpenCalls()

  constructor(private readonly extra: Map<string, unknown>) {}

  content(content: Members): void {
    const role = content.optionalText('role') ?? 'user'
    const parts = objects(content, 'parts', badRequest)
    switch (role) {
      case 'model':
      case 'assistant':
        this.said(
          parts.flatMap(part => this.answered(part).map(each => placed(each, part.path))),
          content.path
        )
        break
      case 'system':
        this.messages.push({ role: 'system', content: parts.map(part => ({ type: 'text', text: part.text('text') })) })
        break
      case 'user':
      case 'function':
      case 'tool':
        this.asked(parts, content.path)
        break
      default:
        content.fail('role', '"user", "model" or "function"', role)
    }
  }

  /** Clients keep each chunk of a stream as a content of its own: those that follow each other are one answer. */
  private said(parts: AssistantPart[], path: string): void {
    const last = this.messages.at(-1)
    if (last?.role === 'assistant') last.content = wholeThoughts(joined(last.content, parts))
    else this.messages.push(placed({ role: 'assistant', content: wholeThoughts(parts) }, path))
  }

  /** Results of tools are messages of their own; what stands between them is the user's. */
  private asked(parts: readonly Members[], path: string): void {
    let said: UserPart[] = []
    for (const part of parts) {
      const result = within(part, 'functionResponse', badRequest)
      if (result === undefined) {
        said.push(...userParts(part).map(each => placed(each, part.path)))
        continue
      }
      if (said.length > 0) this.messages.push(placed({ role: 'user', content: said }, path))
      said = []
      this.messages.push(placed(this.result(result), result.path))
    }
    if (said.length > 0) this.messages.push(placed({ role: 'user', content: said }, path))
  }

  private answered(part: Members): AssistantPart[] {
    const sent = part.optionalText('thoughtSignature')
    const wire = sent === UNKNOWN_SIGNATURE ? undefined : sent // clients may write it, too, where they know none
    const call = within(part, 'functionCall', badRequest)
    if (call !== undefined) return [this.call(call, wire)]
    const text = part.optionalText('text')
    if (text !== undefined && part.flag('thought') === true) {
      const thought = readThought(text, wire)
      return thought === undefined ? [] : [thought]
    }
    if (text !== undefined) return text === '' && wire === undefined ? [] : [signedBy({ type: 'text', text }, wire)]
    return otherParts(part).map(each => {
      if (each.type === 'image' || each.type === 'text') return signedBy(each, wire)
      // The canonical answer has no files: the next best is to say that one was there.
      if (each.type !== 'file') return each
      this.extra.set(part.path, part.object)
      return { type: 'text', text: `[${each.filename ?? 'file'}]` }
    })
  }

  private call(call: Members, signature: string | undefined): AssistantPart {
    const name = call.text('name')
    const id = this.calls.opened(name, call.optionalText('id'))
    return {
      type: 'tool_call',
      id,
      name,
      arguments: JSON.stringify(call.record('args') ?? {}),
      ...(signature !== undefined && { signature })
    }
  }

  private result(result: Members): ToolMessage {
    const name = result.text('name')
    const { id } = this.calls.closed(name, result.optionalText('id'))
    const response = result.record('response') ?? {}
    const content: ToolMessage['content'] = [{ type: 'text', text: resultText(response) }]
    for (const part of objects(result, 'parts', badRequest)) {
      for (const each of otherParts(part)) {
        if (each.type === 'image' || each.type === 'file') content.push(placed(each, part.path))
      }
    }
    return {
      role: 'tool',
      tool_call_id: id,
      name,
      content,
      ...(onlyMember(response) === 'error' && { is_error: true })
    }
  }
}

/** Thoughts that a client kept as the pieces of a stream are one again: a signature is for the whole. */
function wholeThoughts(parts: readonly AssistantPart[]): AssistantPart[] {
  const whole: AssistantPart[] = []
  for (const part of parts) {
    const last = whole.at(-1)
    if (part.type === 'thinking' && last?.type === 'thinking' && last.signature === undefined) {
      whole[whole.length - 1] = inPlaceOf({ ...part, text: last.text + part.text }, part)
    } else whole.push(part)
  }
  return whole
}

/** Text that goes on in the next chunk is one; a signature ends it. */
function joined(before: readonly AssistantPart[], parts: readonly AssistantPart[]): AssistantPart[] {
  const last = before.at(-1)
  const [first, ...rest] = parts
  if (last?.type !== 'text' || first?.type !== 'text' || last.signature !== undefined) return [...before, ...parts]
  return [...before.slice(0, -1), inPlaceOf({ ...first, text: last.text + first.text }, last), ...rest]
}

function signedBy(part: TextPart | ImagePart, signature: string | undefined): TextPart | ImagePart {
  return signature === undefined ? part : { ...part, signature }
}

function userParts(part: Members): UserPart[] {
  const text = part.optionalText('text')
  if (text !== undefined) return [{ type: 'text', text }]
  return otherParts(part)
}

/** What is no text, call or result. Code that ran at Google is told as text. */
function otherParts(part: Members): UserPart[] {
  const bytes = within(part, 'inlineData', badRequest)
  if (bytes !== undefined) {
    return [readBytes(bytes.text('mimeType'), bytes.text('data'), bytes.optionalText('displayName'))]
  }
  const file = within(part, 'fileData', badRequest)
  if (file !== undefined) {
    return [readAddress(file.optionalText('mimeType'), file.text('fileUri'), file.optionalText('displayName'))]
  }
  const text = codeText(part.record('executableCode'), part.record('codeExecutionResult'))
  return text === undefined ? [] : [{ type: 'text', text }]
}

/** Code and its output as text; undefined: neither is there. */
export function codeText(code: unknown, result: unknown): string | undefined {
  if (isObject(code)) {
    return `\n\`\`\`${textIn(code.language).toLowerCase()}\n${textIn(code.code)}\n\`\`\`\n`
  }
  if (isObject(result)) return `\n\`\`\`\n${textIn(result.output)}\n\`\`\`\n`
  return undefined
}

/** A result that is but a text, or JSON. */
function resultText(response: JsonObject): string {
  const name = onlyMember(response)
  const value = name === undefined ? undefined : response[name]
  if ((name === 'output' || name === 'result' || name === 'error') && typeof value === 'string') return value
  return JSON.stringify(response)
}

function onlyMember(object: JsonObject): string | undefined {
  const names = Object.keys(object)
  return names.length === 1 ? names[0] : undefined
}
