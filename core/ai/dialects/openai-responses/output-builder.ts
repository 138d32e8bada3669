import type { Annotation, RedactedThinkingPart, ThinkingPart } from '../../chat.js'
import { unwrapInput } from '../../custom-tools.js'
import { textIn } from '../../lenient.js'
import { isObject, type JsonObject } from '../../members.js'
import { sealCall } from '../../signatures.js'
import { NO_ARGUMENTS } from '../tool-calls.js'
import { writeAnnotation } from './annotations.js'
import { withArguments } from './client-calls.js'
import { writeReasoning } from './reasoning.js'
import type { KnownTool } from './tool-names.js'

/** Told what happens, as the events of a stream say it. */
export type Say = (type: string, members: JsonObject) => void

interface Call {
  readonly item: JsonObject
  readonly index: number
  /** "arguments" or "input": the member that has what it is called with. */
  readonly member: 'arguments' | 'input'
  /** A function that stands in for a custom tool: its arguments are known only when they are whole. */
  readonly wrapped: boolean
  text: string
}

/**
 * Puts the output of a response together, part by part, and tells each step. What is told and what comes out in the end agree, so that a
 * client that follows the stream ends with the same response as one that waits for it.
 */
export class OutputBuilder {
  readonly items: JsonObject[] = []
  private message: { item: JsonObject; index: number; content: JsonObject[] } | undefined
  private thought: { part: ThinkingPart; id: string; index: number; shown: boolean } | undefined
  private readonly calls = new Map<number, Call>()
  private readonly clientCalls = new Map<number, JsonObject>()
  /** Items that are told as the provider tells them: their places here, by those there. */
  private readonly natives = new Map<unknown, number>()
  private logprobs: unknown[] = []
  /** The last part of the message goes on. */
  private partOpen = false
  /** Characters of all texts, and of those before the last part. */
  private length = 0
  private start = 0

  /**
   * @param suffix - of the ids of the items
   * @param tools - those of the client whose names say not all, by what models call them
   */
  constructor(
    private readonly suffix: string,
    private readonly tools: ReadonlyMap<string, KnownTool>,
    private readonly say: Say
  ) {}

  text(text: string): void {
    // Providers begin with nothing when they are about to call a tool.
    if (text === '' && this.message === undefined) return
    const { item, index, content } = this.within('output_text')
    const part = content.at(-1)
    if (part === undefined || text === '') return
    part.text = `${part.text}${text}`
    this.length += text.length
    this.say('response.output_text.delta', {
      item_id: item.id,
      output_index: index,
      content_index: content.length - 1,
      delta: text,
      logprobs: []
    })
  }

  refusal(text: string): void {
    const { item, index, content } = this.within('refusal')
    const part = content.at(-1)
    if (part === undefined || text === '') return
    part.refusal = `${part.refusal}${text}`
    this.say('response.refusal.delta', {
      item_id: item.id,
      output_index: index,
      content_index: content.length - 1,
      delta: text
    })
  }

  annotation(annotation: Annotation): void {
    const { item, index, content } = this.within('output_text')
    const list = content.at(-1)?.annotations
    if (!Array.isArray(list)) return
    const written = writeAnnotation(annotation, this.start)
    list.push(written)
    this.say('response.output_text.annotation.added', {
      item_id: item.id,
      output_index: index,
      content_index: content.length - 1,
      annotation_index: list.length - 1,
      annotation: written
    })
  }

  /** Of the text that is being told, or comes next. */
  addLogprobs(entries: unknown[]): void {
    this.logprobs.push(...entries)
  }

  thinking(text: string, id?: string): void {
    this.endMessage('completed')
    if (this.thought !== undefined && id !== undefined && id !== this.thought.id) this.endThought()
    this.thought ??= this.beginThought(id)
    const { thought } = this
    if (text === '') return
    const at = { item_id: thought.id, output_index: thought.index, summary_index: 0 }
    if (!thought.shown) {
      thought.shown = true
      this.say('response.reasoning_summary_part.added', { ...at, part: { type: 'summary_text', text: '' } })
    }
    thought.part.text += text
    this.say('response.reasoning_summary_text.delta', { ...at, delta: text })
  }

