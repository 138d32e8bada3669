import { Buffer } from 'node:buffer'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Dialect, Dropped, RequestHints, Wish } from '../../../core/ai/dialects/dialect.js'
import type { ChatEvent } from '../../../core/ai/events.js'
import type { Framing } from '../../../core/ai/frames/frame.js'
import type { JsonObject } from '../../../core/ai/members.js'

export const FIXTURES = fileURLToPath(new URL('../../../../test/fixtures/ai/', import.meta.url))

export interface Recording {
  readonly id: string
  readonly kind: string
  readonly stream: boolean
  readonly response: { readonly status: number; readonly json?: JsonObject; readonly text?: string }
}

/** Every recorded answer of a provider, by name. */
export function recordingsOf(provider: string): Recording[] {
  return readdirSync(`${FIXTURES}${provider}`)
    .filter(name => name.endsWith('.json'))
    .sort()
    .map(name => JSON.parse(readFileSync(`${FIXTURES}${provider}/${name}`, 'utf8')) as Recording)
}

/** The events that pieces of a stream are read into. */
export function eventsOf(dialect: Dialect, pieces: readonly Buffer[], framing: Framing = dialect.framing): ChatEvent[] {
  const frames = framing.reader()
  const reader = dialect.chat.streamReader()
  const events: ChatEvent[] = []
  for (const piece of pieces) for (const frame of frames.feed(piece)) events.push(...reader.read(frame))
  for (const frame of frames.end()) events.push(...reader.read(frame))
  events.push(...reader.end())
  return events
}

/** Pieces of text, thoughts and arguments that follow each other, put together. */
export function joined(events: readonly ChatEvent[]): ChatEvent[] {
  const out: ChatEvent[] = []
  for (const event of events) {
    const last = out.at(-1)
    if (
      last !== undefined &&
      (last.type === 'text' || last.type === 'thinking' || last.type === 'arguments') &&
      event.type === last.type &&
      event.choice === last.choice &&
      (event.type !== 'arguments' || last.type !== 'arguments' || event.call === last.call)
    ) {
      out[out.length - 1] = { ...last, text: last.text + event.text }
    } else out.push(event)
  }
  return out
}

/** The bytes that a dialect writes for events. */
export function written(dialect: Dialect, events: readonly ChatEvent[], wish: Wish, framing = dialect.framing): Buffer {
  const writer = dialect.chat.streamWriter(wish)
  const frames = framing.writer?.()
  const bytes = events.flatMap(event => writer.write(event)).map(each => frames?.write(each) ?? framing.write(each))
  return Buffer.concat(frames === undefined ? bytes : [...bytes, frames.end()])
}

export function halves(bytes: Buffer, at: number): Buffer[] {
  return [bytes.subarray(0, at), bytes.subarray(at)]
}

export const NO_HINTS: RequestHints = { model: '', stream: undefined, headers: [] }

export function wishFor(model: string, request: JsonObject = {}): Wish {
  return { model, includeUsage: true, request }
}

/** What was dropped, by name. */
export function dropping(): Dropped & { readonly names: string[] } {
  const names: string[] = []
  return { names, drop: name => void names.push(name) }
}
