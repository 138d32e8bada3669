import { performance } from 'node:perf_hooks'
import type { FinishReason } from '../../chat.js'
import type { ChatEvent } from '../../events.js'
import type { Frame } from '../../frames/frame.js'
import type { JsonObject } from '../../members.js'
import type { Usage } from '../../usage.js'
import type { StreamWriter, Wish } from '../dialect.js'
import { dateOf, ending, writeLogprobs } from './reply.js'

/** Writes the first answer as lines of Ollama, whose forms for chat and for plain text differ in little. */
export abstract class LineWriter implements StreamWriter {
  private readonly since = performance.now()
  private model: string
  private created = 0
  private failed = false
  private reason: FinishReason = 'stop'
  private usage: Usage | undefined

  constructor(wish: Wish) {
    this.model = wish.model
  }

  protected abstract text(text: string): JsonObject
  protected abstract thinking(text: string): JsonObject
  /** Of the last line. */
  protected abstract empty(): JsonObject

  /** What else the form has a place for. */
  protected other(_event: ChatEvent): JsonObject | undefined {
    return undefined
  }

  /** What waited for its end and is whole now. */
  protected waiting(): JsonObject | undefined {
    return undefined
  }

  write(event: ChatEvent): Frame[] {
    if ('choice' in event && event.choice !== 0) return []
    switch (event.type) {
      case 'start':
        if (event.model !== '') this.model = event.model
        this.created = event.created
        return []
      case 'text':
      case 'refusal':
        return event.text === '' ? [] : [...this.lines(this.waiting()), ...this.lines(this.text(event.text))]
      case 'thinking':
        return event.text === '' ? [] : [...this.lines(this.waiting()), ...this.lines(this.thinking(event.text))]
      case 'logprobs': {
        const logprobs = writeLogprobs(event.logprobs)
        return logprobs === undefined ? [] : this.lines({ ...this.empty(), logprobs })
      }
      case 'finish':
        this.reason = event.reason
        return this.lines(this.waiting())
      case 'usage':
        this.usage = event.usage
        return []
      case 'failure':
        this.failed = true
        return [{ event: '', data: JSON.stringify({ error: event.failure.message }) }]
      case 'end':
        return this.failed ? [] : [...this.lines(this.waiting()), this.last()]
      default:
        return this.lines(this.other(event))
    }
  }

  private lines(members: JsonObject | undefined): Frame[] {
    if (members === undefined) return []
    const line = { model: this.model, created_at: dateOf(this.created), ...members, done: false }
    return [{ event: '', data: JSON.stringify(line) }]
  }

  private last(): Frame {
    const end = ending(this.reason, this.usage, performance.now() - this.since)
    const line = { model: this.model, created_at: dateOf(this.created), ...this.empty(), ...end }
    return { event: '', data: JSON.stringify(line) }
  }
}