  signature(signature: string): void {
    this.endMessage('completed')
    this.thought ??= this.beginThought(undefined)
    this.thought.part.signature = signature
    this.endThought()
  }

  redacted(part: RedactedThinkingPart): void {
    this.endParts()
    const id = part.id ?? this.id('rs')
    this.whole(writeReasoning(part, id), { id, type: 'reasoning', summary: [] })
  }

  call(call: number, id: string, name: string, custom: boolean, signature: string | undefined): void {
    this.endParts()
    const same = this.calls.get(call)
    if (same !== undefined) this.endCall(same, 'completed')
    if (signature !== undefined) {
      const reasoning = { id: this.id('rs'), type: 'reasoning', summary: [] }
      this.whole({ ...reasoning, encrypted_content: sealCall(id, signature) }, reasoning)
    }
    const tool = this.tools.get(name) ?? { name, namespace: '', custom }
    const free = custom || tool.custom
    const item: JsonObject = {
      id: this.id(free ? 'ctc' : 'fc'),
      type: free ? 'custom_tool_call' : 'function_call',
      status: 'in_progress',
      [free ? 'input' : 'arguments']: '',
      call_id: id,
      name: tool.name,
      ...(tool.namespace !== '' && { namespace: tool.namespace })
    }
    const index = this.add(item)
    this.calls.set(call, { item, index, member: free ? 'input' : 'arguments', wrapped: free && !custom, text: '' })
  }

  /** A call that is written as it came: with its arguments, which are told whole. */
  clientCall(call: number, item: JsonObject): void {
    this.clientCalls.set(call, item)
  }

  /** @throws Refusal GW_AI_UNSUPPORTED when a policy changed them to what the item cannot have */
  arguments(call: number, text: string): void {
    const own = this.clientCalls.get(call)
    if (own !== undefined) {
      this.clientCalls.delete(call)
      this.endParts()
      const item = withArguments(own, text)
      this.whole(item, 'status' in item ? { ...item, status: 'in_progress' } : item)
      return
    }
    const open = this.calls.get(call)
    if (open === undefined || text === '') return
    open.text += text
    if (!open.wrapped) this.sayCall(open, 'delta', text)
  }

  image(mediaType: string, data: string): void {
    this.endParts()
    const id = this.id('ig')
    const format = mediaType.slice(mediaType.indexOf('/') + 1)
    const item: JsonObject = { id, type: 'image_generation_call', status: 'in_progress', result: null }
    const index = this.add(item)
    const at = { item_id: id, output_index: index }
    this.say('response.image_generation_call.in_progress', at)
    this.say('response.image_generation_call.generating', at)
    this.say('response.image_generation_call.completed', at)
    item.status = 'completed'
    item.output_format = format
    item.result = data
    this.say('response.output_item.done', { output_index: index, item })
  }

  /** An event of a provider of the same dialect, about an item that only this has. */
  native({ type, sequence_number: _, ...event }: JsonObject): void {
    const { output_index: there, item } = event
    const known = this.natives.get(there)
    if (known === undefined) this.endParts()
    const index = known ?? this.items.push(isObject(item) ? item : {}) - 1
    this.natives.set(there, index)
    if (known === undefined && type !== 'response.output_item.added') {
      this.say('response.output_item.added', { output_index: index, item })
    }
    if (isObject(item)) this.items[index] = item
    this.say(textIn(type), { ...event, output_index: index })
    if (type === 'response.output_item.done') this.natives.delete(there)
  }

  /** What comes next is a part of its own, even if it is of the same kind. */
  next(): void {
    this.endPart()
    this.endThought()
  }

  /** Everything that is open ends. @param status - of what was being told: "completed", or "incomplete" when it was cut off */
  end(status: 'completed' | 'incomplete'): void {
    this.endMessage(status)
    this.endThought()
    for (const call of this.calls.values()) this.endCall(call, status)
    this.calls.clear()
  }

