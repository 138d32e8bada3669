import { type AssistantPart, type ChatMessage, type ToolMessage, textOf, type UserPart } from '../../chat.js'
import { parsedObject } from '../../lenient.js'
import { isObject, type JsonObject } from '../../members.js'
import type { Dropped } from '../dialect.js'
import { resultsFirst } from '../results-first.js'
import { writeAudio, writeSource } from './media.js'
import { isGemini3 } from './models.js'
import { ownSignature, UNKNOWN_SIGNATURE } from './signature.js'

export interface Contents {
  readonly systemInstruction: JsonObject | undefined
  readonly contents: JsonObject[]
}

/**
 * The messages as Gemini has them: what system and developers say apart from the rest, which is never empty; results of tools that follow each
 * other in one content, as the calls were; answers that follow each other in one.
 */
export function writeContents(messages: readonly ChatMessage[], model: string, dropped: Dropped): Contents {
  const writer = new ContentsWriter(isGemini3(model), dropped)
  for (const { message, place } of resultsFirst(messages)) writer.message(message, `messages[${place}]`)
  const system = writer.system.map(text => ({ text }))
  if (writer.contents.length === 0) {
    const parts = system.length > 0 ? system : [{ text: ' ' }]
    return { systemInstruction: undefined, contents: [{ role: 'user', parts }] }
  }
  if (callsFirst(writer.contents)) writer.contents.unshift({ role: 'user', parts: [{ text: '.' }] })
  if (/gemma-3/.test(model)) return { systemInstruction: undefined, contents: instructed(writer.contents, system) }
  return { systemInstruction: system.length > 0 ? { parts: system } : undefined, contents: writer.contents }
}

/** "Please ensure that function call turn comes immediately after a user turn or after a function response turn." */
function callsFirst([first]: readonly JsonObject[]): boolean {
  if (first?.role !== 'model' || !Array.isArray(first.parts)) return false
  return first.parts.some((part: unknown) => isObject(part) && part.functionCall !== undefined)
}

/** The instructions before what the user says first: "Developer instruction is not enabled for models/gemma-3". */
function instructed(contents: JsonObject[], system: JsonObject[]): JsonObject[] {
  const [first, ...others] = contents
  if (system.length === 0) return contents
  if (first?.role !== 'user' || !Array.isArray(first.parts)) return [{ role: 'user', parts: system }, ...contents]
  return [{ ...first, parts: [...system, ...first.parts] }, ...others]
}

class ContentsWriter {
  readonly system: string[] = []
  readonly contents: JsonObject[] = []
  /** Parts of the content that is written on, and whose it is. */
  private last: { kind: 'user' | 'model' | 'results'; parts: JsonObject[] } | undefined
  private readonly names = new Map<string, string>()

  constructor(
    /** Whether calls have to be signed. */
    private readonly signed: boolean,
    private readonly dropped: Dropped
  ) {}

  message(message: ChatMessage, path: string): void {
    switch (message.role) {
      case 'system':
      case 'developer':
        for (const { text } of message.content) if (text !== '') this.system.push(text)
        break
      case 'user':
        this.add('user', this.all(message.content, path), false)
        break
      case 'assistant':
        this.add('model', this.answer(message.content, path), true)
        break
      case 'tool':
        this.add('results', this.result(message, path), true)
    }
  }

  private add(kind: 'user' | 'model' | 'results', parts: JsonObject[], join: boolean): void {
    if (parts.length === 0) return
    if (join && this.last?.kind === kind) {
      this.last.parts.push(...parts)
      return
    }
    this.last = { kind, parts }
    this.contents.push({ role: kind === 'model' ? 'model' : 'user', parts })
  }

  private all(content: readonly UserPart[], path: string): JsonObject[] {
    return content.flatMap((part, i) => this.part(part, `${path}.content[${i}]`))
  }

  private part(part: UserPart, path: string): JsonObject[] {
    switch (part.type) {
      case 'text':
        return part.text === '' ? [] : [signedPart({ text: part.text }, part.signature)]
      case 'audio':
        return part.data === '' ? [] : [writeAudio(part)]
      case 'image':
      case 'file': {
        const written = writeSource(part.source, part.type === 'image' ? 'image/jpeg' : 'application/pdf')
        if (written === undefined) this.dropped.drop(part.source.kind === 'id' ? `${path}.file_id` : path)
        return written === undefined ? [] : [written]
      }
    }
  }

  private answer(content: readonly AssistantPart[], path: string): JsonObject[] {
    const parts = content.flatMap((part, i) => this.answerPart(part, `${path}.content[${i}]`))
    if (this.signed) sign(parts)
    return parts
  }

  private answerPart(part: AssistantPart, path: string): JsonObject[] {
    switch (part.type) {
      case 'thinking': {
        const signature = ownSignature(part.signature)
        if (part.text === '' && signature === undefined) return []
        return [signedPart({ text: part.text, thought: true }, signature)]
      }
      case 'redacted_thinking':
        return [] // only the provider that wrote it can read it, and none demands it back from another
      case 'refusal':
        return part.refusal === '' ? [] : [{ text: part.refusal }]
      case 'tool_call': {
        this.names.set(part.id, part.name)
        const functionCall = { id: part.id, name: part.name, args: argumentsOf(part.arguments, part.custom === true) }
        return [signedPart({ functionCall }, part.signature)]
      }
      case 'audio':
        if (part.transcript !== undefined) return [{ text: part.transcript }]
        if (part.data === '') this.dropped.drop(`${path}.audio`) // an id alone is of its provider
        return this.part(part, path)
      case 'image':
        return this.part(part, path).map(written => signedPart(written, part.signature))
      case 'text':
        return this.part(part, path)
    }
  }

  private result(message: ToolMessage, path: string): JsonObject[] {
    const name = message.name ?? this.names.get(message.tool_call_id) ?? message.tool_call_id
    const media = message.content.flatMap((part, i) => {
      return part.type === 'text' ? [] : this.part(part, `${path}.content[${i}]`)
    })
    const response = resultOf(textOf(message.content), message.is_error === true)
    const functionResponse = { id: message.tool_call_id, name, response }
    if (!this.signed) return [{ functionResponse }, ...media] // before Gemini 3, results had no parts
    return [{ functionResponse: media.length > 0 ? { ...functionResponse, parts: media } : functionResponse }]
  }
}

function signedPart(part: JsonObject, signature: string | undefined): JsonObject {
  return signature === undefined ? part : { ...part, thoughtSignature: signature }
}

/** Gemini 3 refuses an answer whose first call, or an image of which, is not signed. */
function sign(parts: JsonObject[]): void {
  const call = parts.find(part => part.functionCall !== undefined)
  for (const part of parts) {
    if (part === call || part.inlineData !== undefined) part.thoughtSignature ??= UNKNOWN_SIGNATURE
  }
}

/** Arguments as an object: broken JSON, or the free text of a custom tool, as its one member. */
export function argumentsOf(text: string, custom = false): JsonObject {
  if (custom) return { input: text }
  if (text.trim() === '' || text.trim() === 'null') return {}
  return parsedObject(text) ?? { arguments: text }
}

function resultOf(text: string, failed: boolean): JsonObject {
  if (failed) return { error: text }
  return parsedObject(text) ?? { output: text }
}
