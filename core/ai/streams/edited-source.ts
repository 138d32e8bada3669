import type { Buffer } from 'node:buffer'
import type { BodySink, BodySource } from '../../base/body.js'
import { type GatewayError, toGatewayError } from '../../base/errors.js'
import type { StreamReader, StreamWriter } from '../dialects/dialect.js'
import type { ChatEvent } from '../events.js'
import type { Frame, FrameReader, FrameWriter } from '../frames/frame.js'
import type { After, Alarm } from './relay.js'

/** Changes the events of a stream on their way. */
export interface EventEditor {
  /** @returns what the client gets for these, in order */
  events(events: readonly ChatEvent[]): Promise<ChatEvent[]>
  /** In how many milliseconds `late` is to be called if nothing comes before; undefined: not at all. */
  dueMs(): number | undefined
  /** Nothing came for so long. @returns what need not be held back any more */
  late(): Promise<ChatEvent[]>
  /** The stream is over. @returns what was held back still */
  end(): Promise<ChatEvent[]>
  /** It has ended all of the answer: what else comes of the provider is of no use. */
  readonly isStopped?: boolean
  /** @returns how the client is told that the stream is over, where the provider has not come to that */
  endEarly?(): Promise<ChatEvent[]>
}

/** While so many events wait to be looked at, the provider is told to pause. */
const WAITING_EVENTS = 64

/**
 * A provider's stream as the client's dialect has it, after policies have seen each event. What arrives while they look at something is
 * looked at together: the less time there is, the fewer calls it takes.
 */
export class EditedSource implements BodySource {
  readonly length = undefined
  private sink: BodySink | undefined
  private waiting: ChatEvent[] = []
  private running = false
  private ended = false
  /** The stream said its own end, or its failure. */
  private complete = false
  private failed: GatewayError | undefined
  private over = false
  private paused = false
  private full = false
  private isLate = false
  /** Calls off the timer for what is held back. */
  private unset: Alarm | undefined

  constructor(
    private readonly source: BodySource,
    private readonly frames: FrameReader,
    private readonly reader: StreamReader,
    private readonly editor: EventEditor,
    private readonly writer: StreamWriter,
    private readonly out: FrameWriter,
    private readonly after: After
  ) {}

  takeWhole(): Buffer | undefined {
    return undefined
  }

  pipe(sink: BodySink): void {
    this.sink = sink
    this.source.pipe({
      write: piece => this.take(() => this.read(this.frames.feed(piece))),
      end: () => {
        this.take(() => {
          this.read(this.frames.end())
          this.waiting.push(...this.reader.end())
        })
        this.ended = true
        this.run()
      },
      fail: error => {
        this.failed ??= error // a source that was cancelled for one says another
        this.run()
      }
    })
  }

  resume(): void {
    this.full = false
    this.unpause()
  }

  cancel(): void {
    this.finish()
    this.source.cancel()
  }

  /** What came before a frame that cannot be read is kept. */
  private read(frames: readonly Frame[]): void {
    for (const frame of frames) this.waiting.push(...this.reader.read(frame))
  }

  private take(read: () => void): boolean {
    if (this.over) return false
    try {
      read()
    } catch (thrown) {
      this.failed ??= toGatewayError(thrown)
      this.source.cancel()
    }
    this.run()
    this.paused = this.full || this.waiting.length > WAITING_EVENTS
    return !this.paused
  }

  private unpause(): void {
    if (!this.paused || this.full || this.waiting.length > WAITING_EVENTS || this.over) return
    this.paused = false
    if (!this.ended && this.failed === undefined) this.source.resume()
  }

  private run(): void {
    if (this.running || this.over) return
    this.running = true
    this.unset?.off()
    this.unset = undefined
    void this.edit().catch(thrown => this.break(toGatewayError(thrown)))
  }

  private async edit(): Promise<void> {
    try {
      while ((this.waiting.length > 0 || this.isLate) && !this.over) {
        const events = this.waiting
        this.waiting = []
        this.write(events.length > 0 ? await this.editor.events(events) : await this.editor.late())
        this.isLate = false
        this.unpause()
      }
      if (this.over) return
      if (this.failed !== undefined) this.break(this.failed)
      else if (this.ended) {
        this.write(await this.editor.end())
        this.finish()
        if (this.complete) this.sink?.write(this.out.end())
        this.sink?.end()
      } else if (this.editor.isStopped === true) await this.endEarly()
      else this.wait()
    } finally {
      this.running = false // here, not a turn later: what comes in between would wait for ever
    }
  }

  private async endEarly(): Promise<void> {
    this.ended = true
    this.source.cancel()
    this.write((await this.editor.endEarly?.()) ?? [])
    if (this.over) return
    this.finish()
    this.sink?.write(this.out.end())
    this.sink?.end()
  }

  /** For what is held back, silence is an event too. */
  private wait(): void {
    const ms = this.editor.dueMs()
    if (ms === undefined) return
    this.unset = this.after(ms, () => {
      this.isLate = true
      this.run()
    })
  }

  private finish(): void {
    this.over = true
    this.unset?.off()
    this.unset = undefined
  }

  private write(events: readonly ChatEvent[]): void {
    for (const event of events) {
      if (event.type === 'end' || event.type === 'failure') this.complete = true
      for (const frame of this.writer.write(event)) {
        if (this.over) return
        if (this.sink?.write(this.out.write(frame)) === false) this.full = true
      }
    }
  }

  private break(error: GatewayError): void {
    if (this.over) return
    this.finish()
    this.source.cancel()
    this.sink?.fail(error)
  }
}
