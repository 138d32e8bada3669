import type { Annotation } from '../../chat.js'
import type { ProviderFailure } from '../../failure.js'
import type { JsonObject } from '../../members.js'
import type { StreamWriter, Wish } from '../dialect.js'
import { BlockStreamWriter } from './block-stream-writer.js'
import { citationOf } from './citations.js'
import { writeFailure } from './failure.js'
import { messageId } from './response.js'
import { writeStop } from './stops.js'
import { writeUsage } from './usage.js'

export function anthropicStreamWriter(wish: Wish): StreamWriter {
  return new AnthropicStreamWriter(wish)
}

/** Writes the events in the order Anthropic's SDKs put them together in. What the stream used comes with its end. */
class AnthropicStreamWriter extends BlockStreamWriter {
  constructor(private readonly wish: Wish) {
    super()
  }

  protected begun(id: string, model: string): void {
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

  protected ended(): void {
    const reason = writeStop(this.reason, this.stopSequence)
    this.put('message_delta', {
      type: 'message_delta',
      delta: { stop_reason: reason, stop_sequence: this.stopSequence ?? null },
      usage: writeUsage(this.usage)
    })
    this.put('message_stop', { type: 'message_stop' })
  }

  protected failed(failure: ProviderFailure): void {
    this.put('error', writeFailure(failure, '').body)
  }

  openText(index: number): void {
    this.open(index, { type: 'text', text: '' })
  }

  openThinking(index: number): void {
    this.open(index, { type: 'thinking', thinking: '', signature: '' })
  }

  openCall(index: number, id: string, name: string): void {
    this.open(index, { type: 'tool_use', id: id === '' ? `toolu_${messageId().slice(4)}` : id, name, input: {} })
  }

  redacted(index: number, data: string): void {
    this.open(index, { type: 'redacted_thinking', data })
  }

  text(index: number, text: string): void {
    this.delta(index, { type: 'text_delta', text })
  }

  thinking(index: number, thinking: string): void {
    this.delta(index, { type: 'thinking_delta', thinking })
  }

  signature(index: number, signature: string): void {
    this.delta(index, { type: 'signature_delta', signature })
  }

  arguments(index: number, text: string): void {
    this.delta(index, { type: 'input_json_delta', partial_json: text })
  }

  citation(index: number, annotation: Annotation): void {
    this.delta(index, { type: 'citations_delta', citation: citationOf(annotation) })
  }

  close(index: number): void {
    this.put('content_block_stop', { type: 'content_block_stop', index })
  }

  private open(index: number, block: JsonObject): void {
    this.put('content_block_start', { type: 'content_block_start', index, content_block: block })
  }

  private delta(index: number, delta: JsonObject): void {
    this.put('content_block_delta', { type: 'content_block_delta', index, delta })
  }
}
