import type { Buffer } from 'node:buffer'
import { type BodySink, type BodySource, joined, SOURCE_BUFFER_BYTES } from '../../core/base/body.js'
import { type ErrorCode, GatewayError } from '../../core/base/errors.js'
import { dropNamedByConnection, type HeaderList } from '../../core/base/headers.js'
import type { Reply } from '../../core/base/http.js'
import { upstreamError } from '../../core/upstream/errors.js'

/**
 * One request to an upstream and the reply to it: undici's low-level handler, the reply and its body in one object,
 * so that an exchange costs one allocation here. Resolves with the reply's head.
 */
export class UpstreamCall implements BodySource {
  length: number | undefined
  private status = 0
  /** What nobody took yet, in the order it came. While there is any, the sink gets nothing past it. */
  private chunks: Buffer[] = []
  private buffered = 0
  private ended = false
  private error: GatewayError | undefined
  private sink: BodySink | undefined
  /** The sink has no room: nothing is handed over before it resumes. */
  private full = false
  /** undici was told to stop reading. */
  private paused = false
  private cancelled = false
  private abort: ((reason?: Error) => void) | undefined
  private continueReading: (() => void) | undefined

  constructor(
    private readonly target: string,
    private readonly resolve: (reply: Reply) => void,
    private readonly reject: (error: GatewayError) => void
  ) {}

  onConnect(abort: (reason?: Error) => void): void {
    // Thrown, it takes this one request back; `abort` would end the connection, which is good and waited for.
    if (this.cancelled) throw new Error('cancelled before it was sent')
    this.abort = abort
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void): boolean {
    if (status < 200) return true // 100 and 103 are between the upstream and us; the final reply follows
    const headers = textHeaders(raw)
    dropNamedByConnection(headers)
    this.length = contentLength(headers, this.target)
    this.status = status // from here on there is a reply: what throws above rejects
    this.continueReading = resume
    this.resolve({ status, headers, body: this })
    return true
  }

  onData(chunk: Buffer): boolean {
    if (this.sink !== undefined && !this.full) {
      this.full = !this.sink.write(chunk)
      this.paused = this.full
    } else {
      this.chunks.push(chunk)
      this.buffered += chunk.length
      this.paused = this.full || this.buffered >= SOURCE_BUFFER_BYTES
    }
    return !this.paused
  }

  onComplete(): void {
    this.ended = true
    if (this.chunks.length === 0) this.sink?.end() // else `flush` says so after the last of them
  }

  onUpgrade(): void {
    this.abort?.()
    this.onError(new GatewayError('GW_UPSTREAM_BAD_RESPONSE', `${this.target}: switched protocols unasked`))
  }

  onError(thrown: Error): void {
    if (this.ended || this.error !== undefined) return
    const error = upstreamError(this.target, known(this.target, thrown), this.cancelled)
    this.error = error
    this.chunks = []
    if (this.status === 0) this.reject(error)
    else this.sink?.fail(error)
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
    if (this.abort !== undefined) this.abort(reason)
    // Still waiting for a connection: undici has no way to take it back, so `onConnect` will end it.
    else this.onError(reason ?? new Error('cancelled'))
  }

  /** From the moment there is a connection for it. */
  get sent(): boolean {
    return this.abort !== undefined
  }

  /** Hands over what waits, as long as the sink has room; then lets the upstream go on. */
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
      this.continueReading?.()
    }
  }
}

/**
 * undici hands names and values as bytes. They are read as UTF-8, which is what clients send today; a value that is
 * not valid UTF-8 is read as Latin-1 (RFC 9110 §5.5 calls such bytes opaque).
 */
export function textHeaders(raw: Buffer[]): HeaderList {
  const list: HeaderList = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]
    const value = raw[i + 1]
    if (name === undefined || value === undefined) continue
    const text = value.toString('utf8')
    list.push(name.toString('latin1').toLowerCase(), text.includes('\ufffd') ? value.toString('latin1') : text)
  }
  return list
}

/**
 * The announced length. undici has checked the framing: one length, digits, never beside a transfer coding.
 * @throws GatewayError GW_UPSTREAM_BAD_RESPONSE for a transfer coding that nobody would undo
 */
function contentLength(headers: HeaderList, target: string): number | undefined {
  let length: number | undefined
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]
    if (name === 'content-length') {
      const value = Number(headers[i + 1])
      if (Number.isSafeInteger(value)) length = value
    } else if (name === 'transfer-encoding' && headers[i + 1]?.toLowerCase() !== 'chunked') {
      throw new GatewayError('GW_UPSTREAM_BAD_RESPONSE', `${target}: a transfer coding other than chunked`)
    }
  }
  return length
}

/** undici's codes, as those of the table. */
const CODES: Record<string, ErrorCode> = {
  UND_ERR_CONNECT_TIMEOUT: 'GW_UPSTREAM_TIMEOUT',
  UND_ERR_HEADERS_TIMEOUT: 'GW_UPSTREAM_TIMEOUT',
  UND_ERR_BODY_TIMEOUT: 'GW_UPSTREAM_TIMEOUT',
  UND_ERR_HEADERS_OVERFLOW: 'GW_UPSTREAM_BAD_RESPONSE',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'GW_UPSTREAM_BAD_RESPONSE',
  UND_ERR_INVALID_ARG: 'GW_BAD_REQUEST',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'GW_BAD_REQUEST',
  UND_ERR_SOCKET: 'GW_UPSTREAM_RESET',
  UND_ERR_INFO: 'GW_UPSTREAM_RESET',
  UND_ERR_CLOSED: 'GW_SHUTTING_DOWN',
  UND_ERR_DESTROYED: 'GW_SHUTTING_DOWN'
}

function known(target: string, thrown: Error): Error {
  const code: unknown = 'code' in thrown ? thrown.code : undefined
  const ours = thrown.name === 'HTTPParserError' ? 'GW_UPSTREAM_BAD_RESPONSE' : CODES[String(code)]
  return ours === undefined ? thrown : new GatewayError(ours, `${target}: ${thrown.message}`, { cause: thrown })
}
