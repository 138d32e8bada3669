import { type GatewayError, toGatewayError } from '../../base/errors.js'
import type { ChatEvent } from '../events.js'
import { Fold } from '../fold.js'
import type { Frame } from '../frames/frame.js'
import { type Called, type Completion, completionOf } from './completion.js'

/**
 * Writes the stream of a prompt's answer: `start`, then `text` and `tool_call` as they come, at last `completion` with all of it, as
 * without a stream, or `error`. One of these two is always the last event.
 */
export class CompletionStream {
  /** Once it is there. */
  completion: Completion | undefined
  private readonly fold = new Fold()
  private over = false

  constructor(private readonly called: Called) {}

  write(event: ChatEvent): Frame[] {
    if (this.over) return []
    this.fold.add(event)
    switch (event.type) {
      case 'start': {
        const { id, choice } = this.called
        const { prompt, version, label = null } = choice
        return [frame('start', { id, prompt: prompt.name, version: version.name, label, model: event.model })]
      }
      case 'text':
        return event.choice === 0 && event.text !== '' ? [frame('text', { text: event.text })] : []
      case 'tool_call':
        return event.choice === 0 ? [frame('tool_call', { id: event.id, name: event.name })] : []
      case 'failure':
        return this.last('error', { code: 'GW_AI_PROVIDER_FAILED', title: event.failure.message })
      case 'end':
        return this.complete()
      default:
        return []
    }
  }

  /** The stream broke off. */
  fail(error: GatewayError): Frame[] {
    return this.over ? [] : this.last('error', { code: error.code, title: error.spec.title })
  }

  private complete(): Frame[] {
    try {
      this.completion = completionOf(this.fold.response(), this.called)
      return this.last('completion', this.completion)
    } catch (thrown) {
      return this.fail(toGatewayError(thrown))
    }
  }

  private last(event: string, data: unknown): Frame[] {
    this.over = true
    return [frame(event, data)]
  }
}

function frame(event: string, data: unknown): Frame {
  return { event, data: JSON.stringify(data) }
}
