import type { HttpResponse } from 'uWebSockets.js'
import { type BodySink, type BodySource, EMPTY_BODY, SOURCE_BUFFER_BYTES } from '../base/body.js'
import { GatewayError } from '../base/errors.js'

/**
 * The body of a request as uWebSockets.js delivers it. Chunks are copied (their memory is reused on return), counted
 * against the limit, and the connection is paused while nobody takes them.
 */
export class RequestBody implements BodySource {
  /** Bytes received so far. */
  received = 0
  private chunks: Buffer[] = []
  private buffered = 0
  private ended = false
  private error: GatewayError | undefined
  private sink: BodySink | undefined
  private paused = false
  private gone = false

  constructor(
    private readonly response: HttpResponse,
    readonly length: number | undefined,
    /** Bytes; may be lowered or raised once the route is known, before anything is taken. */
    public limit: number
  ) {
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
    if (!this.gone && this.paused) this.unpause()
  }

  /** The client went away: from here on the connection must not be touched. */
  abort(): void {
    this.gone = true
    if (!this.ended) this.break(new GatewayError('GW_CLIENT_GONE', 'the client closed the connection while sending'))
  }

  private receive(chunk: ArrayBuffer, isLast: boolean): void {
    this.received += chunk.byteLength
    if (this.error !== undefined) return
    if (this.received > this.limit) {
      this.break(new GatewayError('GW_BODY_TOO_LARGE', `the body is larger than ${this.limit} bytes`))
      return
    }
    if (chunk.byteLength > 0) this.take(Buffer.from(Buffer.from(chunk)))
    if (!isLast) return
    this.ended = true
    if (this.chunks.length === 0) this.sink?.end()
  }

  private take(chunk: Buffer): void {
    if (this.sink !== undefined && this.chunks.length === 0) {
      if (!this.sink.write(chunk)) this.pause()
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
      if (sink.write(chunk)) continue
      this.pause()
      return
    }
    if (this.error !== undefined) sink.fail(this.error)
    else if (this.ended) sink.end()
    else if (this.paused) this.unpause()
  }

  private break(error: GatewayError): void {
    this.error = error
    this.sink?.fail(error)
  }

  private pause(): void {
    if (this.paused || this.gone || this.ended) return
    this.paused = true
    this.response.pause()
  }

  private unpause(): void {
    this.paused = false
    if (!this.gone) this.response.resume()
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
