import type { Buffer } from 'node:buffer'
import type { BodySink, BodySource } from '../../base/body.js'
import { GatewayError } from '../../base/errors.js'

/** What readers take from. */
export interface Shared {
  readonly length: number | undefined
  /** How it ended: undefined while more may come. */
  readonly outcome: 'ended' | GatewayError | undefined
  /** The chunk at `position`, counted from the start of the answer. */
  chunk(position: number): Buffer | undefined
  /** A reader has taken something. */
  moved(): void
  leave(reader: AnswerReader): void
}

/** One client's way through a shared answer. */
export class AnswerReader implements BodySource {
  /** Chunks taken. */
  position = 0
  private sink: BodySink | undefined
  private full = false
  private done = false
  private cutOff: GatewayError | undefined

  constructor(
    private readonly answer: Shared,
    private readonly left: () => void
  ) {}

  get length(): number | undefined {
    return this.answer.length
  }

  takeWhole(): undefined {}

  pipe(sink: BodySink): void {
    this.sink = sink
    if (this.cutOff === undefined) this.flush()
    else sink.fail(this.cutOff)
  }

  resume(): void {
    this.full = false
    this.flush()
  }

  cancel(): void {
    this.finish()
  }

  cut(): void {
    if (this.done) return
    this.cutOff = new GatewayError('GW_CLIENT_GONE', 'cut off: it read too slowly to share an answer with others')
    this.finish()
    this.sink?.fail(this.cutOff)
  }

  /** Hands over what is there, as long as the sink has room. */
  flush(): void {
    const { sink, answer } = this
    if (sink === undefined || this.done || this.full) return
    const before = this.position
    for (let chunk = answer.chunk(before); chunk !== undefined; chunk = answer.chunk(this.position)) {
      this.position++
      this.full = !sink.write(chunk)
      if (this.done) return
      if (this.full) break
    }
    if (this.position > before) answer.moved() // which may bring more, and the end
    if (this.done || this.full || answer.chunk(this.position) !== undefined) return
    const { outcome } = answer
    if (outcome === undefined) return
    this.finish()
    if (outcome === 'ended') sink.end()
    else sink.fail(outcome)
  }

  private finish(): void {
    if (this.done) return
    this.done = true
    this.answer.leave(this)
    this.left()
  }
}
