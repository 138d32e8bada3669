import type { ProviderFailure } from '../../failure.js'
import type { Frame } from '../../frames/frame.js'
import { KeptData } from '../../frames/kept-data.js'
import type { JsonObject } from '../../members.js'
import type { Usage } from '../../usage.js'
import type { StreamWatch } from '../dialect.js'
import { readFailure } from './failure.js'
import { tryFrameJson } from './frame-json.js'
import { looseObject, looseText } from './loose.js'
import { mergeUsage, readUsage, unlessRefused } from './usage.js'

export function anthropicStreamWatch(): StreamWatch {
  return new AnthropicStreamWatch()
}

/** Parses only the few events that say something about the whole; deltas are held as they are until somebody asks for the text. */
class AnthropicStreamWatch implements StreamWatch {
  private counts: JsonObject = {}
  private stopReason: unknown
  /** A block came. */
  private wrote = false
  private readonly deltas = new KeptData()
  failure: ProviderFailure | undefined
  ended = false
  begun = false
  model = ''

  get usage(): Usage | undefined {
    return unlessRefused(readUsage(this.counts), this.stopReason, this.wrote)
  }

  get text(): string {
    let text = ''
    for (const data of this.deltas.all()) {
      const delta = looseObject(tryFrameJson({ data })?.delta)
      text += looseText(delta.text) + looseText(delta.thinking) + looseText(delta.partial_json)
    }
    return text
  }

  frame(frame: Frame): void {
    switch (kindOf(frame)) {
      case 'content_block_delta':
        this.begun = this.wrote = true
        this.deltas.add(frame.data)
        return
      case 'content_block_start':
        this.begun = this.wrote = true
        return
      case 'message_start': {
        const message = looseObject(tryFrameJson(frame)?.message)
        this.model = looseText(message.model) || this.model
        this.counts = mergeUsage(this.counts, looseObject(message.usage))
        return
      }
      case 'message_delta': {
        const event = looseObject(tryFrameJson(frame))
        this.begun = true
        this.stopReason = looseObject(event.delta).stop_reason ?? this.stopReason
        this.counts = mergeUsage(this.counts, looseObject(event.usage))
        return
      }
      case 'message_stop':
        this.ended = true
        return
      case 'error':
        this.failure = readFailure(0, tryFrameJson(frame))
    }
  }
}

const TYPE = /"type"\s*:\s*"(message_\w+|content_block_\w+|error|ping)"/

/** What the event is; relays that leave out SSE's `event` say it in the data only. */
function kindOf({ event, data }: Frame): string {
  return event === '' || event === 'message' ? (TYPE.exec(data)?.[1] ?? '') : event
}
