import { GatewayError } from '../../../base/errors.js'
import type { ToolCallPart } from '../../chat.js'
import type { ChatEvent } from '../../events.js'
import type { Frame } from '../../frames/frame.js'
import { textIn } from '../../lenient.js'
import { isObject, type JsonObject } from '../../members.js'
import type { StreamReader } from '../dialect.js'
import { readAnnotation } from './annotations.js'
import { clientCall } from './client-calls.js'
import { readFailure } from './failure.js'
import { finishReason, imageType, noteSignature } from './read-output.js'
import { reasoningPart, reasoningText } from './reasoning.js'
import { grow, isNative, remainder, type Told } from './told.js'
import { usageOfResponse } from './usage.js'

/**
 * Reads the events of a response. Items are known by their place alone: some providers change their ids on the way. What deltas did not tell
 * is taken from the events that end a part, or an item, or the response.
 */
export class ResponsesReader implements StreamReader {
  private readonly items = new Map<number, Told>()
  private readonly signatures = new Map<string, string>()
  private events: ChatEvent[] = []
  private started = false
  /** Characters of text so far. */
  private length = 0
  private ended = false
  private calls = 0
  private refused = false
  /** Places of items that only this dialect has. */
  private readonly natives = new Set<unknown>()

  constructor(private readonly sameDialect = false) {}

  read(frame: Frame): ChatEvent[] {
    if (this.ended || frame.data === '[DONE]') return []
    const event = parseEvent(frame)
    this.events = []
    this.on(textIn(event.type ?? frame.event), event)
    return this.events
  }

  end(): ChatEvent[] {
    return []
  }

  private on(type: string, event: JsonObject): void {
    switch (type) {
      case 'response.created':
      case 'response.in_progress':
      case 'response.queued':
        this.start(event.response)
        break
      case 'response.completed':
      case 'response.incomplete':
      case 'response.done':
        this.finish(event.response)
        break
      case 'response.failed':
      case 'response.cancelled':
      case 'error':
        this.fail(event)
        break
      case '':
        if (isObject(event.error)) this.fail(event)
        break
      default:
        this.onPlace(type, event)
        break
    }
  }

  private onPlace(type: string, event: JsonObject): void {
    const { output_index: place, item } = event
    const told = this.told(type, place)
    if (this.sameDialect && isObject(item) && isNative(item)) {
      this.start(undefined)
      this.natives.add(place)
    }
    if (this.natives.has(place)) this.events.push({ type: 'native', choice: 0, data: { ...event, type } })
    else this.onItem(type, told, event)
    if (type === 'response.output_item.done') this.natives.delete(place)
  }

  private onItem(type: string, told: Told, event: JsonObject): void {
    switch (type) {
      case 'response.output_item.added':
        this.begin(told, event.item)
        break
      case 'response.output_item.done':
        this.finishItem(told, event.item)
        break
      case 'response.output_text.delta':
        this.text(told, event.content_index, event.delta, event.logprobs)
        break
      case 'response.output_text.done':
        this.finishText(told, event.content_index, event)
        break
      case 'response.output_text.annotation.added':
        this.annotation(told, event.content_index, event.annotation)
        break
      case 'response.refusal.delta':
        this.refusal(told, event.content_index, event.delta)
        break
      case 'response.refusal.done':
        this.refusal(told, event.content_index, remainder(told, event.content_index, event.refusal))
        break
      case 'response.reasoning_summary_text.delta':
        this.thinking(told, 'summary', event.delta)
        break
      case 'response.reasoning_summary_part.added':
        this.nextSummary(told, event.summary_index)
        break
      case 'response.reasoning_text.delta':
      case 'response.reasoning.delta':
        this.thinking(told, 'content', event.delta)
        break
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        this.arguments(told, event.delta)
        break
      case 'response.function_call_arguments.done':
        this.arguments(told, remainder(told, 0, event.arguments))
        break
      case 'response.custom_tool_call_input.done':
        this.arguments(told, remainder(told, 0, event.input))
        break
    }
  }

