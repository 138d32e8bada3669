import type { ChatEvent } from '../../events.js'
import type { Frame } from '../../frames/frame.js'
import { countIn, objectIn, objectsIn, parsedObject, textIn } from '../../lenient.js'
import { badResponse, isObject, type JsonObject } from '../../members.js'
import type { StreamReader } from '../dialect.js'
import { NO_ARGUMENTS } from '../tool-calls.js'
import { failureIn, readFailure } from './failure.js'
import { readFinish } from './finish.js'
import { readCitation } from './response.js'
import { usageIn } from './usage.js'

/** Reads the events of https://docs.cohere.com/v2/docs/streaming, of which message-end is the last. */
export class CohereStreamReader implements StreamReader {
  private calls = 0
  /** Text of the arguments of the last call. */
  private text = ''

  read(frame: Frame): ChatEvent[] {
    if (frame.data === '' || frame.data === '[DONE]') return []
    const event = parsedObject(frame.data)
    if (event === undefined) throw badResponse('an event of the stream', 'a JSON object', frame.data)
    const delta = objectIn(event.delta)
    const message = objectIn(delta.message)
    switch (event.type) {
      case 'message-start':
        return [{ type: 'start', id: textIn(event.id), model: '', created: 0 }]
      case 'content-start':
      case 'content-delta':
        return content(objectIn(message.content), event.type === 'content-start')
      case 'tool-plan-delta':
        return someThinking(textIn(message.tool_plan), false)
      case 'tool-call-start':
        return this.call(objectIn(message.tool_calls))
      case 'tool-call-delta':
        return this.piece(textIn(objectIn(objectIn(message.tool_calls).function).arguments))
      case 'tool-call-end':
        return this.callEnd()
      case 'citation-start':
        return objectsIn(message.citations)
          .flatMap(readCitation)
          .map(annotation => ({ type: 'annotation', choice: 0, annotation }))
      case 'message-end':
        return this.messageEnd(delta)
      case undefined:
        return event.message === undefined ? [] : [{ type: 'failure', failure: readFailure(0, event) }]
      default:
        return []
    }
  }

  end(): ChatEvent[] {
    return []
  }

  private call(call: JsonObject): ChatEvent[] {
    const called = objectIn(call.function)
    this.text = ''
    const begin: ChatEvent = {
      type: 'tool_call',
      choice: 0,
      call: this.calls++,
      id: textIn(call.id),
      name: textIn(called.name)
    }
    return [begin, ...this.piece(textIn(called.arguments))]
  }

  private piece(text: string): ChatEvent[] {
    if (text === '' || this.calls === 0) return []
    if (this.text === '' && text === 'null') return [] // how it writes that there are no arguments
    this.text += text
    return [{ type: 'arguments', choice: 0, call: this.calls - 1, text }]
  }

  private callEnd(): ChatEvent[] {
    return this.text === '' ? this.piece(NO_ARGUMENTS) : []
  }

  private messageEnd(delta: JsonObject): ChatEvent[] {
    const events: ChatEvent[] = []
    const usage = isObject(delta.usage) ? usageIn(delta.usage) : undefined
    const failure = failureIn(delta)
    if (failure === undefined) {
      events.push({
        type: 'finish',
        choice: 0,
        reason: readFinish(textIn(delta.finish_reason), countIn(this.calls) > 0)
      })
    }
    if (usage !== undefined) events.push({ type: 'usage', usage })
    if (failure !== undefined) events.push({ type: 'failure', failure })
    events.push({ type: 'end' })
    return events
  }
}

/** A part that begins, or a piece of one. */
function content(part: JsonObject, begins: boolean): ChatEvent[] {
  if (part.type === 'thinking' || typeof part.thinking === 'string') return someThinking(textIn(part.thinking), begins)
  const text = textIn(part.text)
  return text === '' ? [] : [{ type: 'text', choice: 0, text }]
}

function someThinking(text: string, begins: boolean): ChatEvent[] {
  return text === '' && !begins ? [] : [{ type: 'thinking', choice: 0, text }]
}
