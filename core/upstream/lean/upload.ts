import type { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import type { BodySink, BodySource } from '../../base/body.js'
import { GatewayError } from '../../base/errors.js'
import type { RequestHead } from './request-head.js'

/** Who hears of a request's body on its way. */
export interface UploadHooks {
  /** All of the request has been handed to the socket. */
  uploaded(): void
  /** The socket takes no more for now. */
  stalled(): void
  failed(error: GatewayError): void
}

/** A request whose body is still arriving: each piece goes on as it comes, at the pace of the slower side. */
export class Upload implements BodySink {
  private readonly length: number | undefined
  private written = 0
  private begun = false
  private over = false

  constructor(
    private readonly socket: Socket,
    private readonly head: RequestHead,
    private readonly source: BodySource,
    private readonly hooks: UploadHooks
  ) {
    this.length = head.length ?? source.length
  }

  start(): void {
    this.source.pipe(this)
    // The head does not wait for a body that is slow to come: the server may have an answer without it.
    if (!this.begun && !this.over) this.begin()
  }

  resume(): void {
    if (!this.over) this.source.resume()
  }

  /** What the client still sends has no reader. */
  stop(): void {
    if (this.over) return
    this.over = true
    this.source.cancel()
  }

  write(chunk: Buffer): boolean {
    if (this.over) return false
    if (chunk.length === 0) return true
    const { socket, length } = this
    this.written += chunk.length
    if (length !== undefined && this.written > length) return this.mismatch()
    socket.cork()
    this.begin()
    if (length === undefined) socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1')
    let room = socket.write(chunk)
    if (length === undefined) room = socket.write('\r\n', 'latin1')
    socket.uncork()
    if (!room) this.hooks.stalled()
    return room
  }

  end(): void {
    if (this.over) return
    if (!this.begun && this.length === undefined) {
      this.begun = true
      this.socket.write(withoutBody(this.head), 'latin1')
    } else if (this.length === undefined) this.socket.write('0\r\n\r\n', 'latin1')
    else if (this.written !== this.length) {
      this.mismatch()
      return
    } else this.begin()
    this.over = true
    this.hooks.uploaded()
  }

  fail(error: GatewayError): void {
    if (this.over) return
    this.over = true
    this.hooks.failed(error)
  }

  private begin(): void {
    if (this.begun) return
    this.begun = true
    const framing = this.length === undefined ? 'transfer-encoding: chunked' : `content-length: ${this.length}`
    this.socket.write(`${this.head.text}${framing}\r\n\r\n`, 'latin1')
  }

  private mismatch(): false {
    this.stop()
    this.hooks.failed(
      new GatewayError('GW_BAD_REQUEST', `a request body of ${this.written} bytes; ${this.length} announced`)
    )
    return false
  }
}

/** All of a request that has no body. */
export function withoutBody({ text, expectsBody }: RequestHead): string {
  return expectsBody ? `${text}content-length: 0\r\n\r\n` : `${text}\r\n`
}