  /** Items of a provider that does not say their place follow each other. */
  private told(type: string, index: unknown): Told {
    const at = typeof index === 'number' ? index : -1
    if (at === -1 && type === 'response.output_item.added') this.items.delete(at)
    let told = this.items.get(at)
    if (told === undefined) {
      told = { id: '', parts: new Map(), starts: new Map(), annotations: 0, done: false }
      this.items.set(at, told)
    }
    return told
  }

  private start(response: unknown): void {
    if (this.started) return
    this.started = true
    const { id, model, created_at } = isObject(response) ? response : {}
    this.events.push({
      type: 'start',
      id: typeof id === 'string' ? id : '',
      model: typeof model === 'string' ? model : '',
      created: typeof created_at === 'number' ? Math.trunc(created_at) : 0
    })
  }

  private begin(told: Told, item: unknown): void {
    if (!isObject(item)) return
    this.start(undefined)
    told.id = textIn(item.id)
    const isCall = item.type === 'function_call' || item.type === 'custom_tool_call'
    if (isCall && clientCall(item) === undefined) this.call(told, item)
  }

  private call(told: Told, item: JsonObject): void {
    if (told.call !== undefined) return
    told.call = this.calls++
    const id = textIn(item.call_id) || textIn(item.id)
    const signature = this.signatures.get(id)
    this.events.push({
      type: 'tool_call',
      choice: 0,
      call: told.call,
      id,
      name: textIn(item.name),
      ...(item.type === 'custom_tool_call' && { custom: true }),
      ...(signature !== undefined && { signature })
    })
  }

  /** All there is to such a call is known once its item is. */
  private clientCall({ id, name, arguments: text, custom, item }: ToolCallPart): void {
    const call = this.calls++
    this.events.push({ type: 'tool_call', choice: 0, call, id, name, ...(custom && { custom }), item })
    this.events.push({ type: 'arguments', choice: 0, call, text })
  }

  private text(told: Told, part: unknown, text: unknown, logprobs: unknown): void {
    if (typeof text === 'string' && text !== '') {
      if (!told.starts.has(part)) told.starts.set(part, this.length)
      this.length += text.length
      grow(told, part, text)
      this.events.push({ type: 'text', choice: 0, text })
    }
    if (Array.isArray(logprobs) && logprobs.length > 0) {
      this.events.push({ type: 'logprobs', choice: 0, logprobs: { content: logprobs } })
    }
  }

  /** @param whole - says the text, and its log probabilities where deltas did not */
  private finishText(told: Told, part: unknown, whole: JsonObject): void {
    this.text(told, part, remainder(told, part, whole.text), told.parts.has(part) ? [] : whole.logprobs)
  }

  private annotation(told: Told, part: unknown, value: unknown): void {
    told.annotations++
    const annotation = readAnnotation(value, told.starts.get(part))
    if (annotation !== undefined) this.events.push({ type: 'annotation', choice: 0, annotation })
  }

  private refusal(told: Told, part: unknown, text: unknown): void {
    this.refused = true
    if (typeof text !== 'string' || text === '') return
    grow(told, part, text)
    this.events.push({ type: 'refusal', choice: 0, text })
  }

  private thinking(told: Told, kind: 'summary' | 'content', text: unknown): void {
    if (typeof text !== 'string' || text === '') return
    told.reasoning ??= kind
    if (told.reasoning !== kind) return
    this.events.push({ type: 'thinking', choice: 0, text, ...(told.id !== '' && { id: told.id }) })
  }

  /** Parts of a summary are paragraphs. */
  private nextSummary(told: Told, index: unknown): void {
    if (told.reasoning === 'summary' && typeof index === 'number' && index > 0) this.thinking(told, 'summary', '\n\n')
  }

