import type { ProviderFailure } from '../../failure.js'
import { EXCEPTION } from '../../frames/aws-event-stream.js'
import type { Frame } from '../../frames/frame.js'
import { KeptData } from '../../frames/kept-data.js'
import { laterUsage, type Usage } from '../../usage.js'
import { tryFrameJson } from '../anthropic/frame-json.js'
import { looseObject, looseText } from '../anthropic/loose.js'
import { unlessRefused } from '../anthropic/usage.js'
import type { StreamWatch } from '../dialect.js'
import { failureOf } from './failure.js'
import { readUsage } from './usage.js'

export function converseStreamWatch(): StreamWatch {
  return new ConverseStreamWatch()
}

/** Parses only the events that say something about the whole; deltas are held as they are until somebody asks for the text. */
class ConverseStreamWatch implements StreamWatch {
  private readonly deltas = new KeptData()
  private said: Usage | undefined
  private stopReason: unknown
  /** A block came. */
  private wrote = false
  failure: ProviderFailure | undefined
  ended = false
  begun = false
  /** The stream does not say it. */
  readonly model = ''

  get usage(): Usage | undefined {
    return unlessRefused(this.said, this.stopReason, this.wrote)
  }

  get text(): string {
    let text = ''
    for (const data of this.deltas.all()) {
      const delta = looseObject(tryFrameJson({ data })?.delta)
      const reasoning = looseObject(delta.reasoningContent)
      text += looseText(delta.text) + looseText(reasoning.text) + looseText(looseObject(delta.toolUse).input)
    }
    return text
  }

  frame(frame: Frame): void {
    switch (frame.event) {
      case 'contentBlockDelta':
        this.begun = this.wrote = true
        this.deltas.add(frame.data)
        return
      case 'contentBlockStart':
        this.begun = this.wrote = true
        return
      case 'messageStop':
        this.begun = true
        this.ended = true
        this.stopReason = looseObject(tryFrameJson(frame)).stopReason
        return
      case 'metadata': {
        const said = readUsage(looseObject(tryFrameJson(frame)))
        if (said !== undefined) this.said = laterUsage(this.said, said)
        return
      }
      default:
        if (frame.event.startsWith(EXCEPTION)) this.fail(frame)
    }
  }

  private fail(frame: Frame): void {
    const { message, Message, originalMessage } = looseObject(tryFrameJson(frame))
    const text = looseText(message) || looseText(Message) || looseText(originalMessage)
    this.failure = failureOf(frame.event.slice(EXCEPTION.length), 0, text)
  }
}
