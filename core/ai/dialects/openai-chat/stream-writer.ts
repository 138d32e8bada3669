import type { ChatEvent } from '../../events.js'
import type { Frame } from '../../frames/frame.js'
import type { JsonObject } from '../../members.js'
import type { Usage } from '../../usage.js'
import type { StreamWriter, Wish } from '../dialect.js'
import { NO_ARGUMENTS } from '../tool-calls.js'
import { writeAnnotation } from './citations.js'
import { writeFinish } from './finish.js'
import { createdOr, newId } from './ids.js'
import { DONE } from './stream-reader.js'
import { writeBlock } from './thoughts.js'
import { writeUsage } from './usage.js'
import { writeError } from './write-failure.js'
import { signed } from './write-messages.js'
import { wantsFunctions } from './write-response.js'

interface ChoiceState {
  /** Whether the chunk that says the role was written. */
  begun: boolean
  refused: boolean
  /** Waits for the chunk of the text it belongs to. */
  logprobs: unknown
  images: number
  /** By their number. */
  readonly calls: CallState[]
}

interface CallState {
  readonly custom: boolean
  /** Whether arguments came. */
  told: boolean
  /** What came so far of one that is written whole. */
  readonly held: { readonly begin: ChatEvent & { type: 'tool_call' }; text: string } | undefined
}

export function streamWriter(wish: Wish): StreamWriter {
  return new ChunkWriter(wish)
}

/** Writes chunks of chat completions: the role first, usage last and only when the client wishes it, then "[DONE]". */
class ChunkWriter implements StreamWriter {
  private readonly choices = new Map<number, ChoiceState>()
  private readonly functions: boolean
  private head: JsonObject
  private usage: Usage | undefined
  private failed = false

  constructor(private readonly wish: Wish) {
    this.functions = wantsFunctions(wish)
    this.head = headOf('', wish.model, 0)
  }

  write(event: ChatEvent): Frame[] {
    if (this.failed) return []
    switch (event.type) {
      case 'start':
        this.head = headOf(event.id, event.model === '' ? this.wish.model : event.model, event.created)
        return []
      case 'usage':
        this.usage = event.usage
        return []
      case 'failure':
        this.failed = true
        return [frameOf({ error: writeError(event.failure) })]
      case 'end':
        return this.end()
      case 'logprobs':
        this.stateOf(event.choice).logprobs = event.logprobs
        return []
      case 'finish':
        return this.finish(event.choice, event)
      default:
        return this.hold(event) ? [] : this.delta(event.choice, this.deltaOf(event))
    }
  }

  /** Keeps a call for a client that takes it only whole. */
  private hold(event: ChatEvent): boolean {
    if (this.wish.mistrals !== true) return false
    if (event.type === 'tool_call') {
      this.stateOf(event.choice).calls[event.call] = { custom: false, told: true, held: { begin: event, text: '' } }
      return true
    }
    const held = event.type === 'arguments' ? this.stateOf(event.choice).calls[event.call]?.held : undefined
    if (held !== undefined && event.type === 'arguments') held.text += event.text
    return held !== undefined
  }

  private deltaOf(event: Exclude<ChatEvent, { type: 'start' | 'usage' | 'failure' | 'end' | 'logprobs' | 'finish' }>) {
    switch (event.type) {
      case 'text':
        return { content: event.text }
      case 'native':
        return event.data
      case 'annotation':
        return { annotations: [writeAnnotation(event.annotation)] }
      case 'thinking': {
        const block = writeBlock({ type: 'thinking', text: event.text, id: event.id })
        return { reasoning_content: event.text, thinking_blocks: [block] }
      }
      case 'signature':
        return { thinking_blocks: [writeBlock({ type: 'thinking', text: '', signature: event.signature })] }
      case 'redacted_thinking':
        return { thinking_blocks: [writeBlock({ type: 'redacted_thinking', data: event.data, id: event.id })] }
      case 'refusal':
        this.stateOf(event.choice).refused = true
        return { refusal: event.text }
      case 'tool_call':
        return this.beginCall(event)
      case 'arguments':
        return this.argumentsOf(event.choice, event.call, event.text)
      case 'image': {
        const url = `data:${event.media_type};base64,${event.data}`
        const state = this.stateOf(event.choice)
        return { images: [{ type: 'image_url', image_url: { url }, index: state.images++ }] }
      }
      case 'audio': {
        const { id, data, transcript } = event
        return { audio: { ...(id && { id }), ...(data && { data }), ...(transcript && { transcript }) } }
      }
    }
  }

