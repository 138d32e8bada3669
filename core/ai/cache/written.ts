import { Buffer } from 'node:buffer'
import { type BodySink, type BodySource, joined } from '../../base/body.js'
import { GatewayError, toGatewayError } from '../../base/errors.js'
import type { ChatResponse } from '../chat.js'
import type { Dialect, DialectName, StreamReader, StreamWriter } from '../dialects/dialect.js'
import type { ChatEvent } from '../events.js'
import { eventsOf, Fold } from '../fold.js'
import type { FrameReader } from '../frames/frame.js'
import { isObject } from '../members.js'
import type { Usage } from '../usage.js'
import { type Caller, type Shape, sameShape } from './ask.js'
import type { ArrivingAnswer } from './call.js'
import type { StoredAnswer } from './entry.js'

/** The largest answer that is written anew as a whole, bytes. */
const MAX_COLLECTED_BYTES = 64 * 1024 * 1024

export type Dialects = ReadonlyMap<DialectName, Dialect>

export function dialectOf(dialects: Dialects, { dialect }: Shape): Dialect {
  const found = dialects.get(dialect)
  if (found === undefined) throw new GatewayError('GW_INTERNAL', `there is no dialect "${dialect}"`)
  return found
}

/** The Content-Type of a reply in this shape. */
export function contentTypeOf(dialects: Dialects, shape: Shape): string {
  return shape.stream ? dialectOf(dialects, shape).framing.contentType : 'application/json'
}

/**
 * The bytes of an answer as this caller is to get them: the same where it is the same shape, else read and written anew.
 * @throws GatewayError GW_UPSTREAM_BAD_RESPONSE when it is none
 */
export function bytesFor(dialects: Dialects, { bytes, shape, usage }: WholeAnswer, caller: Caller): Buffer {
  if (sameShape(shape, caller)) return bytes
  const response = readAnswer(dialects, bytes, shape)
  return writeAnswer(dialects, { ...response, usage: response.usage ?? usage }, caller)
}

/** All there is of an answer. */
type WholeAnswer = Pick<StoredAnswer, 'bytes' | 'shape' | 'usage'>

/** The same for an answer that is still on its way: a stream for a stream as it comes, all else at its end. */
export function sourceFor(
  dialects: Dialects,
  source: BodySource,
  { shape, usage }: Pick<ArrivingAnswer, 'shape' | 'usage'>,
  caller: Caller
): BodySource {
  if (sameShape(shape, caller)) return source
  if (shape.stream && caller.stream) {
    const { framing, chat } = dialectOf(dialects, shape)
    const to = dialectOf(dialects, caller)
    const frames = framing.reader()
    return new Rewritten(source, new Frames(frames, chat.streamReader(), to, to.chat.streamWriter(caller.wish), usage))
  }
  return new Rewritten(source, new Collected(bytes => bytesFor(dialects, { bytes, shape, usage: usage?.() }, caller)))
}

function readAnswer(dialects: Dialects, bytes: Buffer, shape: Shape): ChatResponse {
  const { framing, chat } = dialectOf(dialects, shape)
  if (!shape.stream) {
    const body: unknown = JSON.parse(bytes.toString())
    if (!isObject(body)) throw new GatewayError('GW_UPSTREAM_BAD_RESPONSE', 'the answer is no JSON object')
    return chat.readResponse(body)
  }
  const frames = framing.reader()
  const reader = chat.streamReader()
  const fold = new Fold()
  for (const frame of [...frames.feed(bytes), ...frames.end()]) for (const event of reader.read(frame)) fold.add(event)
  for (const event of reader.end()) fold.add(event)
  if (fold.failure !== undefined) throw new GatewayError('GW_AI_PROVIDER_FAILED', fold.failure.message)
  if (!fold.ended) throw new GatewayError('GW_UPSTREAM_BAD_RESPONSE', 'the stream of the answer has no end')
  return fold.response()
}

