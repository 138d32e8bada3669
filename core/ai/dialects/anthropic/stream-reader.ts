import type { FinishReason } from '../../chat.js'
import type { ChatEvent } from '../../events.js'
import type { Frame } from '../../frames/frame.js'
import { isObject, type JsonObject } from '../../members.js'
import type { StreamReader } from '../dialect.js'
import { NO_ARGUMENTS } from '../tool-calls.js'
import { annotationsOf, unquoted } from './citations.js'
import { readFailure } from './failure.js'
import { frameJson } from './frame-json.js'
import { looseObject, looseObjects, looseText } from './loose.js'
import { readStop } from './stops.js'
import { mergeUsage, readUsage, unlessRefused } from './usage.js'
import { ANSWER_TOOL } from './write-request.js'

/** A block that has begun. */
interface Open {
  /** "answer": the tool whose arguments are the text. */
  readonly kind: 'text' | 'thinking' | 'call' | 'answer' | 'native' | 'other'
  readonly call: number
  /** Arguments that came with the block's start: they count if none follow. */
  input: string
  /** Whether some followed. */
  told: boolean
  signature: string
  citations: unknown[]
  /** Where in the text of the answer it begins. */
  readonly start: number
}

export function anthropicStreamReader(sameDialect = false): StreamReader {
  return new AnthropicStreamReader(sameDialect)
}

/** Blocks may be told side by side; a relay that began anew within a stream says `message_start` again, which forgets what was open. */
class AnthropicStreamReader implements StreamReader {
  private readonly open = new Map<unknown, Open>()
  private usage: JsonObject = {}
  /** The message as it began, if it said by then why it ends. */
  private early: JsonObject = {}
  private started = false
  private finished = false
  private over = false
  private calls = 0
  private answered = false
  /** Characters of text so far. */
  private length = 0
  private said = false
  /** A block came, whatever is in it. */
  private began = false

  constructor(private readonly sameDialect: boolean) {}

  read(frame: Frame): ChatEvent[] {
    if (this.over || frame.data === '[DONE]') return []
    const event = frameJson(frame)
    switch (looseText(event.type) || frame.event) {
      case 'message_start':
        return this.start(looseObject(event.message))
      case 'content_block_start':
        return this.begin(event.index, looseObject(event.content_block))
      case 'content_block_delta':
        return this.delta(event.index, looseObject(event.delta))
      case 'content_block_stop':
        return this.stop(event.index)
      case 'message_delta':
        return this.finish(event)
      case 'message_stop':
        return this.last()
      case 'error':
        this.over = true
        return [{ type: 'failure', failure: readFailure(0, event) }, { type: 'end' }]
      default:
        return []
    }
  }

  /** Some who speak this dialect leave out the last event. */
  end(): ChatEvent[] {
    if (this.over || !this.finished) return []
    this.over = true
    return [{ type: 'end' }]
  }

  private last(): ChatEvent[] {
    const events = this.finished ? [] : this.finish({ delta: this.early })
    this.over = true
    return [...events, { type: 'end' }]
  }

  private start(message: JsonObject): ChatEvent[] {
    this.open.clear()
    this.usage = mergeUsage(this.usage, looseObject(message.usage))
    const events: ChatEvent[] = []
    if (!this.started)
      events.push({ type: 'start', id: looseText(message.id), model: looseText(message.model), created: 0 })
    this.started = true
    const usage = readUsage(this.usage)
    if (usage !== undefined) events.push({ type: 'usage', usage })
    // A message that goes on with calls made before may have all it has to say here.
    looseObjects(message.content).forEach((block, i) => {
      events.push(...this.begin(`start ${i}`, block), ...this.stop(`start ${i}`))
    })
    if (typeof message.stop_reason === 'string') this.early = message
    return events
  }

