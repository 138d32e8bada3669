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

/** What follows the place of a cut is read alike when the events behind it are: those that begin in so many bytes. */
const BEGINNING = 6_144

/** Whether the dialect reads a stream alike in two pieces, cut at each place of the first 2 KB, and in four, cut at forty others. */
export function readsAlike(dialect: Dialect, bytes: Buffer): boolean {
  const alike = (whole: Buffer, cuts: readonly (readonly number[])[]): boolean => {
    const events = JSON.stringify(eventsOf(dialect, [whole]))
    return cuts.every(places => JSON.stringify(eventsOf(dialect, cutAt(whole, places))) === events)
  }
  const single = Array.from({ length: Math.min(2_048, bytes.length) }, (_, at) => [at])
  const drawn = Array.from({ length: 40 }, () => [0, 0, 0].map(() => Math.floor(Math.random() * bytes.length)))
  const end = bytes.indexOf('\n\n', BEGINNING) + 2
  return alike(end < BEGINNING ? bytes : bytes.subarray(0, end), single) && alike(bytes, drawn)
}

function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places, bytes.length].sort((a, b) => a - b)
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end))
}
