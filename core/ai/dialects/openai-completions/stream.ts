import type { ChatEvent } from '../../events.js'
import type { Frame } from '../../frames/frame.js'
import { parsed } from '../../lenient.js'
import type { JsonObject } from '../../members.js'
import { badResponse, isObject } from '../../members.js'
import type { Usage } from '../../usage.js'
import type { StreamReader, StreamWriter, Wish } from '../dialect.js'
import { createdOr, newId } from '../openai-chat/ids.js'
import { objectsOf } from '../openai-chat/lenient.js'
import { streamReader as chunkReader, DONE } from '../openai-chat/stream-reader.js'
import { writeUsage } from '../openai-chat/usage.js'
import { writeError } from '../openai-chat/write-failure.js'
import { echoed, finishWord } from './response.js'

/** Chunks of completions are those of chat, with the text in another place. */
export function streamReader(): StreamReader {
  const reader = chunkReader()
  return {
    read: frame => reader.read(asChat(frame)),
    end: () => reader.end(),
    hasFinished: choice => reader.hasFinished?.(choice) === true
  }
}

function asChat(frame: Frame): Frame {
  const data = frame.data.trim()
  if (data === '' || data === DONE || frame.event === 'error') return frame
  const chunk = parsed(data)
  if (!isObject(chunk)) throw badResponse('event', 'a chunk of a completion', data)
  const choices = objectsOf(chunk.choices).map(choice => {
    // Its log probabilities are of a shape that chat does not have.
    return { ...choice, logprobs: null, delta: { content: choice.text } }
  })
  return { event: '', data: JSON.stringify({ ...chunk, ...(Array.isArray(chunk.choices) && { choices }) }) }
}

export function streamWriter(wish: Wish): StreamWriter {
  return new CompletionWriter(wish)
}

class CompletionWriter implements StreamWriter {
  private head: JsonObject
  private readonly echo: string
  private readonly echoed = new Set<number>()
  private usage: Usage | undefined
  private failed = false

  constructor(private readonly wish: Wish) {
    this.head = headOf('', wish.model, 0)
    this.echo = echoed(wish)
  }

  write(event: ChatEvent): Frame[] {
    if (this.failed) return []
    switch (event.type) {
      case 'start':
        this.head = headOf(event.id, event.model === '' ? this.wish.model : event.model, event.created)
        return []
      case 'text':
        return [this.chunk(event.choice, this.begin(event.choice) + event.text, null)]
      case 'finish':
        return [this.chunk(event.choice, this.begin(event.choice), finishWord(event.reason))]
      case 'usage':
        this.usage = event.usage
        return []
      case 'failure':
        this.failed = true
        return [frameOf({ error: writeError(event.failure) })]
      case 'end':
        return this.end()
      default:
        return []
    }
  }

  /** What comes before the first text of a choice. */
  private begin(choice: number): string {
    if (this.echoed.has(choice)) return ''
    this.echoed.add(choice)
    return this.echo
  }

  private chunk(index: number, text: string, finish: string | null): Frame {
    const choices = [{ text, index, logprobs: null, finish_reason: finish }]
    return frameOf({ ...this.head, choices, ...(this.wish.includeUsage && { usage: null }) })
  }

  private end(): Frame[] {
    const done: Frame = { event: '', data: DONE }
    if (!this.wish.includeUsage || this.usage === undefined) return [done]
    return [frameOf({ ...this.head, choices: [], usage: writeUsage(this.usage) }), done]
  }
}

function headOf(id: string, model: string, created: number): JsonObject {
  return { id: id === '' ? newId('cmpl-') : id, object: 'text_completion', created: createdOr(created), model }
}

function frameOf(body: JsonObject): Frame {
  return { event: '', data: JSON.stringify(body) }
}
