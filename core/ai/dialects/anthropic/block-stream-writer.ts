import type { Annotation, FinishReason } from '../../chat.js'
import type { ChatEvent } from '../../events.js'
import type { ProviderFailure } from '../../failure.js'
import type { Frame } from '../../frames/frame.js'
import type { JsonObject } from '../../members.js'
import type { Usage } from '../../usage.js'
import type { StreamWriter } from '../dialect.js'
import { type BlockSink, BlockWriter } from './block-writer.js'

/**
 * Writes streams that are made of blocks: Anthropic's and Bedrock's, who each have words of their own. Only the first choice is written, and nothing
 * after the end.
 */
export abstract class BlockStreamWriter implements StreamWriter, BlockSink {
  protected usage: Usage | undefined
  protected reason: FinishReason = 'stop'
  protected stopSequence: string | undefined
  private readonly blocks = new BlockWriter(this)
  private frames: Frame[] = []
  private head: { readonly id: string; readonly model: string } | undefined
  private started = false
  private over = false

  write(event: ChatEvent): Frame[] {
    this.frames = []
    if (!this.over && !('choice' in event && event.choice !== 0)) this.say(event)
    return this.frames
  }

  private say(event: ChatEvent): void {
    switch (event.type) {
      case 'start':
        this.head = event // how it begins says what it used so far, which comes next
        return
      case 'usage':
        this.usage = event.usage
        return
      case 'finish':
        this.start()
        this.reason = event.reason
        this.stopSequence = event.stop_sequence
        this.blocks.closeAll()
        return
      case 'failure':
        this.over = true
        if (this.head !== undefined) this.start()
        this.failed(event.failure)
        return
      case 'end':
        this.start()
        this.blocks.closeAll()
        this.over = true
        this.ended()
        return
      default:
        this.start()
        this.blocks.write(event)
    }
  }

  private start(): void {
    if (this.started) return
    this.started = true
    this.begun(this.head?.id ?? '', this.head?.model ?? '')
  }

  protected put(event: string, data: JsonObject): void {
    this.frames.push({ event, data: JSON.stringify(data) })
  }

  native(index: number, event: JsonObject): void {
    this.put(String(event.type), { ...event, index })
  }

  /** @param id - empty, as `model`, when the provider did not say it */
  protected abstract begun(id: string, model: string): void
  /** All blocks are closed. */
  protected abstract ended(): void
  protected abstract failed(failure: ProviderFailure): void

  abstract openText(index: number): void
  abstract openThinking(index: number): void
  abstract openCall(index: number, id: string, name: string): void
  abstract redacted(index: number, data: string): void
  abstract text(index: number, text: string): void
  abstract thinking(index: number, text: string): void
  abstract signature(index: number, signature: string): void
  abstract arguments(index: number, text: string): void
  abstract citation(index: number, annotation: Annotation): void
  abstract close(index: number): void
}
