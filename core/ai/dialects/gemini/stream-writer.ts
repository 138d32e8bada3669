import type { Annotation, FinishReason } from '../../chat.js'
import type { ChatEvent } from '../../events.js'
import { statusOf } from '../../failure.js'
import type { Frame } from '../../frames/frame.js'
import type { JsonObject } from '../../members.js'
import type { Usage } from '../../usage.js'
import type { StreamWriter, Wish } from '../dialect.js'
import { argumentsOf } from './contents-write.js'
import { errorOf } from './failure.js'
import { writeFinish } from './finish.js'
import { writeGrounding } from './grounding.js'
import { callPart, headOf, thoughtPart, writeLogprobs } from './response-write.js'
import { clientRedacted } from './signature.js'
import { writeUsage } from './usage.js'

interface OpenCall {
  readonly choice: number
  readonly id: string
  readonly name: string
  readonly custom: boolean
  readonly signature: string | undefined
  text: string
}

interface Ending {
  text: string
  readonly annotations: Annotation[]
  reason: FinishReason | undefined
}

/**
 * Writes chunks of streamGenerateContent. Calls are whole in this dialect, so they wait for the end of their arguments; how candidates finished waits
 * for the usage, as Gemini tells both in its last chunk.
 */
export class GeminiStreamWriter implements StreamWriter {
  private head: JsonObject
  private usage: Usage | undefined
  private failed = false
  /** The provider's name of the thought that is being told. */
  private thoughtId: string | undefined
  /** The last piece of a thought, by choice: its signature has to be on it, as clients drop parts without text. */
  private readonly held = new Map<number, string>()
  private readonly calls = new Map<string, OpenCall>()
  private readonly endings = new Map<number, Ending>()

  constructor(wish: Wish) {
    this.model = wish.model
    this.head = headOf('', wish.model, 0)
  }

  private readonly model: string

  write(event: ChatEvent): Frame[] {
    switch (event.type) {
      case 'start':
        this.head = headOf(event.id, event.model === '' ? this.model : event.model, event.created)
        return []
      case 'text':
      case 'refusal':
        if (event.text === '') return []
        this.ending(event.choice).text += event.text
        return this.parts(event.choice, { text: event.text })
      case 'thinking': {
        this.thoughtId = event.id ?? this.thoughtId
        if (event.text === '') return []
        const before = this.flush(event.choice)
        this.held.set(event.choice, event.text)
        return before
      }
      case 'signature': {
        const text = this.held.get(event.choice) ?? ''
        this.held.delete(event.choice)
        const part = thoughtPart(text, event.signature, this.thoughtId)
        this.thoughtId = undefined
        return this.parts(event.choice, part)
      }
      case 'redacted_thinking': {
        const thoughtSignature = clientRedacted(event.data, event.id)
        return this.parts(event.choice, { text: '', thought: true, thoughtSignature })
      }
      case 'image':
        return this.parts(event.choice, {
          inlineData: { mimeType: event.media_type, data: event.data },
          ...(event.signature !== undefined && { thoughtSignature: event.signature })
        })
      case 'audio':
        if (event.data === undefined) return []
        return this.parts(event.choice, {
          inlineData: { mimeType: 'audio/L16;codec=pcm;rate=24000', data: event.data }
        })
      case 'tool_call':
        this.calls.set(`${event.choice}:${event.call}`, {
          choice: event.choice,
          id: event.id,
          name: event.name,
          custom: event.custom === true,
          signature: event.signature,
          text: ''
        })
        return this.thought(event.choice)
      case 'arguments': {
        const call = this.calls.get(`${event.choice}:${event.call}`)
        if (call !== undefined) call.text += event.text
        return []
      }
      case 'annotation':
        this.ending(event.choice).annotations.push(event.annotation)
        return []
      case 'logprobs': {
        const logprobsResult = writeLogprobs(event.logprobs)
        return logprobsResult === undefined ? [] : this.chunk({ logprobsResult, index: event.choice })
      }
      case 'native':
        return this.chunk({ ...event.data, index: event.choice })
      case 'finish':
        this.ending(event.choice).reason = event.reason
        return this.flush(event.choice)
      case 'usage':
        this.usage = event.usage
        return []
      case 'failure': {
        this.failed = true
        const status = statusOf(event.failure)
        const before = [...this.held.keys()].flatMap(choice => this.thought(choice))
        return [...before, frame({ error: errorOf(event.failure, status, '') })]
      }
      case 'end':
        return this.failed ? [] : this.last()
    }
  }

  /** The piece of a thought that is held, without a signature. */
  private thought(choice: number): Frame[] {
    const text = this.held.get(choice)
    this.held.delete(choice)
    if (text === undefined) return []
    return this.chunk({ content: { parts: [thoughtPart(text, undefined)], role: 'model' }, index: choice })
  }

  /** What waits of the choice: a thought, and calls, whose arguments are whole now. */
  private flush(choice: number): Frame[] {
    const thought = this.thought(choice)
    const parts: JsonObject[] = []
    for (const [key, call] of this.calls) {
      if (call.choice !== choice) continue
      parts.push(callPart(call.id, call.name, argumentsOf(call.text, call.custom), call.signature))
      this.calls.delete(key)
    }
    return parts.length === 0
      ? thought
      : [...thought, ...this.chunk({ content: { parts, role: 'model' }, index: choice })]
  }

  private parts(choice: number, part: JsonObject): Frame[] {
    return [...this.flush(choice), ...this.chunk({ content: { parts: [part], role: 'model' }, index: choice })]
  }

  private chunk(candidate: JsonObject): Frame[] {
    return [frame({ candidates: [candidate], ...this.head })]
  }

  private last(): Frame[] {
    const frames: Frame[] = []
    const waiting = [...this.held.keys(), ...[...this.calls.values()].map(call => call.choice)]
    for (const choice of new Set(waiting)) frames.push(...this.flush(choice))
    const candidates = [...this.endings].map(([index, { reason, annotations, text }]) => ({
      content: { parts: [{ text: '' }], role: 'model' },
      finishReason: writeFinish(reason ?? 'stop'),
      index,
      ...(annotations.length > 0 && { groundingMetadata: writeGrounding(annotations, text) })
    }))
    const usageMetadata = this.usage && writeUsage(this.usage)
    frames.push(frame({ candidates, ...(usageMetadata !== undefined && { usageMetadata }), ...this.head }))
    return frames
  }

  private ending(choice: number): Ending {
    let ending = this.endings.get(choice)
    if (ending === undefined) {
      ending = { text: '', annotations: [], reason: undefined }
      this.endings.set(choice, ending)
    }
    return ending
  }
}

function frame(body: JsonObject): Frame {
  return { event: '', data: JSON.stringify(body) }
}
