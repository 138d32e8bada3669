import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { GatewayError, toError } from '../../base/errors.js'
import type { HeaderList } from '../../base/headers.js'
import { BrokenOff } from './bad-reply.js'
import type { LeanCall, Line } from './call.js'
import type { KeptHeads } from './kept-heads.js'
import type { Opener } from './open-socket.js'
import type { ReplyHead } from './reply-head.js'
import { ReplyReader, type ReplySink } from './reply-reader.js'
import { Upload, type UploadHooks, withoutBody } from './upload.js'

/** Who has the connections. */
export interface Owner {
  readonly target: string
  readonly opener: Opener
  /** That its server sent lately. */
  readonly heads: KeptHeads
  /** Has `expired` called after so long, unless another time is set before. */
  expect(connection: Connection, ms: number): void
  /** It is open. */
  opened(connection: Connection): void
  /** It can take another request. */
  free(connection: Connection): void
  /** It takes no more requests. @param why - set when it was never open */
  lost(connection: Connection, why: Error | undefined): void
  /** Nothing is left of it. */
  closed(connection: Connection): void
}

const READ_BYTES = 65_536
/** Of all connections, since each read is done with before the next. On Windows reads are under way while others are. */
const shared = process.platform === 'win32' ? undefined : Buffer.allocUnsafeSlow(READ_BYTES)

/**
 * So much of a request may still seem unsent when its reply is there: TLS says late what it has sent. A reply that came before
 * more of it was out did not wait for the request.
 */
const UNSENT_BYTES = 65_536

/** A body up to here is copied behind its head: one write costs less than two. */
const JOINED_BYTES = 8_192

/** One connection, and the one call it has, if any. */
export class Connection implements ReplySink, Line, UploadHooks {
  /** When what it waits for should have come, in the time of `performance.now()`. */
  due = Number.POSITIVE_INFINITY
  readonly since = performance.now()
  /** How long the server keeps it without a request, when it says so. */
  keepMs: number | undefined
  private readonly socket: Socket
  private readonly buffer = shared ?? Buffer.allocUnsafeSlow(READ_BYTES)
  private readonly reader: ReplyReader
  private call: LeanCall | undefined
  private upload: Upload | undefined
  private connecting = true
  private dead = false
  private referenced = true
  /** All of the request has been handed over. */
  private complete = true
  private reusable = true
  private stopped = false

  /** @throws what `net.connect` does at once */
  constructor(private readonly owner: Owner) {
    const { opener } = owner
    this.reader = new ReplyReader(owner.heads)
    const socket = opener.open(this.buffer, length => this.receive(length))
    this.socket = socket
    socket
      .once(opener.opened, () => this.ready())
      .on('error', error => this.broken(error))
      .on('end', () => this.ended())
      .on('drain', () => this.drained())
      .on('close', () => {
        this.broken(new BrokenOff('the connection was closed'))
        owner.closed(this)
      })
  }

  begin(call: LeanCall): void {
    this.call = call
    this.reusable = !call.request.last
    this.keepMs = undefined
    this.complete = false
    if (!this.referenced) {
      this.referenced = true
      this.socket.ref()
    }
    this.reader.begin(this, call.bodiless)
    call.begun(this)
    const { request } = call
    const { requestBody } = call
    const body = requestBody === undefined || Buffer.isBuffer(requestBody) ? requestBody : requestBody.takeWhole()
    if (body === undefined && requestBody !== undefined && !Buffer.isBuffer(requestBody)) {
      this.upload = new Upload(this.socket, request, requestBody, this)
      this.upload.start()
      return
    }
    if (body === undefined || body.length === 0) this.socket.write(withoutBody(request), 'latin1')
    else this.writeWhole(`${request.text}content-length: ${body.length}\r\n\r\n`, body)
    this.uploaded()
  }

  /** What it waited for has not come. */
  expired(): void {
    this.due = Number.POSITIVE_INFINITY
    const { call, owner } = this
    if (this.connecting) this.broken(new GatewayError('GW_UPSTREAM_TIMEOUT', `${owner.target}: no connection in time`))
    else if (call === undefined) this.destroy()
    else {
      const what = call.answered ? 'the body fell silent' : 'no head of a reply in time'
      this.broken(new GatewayError('GW_UPSTREAM_TIMEOUT', `${owner.target}: ${what}`))
    }
  }