  private arguments(told: Told, text: unknown): void {
    if (told.call === undefined || typeof text !== 'string' || text === '') return
    grow(told, 0, text)
    this.events.push({ type: 'arguments', choice: 0, call: told.call, text })
  }

  private finishItem(told: Told, item: unknown): void {
    if (!isObject(item) || told.done) return
    told.done = true
    this.start(undefined)
    const own = clientCall(item)
    if (own !== undefined) {
      this.clientCall(own)
      return
    }
    switch (item.type) {
      case 'message':
        this.finishMessage(told, item)
        break
      case 'reasoning':
        this.finishReasoning(told, item)
        break
      case 'function_call':
      case 'custom_tool_call':
        this.call(told, item)
        this.arguments(told, remainder(told, 0, item.type === 'function_call' ? item.arguments : item.input))
        break
      case 'image_generation_call':
        if (typeof item.result !== 'string' || item.result === '') return
        this.events.push({ type: 'image', choice: 0, media_type: imageType(item), data: item.result })
    }
  }

  private finishMessage(told: Told, item: JsonObject): void {
    let seen = 0
    for (const [i, part] of (Array.isArray(item.content) ? item.content : []).entries()) {
      if (!isObject(part)) continue
      // Where events do not say which part they are of, there is one.
      const at = told.parts.has(undefined) ? undefined : i
      if (part.type === 'refusal') this.refusal(told, at, remainder(told, at, part.refusal))
      if (part.type !== 'output_text') continue
      this.finishText(told, at, part)
      for (const annotation of Array.isArray(part.annotations) ? part.annotations : []) {
        if (seen++ >= told.annotations) this.annotation(told, at, annotation)
      }
    }
  }

  private finishReasoning(told: Told, item: JsonObject): void {
    const encrypted = typeof item.encrypted_content === 'string' ? item.encrypted_content : undefined
    noteSignature(encrypted, this.signatures)
    const shown = told.reasoning !== undefined
    const id = told.id || textIn(item.id)
    const part = reasoningPart(shown ? 'shown' : reasoningText(item.summary, item.content), encrypted, id)
    if (part === undefined) return
    const also = id === '' ? {} : { id }
    if (part.type === 'redacted_thinking') {
      this.events.push({ type: 'redacted_thinking', choice: 0, data: part.data, ...also })
      return
    }
    if (!shown) this.events.push({ type: 'thinking', choice: 0, text: part.text, ...also })
    if (part.signature !== undefined) this.events.push({ type: 'signature', choice: 0, signature: part.signature })
  }

  private finish(response: unknown): void {
    this.start(response)
    const whole = isObject(response) ? response : {}
    const output = Array.isArray(whole.output) ? whole.output : []
    if (this.items.size === 0) {
      for (const [i, item] of output.entries()) this.onPlace('response.output_item.done', { output_index: i, item })
    }
    this.events.push({ type: 'finish', choice: 0, reason: finishReason(whole, this.calls > 0, this.refused) })
    const usage = usageOfResponse(whole)
    if (usage !== undefined) this.events.push({ type: 'usage', usage })
    this.events.push({ type: 'end' })
    this.ended = true
  }

  private fail(event: JsonObject): void {
    const usage = isObject(event.response) ? usageOfResponse(event.response) : undefined
    if (usage !== undefined) this.events.push({ type: 'usage', usage })
    this.events.push({ type: 'failure', failure: readFailure(0, event) }, { type: 'end' })
    this.ended = true
  }
}

/** @throws GatewayError GW_UPSTREAM_BAD_RESPONSE */
export function parseEvent(frame: Frame): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(frame.data)
  } catch (cause) {
    throw new GatewayError(
      'GW_UPSTREAM_BAD_RESPONSE',
      `an event of a response is no JSON: ${frame.data.slice(0, 80)}`,
      {
        cause
      }
    )
  }
  if (isObject(value)) return value
  throw new GatewayError('GW_UPSTREAM_BAD_RESPONSE', `an event of a response is no object: ${frame.data.slice(0, 80)}`)
}
