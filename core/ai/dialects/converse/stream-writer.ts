import type { Annotation } from '../../chat.js'
import type { ProviderFailure } from '../../failure.js'
import { EXCEPTION } from '../../frames/aws-event-stream.js'
import type { JsonObject } from '../../members.js'
import { BlockStreamWriter } from '../anthropic/block-stream-writer.js'
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
class ConverseStreamWriter extends BlockStreamWriter {
  constructor(private readonly wish: Wish) {
    super()
  }

  protected begun(): void {
    this.put('messageStart', { role: 'assistant' })
  }

  protected ended(): void {
    this.put('messageStop', { stopReason: writeStop(this.reason, this.stopSequence) })
    this.put('metadata', { usage: writeUsage(this.usage), metrics: { latencyMs: latencyMs(this.wish) } })
  }

  protected failed({ kind, message }: ProviderFailure): void {
    this.put(EXCEPTION + streamException(kind), { message })
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
}
