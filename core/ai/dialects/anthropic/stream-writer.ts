import type { Annotation, FinishReason } from '../../chat.js'
import type { ChatEvent } from '../../events.js'
import type { Frame } from '../../frames/frame.js'
import type { JsonObject } from '../../members.js'
import type { Usage } from '../../usage.js'
import type { StreamWriter, Wish } from '../dialect.js'
import { carryCall, carryPart } from './carried.js'
import { citationOf } from './citations.js'
import { writeFailure } from './failure.js'
import { messageId } from './response.js'
import { writeStop } from './stops.js'
import { isWhole } from './tool-input.js'
import { writeUsage } from './usage.js'

export function anthropicStreamWriter(wish: Wish): StreamWriter {
  return new AnthropicStreamWriter(wish)
}

interface OpenCall {
  readonly index: number
  arguments: string
}

/**
 * Writes the events in the order Anthropic's SDKs put them together in. One block is open at a time, but for calls whose arguments a provider
 * tells side by side: those stay open until they are whole. What the stream used comes with its end.
 */
class AnthropicStreamWriter implements StreamWriter {
  private frames: Frame[] = []
  private started = false
  private over = false
  private blocks = 0
  /** The block of text or thinking that is open. */
  private block:
    | { readonly kind: 'text' | 'thinking'; readonly index: number; readonly id: string | undefined }
    | undefined
  private readonly calls = new Map<number, OpenCall>()
  private usage: Usage | undefined
  private reason: FinishReason | undefined
  private stopSequence: string | undefined

  constructor(private readonly wish: Wish) {}

  write(event: ChatEvent): Frame[] {
    this.frames = []
    if (!this.over && !('choice' in event && event.choice !== 0)) this.say(event)
    return this.frames
  }

  private say(event: ChatEvent): void {
    switch (event.type) {
      case 'start':
        this.start(event.id, event.model)
        return
      case 'text':
      case 'refusal':
        if (event.text !== '') this.delta(this.textBlock(), { type: 'text_delta', text: event.text })
        return
      case 'annotation':
        this.annotate(event.annotation)
        return
      case 'thinking':
        this.think(event.text, event.id)
        return
      case 'signature':
        this.sign(event.signature)
        return
      case 'redacted_thinking':
        this.whole({ type: 'redacted_thinking', data: carryPart(event.id, event.data) })
        return
      case 'tool_call':
        this.call(event.call, event.id, event.name, event.signature)
        return
      case 'arguments':
        this.argue(event.call, event.text)
        return
      case 'usage':
        this.usage = event.usage
        return
      case 'finish':
        this.reason = event.reason
        this.stopSequence = event.stop_sequence
        this.closeAll()
        return
      case 'failure':
        this.over = true
        this.put('error', writeFailure(event.failure, '').body)
        return
      case 'end':
        this.end()
        return
      // An answer of this dialect has no place for these.
      case 'image':
      case 'audio':
      case 'logprobs':
        return
    }
  }

  private start(id: string, model: string): void {
    if (this.started) return
    this.started = true
    this.put('message_start', {
      type: 'message_start',
      message: {
        id: id === '' ? messageId() : id,
        type: 'message',
        role: 'assistant',
        model: model === '' ? this.wish.model : model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: writeUsage(this.usage)
      }
    })
  }

  private end(): void {
    this.start('', '')
    this.closeAll()
    this.over = true
    this.put('message_delta', {
      type: 'message_delta',
      delta: {
        stop_reason: writeStop(this.reason ?? 'stop', this.stopSequence),
        stop_sequence: this.stopSequence ?? null
      },
      usage: writeUsage(this.usage)
    })
    this.put('message_stop', { type: 'message_stop' })
  }

  private textBlock(): number {
    if (this.block?.kind === 'text') return this.block.index
    this.closeBlock()
    return this.openBlock('text', { type: 'text', text: '' }, undefined)
  }

  private annotate(annotation: Annotation): void {
    this.delta(this.textBlock(), { type: 'citations_delta', citation: citationOf(annotation) })
  }

  private think(text: string, id: string | undefined): void {
    let block = this.block
    if (block?.kind !== 'thinking' || (id !== undefined && id !== block.id)) {
      this.closeBlock()
      this.openBlock('thinking', { type: 'thinking', thinking: '', signature: '' }, id)
      block = this.block
    }
    if (block !== undefined && text !== '') this.delta(block.index, { type: 'thinking_delta', thinking: text })
  }

  private sign(signature: string): void {
    if (this.block?.kind !== 'thinking') this.think('', undefined)
    const block = this.block
    if (block === undefined) return
    this.delta(block.index, { type: 'signature_delta', signature: carryPart(block.id, signature) })
    this.block = undefined
    this.stop(block.index)
  }

  private call(call: number, id: string, name: string, signature: string | undefined): void {
    this.closeBlock()
    if (signature !== undefined) this.whole({ type: 'thinking', thinking: '', signature: carryCall(signature) })
    const index = this.blocks++
    this.calls.set(call, { index, arguments: '' })
    this.put('content_block_start', {
      type: 'content_block_start',
      index,
      content_block: { type: 'tool_use', id: id === '' ? `toolu_${messageId().slice(4)}` : id, name, input: {} }
    })
  }

  private argue(call: number, text: string): void {
    const open = this.calls.get(call)
    if (open === undefined || text === '') return
    open.arguments += text
    this.delta(open.index, { type: 'input_json_delta', partial_json: text })
  }

  /** A block that is said in one piece. */
  private whole(block: JsonObject): void {
    this.closeBlock()
    const index = this.blocks++
    this.start('', '')
    // SDKs take a signature from the block's start as well as from a delta; some clients only from the delta.
    if (block.type === 'thinking') {
      this.put('content_block_start', {
        type: 'content_block_start',
        index,
        content_block: { ...block, signature: '' }
      })
      this.delta(index, { type: 'signature_delta', signature: block.signature })
    } else this.put('content_block_start', { type: 'content_block_start', index, content_block: block })
    this.stop(index)
  }

  private openBlock(kind: 'text' | 'thinking', block: JsonObject, id: string | undefined): number {
    this.start('', '')
    const index = this.blocks++
    this.block = { kind, index, id }
    this.put('content_block_start', { type: 'content_block_start', index, content_block: block })
    return index
  }

  /** Ends what is open, but for calls that are not whole: more of them may come. */
  private closeBlock(): void {
    const block = this.block
    this.block = undefined
    if (block !== undefined) {
      if (block.kind === 'thinking' && block.id !== undefined) {
        this.delta(block.index, { type: 'signature_delta', signature: carryPart(block.id, undefined) })
      }
      this.stop(block.index)
    }
    for (const [call, open] of this.calls) if (isWhole(open.arguments)) this.closeCall(call, open)
  }

  private closeAll(): void {
    this.closeBlock()
    for (const [call, open] of this.calls) this.closeCall(call, open)
  }

  private closeCall(call: number, open: OpenCall): void {
    this.calls.delete(call)
    this.stop(open.index)
  }

  private delta(index: number, delta: JsonObject): void {
    this.put('content_block_delta', { type: 'content_block_delta', index, delta })
  }

  private stop(index: number): void {
    this.put('content_block_stop', { type: 'content_block_stop', index })
  }

  private put(event: string, data: JsonObject): void {
    this.frames.push({ event, data: JSON.stringify(data) })
  }
}
