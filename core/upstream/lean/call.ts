import { Buffer } from 'node:buffer'
import { type BodySink, type BodySource, joined, SOURCE_BUFFER_BYTES } from '../../base/body.js'
import type { GatewayError } from '../../base/errors.js'
import { dropNamedByConnection, type HeaderList } from '../../base/headers.js'
import type { Reply } from '../../base/http.js'
import type { Queue, Queued } from '../../base/queue.js'
import { upstreamError } from '../errors.js'
import type { Asker, Cancellable, HttpTimeouts, OutgoingRequest } from '../http-client.js'
import type { ReplyHead } from './reply-head.js'
import type { RequestHead } from './request-head.js'

/** What a call asks of the connection it has. */
export interface Line {
  /** The reply may come on. */
  goOn(): void
  /** The call is over before its reply is: so is the connection. */
  drop(): void
}

/**
 * One request and the reply to it, which is its own body: an exchange costs one allocation here.
 */
export class LeanCall implements BodySource, Cancellable, Queued<LeanCall> {
  length: number | undefined
  delimited = false
  trailers: HeaderList | undefined
  /** Whether any of the request may have reached the server: from the moment there is a connection for it. */
  sent = false
  onHints: OutgoingRequest['onHints']
  /** Nothing is read before `goOn`. */
  paused = false
  /** Where it waits for a connection, to be taken from there. */
  queue: Queue<LeanCall> | undefined
  before: LeanCall | undefined
  behind: LeanCall | undefined
  private line: Line | undefined
  private status = 0
  /** The reply, until it is told of. */
  private untold: Reply | undefined
  /** What nobody took yet, in the order it came. While there is any, the sink gets nothing past it. */
  private chunks: Buffer[] = []
  private buffered = 0
  private ended = false
  private cancelled = false
  private error: GatewayError | undefined
  private sink: BodySink | undefined
  /** The sink has no room: nothing is handed over before it resumes. */
  private full = false

  constructor(
    private readonly target: string,
    readonly request: RequestHead,
    readonly requestBody: BodySource | Buffer | undefined,
    /** The request was a HEAD. */
    readonly bodiless: boolean,
    readonly timeouts: HttpTimeouts,
    private readonly asker: Pick<Asker, 'replied' | 'failed'>
  ) {}

  begun(line: Line): void {
    this.line = line
    this.sent = true
  }

  /** It came to nothing, before or after it had a connection. */
  get failed(): boolean {
    return this.error !== undefined
  }

  get answered(): boolean {
    return this.status !== 0
  }

  /** What the server would have fetched while it still works on its reply. */
  hint(headers: HeaderList): void {
    if (this.onHints === undefined) return
    const links = headers.filter((_, i) => headers[i - 1] === 'link' && i % 2 === 1)
    if (links.length > 0) this.onHints(links)
  }

  head({ status, headers, length, chunked }: ReplyHead): void {
    dropNamedByConnection(headers)
    this.length = length
    this.delimited = chunked || length !== undefined
    this.status = status
    this.untold = { status, headers, body: this }
  }

  /**
   * Says that the head came, if it did. Only when all that came with it is read: a reply that is there with its body is passed on in one piece,
   * and whoever is told may end the call, which the connection then need not look out for.
   */
  tell(): void {
    const { untold } = this
    if (untold === undefined) return
    this.untold = undefined
    this.asker.replied(untold)
  }

  data(chunk: Buffer): void {
    if (this.sink !== undefined && !this.full) {
      this.full = !this.sink.write(chunk)
      this.paused = this.full
    } else {
      this.chunks.push(chunk)
      this.buffered += chunk.length
      this.paused = this.full || this.buffered >= SOURCE_BUFFER_BYTES
    }
  }

  end(trailers: HeaderList | undefined): void {
    this.trailers = trailers
    this.ended = true
    this.line = undefined
    if (this.chunks.length === 0) this.sink?.end() // else `flush` says so after the last of them
  }

  /** Ends the call, unless it is over. */
  fail(thrown: Error): void {
    if (this.ended || this.error !== undefined) return
    const error = upstreamError(this.target, thrown, this.cancelled)
    const { line } = this
    this.error = error
    this.chunks = []
    this.line = undefined
    this.queue?.remove(this)
    line?.drop()
    // Of a call that never had a connection, nobody has begun to take the body.
    if (!this.sent && this.requestBody !== undefined && !Buffer.isBuffer(this.requestBody)) this.requestBody.cancel()
    if (this.answered) this.sink?.fail(error)
    else this.asker.failed(error)
  }

  takeWhole(): Buffer | undefined {
    if (!this.ended || this.sink !== undefined) return undefined
    this.buffered = 0
    const whole = joined(this.chunks)
    this.chunks = []
    return whole
  }

  pipe(sink: BodySink): void {
    this.sink = sink
    this.flush()
  }

  resume(): void {
    this.full = false
    if (this.sink !== undefined) this.flush()
  }

  cancel(reason?: GatewayError): void {
    this.chunks = []
    if (this.ended || this.cancelled || this.error !== undefined) return
    this.cancelled = true
    this.fail(reason ?? new Error('cancelled'))
  }

  /** Hands over what waits, as long as the sink has room; then lets the server go on. */
  private flush(): void {
    const { sink } = this
    if (sink === undefined) return
    for (let chunk = this.chunks.shift(); chunk !== undefined; chunk = this.chunks.shift()) {
      this.buffered -= chunk.length
      this.full = !sink.write(chunk)
      if (this.full) return
    }
    if (this.error !== undefined) sink.fail(this.error)
    else if (this.ended) sink.end()
    else if (this.paused) {
      this.paused = false
      this.line?.goOn()
    }
  }
}
