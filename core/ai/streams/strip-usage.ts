import { Buffer } from 'node:buffer'
import type { StreamWatch } from '../dialects/dialect.js'
import type { ProviderFailure } from '../failure.js'
import type { Frame } from '../frames/frame.js'
import { SseReader, sse } from '../frames/sse.js'
import { isObject } from '../members.js'
import type { Passage } from './passage.js'

/**
 * Takes out of an OpenAI stream what only came because Sluice asked for usage on its own account: the chunk that has nothing but usage, and the
 * `"usage":null` of all the others. A piece of whole events, as they nearly always come, keeps all its other bytes; what is cut elsewhere is
 * written anew.
 */
export class StripUsage implements Passage {
  /** Only whole events go out. */
  readonly between = true
  private readonly reader = new SseReader()

  /** @param failed - frames that tell the client of a failure, in its dialect */
  constructor(
    readonly watch: StreamWatch,
    private readonly failed: (failure: ProviderFailure) => Buffer[]
  ) {}

  piece(piece: Buffer, out: Buffer[]): void {
    const begun = !this.reader.between
    const frames = this.watched(this.reader.feed(piece))
    const cut = begun || !this.reader.between ? undefined : withoutNull(piece, frames.length)
    if (cut === undefined) strip(frames, out)
    else out.push(cut)
  }

  end(out: Buffer[]): void {
    strip(this.watched(this.reader.end()), out)
  }

  fail(failure: ProviderFailure): Buffer[] {
    return this.failed(failure)
  }

  private watched(frames: readonly Frame[]): readonly Frame[] {
    for (const frame of frames) this.watch.frame(frame)
    return frames
  }
}

const USAGE = '"usage"'
const USAGE_BYTES = Buffer.from(USAGE)
const NULL_MEMBER = Buffer.from(',"usage":null')

/** How most events end: with the last member of the chunk itself. */
const NULL_END = Buffer.from(',"usage":null}\n\n')
const END = Buffer.from('}\n\n')

/** The bytes of whole events without their `"usage":null`; undefined: there is more to it. */
function withoutNull(piece: Buffer, events: number): Buffer | undefined {
  const end = piece.length - NULL_END.length
  if (events === 1 && end >= 0 && isAt(piece, end, NULL_END)) {
    const rest = Buffer.allocUnsafe(end + END.length)
    piece.copy(rest, 0, 0, end)
    rest.set(END, end)
    return rest
  }
  // Within a string its quotes would be escaped: what is found is a member.
  let at = piece.indexOf(USAGE_BYTES)
  if (at === -1) return piece
  const rest = Buffer.allocUnsafe(piece.length)
  let kept = 0
  let from = 0
  for (let found = 1; at !== -1; found++) {
    if (found > events || !isAt(piece, at - 1, NULL_MEMBER)) return undefined // more of them than events: one is a member of something within
    kept += piece.copy(rest, kept, from, at - 1)
    from = at - 1 + NULL_MEMBER.length
    at = piece.indexOf(USAGE_BYTES, from)
  }
  kept += piece.copy(rest, kept, from)
  return rest.subarray(0, kept)
}

function isAt(piece: Buffer, at: number, bytes: Buffer): boolean {
  for (let i = 0; i < bytes.length; i++) if (piece[at + i] !== bytes[i]) return false
  return true
}

function strip(frames: readonly Frame[], out: Buffer[]): void {
  for (const frame of frames) {
    const data = stripped(frame.data)
    if (data !== undefined) out.push(sse.write({ event: frame.event, data }))
  }
}

/** @returns undefined: nothing is left of it */
function stripped(data: string): string | undefined {
  if (!data.includes(USAGE)) return data
  // It stands last with most of them; before it may be members of the answer that are called the same.
  const from = Math.max(0, data.lastIndexOf(',', data.lastIndexOf(USAGE)))
  const last = data.slice(0, from) + data.slice(from).replace(NULL_USAGE, '')
  const cut = last === data ? data.replace(NULL_USAGE, '') : last
  return cut === data && onlyUsage(data) ? undefined : cut
}

/** A member after others, or before them. */
const NULL_USAGE = /,\s*"usage"\s*:\s*null|"usage"\s*:\s*null\s*,/

function onlyUsage(data: string): boolean {
  try {
    const chunk: unknown = JSON.parse(data)
    return isObject(chunk) && Array.isArray(chunk.choices) && chunk.choices.length === 0 && isObject(chunk.usage)
  } catch {
    return false
  }
}
