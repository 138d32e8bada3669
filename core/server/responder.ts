import type { HttpResponse } from 'uWebSockets.js'
import { Buffer } from 'node:buffer'
import { setImmediate } from 'node:timers/promises'
import { type BodySink, type BodySource, EMPTY_BODY } from '../base/body.js'
import { GatewayError } from '../base/errors.js'
import { forbidsBody, type Reply, STATUS_CODES, toldLength } from '../base/http.js'
import type { Downstream, Sent } from '../gateway/exchange.js'
import { writeHeaders } from './write-headers.js'

/** What the responder asks of the rest of its exchange. */
export interface ResponderHooks {
  /** Right before the last byte is handed over: the last moment at which the response may be touched. */
  release(): void
  /** Once, when the client goes away before the reply is complete. */
  gone(): void
  /** Whether the connection of a reply that goes out now should end with it. Each reply is asked about once. */
  readonly closing: boolean
  /** Whether every connection ends with the exchange it has, those that have left HTTP too. */
  readonly leaving: boolean
}

/** Up to here a reply goes out in one call, and uWebSockets.js keeps what the client does not take at once. */
const WHOLE_BYTES = 65_536

/** How much is added to what the client has not taken yet, to learn whether it has taken it. */
const PROBE_BYTES = 16_384

/**
 * The only thing that writes to a uWebSockets.js response. After the client is gone, or the reply is complete, the
 * response object must not be touched again: every path here checks `done` first.
 */
export class Responder implements Downstream {
  /** True once the reply is complete or the client is gone. */
  done = false
  /** True once a status line went out: from here on the reply can only be completed or cut short. */
  started = false
  /** The reply whose head waits for the first byte of its body. */
  private waiting: Reply | undefined
  /** That head has to say that the connection ends: uWebSockets.js does so itself only where it gets all of a reply at once. */
  private saysClose = false
  private source: BodySource | undefined
  private finish: ((sent: Sent) => void) | undefined
  private bytes = 0
  /** The handler that uWebSockets.js called with the request has not returned: what is written is corked, and the client stays. */
  private inHandler = true

  constructor(
    private readonly response: HttpResponse,
    private readonly head: boolean,
    private readonly hooks: ResponderHooks
  ) {}

  /** To be called before the handler returns. */
  leaveHandler(): void {
    this.inHandler = false
    if (!this.done) this.response.onAborted(() => this.aborted())
  }

  /**
   * Sends `reply`. Resolves when the last byte is handed over or the reply was cut short. Never rejects.
   * @param last - also ends the connection afterwards, where uWebSockets.js can
   */
  send(reply: Reply, last: boolean): Sent | Promise<Sent> {
    return last || this.hooks.closing ? this.sendLast(reply) : this.sendNow(reply, false)
  }

  /** Cuts the connection: the client sees that the reply is not complete. */
  cut(): void {
    if (this.done) return
    this.response.close() // runs aborted() once that is known to uWebSockets.js
    if (this.inHandler) this.aborted()
  }

  /**
   * Not before the segment that brought the request is read to its end: uWebSockets.js would take what follows in it for
   * one more request, and forget that the connection ends (RFC 9112 §9.6). While this one is unanswered it ends there.
   */
  private async sendLast(reply: Reply): Promise<Sent> {
    await setImmediate()
    return this.sendNow(reply, true)
  }

  private sendNow(reply: Reply, close: boolean): Sent | Promise<Sent> {
    const { status, body } = reply
    if (this.done) {
      if (!Buffer.isBuffer(body)) body.cancel()
      return { bytes: 0, cutShort: 'client-gone' }
    }
    if (this.head || forbidsBody(status)) return this.sendWithoutBody(reply, close)
    if (Buffer.isBuffer(body)) return this.sendWhole(reply, body, close)
    const whole = body.length === 0 ? EMPTY_BODY : body.takeWhole()
    return whole === undefined ? this.stream(reply, body, close) : this.sendWhole(reply, whole, close)
  }

