import { Buffer } from 'node:buffer'
import type { AssistantPart, ChatResponse, Choice, FinishReason } from './chat.js'
import type { ChatEvent } from './events.js'
import type { ProviderFailure } from './failure.js'
import { isObject } from './members.js'
import type { Usage } from './usage.js'

/** Puts the events of a stream together into the answer they tell. */
export class Fold {
  /** The stream's own end was seen. */
  ended = false
  failure: ProviderFailure | undefined
  usage: Usage | undefined
  private id = ''
  private model = ''
  private created = 0
  private readonly choices = new Map<number, FoldedChoice>()

  add(event: ChatEvent): void {
    switch (event.type) {
      case 'start':
        this.id = event.id
        this.model = event.model
        this.created = event.created
        return
      case 'usage':
        this.usage = event.usage
        return
      case 'failure':
        this.failure = event.failure
        return
      case 'end':
        this.ended = true
        return
      default:
        this.choice(event.choice).add(event)
    }
  }

  /** Whether every answer that was begun said that it was finished too, and there is one. */
  get finished(): boolean {
    const choices = [...this.choices.values()]
    return choices.length > 0 && choices.every(({ reason, supposed }) => reason !== undefined && !supposed)
  }

  response(): ChatResponse {
    const { id, model, created, usage } = this
    const choices = [...this.choices.values()].sort((a, b) => a.index - b.index).map(choice => choice.whole())
    return { id, model, created, choices, usage }
  }

  private choice(index: number): FoldedChoice {
    const known = this.choices.get(index)
    if (known !== undefined) return known
    const made = new FoldedChoice(index)
    this.choices.set(index, made)
    return made
  }
}

type ChoiceEvent = Extract<ChatEvent, { choice: number }>

class FoldedChoice {
  reason: FinishReason | undefined
  supposed = false
  private stopSequence: string | undefined
  private logprobs: unknown
  private readonly parts: AssistantPart[] = []
  private readonly calls = new Map<number, Extract<AssistantPart, { type: 'tool_call' }>>()
  /** The thinking before was signed: what follows is another part. */
  private signed = false

  constructor(readonly index: number) {}

  add(event: ChoiceEvent): void {
    const last = this.parts.at(-1)
    switch (event.type) {
      case 'text':
        if (last?.type === 'text') last.text += event.text
        else this.parts.push({ type: 'text', text: event.text })
        return
      case 'annotation':
        this.annotated().push(event.annotation)
        return
      case 'thinking':
        this.think(event.text, event.id)
        return
      case 'signature':
        if (last?.type === 'thinking') last.signature = (last.signature ?? '') + event.signature
        else this.parts.push({ type: 'thinking', text: '', signature: event.signature })
        this.signed = true
        return
      case 'redacted_thinking':
        this.parts.push({ type: 'redacted_thinking', data: event.data, id: event.id })
        return
      case 'refusal':
        if (last?.type === 'refusal') last.refusal += event.text
        else this.parts.push({ type: 'refusal', refusal: event.text })
        return
      case 'tool_call': {
        const { id, name, custom, signature, item } = event
        const part = { type: 'tool_call' as const, id, name, arguments: '', custom, signature, ...(item && { item }) }
        this.calls.set(event.call, part)
        this.parts.push(part)
        return
      }
      case 'arguments': {
        const call = this.calls.get(event.call)
        if (call !== undefined) call.arguments += event.text
        return
      }
      case 'image': {
        const { media_type, data, signature } = event
        const source = { kind: 'base64' as const, media_type, data }
        this.parts.push({ type: 'image', source, ...(signature !== undefined && { signature }) })
        return
      }
      case 'audio':
        this.hear(event)
        return
      case 'logprobs':
        this.logprobs = joinedLogprobs(this.logprobs, event.logprobs)
        return
      case 'finish':
        this.reason = event.reason
        this.supposed = event.supposed === true
        this.stopSequence = event.stop_sequence
    }
  }

