import type { ProviderFailure } from '../../failure.js'
import { EXCEPTION } from '../../frames/aws-event-stream.js'
import type { Frame } from '../../frames/frame.js'
import { KeptData } from '../../frames/kept-data.js'
import { laterUsage, type Usage } from '../../usage.js'
import { tryFrameJson } from '../anthropic/frame-json.js'
import { looseObject, looseText } from '../anthropic/loose.js'
import type { StreamWatch } from '../dialect.js'
import { failureOf } from './failure.js'
import { readUsage } from './usage.js'

export function converseStreamWatch(): StreamWatch {
  return new ConverseStreamWatch()
}

/** Parses only the events that say something about the whole; deltas are held as they are until somebody asks for the text. */
class ConverseStreamWatch implements StreamWatch {
  private readonly deltas = new KeptData()
  usage: Usage | undefined
  failure: ProviderFailure | undefined
  ended = false
  begun = false
  /** The stream does not say it. */
  readonly model = ''

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
        this.begun = true
        this.deltas.add(frame.data)
        return
      case 'contentBlockStart':
        this.begun = true
        return
      case 'messageStop':
        this.begun = true
        this.ended = true
        return
      case 'metadata': {
        const said = readUsage(looseObject(tryFrameJson(frame)))
        if (said !== undefined) this.usage = laterUsage(this.usage, said)
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
