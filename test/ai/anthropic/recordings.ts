import type { Buffer } from 'node:buffer'
import { readdirSync, readFileSync } from 'node:fs'
import type { Dialect } from '../../../core/ai/dialects/dialect.js'
import type { ChatEvent } from '../../../core/ai/events.js'
import type { Framing } from '../../../core/ai/frames/frame.js'

/** A recorded reply of a provider, as the files of test/fixtures/ai have it. */
export interface Recording {
  readonly name: string
  readonly kind: string
  readonly stream: boolean
  readonly response: {
    readonly status: number
    readonly json?: Record<string, unknown>
    readonly text?: string
    readonly chunks?: Record<string, unknown>[]
  }
}

export function recordings(provider: string, kind: string): Recording[] {
  const folder = new URL(`../../../../test/fixtures/ai/${provider}/`, import.meta.url)
  return readdirSync(folder)
    .filter(name => name.endsWith('.json'))
    .map(name => ({ name, ...JSON.parse(readFileSync(new URL(name, folder), 'utf8')) }) as Recording)
    .filter(recording => recording.kind === kind)
}

/** What the dialect's reader makes of a stream that comes in these pieces. */
export function eventsOf(dialect: Dialect, pieces: Iterable<Buffer>, framing: Framing = dialect.framing): ChatEvent[] {
  const frames = framing.reader()
  const reader = dialect.chat.streamReader()
  const events: ChatEvent[] = []
  for (const piece of pieces) for (const frame of frames.feed(piece)) events.push(...reader.read(frame))
  for (const frame of frames.end()) events.push(...reader.read(frame))
  events.push(...reader.end())
  return events
}

/** The bytes in two pieces, cut at each place of the first 2 KB, and at forty others. */
export function* cuts(bytes: Buffer): Generator<Buffer[]> {
  for (let at = 1; at < Math.min(2048, bytes.length); at++) yield [bytes.subarray(0, at), bytes.subarray(at)]
  for (let i = 0; i < 40; i++) {
    const places = [0, 0, 0].map(() => Math.floor(Math.random() * bytes.length)).sort((a, b) => a - b)
    const ends = [...places, bytes.length]
    yield ends.map((end, n) => bytes.subarray(n === 0 ? 0 : ends[n - 1], end))
  }
}
