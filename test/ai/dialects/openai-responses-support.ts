import { Buffer } from 'node:buffer'
import { readdirSync, readFileSync } from 'node:fs'
import type { AssistantPart, ChatResponse, FinishReason } from '../../../core/ai/chat.js'
import { openaiResponses } from '../../../core/ai/dialects/openai-responses/index.js'
import type { ChatEvent } from '../../../core/ai/events.js'
import { sse } from '../../../core/ai/frames/sse.js'
import type { JsonObject } from '../../../core/ai/members.js'
import type { Usage } from '../../../core/ai/usage.js'

const FIXTURES = new URL('../../../../test/fixtures/ai/', import.meta.url)

export interface Recording {
  readonly file: string
  readonly stream: boolean
  readonly status: number
  /** Of a stream. */
  readonly text: string
  /** Of a whole reply. */
  readonly json: JsonObject
}

/** Some recordings are of several streams, one after another: the first of them. */
function firstOf(text: string): string {
  const end = /"type":"response\.(?:completed|failed|incomplete)".*\n\n/.exec(text)
  return end === null ? text : text.slice(0, end.index + end[0].length)
}

/** Every recorded reply of a provider that speaks Responses. */
export function recordings(): Recording[] {
  const found: Recording[] = []
  for (const provider of ['openai', 'azure', 'xai', 'open-responses']) {
    for (const file of readdirSync(new URL(`${provider}/`, FIXTURES))) {
      const recorded = JSON.parse(readFileSync(new URL(`${provider}/${file}`, FIXTURES), 'utf8'))
      if (recorded.kind !== 'responses') continue
      const { status, text: all = '', json } = recorded.response
      const text = recorded.stream ? firstOf(all) : all
      found.push({
        file: `${provider}/${file}`,
        stream: recorded.stream,
        status,
        text,
        json: json ?? (recorded.stream ? {} : JSON.parse(text))
      })
    }
  }
  return found
}

/** The payloads of a recorded stream, read by other code than the one that is tested; undefined: some are no JSON. */
export function payloads(text: string): JsonObject[] | undefined {
  try {
    return text
      .split('\n')
      .filter(line => line.startsWith('data:') && !line.includes('[DONE]'))
      .map(line => JSON.parse(line.slice(5)))
  } catch {
    return undefined
  }
}

/** What the reader makes of bytes cut at these places. */
export function eventsOf(bytes: Buffer, cuts: readonly number[] = []): ChatEvent[] {
  const frames = sse.reader()
  const reader = openaiResponses.chat.streamReader()
  const events: ChatEvent[] = []
  let from = 0
  for (const to of [...cuts, bytes.length]) {
    for (const frame of frames.feed(bytes.subarray(from, to))) events.push(...reader.read(frame))
    from = to
  }
  for (const frame of frames.end()) events.push(...reader.read(frame))
  events.push(...reader.end())
  return events
}

/** The answer that a stream told. */
export function answerOf(events: readonly ChatEvent[]): ChatResponse {
  const content: AssistantPart[] = []
  const calls = new Map<number, AssistantPart & { type: 'tool_call' }>()
  const logprobs: unknown[] = []
  const response: { id: string; model: string; created: number } = { id: '', model: '', created: 0 }
  let reason: FinishReason = 'stop'
  let usage: Usage | undefined
  for (const event of events) {
    const last = content.at(-1)
    switch (event.type) {
      case 'start':
        Object.assign(response, { id: event.id, model: event.model, created: event.created })
        break
      case 'text':
        if (last?.type === 'text') last.text += event.text
        else content.push({ type: 'text', text: event.text })
        break
      case 'annotation':
        if (last?.type === 'text') last.annotations = [...(last.annotations ?? []), event.annotation]
        break
      case 'thinking': {
        const also = event.id === undefined ? {} : { id: event.id }
        if (last?.type === 'thinking' && last.signature === undefined && (last.id ?? event.id) === event.id) {
          last.text += event.text
          Object.assign(last, also)
        } else content.push({ type: 'thinking', text: event.text, ...also })
        break
      }
      case 'signature':
        if (last?.type === 'thinking') last.signature = event.signature
        break
      case 'redacted_thinking':
        content.push({ type: 'redacted_thinking', data: event.data, ...(event.id !== undefined && { id: event.id }) })
        break
      case 'refusal':
        if (last?.type === 'refusal') last.refusal += event.text
        else content.push({ type: 'refusal', refusal: event.text })
        break
      case 'tool_call': {
        const part: AssistantPart & { type: 'tool_call' } = {
          type: 'tool_call',
          id: event.id,
          name: event.name,
          arguments: '',
          ...(event.custom === true && { custom: true }),
          ...(event.signature !== undefined && { signature: event.signature }),
          ...(event.item !== undefined && { item: event.item })
        }
        calls.set(event.call, part)
        content.push(part)
        break
      }
      case 'arguments': {
        const part = calls.get(event.call)
        if (part !== undefined) part.arguments += event.text
        break
      }
      case 'image':
        content.push({ type: 'image', source: { kind: 'base64', media_type: event.media_type, data: event.data } })
        break
      case 'logprobs':
        logprobs.push(...(event.logprobs as { content: unknown[] }).content)
        break
      case 'finish':
        reason = event.reason
        break
      case 'usage':
        usage = event.usage
    }
  }
  return {
    ...response,
    choices: [
      { index: 0, content, finish_reason: reason, ...(logprobs.length > 0 && { logprobs: { content: logprobs } }) }
    ],
    usage
  }
}

/** The bytes the writer makes of events. */
export function bytesOf(events: readonly ChatEvent[], request: JsonObject = {}): Buffer {
  const writer = openaiResponses.chat.streamWriter({ model: 'asked-for', includeUsage: true, request })
  return Buffer.concat(events.flatMap(event => writer.write(event)).map(sse.write))
}

export function streams(): Recording[] {
  return recordings().filter(({ stream, text }) => stream && payloads(text) !== undefined)
}
