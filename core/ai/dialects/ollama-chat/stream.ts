import type { ChatEvent } from '../../events.js'
import type { Frame } from '../../frames/frame.js'
import { objectIn, objectsIn, parsedObject, secondsIn, textIn } from '../../lenient.js'
import { badResponse, type JsonObject } from '../../members.js'
import type { StreamReader } from '../dialect.js'
import { readFailure } from '../ollama/failure.js'
import { LineWriter } from '../ollama/line-writer.js'
import { readFinish, readLogprobs, readUsage } from '../ollama/reply.js'
import { imageType } from '../source.js'
import { writeCall } from './request-write.js'
import { readCall } from './response.js'

/** Reads the lines of /api/chat: the one that is `done` is the last. */
export class OllamaChatReader implements StreamReader {
  private started = false
  private calls = 0
  private seed = ''

  read(frame: Frame): ChatEvent[] {
    const line = parsedObject(frame.data)
    if (line === undefined) throw badResponse('a line of the stream', 'a JSON object', frame.data)
    if (line.error !== undefined) return [{ type: 'failure', failure: readFailure(0, line) }, { type: 'end' }]
    const events: ChatEvent[] = []
    if (!this.started) {
      this.started = true
      this.seed = textIn(line.created_at)
      events.push({ type: 'start', id: '', model: textIn(line.model), created: secondsIn(line.created_at) })
    }
    const message = objectIn(line.message)
    const thinking = textIn(message.thinking)
    if (thinking !== '') events.push({ type: 'thinking', choice: 0, text: thinking })
    const text = textIn(message.content)
    if (text !== '') events.push({ type: 'text', choice: 0, text })
    for (const data of Array.isArray(message.images) ? message.images.map(textIn) : []) {
      events.push({ type: 'image', choice: 0, media_type: imageType(data), data })
    }
    for (const call of objectsIn(message.tool_calls)) this.call(call, events)
    const logprobs = readLogprobs(line.logprobs)
    if (logprobs !== undefined) events.push({ type: 'logprobs', choice: 0, logprobs })
    if (line.done === true) this.done(line, events)
    return events
  }

  end(): ChatEvent[] {
    return []
  }

  private call(call: JsonObject, events: ChatEvent[]): void {
    const n = this.calls++
    const { id, name, arguments: text } = readCall(call, this.seed, n)
    events.push({ type: 'tool_call', choice: 0, call: n, id, name }, { type: 'arguments', choice: 0, call: n, text })
  }

  private done(line: JsonObject, events: ChatEvent[]): void {
    events.push({ type: 'finish', choice: 0, reason: readFinish(line.done_reason, this.calls > 0) })
    const usage = readUsage(line)
    if (usage !== undefined) events.push({ type: 'usage', usage })
    events.push({ type: 'end' })
  }
}

/** Writes lines of /api/chat. Calls are whole there, so they wait for their arguments. */
export class OllamaChatWriter extends LineWriter {
  private readonly open = new Map<number, { id: string; name: string; text: string }>()

  protected text(text: string): JsonObject {
    return { message: { role: 'assistant', content: text } }
  }

  protected thinking(text: string): JsonObject {
    return { message: { role: 'assistant', content: '', thinking: text } }
  }

  protected empty(): JsonObject {
    return { message: { role: 'assistant', content: '' } }
  }

  protected override other(event: ChatEvent): JsonObject | undefined {
    switch (event.type) {
      case 'tool_call':
        this.open.set(event.call, { id: event.id, name: event.name, text: '' })
        return undefined
      case 'arguments': {
        const call = this.open.get(event.call)
        if (call !== undefined) call.text += event.text
        return undefined
      }
      case 'image':
        return { message: { role: 'assistant', content: '', images: [event.data] } }
      default:
        return undefined
    }
  }

  protected override waiting(): JsonObject | undefined {
    if (this.open.size === 0) return undefined
    const calls = [...this.open.values()].map(({ id, name, text }) => writeCall(id, name, text))
    this.open.clear()
    return { message: { role: 'assistant', content: '', tool_calls: calls } }
  }
}
