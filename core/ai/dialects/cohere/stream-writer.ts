import type { FinishReason } from '../../chat.js'
import type { ChatEvent } from '../../events.js'
import type { Frame } from '../../frames/frame.js'
import type { JsonObject } from '../../members.js'
import type { Usage } from '../../usage.js'
import { isWhole } from '../anthropic/tool-input.js'
import type { StreamWriter } from '../dialect.js'
import { NO_ARGUMENTS } from '../tool-calls.js'
import { writeFinish } from './finish.js'
import { writeCall, writeCitation } from './response.js'
import { writeUsage } from './usage.js'

interface Call {
  readonly id: string
  readonly name: string
  begun: boolean
  /** Its arguments so far, and what of them is to be told yet. */
  text: string
  held: string
}

/** Writes the first answer as Cohere streams it: each part begins and ends, and the last event has the usage. */
export class CohereStreamWriter implements StreamWriter {
  private index = -1
  private open: 'text' | 'thinking' | 'call' | undefined
  private readonly calls: Call[] = []
  /** The place of the call that is told: one ends before the next begins, also where they come side by side. */
  private at = 0
  private text = ''
  private citations = 0
  private started = false
  private failed = false
  private reason: FinishReason = 'stop'
  private stopSequence: string | undefined
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
        const frames = [...this.start(''), ...(this.open === 'call' ? [] : this.close())]
        this.open = 'call'
        this.calls.push({ id: event.id, name: event.name, begun: false, text: '', held: '' })
        return [...frames, ...this.tell()]
      }
      case 'arguments': {
        const call = this.calls[event.call]
        if (call === undefined || event.text === '') return []
        call.text += event.text
        call.held += event.text
        return this.tell()
      }
      case 'annotation': {
        const index = this.citations++
        const message = { citations: writeCitation(event.annotation, this.text) }
        return [frame({ type: 'citation-start', index, delta: { message } }), frame({ type: 'citation-end', index })]
      }
      case 'finish':
        this.reason = event.reason
        this.stopSequence = event.stop_sequence
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
    return open === 'call' ? this.tell(true) : [frame({ type: 'content-end', index: this.index })]
  }

  /** What can be told of the calls, in their order. @param over - no more comes of them */
  private tell(over = false): Frame[] {
    const frames: Frame[] = []
    for (let call = this.calls[this.at]; call !== undefined; call = this.calls[this.at]) {
      const index = this.at
      if (!call.begun) {
        const message = { tool_calls: writeCall(call.id, call.name, '') }
        frames.push(frame({ type: 'tool-call-start', index, delta: { message } }))
      }
      call.begun = true
      if (over && call.text === '') call.held = NO_ARGUMENTS
      if (call.held !== '') frames.push(callDelta(index, call.held))
      call.held = ''
      if (!over && (index === this.calls.length - 1 || !isWhole(call.text))) break
      frames.push(frame({ type: 'tool-call-end', index }))
      this.at++
    }
    return frames
  }

  private end(): Frame[] {
    const done = { event: '', data: '[DONE]' }
    if (this.failed) return [done]
    const usage = this.usage && writeUsage(this.usage)
    const delta = { finish_reason: writeFinish(this.reason, this.stopSequence), ...(usage !== undefined && { usage }) }
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
