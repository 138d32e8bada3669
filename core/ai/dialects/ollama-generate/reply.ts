import type { AssistantPart, ChatResponse } from '../../chat.js'
import type { ChatEvent } from '../../events.js'
import type { Frame } from '../../frames/frame.js'
import { parsedObject, secondsIn, someText, textIn } from '../../lenient.js'
import { badResponse, type JsonObject } from '../../members.js'
import type { StreamReader, Wish } from '../dialect.js'
import { readFailure } from '../ollama/failure.js'
import { LineWriter } from '../ollama/line-writer.js'
import { dateOf, ending, readFinish, readLogprobs, readUsage, textsOf } from '../ollama/reply.js'

export function readResponse(body: JsonObject): ChatResponse {
  if (typeof body.response !== 'string') throw badResponse('response', 'a string', body.response)
  const content: AssistantPart[] = []
  const thinking = someText(body.thinking)
  if (thinking !== undefined) content.push({ type: 'thinking', text: thinking })
  if (body.response !== '') content.push({ type: 'text', text: body.response })
  const logprobs = readLogprobs(body.logprobs)
  const finish = readFinish(body.done_reason, false)
  return {
    id: '',
    model: textIn(body.model),
    created: secondsIn(body.created_at),
    choices: [{ index: 0, content, finish_reason: finish, ...(logprobs !== undefined && { logprobs }) }],
    usage: readUsage(body)
  }
}

export function writeResponse(response: ChatResponse, wish: Wish): JsonObject {
  const [choice] = response.choices
  return {
    model: response.model === '' ? wish.model : response.model,
    created_at: dateOf(response.created),
    ...writeTexts(choice?.content ?? []),
    ...ending(choice?.finish_reason ?? 'stop', response.usage, 0)
  }
}

/** The members that say an answer. */
export function writeTexts(parts: readonly AssistantPart[]): JsonObject {
  const { text, thinking } = textsOf(parts)
  return { response: text, ...(thinking !== '' && { thinking }) }
}

/** Reads the lines of /api/generate: the one that is `done` is the last. */
export class OllamaGenerateReader implements StreamReader {
  private started = false

  read(frame: Frame): ChatEvent[] {
    const line = parsedObject(frame.data)
    if (line === undefined) throw badResponse('a line of the stream', 'a JSON object', frame.data)
    if (line.error !== undefined) return [{ type: 'failure', failure: readFailure(0, line) }, { type: 'end' }]
    const events: ChatEvent[] = []
    if (!this.started) {
      events.push({ type: 'start', id: '', model: textIn(line.model), created: secondsIn(line.created_at) })
    }
    this.started = true
    const thinking = textIn(line.thinking)
    if (thinking !== '') events.push({ type: 'thinking', choice: 0, text: thinking })
    const text = textIn(line.response)
    if (text !== '') events.push({ type: 'text', choice: 0, text })
    const logprobs = readLogprobs(line.logprobs)
    if (logprobs !== undefined) events.push({ type: 'logprobs', choice: 0, logprobs })
    if (line.done !== true) return events
    events.push({ type: 'finish', choice: 0, reason: readFinish(line.done_reason, false) })
    const usage = readUsage(line)
    if (usage !== undefined) events.push({ type: 'usage', usage })
    events.push({ type: 'end' })
    return events
  }

  end(): ChatEvent[] {
    return []
  }
}

/** Writes lines of /api/generate, which has no place but for text and thoughts. */
export class OllamaGenerateWriter extends LineWriter {
  protected text(text: string): JsonObject {
    return { response: text }
  }

  protected thinking(text: string): JsonObject {
    return { response: '', thinking: text }
  }

  protected empty(): JsonObject {
    return { response: '' }
  }
}
