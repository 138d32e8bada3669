import { type BodySink, type BodySource, SOURCE_BUFFER_BYTES } from '../base/body.js'
import { GatewayError } from '../base/errors.js'
import { type HeaderList, removeHeader } from '../base/headers.js'
import type { Reply } from '../base/http.js'
import { upstreamError } from './errors.js'

/**
 * One request to an upstream and the reply to it: undici's low-level handler, the reply and its body in one object,
 * so that an exchange costs one allocation here. Resolves with the reply's head.
 */
export class UpstreamCall implements BodySource {
  length: number | undefined
  private status = 0
  private headers: HeaderList = []
  private chunks: Buffer[] = []
  private buffered = 0
  private ended = false
  private error: GatewayError | undefined
  private sink: BodySink | undefined
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
    this.abort = abort
    if (this.cancelled) abort()
  }

  onHeaders(status: number, raw: Buffer[], resume: () => void): boolean {
    if (status < 200) return true // 100 and 103 are between the upstream and us; the final reply follows
    this.status = status
    this.continueReading = resume
    this.headers = textHeaders(raw)
    this.length = contentLength(this.headers)
    this.resolve({ status, headers: this.headers, body: this })
    return true
  }

  onData(chunk: Buffer): boolean {
    if (this.sink !== undefined) {
      this.paused = !this.sink.write(chunk)
      return !this.paused
    }
    this.chunks.push(chunk)
    this.buffered += chunk.length
    this.paused = this.buffered >= SOURCE_BUFFER_BYTES
    return !this.paused
  }

  onComplete(): void {
    this.ended = true
    this.sink?.end()
  }

  onUpgrade(): void {
    this.abort?.()
    this.onError(new GatewayError('GW_UPSTREAM_BAD_RESPONSE', `${this.target}: switched protocols unasked`))
  }

  onError(thrown: Error): void {
    if (this.ended || this.error !== undefined) return
    const error = upstreamError(this.target, thrown, this.cancelled)
    this.error = error
    if (this.status === 0) this.reject(error)
    else this.sink?.fail(error)
  }

  takeWhole(): Buffer | undefined {
    if (!this.ended || this.sink !== undefined) return undefined
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

  cancel(): void {
    if (this.ended || this.cancelled) return
    this.cancelled = true
    this.abort?.()
  }

  /** Hands over what waits, as long as the sink has room; then lets the upstream go on. */
  private flush(): void {
    const { sink } = this
    if (sink === undefined) return
    let room = true
    while (room) {
      const chunk = this.chunks.shift()
      if (chunk === undefined) break
      room = sink.write(chunk)
    }
    if (!room) {
      this.paused = true
      return
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
function textHeaders(raw: Buffer[]): HeaderList {
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

/** undici has checked the framing (one length, digits); a reply with both fields lost its length there already. */
function contentLength(headers: HeaderList): number | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] !== 'content-length') continue
    const length = Number(headers[i + 1])
    if (Number.isSafeInteger(length)) return length
    removeHeader(headers, 'content-length')
    return undefined
  }
  return undefined
}
