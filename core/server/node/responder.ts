import { Buffer } from 'node:buffer'
import { type BodySink, type BodySource, wholeBody } from '../../base/body.js'
import { GatewayError } from '../../base/errors.js'
import { forbidsBody, type Reply, toldLength } from '../../base/http.js'
import type { Downstream, Sent } from '../../gateway/exchange.js'
import type { ResponderHooks } from '../responder.js'
import type { Ticks } from '../ticks.js'
import { ReplyWatch, type Watched } from './reply-watch.js'
import type { Wire } from './wire.js'

/** Nobody waits until the client has taken them: an upstream without end must not fill the memory with them. */
const MAX_HINTS = 10

/** Sends one reply over a wire of Node's. */
export class NodeResponder implements Downstream {
  done = false
  started = false
  /** The reply whose head is not out yet. */
  private waiting: { readonly reply: Reply; readonly close: boolean; readonly length: number | undefined } | undefined
  private source: BodySource | undefined
  private finish: ((sent: Sent) => void) | undefined
  private bytes = 0
  private hints = 0
  /** Every byte was given to the wire. */
  private ended = false
  private readonly watch: ReplyWatch

  constructor(
    private readonly wire: Wire,
    private readonly headOnly: boolean,
    private readonly hooks: ResponderHooks,
    { connection, clock }: { readonly connection: Watched; readonly clock: Ticks }
  ) {
    this.watch = new ReplyWatch(wire, connection, clock)
    wire.listen({ drained: () => this.source?.resume(), closed: complete => this.closed(complete) })
  }

  send(reply: Reply, last: boolean): Sent | Promise<Sent> {
    const { status, body } = reply
    const close = last || this.hooks.closing
    if (this.done) {
      if (!Buffer.isBuffer(body)) body.cancel()
      return { bytes: 0, cutShort: 'client-gone' }
    }
    if (status > this.wire.maxStatus) {
      if (!Buffer.isBuffer(body)) body.cancel()
      const message = `status ${status}, which the client's protocol has no word for`
      return { bytes: 0, cutShort: new GatewayError('GW_UPSTREAM_BAD_RESPONSE', message) }
    }
    return new Promise(resolve => {
      this.finish = resolve
      if (this.headOnly || forbidsBody(status)) this.sendHead(reply, close)
      else this.stream(reply, Buffer.isBuffer(body) ? wholeBody(body) : body, close)
    })
  }

  hint(links: readonly string[]): void {
    if (!this.done && !this.started && this.hints++ < MAX_HINTS) this.wire.hint(links)
  }

  cut(): void {
    if (!this.done) this.wire.cut()
  }

  private sendHead(reply: Reply, close: boolean): void {
    const { body, status } = reply
    const length = toldLength(status, body.length)
    this.started = true
    this.ended = true
    this.hooks.release()
    this.wire.head(reply, length, { end: true, close })
    this.watch.begin(true)
    if (!Buffer.isBuffer(body)) body.cancel()
  }

  private stream(reply: Reply, source: BodySource, close: boolean): void {
    this.source = source
    this.bytes = 0
    const { length } = source
    this.waiting = { reply, close, length }
    source.pipe(this.sink(reply, source, length))
    // What streams may be long in coming: a client that waits for the head (gRPC, events) gets it now.
    if (!this.done && !this.ended) this.begin(false)
  }

  private sink(reply: Reply, source: BodySource, length: number | undefined): BodySink {
    return {
      write: chunk => {
        if (this.done || this.ended) return false
        if (chunk.length === 0) return true
        this.bytes += chunk.length
        if (length !== undefined && this.bytes > length) {
          this.failed(new GatewayError('GW_UPSTREAM_BAD_RESPONSE', `a body of more than the announced ${length} bytes`))
          return false
        }
        this.begin(false)
        this.watch.begin(false)
        return this.wire.write(chunk)
      },
      end: () => {
        if (this.done || this.ended) return
        if (length !== undefined && this.bytes < length) {
          const message = `a body of ${this.bytes} bytes; ${length} announced`
          return this.failed(new GatewayError('GW_UPSTREAM_BAD_RESPONSE', message))
        }
        const trailers = reply.trailers ?? source.trailers
        this.ended = true
        this.hooks.release()
        if (this.waiting !== undefined && this.bytes === 0 && trailers === undefined) this.begin(true)
        else {
          this.begin(false)
          this.wire.end(trailers)
        }
        this.watch.begin(true)
      },
      fail: error => this.failed(error)
    }
  }

  private begin(end: boolean): void {
    if (this.waiting === undefined) return
    const { reply, close, length } = this.waiting
    this.waiting = undefined
    this.started = true
    this.wire.head(reply, end ? 0 : length, { end, close })
  }

  /** While nothing is out the caller can still answer with an error; afterwards the connection has to say it. */
  private failed(error: GatewayError): void {
    if (this.done || this.ended) return
    const { finish, source, bytes } = this
    this.finish = undefined
    this.source = undefined
    this.waiting = undefined
    source?.cancel()
    if (this.started) this.cut()
    finish?.({ bytes, cutShort: error })
  }

  private closed(complete: boolean): void {
    if (this.done) return
    this.done = true
    this.watch.end()
    if (complete && this.ended) {
      this.finish?.({ bytes: this.bytes, cutShort: undefined })
      return
    }
    this.source?.cancel()
    this.hooks.gone()
    this.finish?.({ bytes: this.bytes, cutShort: 'client-gone' })
  }
}