function writeAnswer(dialects: Dialects, response: ChatResponse, caller: Caller): Buffer {
  const { framing, chat } = dialectOf(dialects, caller)
  if (!caller.stream) return Buffer.from(JSON.stringify(chat.writeResponse(response, caller.wish)))
  const writer = chat.streamWriter(caller.wish)
  return Buffer.concat(
    eventsOf(response)
      .flatMap(event => writer.write(event))
      .map(frame => framing.write(frame))
  )
}

/** Makes other bytes of those that pass. */
interface Rewriting {
  piece(chunk: Buffer): Buffer | undefined
  end(): Buffer | undefined
}

/** Frames of one dialect into those of another, as they come; but for the end where it did not say what it used: that is known only then. */
class Frames implements Rewriting {
  private held = false
  private told: boolean

  constructor(
    private readonly frames: FrameReader,
    private readonly reader: StreamReader,
    private readonly to: Dialect,
    private readonly writer: StreamWriter,
    private readonly usage: (() => Usage | undefined) | undefined
  ) {
    this.told = usage === undefined
  }

  piece(chunk: Buffer): Buffer | undefined {
    return this.write(this.frames.feed(chunk).flatMap(frame => this.reader.read(frame)))
  }

  end(): Buffer | undefined {
    const events = this.frames.end().flatMap(frame => this.reader.read(frame))
    const last = this.write([...events, ...this.reader.end()])
    if (!this.held) return last
    const usage = this.usage?.()
    const end = this.bytesOf([...(usage === undefined ? [] : [{ type: 'usage' as const, usage }]), { type: 'end' }])
    const all = [last, end].filter(bytes => bytes !== undefined)
    return all.length === 0 ? undefined : joined(all)
  }

  private write(events: readonly ChatEvent[]): Buffer | undefined {
    this.told ||= events.some(({ type }) => type === 'usage')
    if (this.told) return this.bytesOf(events)
    this.held ||= events.some(({ type }) => type === 'end')
    return this.bytesOf(events.filter(({ type }) => type !== 'end'))
  }

  private bytesOf(events: readonly ChatEvent[]): Buffer | undefined {
    const bytes = events.flatMap(event => this.writer.write(event)).map(frame => this.to.framing.write(frame))
    return bytes.length === 0 ? undefined : joined(bytes)
  }
}

/** All of it, and then something else instead. */
class Collected implements Rewriting {
  private readonly chunks: Buffer[] = []
  private size = 0

  constructor(private readonly rewrite: (bytes: Buffer) => Buffer) {}

  piece(chunk: Buffer): undefined {
    this.size += chunk.length
    if (this.size > MAX_COLLECTED_BYTES) {
      throw new GatewayError('GW_UPSTREAM_BODY_TOO_LARGE', `an answer is larger than ${MAX_COLLECTED_BYTES} bytes`)
    }
    this.chunks.push(chunk)
  }

  end(): Buffer {
    return this.rewrite(joined(this.chunks))
  }
}

/** A body that is rewritten on its way. */
class Rewritten implements BodySource {
  readonly length = undefined
  private over = false

  constructor(
    private readonly source: BodySource,
    private readonly rewriting: Rewriting
  ) {}

  takeWhole(): undefined {}

  pipe(sink: BodySink): void {
    const guarded = (work: () => boolean): boolean => {
      if (this.over) return false
      try {
        return work()
      } catch (thrown) {
        this.over = true
        this.source.cancel()
        sink.fail(toGatewayError(thrown))
        return false
      }
    }
    const pass = (bytes: Buffer | undefined): boolean => bytes === undefined || sink.write(bytes)
    this.source.pipe({
      write: chunk => guarded(() => pass(this.rewriting.piece(chunk))),
      end: () => {
        guarded(() => pass(this.rewriting.end()))
        this.finish(sink)
      },
      fail: error => {
        if (this.over) return
        this.over = true
        sink.fail(error)
      }
    })
  }

  resume(): void {
    this.source.resume()
  }

  cancel(): void {
    this.over = true
    this.source.cancel()
  }

  private finish(sink: BodySink): void {
    if (this.over) return
    this.over = true
    sink.end()
  }
}