  whole(): Choice {
    const { index, parts, reason = 'stop', stopSequence, logprobs } = this
    return {
      index,
      content: parts,
      finish_reason: reason,
      ...(stopSequence !== undefined && { stop_sequence: stopSequence }),
      ...(logprobs !== undefined && { logprobs })
    }
  }

  private annotated() {
    for (let i = this.parts.length - 1; i >= 0; i--) {
      const part = this.parts[i]
      if (part?.type !== 'text') continue
      part.annotations ??= []
      return part.annotations
    }
    const part = { type: 'text' as const, text: '', annotations: [] }
    this.parts.push(part)
    return part.annotations
  }

  private think(text: string, id: string | undefined): void {
    const last = this.parts.at(-1)
    const goesOn = last?.type === 'thinking' && !this.signed && (id === undefined || id === last.id)
    if (goesOn) last.text += text
    else this.parts.push({ type: 'thinking', text, id })
    this.signed = false
  }

  private hear(event: Extract<ChatEvent, { type: 'audio' }>): void {
    let part = this.parts.at(-1)
    if (part?.type !== 'audio') {
      part = { type: 'audio', format: 'pcm16', data: '' }
      this.parts.push(part)
    }
    if (event.data !== undefined) {
      // Each piece is base64 by itself.
      part.data = Buffer.concat([Buffer.from(part.data, 'base64'), Buffer.from(event.data, 'base64')]).toString(
        'base64'
      )
    }
    if (event.transcript !== undefined) part.transcript = (part.transcript ?? '') + event.transcript
    part.id ??= event.id
  }
}

/** OpenAI's are lists by name ("content", "refusal"), a piece of each with every chunk. */
function joinedLogprobs(before: unknown, more: unknown): unknown {
  if (!isObject(before) || !isObject(more)) return more
  const joined = { ...before }
  for (const [name, value] of Object.entries(more)) {
    const known = joined[name]
    joined[name] = Array.isArray(known) && Array.isArray(value) ? [...known, ...value] : (value ?? known)
  }
  return joined
}

/** A whole answer as the stream that tells it. */
export function eventsOf(response: ChatResponse): ChatEvent[] {
  const { id, model, created, usage } = response
  const events: ChatEvent[] = [{ type: 'start', id, model, created }]
  for (const choice of response.choices) tell(choice, events)
  if (usage !== undefined) events.push({ type: 'usage', usage })
  events.push({ type: 'end' })
  return events
}

function tell({ index: choice, content, finish_reason, stop_sequence, logprobs }: Choice, events: ChatEvent[]): void {
  let call = 0
  for (const part of content) {
    switch (part.type) {
      case 'text':
        events.push({ type: 'text', choice, text: part.text })
        for (const annotation of part.annotations ?? []) events.push({ type: 'annotation', choice, annotation })
        break
      case 'thinking':
        events.push({ type: 'thinking', choice, text: part.text, id: part.id })
        if (part.signature !== undefined) events.push({ type: 'signature', choice, signature: part.signature })
        break
      case 'redacted_thinking':
        events.push({ type: 'redacted_thinking', choice, data: part.data, id: part.id })
        break
      case 'refusal':
        events.push({ type: 'refusal', choice, text: part.refusal })
        break
      case 'tool_call': {
        const { id, name, custom, signature, item } = part
        events.push({ type: 'tool_call', choice, call, id, name, custom, signature, ...(item && { item }) })
        events.push({ type: 'arguments', choice, call, text: part.arguments })
        call++
        break
      }
      case 'image':
        if (part.source.kind === 'base64') {
          const { signature } = part
          const { media_type, data } = part.source
          events.push({ type: 'image', choice, media_type, data, ...(signature !== undefined && { signature }) })
        }
        break
      case 'audio':
        events.push({ type: 'audio', choice, data: part.data, transcript: part.transcript, id: part.id })
    }
  }
  if (logprobs !== undefined) events.push({ type: 'logprobs', choice, logprobs })
  events.push({ type: 'finish', choice, reason: finish_reason, stop_sequence })
}