  private sendWithoutBody(reply: Reply, close: boolean): Sent {
    const { body, status } = reply
    const length = toldLength(status, body.length)
    if (close && length !== undefined) this.headAndClose(reply, length)
    else {
      this.complete(() => {
        this.writeHead(reply)
        // As an argument of `endWithoutBody` the length is waited for, and the next request breaks the connection.
        if (length !== undefined) this.response.writeHeader('content-length', String(length))
        if (close) this.response.writeHeader('connection', 'close')
        this.response.endWithoutBody()
      })
    }
    if (!Buffer.isBuffer(body)) body.cancel()
    return { bytes: 0, cutShort: undefined }
  }

  /** `endWithoutBody` cannot close: the head of a body that never comes, and the end. */
  private headAndClose(reply: Reply, length: number): void {
    this.hooks.release()
    this.done = true
    this.response.cork(() => {
      this.writeHead(reply)
      this.response.writeHeader('connection', 'close')
      if (length > 0) this.response.tryEnd(EMPTY_BODY, length)
      else this.response.end(EMPTY_BODY, true)
    })
    if (length > 0 && sendsHeadAlone(this.response)) this.response.close()
  }

  private sendWhole(reply: Reply, whole: Buffer, close: boolean): Sent | Promise<Sent> {
    if (whole.length > WHOLE_BYTES) return this.sendLarge(reply, whole, close)
    this.complete(() => {
      this.writeHead(reply)
      this.response.end(whole, close)
    })
    return { bytes: whole.length, cutShort: undefined }
  }

  /** Many clients take all of it at once; what one does not take goes when there is room for it. */
  private sendLarge(reply: Reply, whole: Buffer, close: boolean): Sent | Promise<Sent> {
    this.waiting = reply
    this.saysClose = close
    this.sized(whole.length).write(whole)
    if (this.done) return { bytes: whole.length, cutShort: undefined }
    return new Promise(resolve => {
      this.finish = resolve
    })
  }

  private stream(reply: Reply, source: BodySource, close: boolean): Promise<Sent> {
    this.source = source
    this.waiting = reply
    this.saysClose = close
    const { length } = source
    const sink = length === undefined ? this.chunked(close) : this.sized(length)
    return new Promise(resolve => {
      this.finish = resolve
      source.pipe(sink)
      // With a known length the head can go alone; without, uWebSockets.js ends it only with the first chunk.
      if (length !== undefined && this.waiting === reply && !this.done && sendsHeadAlone(this.response)) {
        this.response.cork(() => {
          this.begin()
          this.response.tryEnd(EMPTY_BODY, length)
        })
      }
    })
  }

  /**
   * A body whose length is known: Content-Length framing, one write at a time. uWebSockets.js cannot close a
   * connection after `tryEnd`; its client is told to, and while draining the end of the listener does.
   */
  private sized(length: number): BodySink {
    const { response } = this
    let rest: Buffer | undefined
    let restAt = 0
    let heard = false
    const send = (chunk: Buffer, at: number): boolean => {
      let ok = true
      let ended = false
      if (at + chunk.length === length) this.hooks.release()
      this.corked(() => {
        this.begin()
        ;[ok, ended] = response.tryEnd(chunk, length)
      })
      if (ended) this.over({ bytes: length, cutShort: undefined })
      else if (!ok) {
        rest = chunk
        restAt = at
        if (!heard) response.onWritable(onWritable)
        heard = true
      }
      return ok || ended
    }
    const onWritable = (offset: number): boolean => {
      if (rest === undefined) return this.drain()
      const left = rest.subarray(offset - restAt)
      rest = undefined
      if (left.length > 0 && !send(left, offset)) return false
      if (!this.done) this.source?.resume()
      return true
    }
    return {
      write: chunk => {
        if (this.done) return false
        const at = this.bytes
        if (at + chunk.length > length) {
          this.failed(new GatewayError('GW_UPSTREAM_BAD_RESPONSE', `a body of more than the announced ${length} bytes`))
          return false
        }
        this.bytes += chunk.length
        return send(chunk, at)
      },
      end: () => {
        // tryEnd ends the reply with its last byte; without that byte the source ended early.
        if (this.done || this.bytes === length) return
        this.failed(new GatewayError('GW_UPSTREAM_BAD_RESPONSE', `a body of ${this.bytes} bytes; ${length} announced`))
      },
      fail: error => this.failed(error)
    }
  }

