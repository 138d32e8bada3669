import type { FinishReason } from '../../chat.js'
import type { ChatEvent } from '../../events.js'
import type { Frame } from '../../frames/frame.js'
import type { JsonObject } from '../../members.js'
import type { Usage } from '../../usage.js'
import type { StreamWriter } from '../dialect.js'
import { NO_ARGUMENTS } from '../tool-calls.js'
import { writeFinish } from './finish.js'
import { writeCall, writeCitation } from './response.js'
import { writeUsage } from './usage.js'

/** Writes the first answer as Cohere streams it: each part begins and ends, and the last event has the usage. */
export class CohereStreamWriter implements StreamWriter {
  private index = -1
  private open: 'text' | 'thinking' | 'call' | undefined
  private call = -1
  /** The call that is open has arguments. */
  private argued = false
  private text = ''
  private citations = 0
  private started = false
  private failed = false
  private reason: FinishReason = 'stop'
  private usage: Usage | undefined

  write(event: ChatEvent): Frame[] {
    if ('choice' in event && event.choice !== 0) return []
    switch (event.type) {
      case 'start':
        return this.start(event.id)
      case 'text':
      case 'refusal':
        if (event.text === '') return []
        this.text += event.text
        return [...this.begin('text'), this.delta({ text: event.text })]
      case 'thinking':
        return [...this.begin('thinking'), ...(event.text === '' ? [] : [this.delta({ thinking: event.text })])]
      case 'tool_call': {
        const frames = [...this.start(''), ...this.close()]
        this.open = 'call'
        this.call++
        this.argued = false
        const message = { tool_calls: writeCall(event.id, event.name, '') }
        return [...frames, frame({ type: 'tool-call-start', index: this.call, delta: { message } })]
      }
      case 'arguments':
        if (event.text === '') return []
        if (event.call === this.call) this.argued = true
        return [callDelta(event.call, event.text)]
      case 'annotation': {
        const index = this.citations++
        const message = { citations: writeCitation(event.annotation, this.text) }
        return [frame({ type: 'citation-start', index, delta: { message } }), frame({ type: 'citation-end', index })]
      }
      case 'finish':
        this.reason = event.reason
        return this.close()
      case 'usage':
        this.usage = event.usage
        return []
      case 'failure': {
        this.failed = true
        const delta = { finish_reason: 'ERROR', error: event.failure.message }
        return [...this.start(''), ...this.close(), frame({ type: 'message-end', delta })]
      }
      case 'end':
        return this.end()
      default:
        return [] // signatures, images, audio and log probabilities have no event there
    }
  }

  private start(id: string): Frame[] {
    if (this.started) return []
    this.started = true
    const message = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }
    return [frame({ id, type: 'message-start', delta: { message } })]
  }

  private begin(kind: 'text' | 'thinking'): Frame[] {
    if (this.open === kind) return []
    const frames = [...this.start(''), ...this.close()]
    this.open = kind
    this.index++
    const message = { content: { type: kind, [kind]: '' } }
    return [...frames, frame({ type: 'content-start', index: this.index, delta: { message } })]
  }

  private delta(content: JsonObject): Frame {
    return frame({ type: 'content-delta', index: this.index, delta: { message: { content } } })
  }

  private close(): Frame[] {
    const { open } = this
    this.open = undefined
    if (open === undefined) return []
    if (open !== 'call') return [frame({ type: 'content-end', index: this.index })]
    const end = frame({ type: 'tool-call-end', index: this.call })
    return this.argued ? [end] : [callDelta(this.call, NO_ARGUMENTS), end]
  }

  private end(): Frame[] {
    const done = { event: '', data: '[DONE]' }
    if (this.failed) return [done]
    const usage = this.usage && writeUsage(this.usage)
    const delta = { finish_reason: writeFinish(this.reason), ...(usage !== undefined && { usage }) }
    return [...this.start(''), ...this.close(), frame({ type: 'message-end', delta }), done]
  }
}

function callDelta(index: number, text: string): Frame {
  const message = { tool_calls: { function: { arguments: text } } }
  return frame({ type: 'tool-call-delta', index, delta: { message } })
}

function frame(body: JsonObject & { type: string }): Frame {
  return { event: body.type, data: JSON.stringify(body) }
}