  private beginCall({
    choice,
    call,
    id,
    name,
    custom = false,
    signature
  }: ChatEvent & { type: 'tool_call' }): JsonObject {
    this.stateOf(choice).calls[call] = { custom, told: false, held: undefined }
    if (this.functions) return { function_call: { name, arguments: '' } }
    const said = custom
      ? { type: 'custom', custom: { name, input: '' } }
      : { type: 'function', function: { name, arguments: '' } }
    return { tool_calls: [{ index: call, id, ...said, ...signed(signature) }] }
  }

  private argumentsOf(choice: number, call: number, text: string): JsonObject {
    const state = this.stateOf(choice).calls[call]
    if (state !== undefined) state.told = true
    if (this.functions) return { function_call: { arguments: text } }
    return {
      tool_calls: [
        { index: call, ...(state?.custom ? { custom: { input: text } } : { function: { arguments: text } }) }
      ]
    }
  }

  private delta(choice: number, delta: JsonObject): Frame[] {
    const state = this.stateOf(choice)
    const frames: Frame[] = []
    if (!state.begun) {
      state.begun = true
      frames.push(this.chunk([choiceOf(choice, { role: 'assistant', content: '', refusal: null })]))
    }
    frames.push(this.chunk([choiceOf(choice, delta, null, state.logprobs)]))
    state.logprobs = undefined
    return frames
  }

  private finish(choice: number, { reason }: ChatEvent & { type: 'finish' }): Frame[] {
    const state = this.stateOf(choice)
    const frames: Frame[] = []
    state.calls.forEach((call, i) => {
      if (call.held !== undefined) frames.push(...this.delta(choice, whole(call.held)))
      if (!call.told && !call.custom) frames.push(...this.delta(choice, this.argumentsOf(choice, i, NO_ARGUMENTS)))
    })
    if (!state.begun) frames.push(...this.delta(choice, { content: '' }))
    const said = writeFinish(reason, state.refused)
    const word = this.functions && said === 'tool_calls' ? 'function_call' : said
    frames.push(this.chunk([choiceOf(choice, {}, word, state.logprobs)]))
    return frames
  }

  private end(): Frame[] {
    const frames: Frame[] = []
    if (this.wish.includeUsage && this.usage !== undefined) {
      frames.push(frameOf({ ...this.head, choices: [], usage: writeUsage(this.usage) }))
    }
    frames.push({ event: '', data: DONE })
    return frames
  }

  private chunk(choices: JsonObject[]): Frame {
    const { includeUsage, mistrals } = this.wish
    return frameOf({ ...this.head, choices, ...(includeUsage && !mistrals && { usage: null }) })
  }

  private stateOf(choice: number): ChoiceState {
    const known = this.choices.get(choice)
    if (known !== undefined) return known
    const state: ChoiceState = { begun: false, refused: false, logprobs: undefined, images: 0, calls: [] }
    this.choices.set(choice, state)
    return state
  }
}

function whole({ begin, text }: NonNullable<CallState['held']>): JsonObject {
  const { call: index, id, name, signature } = begin
  const said = { name, arguments: text === '' ? NO_ARGUMENTS : text }
  return { tool_calls: [{ index, id, type: 'function', function: said, ...signed(signature) }] }
}

function headOf(id: string, model: string, created: number): JsonObject {
  return {
    id: id === '' ? newId('chatcmpl-') : id,
    object: 'chat.completion.chunk',
    created: createdOr(created),
    model
  }
}

function choiceOf(index: number, delta: JsonObject, finish: string | null = null, logprobs?: unknown): JsonObject {
  return { index, delta, logprobs: logprobs ?? null, finish_reason: finish }
}

function frameOf(body: JsonObject): Frame {
  return { event: '', data: JSON.stringify(body) }
}
