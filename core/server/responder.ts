import type { HttpResponse } from 'uWebSockets.js'
import { type BodySink, type BodySource, EMPTY_BODY } from '../base/body.js'
import type { GatewayError } from '../base/errors.js'
import { forbidsBody, type Reply, STATUS_CODES } from '../base/http.js'
import type { Downstream, Sent } from '../gateway/exchange.js'

/**
 * The only thing that writes to a uWebSockets.js response. After the client is gone, or the reply is complete, the
 * response object must not be touched again: every path here checks `done` first.
 */
export class Responder implements Downstream {
  /** True once the reply is complete or the client is gone. */
  done = false
  /** True once a status line went out: from here on the reply can only be completed or cut short. */
  started = false
  private source: BodySource | undefined
  private finish: ((sent: Sent) => void) | undefined
  private bytes = 0

  constructor(
    private readonly response: HttpResponse,
    private readonly head: boolean,
    /** Called once, when the client goes away before the reply is complete. */
    private readonly onGone: () => void
  ) {
    response.onAborted(() => this.aborted())
  }

  /**
   * Sends `reply`. Resolves when the last byte is handed to the kernel or the reply was cut short. Never rejects.
   * @param close - also ends the connection afterwards
   */
  send(reply: Reply, close: boolean): Sent | Promise<Sent> {
    if (this.done) {
      if (!Buffer.isBuffer(reply.body)) reply.body.cancel()
      return { bytes: 0, cutShort: 'client-gone' }
    }
    this.started = true
    const { status, body } = reply
    if (this.head || forbidsBody(status)) return this.sendWithoutBody(reply, close)
    const whole = Buffer.isBuffer(body) ? body : body.takeWhole()
    if (whole !== undefined) return this.sendWhole(reply, whole, close)
    if (Buffer.isBuffer(body)) throw new TypeError('unreachable: a Buffer is whole')
    return this.stream(reply, body, close)
  }

  /** Cuts the connection: the client sees that the reply is not complete. */
  cut(): void {
    if (!this.done) this.response.close() // runs aborted()
  }

  private sendWithoutBody(reply: Reply, close: boolean): Sent {
    const { body, status } = reply
    // A HEAD reply reports the length a GET would have had (RFC 9110 §9.3.2); 304 may, 204 must not (§8.6).
    const length = status === 204 || status < 200 ? undefined : body.length
    this.complete(() => {
      this.writeHead(reply)
      if (length !== undefined) this.response.endWithoutBody(length, close)
      else {
        // With no length it takes no second argument either: the client is asked to close.
        if (close) this.response.writeHeader('connection', 'close')
        this.response.endWithoutBody()
      }
    })
    if (!Buffer.isBuffer(body)) body.cancel()
    return { bytes: 0, cutShort: undefined }
  }

  private sendWhole(reply: Reply, whole: Buffer, close: boolean): Sent {
    this.complete(() => {
      this.writeHead(reply)
      this.response.end(whole, close)
    })
    return { bytes: whole.length, cutShort: undefined }
  }

  private stream(reply: Reply, source: BodySource, close: boolean): Promise<Sent> {
    if (source.length === 0) return Promise.resolve(this.sendWhole(reply, EMPTY_BODY, close))
    this.source = source
    this.response.cork(() => this.writeHead(reply))
    const sink = source.length === undefined ? this.chunked(close) : this.sized(source.length)
    return new Promise(resolve => {
      this.finish = resolve
      source.pipe(sink)
    })
  }

  /**
   * A body whose length is known: Content-Length framing, one write at a time. uWebSockets.js cannot close a
   * connection after `tryEnd`; while draining, the next request on it is refused and closes it.
   */
  private sized(length: number): BodySink {
    let waiting: Buffer | undefined
    let waitingAt = 0
    const send = (chunk: Buffer): boolean => {
      let ok = true
      let ended = false
      const from = this.response.getWriteOffset()
      this.response.cork(() => {
        ;[ok, ended] = this.response.tryEnd(chunk, length)
      })
      if (ended) this.over({ bytes: length, cutShort: undefined })
      else if (!ok) {
        waiting = chunk
        waitingAt = from
      }
      return ok || ended
    }
    this.response.onWritable(offset => {
      if (waiting === undefined) return true
      const rest = waiting.subarray(offset - waitingAt)
      waiting = undefined
      const ok = rest.length === 0 || send(rest)
      if (ok && !this.done) this.source?.resume()
      return ok
    })
    return {
      write: chunk => {
        if (this.done) return false
        this.bytes += chunk.length
        return send(chunk)
      },
      end: () => {
        if (this.done) return
        // tryEnd ends the reply with its last byte; being here means the source ended early.
        if (this.bytes < length) this.cut()
      },
      fail: error => this.failed(error)
    }
  }

  /** A body of unknown length: chunked framing. */
  private chunked(close: boolean): BodySink {
    this.response.onWritable(() => {
      this.source?.resume()
      return true
    })
    return {
      write: chunk => {
        if (this.done) return false
        this.bytes += chunk.length
        let ok = true
        this.response.cork(() => {
          ok = this.response.write(chunk)
        })
        return ok
      },
      end: () => {
        if (this.done) return
        const { bytes } = this
        this.complete(() => this.response.end(undefined, close))
        this.finish?.({ bytes, cutShort: undefined })
      },
      fail: error => this.failed(error)
    }
  }

  private writeHead(reply: Reply): void {
    const { response } = this
    const { status, headers } = reply
    response.writeStatus(statusLine(status))
    for (let i = 0; i < headers.length; i += 2) {
      const name = headers[i]
      const value = headers[i + 1]
      if (name !== undefined && value !== undefined) response.writeHeader(name, value)
    }
  }

  private complete(write: () => void): void {
    this.response.cork(write)
    this.done = true
  }

  private over(sent: Sent): void {
    this.done = true
    this.finish?.(sent)
  }

  private failed(error: GatewayError): void {
    if (this.done) return
    const { finish } = this
    this.finish = undefined
    this.cut()
    finish?.({ bytes: this.bytes, cutShort: error })
  }

  private aborted(): void {
    if (this.done) return
    this.done = true
    this.source?.cancel()
    this.onGone()
    this.finish?.({ bytes: this.bytes, cutShort: 'client-gone' })
  }
}

const lines = new Map<number, string>()

function statusLine(status: number): string {
  let line = lines.get(status)
  if (line === undefined) {
    line = `${status} ${STATUS_CODES[status] ?? 'Unknown'}`
    lines.set(status, line)
  }
  return line
}
