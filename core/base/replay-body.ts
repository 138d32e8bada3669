import type { BodySink, BodySource } from './body.js'
import type { GatewayError } from './errors.js'

/**
 * A request body that is sent on while it arrives, and kept up to a bound, so that another try can send it again. One try reads it at a
 * time. Past the bound what was read is forgotten: then there is no other try.
 */
export class ReplayBody {
  /** Whether the next try would get all of it. */
  replayable = true
  /** All of it is here. */
  complete = false
  /** What is kept: all so far, or, past the bound, what the reader has not taken yet. */
  private kept: Buffer[] = []
  private keptBytes = 0
  private piped = false
  private settled = false
  private error: GatewayError | undefined
  private reader: ReplayReader | undefined

  constructor(
    private readonly source: BodySource,
    private readonly boundBytes: number
  ) {}

  /** The body for the next try; the one before it gets nothing more. */
  open(): BodySource {
    this.reader = new ReplayReader(this, this.source.length)
    return this.reader
  }

  /** All of it as bytes, for a second try beside the first; undefined when it is not here, or not kept. */
  whole(): Buffer | undefined {
    return this.complete && this.replayable ? Buffer.concat(this.kept) : undefined
  }

  /** There will be no other try: nothing is kept any more, and the rest is read for the one that runs, if it reads. */
  settle(): void {
    this.settled = true
    if (this.reader === undefined) this.source.cancel()
    else this.reader.at = this.forget(this.reader.at)
  }

  /** For readers alone. */
  started(): void {
    if (this.piped) return
    this.piped = true
    this.source.pipe({
      write: chunk => this.take(chunk),
      end: () => {
        this.complete = true
        this.reader?.flush(this.kept, this.end)
      },
      fail: error => {
        this.error = error
        this.reader?.flush(this.kept, this.end)
      }
    } satisfies BodySink)
  }

  /** For readers alone: sends what is kept and not taken yet; asks for more when that was all. */
  more(reader: ReplayReader): void {
    if (reader !== this.reader) return
    if (!reader.flush(this.kept, this.end)) return
    if (!this.replayable) reader.at = this.forget(reader.at)
    if (this.end === undefined) this.source.resume()
  }

  /** For readers alone. */
  closed(reader: ReplayReader): void {
    if (reader !== this.reader) return
    this.reader = undefined
    if (this.settled) this.source.cancel()
  }

  private get end(): GatewayError | 'end' | undefined {
    return this.error ?? (this.complete ? 'end' : undefined)
  }

  private take(chunk: Buffer): boolean {
    this.kept.push(chunk)
    this.keptBytes += chunk.length
    if (this.keptBytes > this.boundBytes) this.replayable = false
    const { reader } = this
    if (reader === undefined) return false
    const room = reader.flush(this.kept, undefined)
    if (!this.replayable || this.settled) reader.at = this.forget(reader.at)
    return room
  }

  /** Lets go of what the reader has taken. @returns where the reader is then */
  private forget(taken: number): number {
    if (taken === 0) return 0
    this.replayable = false
    this.kept = this.kept.slice(taken)
    return 0
  }
}

/** One try's view of it. */
class ReplayReader implements BodySource {
  /** How many of the kept chunks it has taken. */
  at = 0
  private sink: BodySink | undefined
  private done = false
  /** The sink has no room. */
  private full = false

  constructor(
    private readonly body: ReplayBody,
    readonly length: number | undefined
  ) {}

  takeWhole(): Buffer | undefined {
    return undefined // it is on its way; what was here whole needs none of this
  }

  pipe(sink: BodySink): void {
    this.sink = sink
    this.body.started()
    this.body.more(this)
  }

  resume(): void {
    this.full = false
    this.body.more(this)
  }

  cancel(): void {
    this.done = true
    this.body.closed(this)
  }

  /** @returns whether it has taken all of them and has room for more */
  flush(kept: readonly Buffer[], end: GatewayError | 'end' | undefined): boolean {
    const { sink } = this
    if (sink === undefined) return false
    while (!this.done && !this.full && this.at < kept.length) {
      const chunk = kept[this.at++]
      if (chunk !== undefined) this.full = !sink.write(chunk)
    }
    if (this.done || this.at < kept.length) return false
    if (end === undefined) return !this.full
    this.done = true
    if (end === 'end') sink.end()
    else sink.fail(end)
    return false
  }
}
