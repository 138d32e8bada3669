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

  piece(piece: Buffer): Buffer[] {
    const begun = !this.reader.between
    const frames = this.watched(this.reader.feed(piece))
    const cut = begun || !this.reader.between ? undefined : withoutNull(piece, frames.length)
    return cut === undefined ? frames.flatMap(stripped) : [cut]
  }

  end(): Buffer[] {
    return this.watched(this.reader.end()).flatMap(stripped)
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
const NULL_MEMBER = Buffer.from(',"usage":null')

/** The bytes of whole events without their `"usage":null`; undefined: there is more to it. */
function withoutNull(piece: Buffer, events: number): Buffer | undefined {
  let rest = piece
  for (let i = 0; i < events; i++) {
    // Within a string its quotes would be escaped: what is found is a member.
    const at = rest.indexOf(NULL_MEMBER)
    if (at === -1) break
    rest = Buffer.concat([rest.subarray(0, at), rest.subarray(at + NULL_MEMBER.length)])
  }
  return rest.includes(USAGE) ? undefined : rest // more of them than events: one is a member of something within
}

function stripped(frame: Frame): Buffer[] {
  const { event, data } = frame
  if (!data.includes(USAGE)) return [sse.write(frame)]
  // It stands last with most of them; before it may be members of the answer that are called the same.
  const from = Math.max(0, data.lastIndexOf(',', data.lastIndexOf(USAGE)))
  const last = data.slice(0, from) + data.slice(from).replace(NULL_USAGE, '')
  const cut = last === data ? data.replace(NULL_USAGE, '') : last
  if (cut !== data) return [sse.write({ event, data: cut })]
  return onlyUsage(data) ? [] : [sse.write(frame)]
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
