import type { Buffer } from 'node:buffer'
import { performance } from 'node:perf_hooks'
import { type BodySink, joined, SOURCE_BUFFER_BYTES } from '../base/body.js'
import { GatewayError } from '../base/errors.js'
import type { Queue } from '../base/queue.js'
import type { IncomingBody } from '../gateway/exchange.js'
import type { Ticked, Ticks } from './ticks.js'

/**
 * The body of a request as it arrives, on either kind of listener: kept until somebody takes it, counted against its
 * limit, and the connection is held up while nobody does.
 */
export abstract class ArrivingBody implements IncomingBody, Ticked {
  /** Bytes received so far. */
  received = 0
  lastAt = 0
  /** Milliseconds nothing may arrive; undefined: as for every body. May be set once the route is known. */
  quietMs: number | undefined
  queue: Queue<Ticked> | undefined
  before: Ticked | undefined
  behind: Ticked | undefined
  protected paused = false
  /** The exchange is over or the client gone: from here on the connection must not be touched. */
  protected released = false
  private chunks: Buffer[] = []
  private buffered = 0
  private ended = false
  private error: GatewayError | undefined
  private sink: BodySink | undefined
  /** How often in a row `tick` found that nothing had arrived. */
  private quiet = 0

  constructor(
    readonly length: number | undefined,
    /** Bytes; may be lowered or raised once the route is known, before anything is taken. */
    public limit: number,
    private readonly uploads: Ticks
  ) {
    uploads.add(this)
  }

  /** Stops reading the connection. */
  protected abstract hold(): void
  /** Reads it again. */
  protected abstract letGo(): void
  /** Called with every tick, for a connection that must be kept from being closed as idle. */
  protected keepOpen(): void {}

  /** Whether every byte has arrived. */
  get complete(): boolean {
    return this.ended
  }

  get awaited(): boolean {
    return !this.ended && !this.paused
  }

  takeWhole(): Buffer | undefined {
    if (!this.ended || this.sink !== undefined || this.error !== undefined) return undefined
    const whole = joined(this.chunks)
    this.chunks = []
    return whole
  }

  pipe(sink: BodySink): void {
    this.sink = sink
    this.flush()
  }

  resume(): void {
    if (this.sink !== undefined) this.flush()
  }

  /** The rest is not wanted; what still arrives is thrown away. */
  cancel(): void {
    this.chunks = []
    this.sink = DISCARD
    this.unpause()
  }

  /** To be called right before the response is complete: what is left of the body is read to its end, or nobody finds the next request. */
  release(): void {
    if (this.released) return
    if (!this.ended) this.cancel()
    this.unpause()
    this.released = true
    this.uploads.delete(this)
  }

  /** The client went away. */
  abort(): void {
    this.released = true
    this.uploads.delete(this)
    if (!this.ended) this.break(new GatewayError('GW_CLIENT_GONE', 'the client closed the connection while sending'))
  }

  tick(maxQuiet: number, tickMs: number): void {
    if (!this.paused) {
      this.quiet++
      const allowed = this.quietMs === undefined ? maxQuiet : Math.ceil(this.quietMs / tickMs)
      if (this.quiet > allowed) {
        this.break(new GatewayError('GW_REQUEST_TIMEOUT', 'the client sent nothing of the body for too long'))
        return
      }
    }
    this.keepOpen()
  }

  /** So many bytes have arrived. @returns whether they are wanted */
  protected count(bytes: number): boolean {
    this.received += bytes
    this.lastAt = performance.now()
    this.quiet = 0
    if (this.error !== undefined) return false
    if (this.received <= this.limit) return true
    this.break(new GatewayError('GW_BODY_TOO_LARGE', `the body is larger than ${this.limit} bytes`))
    return false
  }

  protected take(chunk: Buffer): void {
    const { sink } = this
    if (sink !== undefined && this.chunks.length === 0) {
      // The sink may cancel while it takes the chunk; then it is not ours to pause any more.
      if (!sink.write(chunk) && this.sink === sink) this.pause()
      return
    }
    this.chunks.push(chunk)
    this.buffered += chunk.length
    if (this.buffered >= SOURCE_BUFFER_BYTES) this.pause()
  }

  /** Nothing comes after what has arrived: a connection whose body is complete is never paused again. */
  protected last(): void {
    this.ended = true
    this.uploads.delete(this)
  }

  /** Whoever takes the body has all of it, unless some is kept: then `flush` says so. */
  protected finish(): void {
    if (this.error === undefined && this.chunks.length === 0) this.sink?.end()
  }

  private flush(): void {
    const { sink } = this
    if (sink === undefined) return
    for (let chunk = this.chunks.shift(); chunk !== undefined; chunk = this.chunks.shift()) {
      this.buffered -= chunk.length
      const room = sink.write(chunk)
      if (this.sink !== sink) return
      if (room) continue
      this.pause()
      return
    }
    if (this.error !== undefined) sink.fail(this.error)
    else if (this.ended) sink.end()
    else this.unpause()
  }

  private break(error: GatewayError): void {
    if (this.error !== undefined) return
    this.error = error
    this.sink?.fail(error)
  }

  private pause(): void {
    if (this.paused || this.released || this.ended) return
    this.paused = true
    this.hold()
  }

  private unpause(): void {
    if (!this.paused) return
    this.paused = false
    if (!this.released) this.letGo()
  }
}

const DISCARD: BodySink = { write: () => true, end: () => undefined, fail: () => undefined }
