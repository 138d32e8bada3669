import { Buffer } from 'node:buffer'
import { type ClientHttp2Stream, constants } from 'node:http2'
import { type BodySink, type BodySource, joined, SOURCE_BUFFER_BYTES } from '../base/body.js'
import { GatewayError, toError } from '../base/errors.js'
import { fromLatin1, toLatin1 } from '../base/header-text.js'
import { type HeaderList, header, removeHeader } from '../base/headers.js'
import { http2Headers } from '../base/http2-headers.js'
import { ReplayBody } from '../base/replay-body.js'
import { upstreamError } from './errors.js'
import type { Asker, Cancellable, HttpTimeouts, OutgoingRequest } from './http.js'
import type { Lane } from './http2-lane.js'

const { NGHTTP2_CANCEL, NGHTTP2_FLAG_END_STREAM, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants

/** How often a request that was not processed is given to another connection before that is an error. */
const MAX_MOVES = 2

/** One request over HTTP/2 and the reply to it, which is its own body. Both may be under way at once. */
export class Http2Call implements BodySource, Cancellable {
  length: number | undefined
  readonly delimited = true
  trailers: HeaderList | undefined
  private lane: Lane | undefined
  private stream: ClientHttp2Stream | undefined
  /** The server cannot have done anything of what it asks for. */
  private unprocessed = true
  private moves = 0
  private chunks: Buffer[] = []
  private buffered = 0
  private answered = false
  /** The server said that this was all. */
  private whole = false
  private ended = false
  private cancelled = false
  private error: GatewayError | undefined
  private sink: BodySink | undefined
  private paused = false
  private timer: NodeJS.Timeout | undefined
  /** A body that still arrives is kept as long as it may have to be sent again. */
  private readonly body: ReplayBody | Buffer | undefined

  /** @param enter - finds a connection for it, and calls `begin` or `fail` */
  constructor(
    private readonly target: string,
    private readonly request: OutgoingRequest,
    private readonly timeouts: HttpTimeouts,
    private readonly enter: () => void,
    private readonly asker: Pick<Asker, 'replied' | 'failed'>
  ) {
    const { body } = request
    this.body = body === undefined || Buffer.isBuffer(body) ? body : new ReplayBody(body, SOURCE_BUFFER_BYTES)
  }

  get sent(): boolean {
    return !this.unprocessed
  }

  /** Sends the request. */
  begin(lane: Lane): void {
    if (this.error !== undefined) return
    const { body } = this
    let stream: ClientHttp2Stream
    try {
      stream = lane.session.request(requestHeaders(this.request, this.target), { endStream: body === undefined })
    } catch (thrown) {
      if (ofConnection(thrown)) this.move(thrown)
      else this.fail(unsendable(this.target, thrown))
      return
    }
    this.lane = lane
    this.stream = stream
    this.unprocessed = stream.pending
    lane.joined()
    whenWhole(stream, () => {
      this.whole = true
    })
    // Each with its headers as an object, flags, and the names and values as they came, which the types do not have.
    stream.on('response', (...told: unknown[]) => this.head(told[2], (Number(told[1]) & NGHTTP2_FLAG_END_STREAM) !== 0))
    stream.on('trailers', (...told: unknown[]) => {
      this.trailers = textHeaders(told[2])
    })
    stream.on('data', (chunk: Buffer) => this.receive(chunk))
    // The trailers come with the frame that ends the stream, and are told in no certain order with the end.
    stream.on('end', () => (this.trailers === undefined ? setImmediate(() => this.end(stream)) : this.end(stream)))
    stream.on('error', thrown => this.broke(stream, thrown))
    stream.on('close', () => {
      lane.left()
      if (stream.rstCode !== NGHTTP2_NO_ERROR || !stream.readableEnded) this.broke(stream, reset(stream.rstCode))
    })
    if (body === undefined) this.wait('headers', this.timeouts.headers)
    else this.sendBody(stream, body)
  }

  takeWhole(): Buffer | undefined {
    if (!this.ended || this.sink !== undefined) return undefined
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

  cancel(reason?: GatewayError): void {
    this.chunks = []
    if (this.ended || this.cancelled || this.error !== undefined) return
    this.cancelled = true
    if (reason?.code === 'GW_UPSTREAM_TIMEOUT' && !this.answered) this.lane?.doubt()
    this.fail(reason ?? new Error('cancelled'))
  }

  /** Ends the call, unless it is over. */
  fail(thrown: unknown): void {
    if (this.ended || this.error !== undefined) return
    clearTimeout(this.timer)
    const cause = toError(thrown)
    const error = upstreamError(this.target, cause, this.cancelled)
    this.error = error
    this.chunks = []
    this.stream?.close(NGHTTP2_CANCEL)
    if (this.answered) {
      this.sink?.fail(error)
      return
    }
    if (this.body instanceof ReplayBody) this.body.settle()
    this.asker.failed(error)
  }

  /** Its stream is no more. What was not processed has not failed (RFC 9113 §8.7): another connection may take it. */
  private broke(stream: ClientHttp2Stream, thrown: unknown): void {
    if (stream !== this.stream || this.ended || this.error !== undefined) return
    this.unprocessed = !this.answered && isUnprocessed(stream, this.lane)
    if (stream.pending) this.lane?.retire() // it has no more numbers for streams
    if (this.unprocessed) this.move(thrown)
    else this.fail(thrown)
  }

  private move(thrown: unknown): void {
    if (this.moves === MAX_MOVES || (this.body instanceof ReplayBody && !this.body.replayable)) {
      this.fail(thrown)
      return
    }
    clearTimeout(this.timer)
    this.moves++
    this.stream = undefined
    this.enter()
  }

  private sendBody(stream: ClientHttp2Stream, whole: ReplayBody | Buffer): void {
    stream.once('finish', () => {
      if (stream === this.stream && !this.answered) this.wait('headers', this.timeouts.headers)
    })
    if (Buffer.isBuffer(whole)) return void stream.end(whole)
    const body = whole.open()
    stream.on('drain', () => body.resume())
    // Also when the reply is whole before the request is: what the client still sends has no reader.
    stream.on('close', () => body.cancel())
    body.pipe({
      write: chunk => !stream.destroyed && stream.write(chunk),
      end: () => void stream.end(),
      fail: error => this.fail(error)
    })
  }

  private head(raw: unknown, last: boolean): void {
    if (this.error !== undefined) return
    clearTimeout(this.timer)
    const headers = textHeaders(raw)
    const status = Number(header(headers, ':status'))
    removeHeader(headers, ':status')
    const length = Number(header(headers, 'content-length') ?? Number.NaN)
    this.length = Number.isSafeInteger(length) ? length : undefined
    this.answered = true
    this.ended = last
    if (this.body instanceof ReplayBody) this.body.settle()
    if (!last) this.wait('the body', this.timeouts.idle)
    else if (this.stream !== undefined && !this.stream.writableFinished) this.stream.close(NGHTTP2_CANCEL)
    this.asker.replied({ status, headers, body: this })
  }

  private receive(chunk: Buffer): void {
    if (this.error !== undefined) return
    this.timer?.refresh()
    if (this.sink !== undefined && this.chunks.length === 0) {
      if (!this.sink.write(chunk)) this.pause()
      return
    }
    this.chunks.push(chunk)
    this.buffered += chunk.length
    if (this.buffered >= SOURCE_BUFFER_BYTES) this.pause()
  }

  private end(stream: ClientHttp2Stream): void {
    if (stream !== this.stream || this.ended || this.error !== undefined) return
    if (!this.whole || !this.answered) {
      this.fail(reset(NGHTTP2_NO_ERROR))
      return
    }
    this.ended = true
    clearTimeout(this.timer)
    // The reply is whole: a server that still takes the request would do so for nobody.
    if (!stream.writableFinished) stream.close(NGHTTP2_CANCEL)
    if (this.chunks.length === 0) this.sink?.end()
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
    else this.goOn()
  }

  private pause(): void {
    if (this.paused || this.ended) return
    this.paused = true
    clearTimeout(this.timer) // it is the client that is slow
    this.stream?.pause()
  }

  private goOn(): void {
    if (!this.paused) return
    this.paused = false
    this.wait('the body', this.timeouts.idle)
    this.stream?.resume()
  }

  private wait(what: string, ms: number): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.lane?.doubt() // first: whoever is told may send another request
      this.fail(new GatewayError('GW_UPSTREAM_TIMEOUT', `${this.target}: nothing of ${what} within ${ms} ms`))
    }, ms)
  }
}

