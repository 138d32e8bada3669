import type { Annotation, FinishReason } from '../../chat.js'
import type { ChatEvent } from '../../events.js'
import { EXCEPTION } from '../../frames/aws-event-stream.js'
import type { Frame } from '../../frames/frame.js'
import type { JsonObject } from '../../members.js'
import type { Usage } from '../../usage.js'
import { type BlockSink, BlockWriter } from '../anthropic/block-writer.js'
import { messageId } from '../anthropic/response.js'
import type { StreamWriter, Wish } from '../dialect.js'
import { streamException } from './failure.js'
import { blobOf } from './redacted.js'
import { latencyMs } from './response.js'
import { writeStop } from './stops.js'
import { writeUsage } from './usage.js'

export function converseStreamWriter(wish: Wish): StreamWriter {
  return new ConverseStreamWriter(wish)
}

/** Writes ConverseStream's events: blocks have a start only where it says something (a tool's name), all have a stop. */
class ConverseStreamWriter implements StreamWriter, BlockSink {
  private frames: Frame[] = []
  private readonly blocks = new BlockWriter(this)
  private started = false
  private over = false
  private usage: Usage | undefined
  private reason: FinishReason = 'stop'
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
        this.start()
        return
      case 'usage':
        this.usage = event.usage
        return
      case 'finish':
        this.reason = event.reason
        this.stopSequence = event.stop_sequence
        this.blocks.closeAll()
        return
      case 'failure':
        this.over = true
        this.put(EXCEPTION + streamException(event.failure.kind), { message: event.failure.message })
        return
      case 'end':
        this.end()
        return
      default:
        this.start()
        this.blocks.write(event)
    }
  }

  private start(): void {
    if (this.started) return
    this.started = true
    this.put('messageStart', { role: 'assistant' })
  }

  private end(): void {
    this.start()
    this.blocks.closeAll()
    this.over = true
    this.put('messageStop', { stopReason: writeStop(this.reason, this.stopSequence) })
    this.put('metadata', { usage: writeUsage(this.usage), metrics: { latencyMs: latencyMs(this.wish) } })
  }

  openText(): void {}

  openThinking(): void {}

  openCall(contentBlockIndex: number, id: string, name: string): void {
    const toolUseId = id === '' ? `tooluse_${messageId().slice(4)}` : id
    this.put('contentBlockStart', { contentBlockIndex, start: { toolUse: { toolUseId, name } } })
  }

  redacted(index: number, data: string): void {
    this.delta(index, { reasoningContent: { redactedContent: blobOf(data) } })
  }

  text(index: number, text: string): void {
    this.delta(index, { text })
  }

  thinking(index: number, text: string): void {
    this.delta(index, { reasoningContent: { text } })
  }

  signature(index: number, signature: string): void {
    this.delta(index, { reasoningContent: { signature } })
  }

  arguments(index: number, input: string): void {
    this.delta(index, { toolUse: { input } })
  }

  citation(index: number, { url, title }: Annotation): void {
    const citation: JsonObject = { source: url, location: { web: { url } } }
    if (title !== undefined) citation.title = title
    this.delta(index, { citation })
  }

  close(contentBlockIndex: number): void {
    this.put('contentBlockStop', { contentBlockIndex })
  }

  private delta(contentBlockIndex: number, delta: JsonObject): void {
    this.put('contentBlockDelta', { contentBlockIndex, delta })
  }

  private put(event: string, data: JsonObject): void {
    this.frames.push({ event, data: JSON.stringify(data) })
  }
}
