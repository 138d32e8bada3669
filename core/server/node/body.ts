import { Buffer } from 'node:buffer'
import type { Readable } from 'node:stream'
import { type BodySink, SOURCE_BUFFER_BYTES } from '../../base/body.js'
import { GatewayError } from '../../base/errors.js'
import type { IncomingBody } from '../../gateway/exchange.js'
import type { Upload, Uploads } from '../uploads.js'

/** The body of a request as a stream of Node delivers it: counted against the limit, paused while nobody takes it. */
export class StreamBody implements IncomingBody, Upload {
  received = 0
  private chunks: Buffer[] = []
  private buffered = 0
  private ended = false
  private error: GatewayError | undefined
  private sink: BodySink | undefined
  private paused = false
  private dropped = false
  /** How often in a row `tick` found that nothing had arrived. */
  private quiet = 0

  constructor(
    private readonly stream: Readable,
    readonly length: number | undefined,
    /** Bytes; may be lowered or raised once the route is known, before anything is taken. */
    public limit: number,
    private readonly uploads: Uploads
  ) {
    uploads.add(this)
    stream.on('data', (chunk: Buffer) => this.receive(chunk))
    stream.on('end', () => this.end())
    stream.on('close', () => this.gone())
    stream.on('error', () => this.gone())
  }

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
    this.dropped = true
    this.sink = undefined
    this.unpause()
  }

  /** The exchange is over. */
  release(): void {
    this.cancel()
    this.uploads.delete(this)
  }

  tick(maxQuiet: number): void {
    if (this.paused || this.ended) return
    this.quiet++
    if (this.quiet > maxQuiet) {
      this.break(new GatewayError('GW_REQUEST_TIMEOUT', 'the client sent nothing of the body for too long'))
    }
  }

  private receive(chunk: Buffer): void {
    this.received += chunk.length
    this.quiet = 0
    if (this.dropped || this.error !== undefined) return
    if (this.received > this.limit) {
      this.break(new GatewayError('GW_BODY_TOO_LARGE', `the body is larger than ${this.limit} bytes`))
      return
    }
    const { sink } = this
    if (sink !== undefined && this.chunks.length === 0) {
      if (!sink.write(chunk) && this.sink === sink) this.pause()
      return
    }
    this.chunks.push(chunk)
    this.buffered += chunk.length
    if (this.buffered >= SOURCE_BUFFER_BYTES) this.pause()
  }

  private end(): void {
    this.ended = true
    this.uploads.delete(this)
    if (this.error === undefined && this.chunks.length === 0) this.sink?.end()
  }

  private gone(): void {
    this.uploads.delete(this)
    if (!this.ended) this.break(new GatewayError('GW_CLIENT_GONE', 'the client closed the connection while sending'))
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
    if (this.paused || this.ended) return
    this.paused = true
    this.stream.pause()
  }

  private unpause(): void {
    if (!this.paused) return
    this.paused = false
    this.stream.resume()
  }
}