function requestHeaders({ method, target, headers }: OutgoingRequest, origin: string) {
  const { host, protocol } = new URL(origin)
  const object = http2Headers(headers)
  const authority = header(headers, 'host') ?? host
  delete object.host
  object[':method'] = method
  object[':path'] = target
  object[':scheme'] = protocol.slice(0, -1)
  object[':authority'] = toLatin1(authority)
  object.te = 'trailers' // they are passed on
  return object
}

/** Node ends a stream that the server broke off without an error (RST_STREAM, NO_ERROR) as if it were whole; but it closes it before. */
function whenWhole(stream: ClientHttp2Stream, whole: () => void): void {
  const push = stream.push.bind(stream)
  stream.push = (chunk, encoding) => {
    if (chunk === null && !stream.closed) whole()
    return push(chunk, encoding)
  }
}

function textHeaders(raw: unknown): HeaderList {
  const list: HeaderList = []
  if (!Array.isArray(raw)) return list
  for (let i = 0; i + 1 < raw.length; i += 2) list.push(String(raw[i]), fromLatin1(String(raw[i + 1])))
  return list
}

/** RFC 9113 §6.8, §8.7. */
function isUnprocessed(stream: ClientHttp2Stream, lane: Lane | undefined): boolean {
  if (stream.pending || stream.rstCode === NGHTTP2_REFUSED_STREAM) return true
  return lane !== undefined && (stream.id ?? 0) > lane.lastId
}

/** Whether a stream could not be opened because of its connection. */
function ofConnection(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
  return code === 'ERR_HTTP2_GOAWAY_SESSION' || code === 'ERR_HTTP2_INVALID_SESSION'
}

/** Node takes the request for none of HTTP/2. What clients send is judged on arrival, so it is ours, and no target hears of it. */
function unsendable(target: string, thrown: unknown): GatewayError {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new GatewayError('GW_INTERNAL', `${target}: not to be sent over HTTP/2: ${message}`, { cause: thrown })
}

function reset(code: number | undefined): Error {
  return Object.assign(new Error(`the stream was reset (${code})`), { code: 'ERR_HTTP2_STREAM_ERROR' })
}
