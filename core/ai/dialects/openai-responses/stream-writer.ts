import type { FinishReason } from '../../chat.js'
import type { ChatEvent } from '../../events.js'
import type { ProviderFailure } from '../../failure.js'
import type { Frame } from '../../frames/frame.js'
import { isObject, type JsonObject } from '../../members.js'
import type { Usage } from '../../usage.js'
import type { StreamWriter, Wish } from '../dialect.js'
import { writeStreamError } from './failure.js'
import { OutputBuilder } from './output-builder.js'
import { beginReply, ending, responseId, suffixOf } from './reply.js'
import { knownTools } from './tool-names.js'
import { writeUsage } from './usage.js'

/** Writes the events of a response. Of several answers only the first is told. */
export class ResponsesWriter implements StreamWriter {
  private frames: Frame[] = []
  private sequence = 0
  private reply: JsonObject | undefined
  private builder: OutputBuilder | undefined
  private reason: FinishReason = 'stop'
  private refused = false
  private usage: Usage | undefined
  private over = false

  constructor(private readonly wish: Wish) {}

  /** The whole response, once its last event is written. */
  get response(): JsonObject | undefined {
    return this.over ? this.reply : undefined
  }

  write(event: ChatEvent): Frame[] {
    if (this.over || ('choice' in event && event.choice !== 0)) return []
    this.frames = []
    if (event.type === 'start') this.begin(event.id, event.model, event.created)
    else if (event.type === 'usage') this.usage = event.usage
    else if (event.type === 'failure') this.fail(event.failure)
    else if (event.type === 'end') this.end()
    else this.part(this.builder ?? this.begin('', '', 0), event)
    return this.frames
  }

  private begin(id: string, model: string, created: number): OutputBuilder {
    if (this.builder !== undefined) return this.builder
    const own = responseId(id, this.wish)
    this.reply = beginReply(own, model, created, this.wish)
    this.builder = new OutputBuilder(suffixOf(own), knownTools(this.wish.request), (type, members) => {
      this.say(type, members)
    })
    this.say('response.created', { response: this.reply })
    this.say('response.in_progress', { response: this.reply })
    return this.builder
  }

  private part(builder: OutputBuilder, event: ChatEvent): void {
    switch (event.type) {
      case 'text':
        builder.text(event.text)
        break
      case 'annotation':
        builder.annotation(event.annotation)
        break
      case 'thinking':
        builder.thinking(event.text, event.id)
        break
      case 'signature':
        builder.signature(event.signature)
        break
      case 'redacted_thinking':
        builder.redacted({ type: 'redacted_thinking', data: event.data, id: event.id })
        break
      case 'refusal':
        this.refused = true
        builder.refusal(event.text)
        break
      case 'tool_call':
        if (event.item !== undefined) builder.clientCall(event.call, event.item)
        else builder.call(event.call, event.id, event.name, event.custom === true, event.signature)
        break
      case 'arguments':
        builder.arguments(event.call, event.text)
        break
      case 'image':
        builder.image(event.media_type, event.data)
        break
      case 'native':
        builder.native(event.data)
        break
      case 'audio':
        if (event.transcript !== undefined) builder.text(event.transcript)
        break
      case 'logprobs':
        if (isObject(event.logprobs) && Array.isArray(event.logprobs.content))
          builder.addLogprobs(event.logprobs.content)
        return
      case 'finish':
        // What is open ends with the stream: citations may come still.
        this.reason = event.reason
    }
  }

  private end(): void {
    const builder = this.builder ?? this.begin('', '', 0)
    const { status, incomplete_details } = ending(this.reason, this.refused)
    builder.end(status)
    this.finish(builder, `response.${status}`, { status, incomplete_details })
  }

  private fail(failure: ProviderFailure): void {
    const builder = this.builder ?? this.begin('', '', 0)
    builder.end('incomplete')
    this.finish(builder, 'response.failed', { status: 'failed', error: writeStreamError(failure) })
  }

  private finish(builder: OutputBuilder, type: string, members: JsonObject): void {
    this.reply = {
      ...this.reply,
      ...members,
      output: builder.items,
      usage: writeUsage(this.usage),
      ...(this.usage?.tier !== undefined && { service_tier: this.usage.tier })
    }
    this.say(type, { response: this.reply })
    this.over = true
  }

  private say(type: string, members: JsonObject): void {
    const data = JSON.stringify({ type, sequence_number: this.sequence++, ...members })
    this.frames.push({ event: type, data })
  }
}