  /** Ends it, and the call it has. */
  broken(error: Error): void {
    if (this.dead) return
    const { call } = this
    this.destroy(error)
    call?.fail(error)
  }

  /** A connection without requests does not keep the process. */
  unreference(): void {
    if (!this.referenced) return
    this.referenced = false
    this.socket.unref()
  }

  interim({ status, headers }: ReplyHead): void {
    if (status === 103) this.call?.hint(headers)
    if (this.complete && this.call !== undefined) this.owner.expect(this, this.call.timeouts.headers)
  }

  head(head: ReplyHead): void {
    this.reusable &&= head.persistent
    this.keepMs = head.keepMs
    this.call?.head(head)
  }

  data(chunk: Buffer): void {
    this.call?.data(chunk)
  }

  end(trailers: HeaderList | undefined): void {
    const { call } = this
    this.call = undefined
    this.due = Number.POSITIVE_INFINITY
    call?.end(trailers)
  }

  goOn(): void {
    if (this.call === undefined || this.dead) return
    this.owner.expect(this, this.call.timeouts.idle)
    this.readOn()
  }

  private readOn(): void {
    if (!this.stopped) return
    this.stopped = false
    this.socket.resume()
  }

  drop(): void {
    this.destroy()
  }

  uploaded(): void {
    this.complete = true
    if (this.call?.answered === false) this.owner.expect(this, this.call.timeouts.headers)
  }

  stalled(): void {
    if (this.call?.answered === false) this.owner.expect(this, this.call.timeouts.headers)
  }

  failed(error: GatewayError): void {
    this.broken(error)
  }

  private ready(): void {
    if (this.dead) return
    const wrong = this.owner.opener.wrongServer(this.socket)
    if (wrong !== undefined) {
      this.broken(wrong)
      return
    }
    this.connecting = false
    this.due = Number.POSITIVE_INFINITY
    this.owner.opened(this)
  }

  /** @returns whether more may come */
  private receive(length: number): boolean {
    if (this.dead) return false
    const { call } = this
    this.read(length)
    call?.tell()
    return !this.dead && !this.stopped
  }

  private read(length: number): void {
    const { reader } = this
    try {
      // Without a call it is what nobody asked for.
      if (this.call === undefined) reader.surplus = true
      else reader.read(this.buffer, length)
    } catch (thrown) {
      this.broken(toError(thrown))
    }
    if (this.dead) return
    const { call } = this
    if (call === undefined) {
      this.afterReply()
      return
    }
    this.stopped = call.paused
    if (call.paused)
      this.due = Number.POSITIVE_INFINITY // it is the client that is slow
    else if (call.answered) this.owner.expect(this, call.timeouts.idle)
  }

  private afterReply(): void {
    const whole = this.complete && this.socket.writableLength <= UNSENT_BYTES
    if (this.reader.surplus || !this.reusable || !whole) {
      this.destroy()
      return
    }
    this.upload = undefined
    this.readOn() // TLS hands over all of a read, also what comes behind the piece that filled the client: it may have been the end
    this.owner.free(this)
  }

  /** The other side sends nothing more, and there is nothing to say to it. */
  private ended(): void {
    if (this.dead) return
    try {
      this.reader.close()
      this.destroy()
    } catch (thrown) {
      this.broken(toError(thrown))
    }
  }

  private drained(): void {
    if (this.complete) return
    this.due = Number.POSITIVE_INFINITY
    if (this.call?.answered === true) this.owner.expect(this, this.call.timeouts.idle)
    this.upload?.resume()
  }

  private writeWhole(head: string, body: Buffer): void {
    const { socket } = this
    if (body.length > JOINED_BYTES) {
      socket.cork()
      socket.write(head, 'latin1')
      socket.write(body)
      socket.uncork()
      return
    }
    const message = Buffer.allocUnsafe(head.length + body.length)
    message.write(head, 0, 'latin1')
    body.copy(message, head.length)
    socket.write(message)
  }

  private destroy(error?: Error): void {
    if (this.dead) return
    this.dead = true
    this.due = Number.POSITIVE_INFINITY
    this.call = undefined
    this.reader.stop()
    this.upload?.stop()
    this.upload = undefined
    this.socket.destroy()
    this.owner.lost(this, this.connecting ? (error ?? new BrokenOff('the connection was given up')) : undefined)
  }
}
