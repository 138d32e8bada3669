import { Buffer } from 'node:buffer'
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import type { Dialect } from '../../core/ai/dialects/dialect.js'
import type { ChatEvent } from '../../core/ai/events.js'
import type { Frame } from '../../core/ai/frames/frame.js'
import type { JsonObject } from '../../core/ai/members.js'
import { ROOT } from '../config/helpers.js'

/** A reply of a provider as it was recorded: test/fixtures/ai/README.md. */
export interface Recording {
  /** "groq/vercel__groq__groq-text.json" */
  readonly name: string
  readonly kind: string
  readonly stream: boolean
  readonly response: { readonly status: number; readonly json?: JsonObject; readonly text?: string }
}

const FOLDER = `${ROOT}test/fixtures/ai/`

/** Every recording of the providers. */
export function recordings(...providers: string[]): Recording[] {
  return providers.flatMap(provider =>
    readdirSync(FOLDER + provider)
      .filter(file => file.endsWith('.json'))
      .map(file => ({
        name: `${provider}/${file}`,
        ...JSON.parse(readFileSync(`${FOLDER}${provider}/${file}`, 'utf8'))
      }))
  )
}

/** The payloads of a recorded stream, by plain cutting: what readers are held against. */
export function payloads(recording: Recording): JsonObject[] {
  return (recording.response.text ?? '')
    .split('\n')
    .filter(line => line.startsWith('data: {'))
    .map(line => JSON.parse(line.slice(6)))
}

/** The frames of bytes that arrive in pieces which end where `cuts` says. */
export function framesOf(dialect: Dialect, text: string, cuts: readonly number[] = []): Frame[] {
  const bytes = Buffer.from(text)
  const reader = dialect.framing.reader()
  const ends = [...cuts, bytes.length].sort((a, b) => a - b)
  let from = 0
  const frames: Frame[] = []
  for (const to of ends) {
    frames.push(...reader.feed(bytes.subarray(from, to)))
    from = to
  }
  return [...frames, ...reader.end()]
}

/** What a new reader of the dialect makes of the frames. */
export function eventsOf(dialect: Dialect, frames: readonly Frame[]): ChatEvent[] {
  const reader = dialect.chat.streamReader()
  return [...frames.flatMap(frame => reader.read(frame)), ...reader.end()]
}

/** The beginning of a stream and every byte of its first 2 KB to cut it at, then the whole, cut at places drawn by a seed. */
export function cutStreams(text: string): { readonly text: string; readonly cuts: readonly number[][] }[] {
  const beginning = Buffer.from(text).subarray(0, 6_144).toString()
  const single = Array.from({ length: Math.min(2_048, Buffer.byteLength(text)) }, (_, i) => [i])
  const drawn = fc.sample(fc.array(fc.nat(Buffer.byteLength(text)), { maxLength: 200 }), { numRuns: 20, seed: 1 })
  return [
    { text: beginning.slice(0, beginning.lastIndexOf('\n\n') + 2), cuts: single },
    { text, cuts: drawn }
  ]
}

/** The events with everything joined that is told in pieces: the answer that a client puts together. */
export function joined(events: readonly ChatEvent[], choice = 0) {
  const answer = { text: '', thinking: '', refusal: '', calls: [] as { id: string; name: string; arguments: string }[] }
  let finish = ''
  for (const event of events) {
    if (!('choice' in event) || event.choice !== choice) continue
    if (event.type === 'text') answer.text += event.text
    else if (event.type === 'thinking') answer.thinking += event.text
    else if (event.type === 'refusal') answer.refusal += event.text
    else if (event.type === 'tool_call') answer.calls[event.call] = { id: event.id, name: event.name, arguments: '' }
    else if (event.type === 'finish') finish = event.reason
    else if (event.type === 'arguments') {
      const call = answer.calls[event.call]
      if (call !== undefined) call.arguments += event.text
    }
  }
  return { ...answer, finish }
}