  /**
   * A body of unknown length: chunked framing. uWebSockets.js takes every chunk and keeps what the client does not
   * take. While it does, chunks are added in small pieces, so that what is kept shrinks with each of its events. Asked to
   * close the connection at the end, it would write the header that says so into the body: that is left to the client, too.
   */
  private chunked(close: boolean): BodySink {
    const { response } = this
    let clogged = false
    let rest: Buffer | undefined
    let chunk = EMPTY_BODY
    // Made once: there may be a hundred chunks a second.
    const writeChunk = (): void => {
      let at = 0
      this.begin()
      do {
        const end = clogged ? Math.min(at + PROBE_BYTES, chunk.length) : chunk.length
        clogged = !response.write(end - at === chunk.length ? chunk : chunk.subarray(at, end))
        at = end
      } while (!clogged && at < chunk.length)
      rest = at < chunk.length ? chunk.subarray(at) : undefined
      chunk = EMPTY_BODY
    }
    const send = (whole: Buffer): boolean => {
      chunk = whole
      response.cork(writeChunk)
      return !clogged
    }
    response.onWritable(() => {
      this.drain()
      if (rest !== undefined && !send(rest)) return true
      this.source?.resume()
      return true
    })
    return {
      write: chunk => {
        if (this.done) return false
        this.bytes += chunk.length
        return send(chunk)
      },
      end: () => {
        if (this.done) return
        this.complete(() => {
          const atOnce = this.waiting !== undefined
          if (atOnce) this.saysClose = false // it does
          this.begin()
          response.end(undefined, atOnce && close)
        })
        this.finish?.({ bytes: this.bytes, cutShort: undefined })
      },
      fail: error => this.failed(error)
    }
  }

  /** With a writable handler, uWebSockets.js sends what it kept only together with something new, or a cork. */
  private drain(): true {
    this.response.cork(NOTHING)
    return true
  }

  private begin(): void {
    if (this.waiting === undefined) return
    this.writeHead(this.waiting)
    if (this.saysClose) this.response.writeHeader('connection', 'close')
    this.waiting = undefined
  }

  private writeHead(reply: Reply): void {
    const { response } = this
    const { status, headers } = reply
    this.started = true
    if (status !== 200) response.writeStatus(statusLine(status)) // uWebSockets.js writes the other itself
    writeHeaders(response, headers)
  }

  private complete(write: () => void): void {
    this.hooks.release()
    this.corked(write)
    this.done = true
  }

  /** In the handler all is corked as it is. */
  private corked(write: () => void): void {
    if (this.inHandler) write()
    else this.response.cork(write)
  }

  private over(sent: Sent): void {
    this.done = true
    this.finish?.(sent)
  }

  /** While nothing is out the caller can still answer with an error; afterwards the connection has to say it. */
  private failed(error: GatewayError): void {
    if (this.done) return
    const { finish, source, bytes } = this
    this.finish = undefined
    this.source = undefined
    this.waiting = undefined
    source?.cancel()
    if (this.started) this.cut()
    finish?.({ bytes, cutShort: error })
  }

  private aborted(): void {
    if (this.done) return
    this.done = true
    this.source?.cancel()
    this.hooks.gone()
    this.finish?.({ bytes: this.bytes, cutShort: 'client-gone' })
  }
}

function NOTHING(): void {}

/** Whether a `tryEnd` without bytes sends the head and waits for the body. In later builds, those for Node 22 and up, it ends the reply. */
function sendsHeadAlone(response: HttpResponse): boolean {
  return !('collectBody' in response)
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