  private begin(index: unknown, block: JsonObject): ChatEvent[] {
    this.began = true
    const open: Open = {
      kind: 'other',
      call: 0,
      input: '',
      told: false,
      signature: '',
      citations: [],
      start: this.length
    }
    const begun = (kind: Open['kind'], ...events: ChatEvent[]): ChatEvent[] => {
      this.open.set(index, { ...open, kind })
      return events
    }
    switch (block.type) {
      case 'text':
        if (Array.isArray(block.citations)) open.citations = [...block.citations]
        return begun('text', ...this.text(looseText(block.text)))
      case 'thinking':
        this.said = true
        open.signature = looseText(block.signature)
        return begun('thinking', { type: 'thinking', choice: 0, text: looseText(block.thinking) })
      case 'redacted_thinking':
        this.said = true
        return begun('other', { type: 'redacted_thinking', choice: 0, data: looseText(block.data) })
      case 'tool_use': {
        if (isObject(block.input) && Object.keys(block.input).length > 0) open.input = JSON.stringify(block.input)
        if (typeof block.input === 'string') open.input = block.input
        if (block.name === ANSWER_TOOL) {
          this.answered = true
          return begun('answer')
        }
        this.said = true
        const call = this.calls++
        this.open.set(index, { ...open, kind: 'call', call })
        return [{ type: 'tool_call', choice: 0, call, id: looseText(block.id), name: looseText(block.name) }]
      }
      default:
        if (!this.sameDialect) return begun('other')
        return begun('native', native({ type: 'content_block_start', index, content_block: block }))
    }
  }

  private delta(index: unknown, delta: JsonObject): ChatEvent[] {
    const open = this.open.get(index)
    if (open?.kind === 'native') return [native({ type: 'content_block_delta', index, delta })]
    if (this.sameDialect && delta.type === 'citations_delta') {
      const told = { type: 'content_block_delta', index, delta }
      const citation = unquoted(delta.citation)
      return [{ ...native(told), unquoted: { ...told, delta: { ...delta, citation } } }]
    }
    switch (delta.type) {
      case 'text_delta':
        return this.text(looseText(delta.text))
      case 'thinking_delta': {
        const text = looseText(delta.thinking)
        return text === '' ? [] : [{ type: 'thinking', choice: 0, text }]
      }
      case 'signature_delta':
        if (open?.kind === 'thinking') open.signature += looseText(delta.signature)
        return []
      case 'input_json_delta': {
        const text = looseText(delta.partial_json)
        if (open === undefined || text === '') return []
        open.told = true
        if (open.kind === 'answer') return this.text(text)
        return open.kind === 'call' ? [{ type: 'arguments', choice: 0, call: open.call, text }] : []
      }
      case 'citations_delta':
        open?.citations.push(delta.citation)
        return []
      default:
        return []
    }
  }

  private stop(index: unknown): ChatEvent[] {
    const open = this.open.get(index)
    this.open.delete(index)
    if (open === undefined) return []
    if (open.kind === 'native') return [native({ type: 'content_block_stop', index })]
    if (open.kind === 'thinking') {
      return open.signature === '' ? [] : [{ type: 'signature', choice: 0, signature: open.signature }]
    }
    if (open.kind === 'text') {
      return annotationsOf(open.citations, open.start, this.length).map(annotation => ({
        type: 'annotation',
        choice: 0,
        annotation
      }))
    }
    if (open.told) return []
    if (open.kind === 'answer') return this.text(open.input)
    if (open.kind !== 'call') return []
    // Said now: clients take a call for whole when the next one begins.
    return [{ type: 'arguments', choice: 0, call: open.call, text: open.input || NO_ARGUMENTS }]
  }

  private finish(event: JsonObject): ChatEvent[] {
    const delta = looseObject(event.delta)
    this.usage = mergeUsage(this.usage, looseObject(event.usage))
    const events: ChatEvent[] = []
    if (typeof delta.stop_reason === 'string' && !this.finished) {
      this.finished = true
      const explanation = looseText(looseObject(delta.stop_details).explanation)
      const reason = this.reasonOf(readStop(delta.stop_reason))
      if (reason === 'refusal' && !this.said && explanation !== '') {
        events.push({ type: 'refusal', choice: 0, text: explanation })
      }
      const stopSequence = looseText(delta.stop_sequence)
      events.push({ type: 'finish', choice: 0, reason, stop_sequence: stopSequence === '' ? undefined : stopSequence })
    }
    const usage = unlessRefused(readUsage(this.usage), delta.stop_reason, this.began)
    if (usage !== undefined) events.push({ type: 'usage', usage })
    return events
  }

  /** An answer given through the tool that stands for its schema ended by itself. */
  private reasonOf(reason: FinishReason): FinishReason {
    return reason === 'tool_calls' && this.answered && this.calls === 0 ? 'stop' : reason
  }

  private text(text: string): ChatEvent[] {
    if (text === '') return []
    this.said = true
    this.length += text.length
    return [{ type: 'text', choice: 0, text }]
  }
}

function native(data: JsonObject): Extract<ChatEvent, { type: 'native' }> {
  return { type: 'native', choice: 0, data }
}