  /** The message, with a part of this kind at its end. */
  private within(type: 'output_text' | 'refusal'): { item: JsonObject; index: number; content: JsonObject[] } {
    this.endThought()
    if (this.message === undefined) {
      const content: JsonObject[] = []
      const item: JsonObject = {
        id: this.id('msg'),
        type: 'message',
        status: 'in_progress',
        role: 'assistant',
        content
      }
      this.message = { item, index: this.add(item), content }
    }
    const { item, index, content } = this.message
    if (this.partOpen && content.at(-1)?.type === type) return this.message
    this.endPart()
    this.partOpen = true
    this.start = this.length
    const part: JsonObject =
      type === 'refusal' ? { type, refusal: '' } : { type, annotations: [], logprobs: [], text: '' }
    content.push(part)
    const at = { item_id: item.id, output_index: index, content_index: content.length - 1 }
    this.say('response.content_part.added', { ...at, part })
    return this.message
  }

  private beginThought(id: string | undefined): NonNullable<OutputBuilder['thought']> {
    const item: JsonObject = { id: id ?? this.id('rs'), type: 'reasoning', summary: [] }
    const index = this.add(item)
    return { part: { type: 'thinking', text: '' }, id: String(item.id), index, shown: false }
  }

  private endParts(): void {
    this.endMessage('completed')
    this.endThought()
  }

  private endPart(): void {
    const part = this.message?.content.at(-1)
    if (this.message === undefined || part === undefined || !this.partOpen) return
    this.partOpen = false
    const { item, index, content } = this.message
    const at = { item_id: item.id, output_index: index, content_index: content.length - 1 }
    if (part.type === 'refusal') this.say('response.refusal.done', { ...at, refusal: part.refusal })
    else {
      part.logprobs = this.logprobs
      this.logprobs = []
      this.say('response.output_text.done', { ...at, text: part.text, logprobs: part.logprobs })
    }
    this.say('response.content_part.done', { ...at, part })
  }

  private endMessage(status: string): void {
    if (this.message === undefined) return
    this.endPart()
    const { item, index } = this.message
    item.status = status
    this.say('response.output_item.done', { output_index: index, item })
    this.message = undefined
  }

  private endThought(): void {
    if (this.thought === undefined) return
    const { part, id, index, shown } = this.thought
    this.thought = undefined
    if (shown) {
      const at = { item_id: id, output_index: index, summary_index: 0 }
      this.say('response.reasoning_summary_text.done', { ...at, text: part.text })
      this.say('response.reasoning_summary_part.done', { ...at, part: { type: 'summary_text', text: part.text } })
    }
    const item = writeReasoning(part, id)
    this.items[index] = item
    this.say('response.output_item.done', { output_index: index, item })
  }

  private endCall(call: Call, status: string): void {
    const { item, index, member } = call
    if (call.text === '' && member === 'arguments' && status === 'completed') {
      call.text = NO_ARGUMENTS
      this.sayCall(call, 'delta', call.text)
    }
    const text = call.wrapped ? unwrapInput(call.text) : call.text
    if (call.wrapped && text !== '') this.sayCall(call, 'delta', text)
    item[member] = text
    item.status = status
    this.sayCall(call, 'done', text)
    this.say('response.output_item.done', { output_index: index, item })
  }

  private sayCall(call: Call, step: 'delta' | 'done', text: string): void {
    const at = { item_id: call.item.id, output_index: call.index }
    const free = call.member === 'input'
    const type = free ? 'response.custom_tool_call_input' : 'response.function_call_arguments'
    const member = step === 'delta' ? 'delta' : call.member
    const name = step === 'done' && !free ? { name: call.item.name } : {}
    this.say(`${type}.${step}`, { ...at, ...name, [member]: text })
  }

  /** An item that comes all at once. */
  private whole(item: JsonObject, begun: JsonObject): void {
    const index = this.add(begun)
    this.items[index] = item
    this.say('response.output_item.done', { output_index: index, item })
  }

  private add(item: JsonObject): number {
    const index = this.items.push(item) - 1
    this.say('response.output_item.added', { output_index: index, item })
    return index
  }

  private id(kind: string): string {
    return `${kind}_${this.suffix}${this.items.length}`
  }
}
