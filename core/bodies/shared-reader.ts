import type { Buffer } from 'node:buffer'
import type { BodySink, BodySource } from '../base/body.js'
import { GatewayError } from '../base/errors.js'

/** What readers take from. */
export interface Shared {
  readonly length: number | undefined
  /** All of it, for a reader that has taken nothing yet. */
  readonly whole: Buffer | undefined
  /** How it ended: undefined while more may come. */
  readonly outcome: 'ended' | GatewayError | undefined
  /** The chunk at `position`, counted from the start of the body. */
  chunk(position: number): Buffer | undefined
  /** A reader has taken something. */
  moved(): void
  leave(reader: SharedReader): void
}

/** One reader's way through a shared body. */
export class SharedReader implements BodySource {
  /** Chunks taken. */
  position = 0
  private sink: BodySink | undefined
  private full = false
  private done = false
  private cutOff: GatewayError | undefined

  constructor(
    private readonly body: Shared,
    private readonly left: () => void
  ) {}

  get length(): number | undefined {
    return this.body.length
  }

  takeWhole(): Buffer | undefined {
    if (this.sink !== undefined || this.done) return undefined
    const { whole } = this.body
    if (whole !== undefined) this.finish()
    return whole
  }

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
    this.cutOff = new GatewayError('GW_CLIENT_GONE', 'cut off: it read too slowly to share a reply with others')
    this.finish()
    this.sink?.fail(this.cutOff)
  }

  /** Hands over what is there, as long as the sink has room. */
  flush(): void {
    const { sink, body } = this
    if (sink === undefined || this.done || this.full) return
    const before = this.position
    for (let chunk = body.chunk(this.position); chunk !== undefined; chunk = body.chunk(this.position)) {
      this.position++
      this.full = !sink.write(chunk)
      if (this.done) return
      if (this.full) break
    }
    if (this.position > before) body.moved() // which may bring more, and the end
    if (this.done) return
    if (this.full || body.chunk(this.position) !== undefined) return
    const { outcome } = body
    if (outcome === undefined) return
    this.finish()
    if (outcome === 'ended') sink.end()
    else sink.fail(outcome)
  }

  private finish(): void {
    if (this.done) return
    this.done = true
    this.body.leave(this)
    this.left()
  }
}
