import type { Annotation, AssistantPart } from '../../chat.js'
import type { ChatEvent } from '../../events.js'
import type { ProviderFailure } from '../../failure.js'
import type { Frame } from '../../frames/frame.js'
import { parsed } from '../../lenient.js'
import { badResponse, isObject, type JsonObject } from '../../members.js'
import { laterUsage, type Usage } from '../../usage.js'
import type { StreamReader } from '../dialect.js'
import { annotationsOf, citedBeside } from './citations.js'
import { failureIn, readFailure } from './failure.js'
import { readFinish } from './finish.js'
import { countIn, objectOf, objectsOf, optional, textIn } from './lenient.js'
import { imagesOf } from './read-messages.js'
import { answerParts } from './read-response.js'
import { StreamCalls } from './stream-calls.js'
import { thoughtsOf } from './thoughts.js'
import { usageIn } from './usage.js'

/** The payload that ends a stream. */
export const DONE = '[DONE]'

interface ChoiceState {
  readonly calls: StreamCalls
  refused: boolean
  finish: unknown
  stopSequence: string | undefined
}

export function streamReader(sameDialect = false): StreamReader {
  return new ChunkReader(sameDialect)
}

/**
 * Reads chunks of chat completions. Reasons for an answer's end are told at the end of the stream: providers send usage after them,
 * and a few more of the answer.
 */
class ChunkReader implements StreamReader {
  private readonly choices = new Map<number, ChoiceState>()
  private readonly cited = new Map<string, Annotation>()
  private usage: Usage | undefined
  private started = false
  private over = false

  constructor(private readonly sameDialect: boolean) {}

  read(frame: Frame): ChatEvent[] {
    const data = frame.data.trim()
    if (this.over || data === '') return []
    if (data === DONE) return this.finish()
    if (frame.event === 'error') return this.fail(readFailure(0, parsed(data) ?? data))
    const chunk = parsed(data)
    if (!isObject(chunk)) throw badResponse('event', 'a chunk of a chat completion', data)
    const failure = failureIn(chunk)
    return failure === undefined ? this.chunk(chunk) : this.fail(failure)
  }

  end(): ChatEvent[] {
    const whole = this.choices.size > 0 && [...this.choices.values()].every(choice => choice.finish !== undefined)
    return this.over || !whole ? [] : this.finish()
  }

  hasFinished(choice: number): boolean {
    return this.choices.get(choice)?.finish !== undefined
  }

  private chunk(chunk: JsonObject): ChatEvent[] {
    const events: ChatEvent[] = []
    const choices = objectsOf(chunk.choices)
    // Azure's first chunk has what its filter found of the prompt, and no name yet.
    if (!this.started && (choices.length > 0 || textIn(chunk.id) !== '')) {
      this.started = true
      const created = countIn(chunk.created) ?? 0
      events.push({ type: 'start', id: textIn(chunk.id), model: textIn(chunk.model), created })
    }
    for (const annotation of citedBeside(chunk)) this.cited.set(annotation.url, annotation)
    choices.forEach((choice, i) => {
      this.choice(choice, countIn(choice.index) ?? i, events)
    })
    const usage = usageIn(chunk)
    if (usage !== undefined) {
      this.usage = laterUsage(this.usage, usage)
      events.push({ type: 'usage', usage: this.usage })
    }
    return events
  }

  private choice(choice: JsonObject, index: number, events: ChatEvent[]): void {
    const state = this.stateOf(index)
    if (isObject(choice.logprobs)) events.push({ type: 'logprobs', choice: index, logprobs: choice.logprobs })
    // A few send the whole message in one chunk.
    const delta = objectOf(choice.delta ?? choice.message)
    for (const part of thoughtsOf(delta)) pushPart(part, index, events)
    for (const part of answerParts(delta.content)) pushPart(part, index, events)
    const refusal = optional(delta.refusal)
    if (refusal !== undefined) pushPart({ type: 'refusal', refusal }, index, events)
    if (delta.refusal) state.refused = true
    const { annotations } = delta
    if (this.sameDialect && annotations !== undefined) {
      events.push({ type: 'native', choice: index, data: { annotations } })
    } else {
      for (const annotation of annotationsOf(annotations))
        events.push({ type: 'annotation', choice: index, annotation })
    }
    for (const image of imagesOf(delta.images)) pushPart(image, index, events)
    if (isObject(delta.audio)) pushAudio(delta.audio, index, events)
    for (const piece of objectsOf(delta.tool_calls)) events.push(...state.calls.read(piece))
    if (isObject(delta.function_call)) events.push(...state.calls.read({ index: 0, function: delta.function_call }))
    if (optional(choice.finish_reason) !== undefined) {
      state.finish = choice.finish_reason
      state.stopSequence = optional(choice.stop_reason) ?? optional(choice.matched_stop)
    }
  }

  private stateOf(index: number): ChoiceState {
    const known = this.choices.get(index)
    if (known !== undefined) return known
    const state = { calls: new StreamCalls(index), refused: false, finish: undefined, stopSequence: undefined }
    this.choices.set(index, state)
    return state
  }

  private finish(): ChatEvent[] {
    this.over = true
    const events: ChatEvent[] = []
    for (const [choice, { calls, refused, finish, stopSequence }] of this.choices) {
      if (choice === 0) {
        for (const annotation of this.cited.values()) events.push({ type: 'annotation', choice, annotation })
      }
      const reason = readFinish(finish, { calls: calls.any, refusal: refused })
      const stop = stopSequence === undefined ? {} : { stop_sequence: stopSequence }
      events.push({ type: 'finish', choice, reason, ...stop, ...(finish === undefined && { supposed: true }) })
    }
    events.push({ type: 'end' })
    return events
  }

  private fail(failure: ProviderFailure): ChatEvent[] {
    this.over = true
    return [{ type: 'failure', failure }, { type: 'end' }]
  }
}

function pushPart(part: AssistantPart, choice: number, events: ChatEvent[]): void {
  switch (part.type) {
    case 'text':
      events.push({ type: 'text', choice, text: part.text })
      break
    case 'thinking': {
      const { text, id, signature } = part
      // A piece that is a signature alone belongs to the part before it.
      if (text !== '' || signature === undefined) events.push({ type: 'thinking', choice, text, ...(id && { id }) })
      if (signature !== undefined) events.push({ type: 'signature', choice, signature })
      break
    }
    case 'redacted_thinking':
      events.push({ type: 'redacted_thinking', choice, data: part.data, ...(part.id && { id: part.id }) })
      break
    case 'refusal':
      events.push({ type: 'refusal', choice, text: part.refusal })
      break
    case 'image':
      if (part.source.kind === 'base64') {
        events.push({ type: 'image', choice, media_type: part.source.media_type, data: part.source.data })
      }
      break
  }
}

function pushAudio(audio: JsonObject, choice: number, events: ChatEvent[]): void {
  const data = optional(audio.data)
  const transcript = optional(audio.transcript)
  const id = optional(audio.id)
  if (data === undefined && transcript === undefined && id === undefined) return
  events.push({
    type: 'audio',
    choice,
    ...(data !== undefined && { data }),
    ...(transcript !== undefined && { transcript }),
    ...(id !== undefined && { id })
  })
}
