import type { HttpResponse } from 'uWebSockets.js'
import { type BodySink, type BodySource, EMPTY_BODY, SOURCE_BUFFER_BYTES } from '../base/body.js'
import { GatewayError } from '../base/errors.js'
import type { IncomingBody } from '../gateway/exchange.js'
import type { Upload, Uploads } from './uploads.js'

/**
 * The body of a request as uWebSockets.js delivers it. Chunks are copied (their memory is reused on return), counted
 * against the limit, and the connection is paused while nobody takes them.
 */
export class RequestBody implements IncomingBody, Upload {
  /** Bytes received so far. */
  received = 0
  private chunks: Buffer[] = []
  private buffered = 0
  private ended = false
  private error: GatewayError | undefined
  private sink: BodySink | undefined
  private paused = false
  /** The exchange is over or the client gone: from here on the response must not be touched. */
  private released = false
  /** How often in a row `tick` found that nothing had arrived. */
  private quiet = 0
  /** Milliseconds nothing may arrive; undefined: as for every body. May be set once the route is known. */
  quietMs: number | undefined

  constructor(
    private readonly response: HttpResponse,
    readonly length: number | undefined,
    /** Bytes; may be lowered or raised once the route is known, before anything is taken. */
    public limit: number,
    private readonly uploads: Uploads
  ) {
    uploads.add(this)
    response.onData((chunk, isLast) => this.receive(chunk, isLast))
  }

  /** Whether every byte has arrived. */
  get complete(): boolean {
    return this.ended
  }

  takeWhole(): Buffer | undefined {
    if (!this.ended || this.sink !== undefined || this.error !== undefined) return undefined
    const [first] = this.chunks
    const whole = this.chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.chunks)
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

  /**
   * To be called right before the response is complete. uWebSockets.js reads what is left of the body by itself, so
   * that the next request is found where it begins; a connection left paused would never be read again.
   */
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

  /**
   * Called every so often while the body arrives. uWebSockets.js ends a connection that sends less than 160 KB in ten
   * seconds, also one that we paused; how long a client may be silent is for the configuration to say, so its clock is
   * set back here and ours counts.
   */
  tick(maxQuiet: number, tickMs: number): void {
    if (this.paused) {
      this.response.resume()
      this.response.pause()
      return
    }
    this.quiet++
    const allowed = this.quietMs === undefined ? maxQuiet : Math.ceil(this.quietMs / tickMs)
    if (this.quiet > allowed) {
      this.break(new GatewayError('GW_REQUEST_TIMEOUT', 'the client sent nothing of the body for too long'))
      return
    }
    this.response.pause() // to resume what is not paused makes uWebSockets.js deaf: nothing more would arrive
    this.response.resume()
  }

  private receive(chunk: ArrayBuffer, isLast: boolean): void {
    if (this.released) return
    this.received += chunk.byteLength
    this.quiet = 0
    if (isLast) {
      this.ended = true // first of all: a connection whose body is complete is never paused again
      this.uploads.delete(this)
    }
    if (this.error !== undefined) return
    if (this.received > this.limit) {
      this.break(new GatewayError('GW_BODY_TOO_LARGE', `the body is larger than ${this.limit} bytes`))
      return
    }
    if (chunk.byteLength > 0) this.take(Buffer.from(Buffer.from(chunk)))
    if (isLast && this.chunks.length === 0) this.sink?.end()
  }

  private take(chunk: Buffer): void {
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
    this.response.pause()
  }

  private unpause(): void {
    if (!this.paused) return
    this.paused = false
    if (!this.released) this.response.resume()
  }
}

const DISCARD: BodySink = { write: () => true, end: () => undefined, fail: () => undefined }

/** The body of a request that has none. */
export const NO_BODY: BodySource & { readonly complete: true; readonly received: 0 } = {
  length: 0,
  complete: true,
  received: 0,
  takeWhole: () => EMPTY_BODY,
  pipe: sink => sink.end(),
  resume: () => undefined,
  cancel: () => undefined
}

/** The body of a refused request: nobody reads it, the connection ends. */
export const UNREAD: IncomingBody = { ...NO_BODY, complete: false }
