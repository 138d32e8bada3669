import type { ChatEvent } from '../../events.js'
import { EXCEPTION } from '../../frames/aws-event-stream.js'
import type { Frame } from '../../frames/frame.js'
import { isObject, type JsonObject } from '../../members.js'
import { frameJson } from '../anthropic/frame-json.js'
import { looseObject, looseText } from '../anthropic/loose.js'
import { unlessRefused } from '../anthropic/usage.js'
import { ANSWER_TOOL } from '../anthropic/write-request.js'
import type { StreamReader } from '../dialect.js'
import { NO_ARGUMENTS } from '../tool-calls.js'
import { annotationOf } from './citations.js'
import { failureOf } from './failure.js'
import { dataOf } from './redacted.js'
import { stopSequenceOf } from './response.js'
import { readStop } from './stops.js'
import { readUsage } from './usage.js'

interface Open {
  /** Of a tool call; undefined: the tool whose arguments are the text. */
  readonly call: number | undefined
  /** Whether arguments came. */
  told: boolean
}

export function converseStreamReader(): StreamReader {
  return new ConverseStreamReader()
}

/** A stream is whole with `messageStop`; `metadata`, which says what it used, comes after it, or before, or not at all. */
class ConverseStreamReader implements StreamReader {
  private readonly calls = new Map<unknown, Open>()
  private readonly signatures = new Map<unknown, string>()
  private started = false
  private finished = false
  private metadata = false
  private over = false
  private callCount = 0
  private answered = false
  private length = 0
  private stopReason: unknown
  /** A block came. */
  private wrote = false

  read(frame: Frame): ChatEvent[] {
    if (this.over) return []
    const { event, body } = unwrapped(frame)
    if (event.startsWith(EXCEPTION)) return this.fail(event.slice(EXCEPTION.length), body)
    const events = this.eventsOf(event, body)
    if (this.finished && this.metadata) {
      this.over = true
      events.push({ type: 'end' })
    }
    if (this.started || events.length === 0) return events
    this.started = true
    return [{ type: 'start', id: '', model: '', created: 0 }, ...events]
  }

  end(): ChatEvent[] {
    if (this.over || !this.finished) return []
    this.over = true
    return [{ type: 'end' }]
  }

  private eventsOf(event: string, body: JsonObject): ChatEvent[] {
    switch (event) {
      case 'messageStart':
        if (this.started) return []
        this.started = true
        return [{ type: 'start', id: '', model: '', created: 0 }]
      case 'contentBlockStart':
        this.wrote = true
        return this.begin(body.contentBlockIndex, looseObject(body.start))
      case 'contentBlockDelta':
        this.wrote = true
        return this.delta(body.contentBlockIndex, looseObject(body.delta))
      case 'contentBlockStop':
        return this.stop(body.contentBlockIndex)
      case 'messageStop': {
        if (this.finished) return []
        this.finished = true
        this.stopReason = body.stopReason
        const reason = readStop(body.stopReason)
        const own = reason === 'tool_calls' && this.answered && this.callCount === 0
        return [{ type: 'finish', choice: 0, reason: own ? 'stop' : reason, stop_sequence: stopSequenceOf(body) }]
      }
      case 'metadata': {
        this.metadata = true
        const usage = unlessRefused(readUsage(body), this.stopReason, this.wrote)
        return usage === undefined ? [] : [{ type: 'usage', usage }]
      }
      default:
        return /exception$/i.test(event) ? this.fail(event, body) : []
    }
  }

  private fail(exception: string, body: JsonObject): ChatEvent[] {
    this.over = true
    const message = looseText(body.message) || looseText(body.Message) || looseText(body.originalMessage)
    return [{ type: 'failure', failure: failureOf(exception, 0, message) }, { type: 'end' }]
  }

  private begin(index: unknown, start: JsonObject): ChatEvent[] {
    if (!isObject(start.toolUse)) return []
    const name = looseText(start.toolUse.name)
    if (name === ANSWER_TOOL) {
      this.answered = true
      this.calls.set(index, { call: undefined, told: false })
      return []
    }
    const call = this.callCount++
    this.calls.set(index, { call, told: false })
    return [{ type: 'tool_call', choice: 0, call, id: looseText(start.toolUse.toolUseId), name }]
  }

  private delta(index: unknown, delta: JsonObject): ChatEvent[] {
    if (typeof delta.text === 'string') return this.text(delta.text)
    if (isObject(delta.toolUse)) {
      const text = looseText(delta.toolUse.input)
      const open = this.calls.get(index)
      if (open === undefined || text === '') return []
      open.told = true
      return open.call === undefined ? this.text(text) : [{ type: 'arguments', choice: 0, call: open.call, text }]
    }
    if (isObject(delta.citation)) {
      return annotationOf(delta.citation, 0, this.length).map(annotation => ({
        type: 'annotation',
        choice: 0,
        annotation
      }))
    }
    const { text, signature, redactedContent } = looseObject(delta.reasoningContent)
    if (typeof redactedContent === 'string')
      return [{ type: 'redacted_thinking', choice: 0, data: dataOf(redactedContent) }]
    if (typeof signature === 'string') this.signatures.set(index, (this.signatures.get(index) ?? '') + signature)
    return typeof text === 'string' && text !== '' ? [{ type: 'thinking', choice: 0, text }] : []
  }

  private stop(index: unknown): ChatEvent[] {
    const open = this.calls.get(index)
    // Said now: clients take a call for whole when the next one begins.
    if (open?.call !== undefined && !open.told)
      return [{ type: 'arguments', choice: 0, call: open.call, text: NO_ARGUMENTS }]
    const signature = this.signatures.get(index)
    this.signatures.delete(index)
    return signature === undefined || signature === '' ? [] : [{ type: 'signature', choice: 0, signature }]
  }

  private text(text: string): ChatEvent[] {
    if (text === '') return []
    this.length += text.length
    return [{ type: 'text', choice: 0, text }]
  }
}

/** Proxies that make server-sent events of the stream put the event's name around its body. */
export function unwrapped(frame: Frame): { event: string; body: JsonObject } {
  const body = frameJson(frame)
  if (frame.event !== '' && frame.event !== 'message') return { event: frame.event, body }
  const [event = ''] = Object.keys(body)
  return { event, body: looseObject(body[event]) }
}
