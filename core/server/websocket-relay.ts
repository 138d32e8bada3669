import type { Buffer } from 'node:buffer'
import { type ErrorCode, GatewayError } from '../base/errors.js'
import {
  CLOSE,
  type MessageSocket,
  type SocketEnd,
  type SocketListener,
  type SocketUpgrade
} from '../base/websocket.js'
import type { Sent } from '../gateway/exchange.js'
import type { Relaying } from './open-sockets.js'

/** What one side may have waiting before the other is read no further, bytes. */
const HIGH_BYTES = 262_144
/** Below this it is read again. */
const LOW_BYTES = 65_536
/** More than that waits for one side although the other is not read: the socket ends. Two messages come on top. */
const MOST_BYTES = 16_777_216
/** How long a side may take to answer a close frame, or to take the next piece of what stands before it. */
const GRACE_MS = 10_000
/** One that is closed while its client still sends is reset, and the close frame lost: at shutdown it gets this long. */
const LINGER_MS = 500

/**
 * Two WebSockets that are one: messages, pings and close frames go from each to the other, in order, no faster than
 * they are taken. uWebSockets.js answers a client's pings itself; they are passed on to keep the upstream awake, its
 * pongs are not. An upstream's pings reach the client, and the client's pongs the upstream.
 */
export class Relay implements Relaying {
  private readonly upstream: MessageSocket
  private clientOpen = true
  private upstreamOpen = true
  private clientHeld = false
  private upstreamHeld = false
  private readonly idle: NodeJS.Timeout
  private readonly lifetime: NodeJS.Timeout | undefined
  private grace: NodeJS.Timeout | undefined
  /** Who ended it and how, once somebody has. */
  private end: Pick<SocketEnd, 'code' | 'reason' | 'by'> | undefined
  private cutShort: Sent['cutShort']
  private lingers = false
  private concluded = false

  /** @param over - hears once how it was */
  constructor(
    private readonly client: MessageSocket,
    private readonly upgraded: SocketUpgrade,
    private readonly over: (sent: Sent) => void
  ) {
    const { limits, socket, total } = upgraded
    this.upstream = socket
    if (total !== undefined) total.open++
    this.idle = setTimeout(() => this.stop(CLOSE.goingAway, 'idle'), limits.idleMs)
    if (limits.lifetimeMs !== undefined) {
      this.lifetime = setTimeout(() => this.stop(CLOSE.goingAway, 'lifetime'), limits.lifetimeMs)
    }
  }

  start(): void {
    this.client.start(this.fromClient)
    this.upstream.start(this.fromUpstream)
  }

  /** The gateway shuts down: both sides are told. */
  goAway(): void {
    this.lingers = true
    this.stop(CLOSE.goingAway, 'GW_SHUTTING_DOWN')
  }

  /** Ends both connections at once. */
  terminate(): void {
    this.lingers = false
    this.client.terminate()
    this.upstream.terminate()
  }

  private readonly fromClient: SocketListener = {
    message: (data, binary) => {
      if (this.end !== undefined) return
      if (data.length > this.upgraded.limits.messageBytes) return this.tooLarge(data)
      this.idle.refresh()
      const { counts, total } = this.upgraded
      counts.messagesIn++
      counts.bytesIn += data.length
      if (total !== undefined) {
        total.messagesIn++
        total.bytesIn += data.length
      }
      this.upstream.send(data, binary)
      this.holdClient()
    },
    ping: data => {
      if (this.end !== undefined) return
      this.idle.refresh()
      this.upstream.ping(data)
      this.holdClient()
    },
    pong: data => {
      if (this.end !== undefined) return
      this.idle.refresh()
      this.upstream.pong(data)
      this.holdClient()
    },
    drained: () => {
      this.grace?.refresh()
      if (!this.upstreamHeld || this.client.buffered > LOW_BYTES) return
      this.upstreamHeld = false
      this.upstream.resume()
    },
    closed: (code, reason, fault) => {
      this.clientOpen = false
      if (this.end === undefined) this.clientEnded(code, reason, fault)
      this.conclude()
    }
  }

  private readonly fromUpstream: SocketListener = {
    message: (data, binary) => {
      if (this.end !== undefined) return
      this.idle.refresh()
      const { counts, total } = this.upgraded
      counts.messagesOut++
      counts.bytesOut += data.length
      if (total !== undefined) {
        total.messagesOut++
        total.bytesOut += data.length
      }
      this.client.send(data, binary)
      this.holdUpstream()
    },
    ping: data => {
      if (this.end !== undefined) return
      this.idle.refresh()
      this.client.ping(data)
      this.holdUpstream()
    },
    pong: () => {
      if (this.end === undefined) this.idle.refresh()
    },
    drained: () => {
      this.grace?.refresh()
      if (!this.clientHeld || this.upstream.buffered > LOW_BYTES) return
      this.clientHeld = false
      this.client.resume()
    },
    closed: (code, reason, fault) => {
      this.upstreamOpen = false
      if (this.end === undefined) this.upstreamEnded(code, reason, fault)
      this.conclude()
    }
  }

  private clientEnded(code: number, reason: string, fault: boolean): void {
    this.ended({ code, reason, by: 'client' })
    if (fault) {
      const error = code === CLOSE.tooLarge ? 'GW_MESSAGE_TOO_LARGE' : 'GW_MESSAGE_INVALID'
      this.upstream.close(code, this.failed(error, `the client broke the WebSocket protocol: ${code}`))
    } else if (code === CLOSE.broken) {
      this.cutShort = 'client-gone'
      this.upstream.close(CLOSE.goingAway, 'GW_CLIENT_GONE')
    } else {
      this.upstream.close(code, reason)
    }
  }

  private upstreamEnded(code: number, reason: string, fault: boolean): void {
    this.ended({ code, reason, by: 'upstream' })
    if (fault) {
      const large = code === CLOSE.tooLarge
      const { messageBytes } = this.upgraded.limits
      const message = large
        ? `the upstream sent a message of more than ${messageBytes} bytes`
        : `the upstream broke the WebSocket protocol: ${code}`
      this.client.close(large ? code : CLOSE.badGateway, this.failed('GW_UPSTREAM_BAD_RESPONSE', message))
    } else if (code === CLOSE.broken) {
      const message = 'the upstream ended the WebSocket without a close frame'
      this.client.close(CLOSE.badGateway, this.failed('GW_UPSTREAM_RESET', message))
    } else {
      this.client.close(code, reason)
    }
  }

  private holdClient(): void {
    const { buffered } = this.upstream
    if (buffered <= HIGH_BYTES) return
    if (this.tooMuch(buffered, 'upstream') || this.clientHeld) return
    this.clientHeld = true
    this.client.pause()
  }

  private holdUpstream(): void {
    const { buffered } = this.client
    if (buffered <= HIGH_BYTES) return
    if (this.tooMuch(buffered, 'client') || this.upstreamHeld) return
    this.upstreamHeld = true
    this.upstream.pause()
  }

  private tooMuch(buffered: number, side: string): boolean {
    if (buffered <= MOST_BYTES + 2 * this.upgraded.limits.messageBytes) return false
    this.stop(
      CLOSE.tryLater,
      this.failed('GW_OVERLOADED', `${buffered} bytes wait for the ${side}, which does not take them`)
    )
    return true
  }

  private tooLarge(data: Buffer): void {
    const { messageBytes } = this.upgraded.limits
    this.stop(
      CLOSE.tooLarge,
      this.failed('GW_MESSAGE_TOO_LARGE', `a message of ${data.length} bytes; the limit is ${messageBytes}`)
    )
  }

  /** @returns what the close frame says */
  private failed(code: ErrorCode, message: string): ErrorCode {
    this.cutShort = new GatewayError(code, message)
    return code
  }

  /** The gateway ends it. */
  private stop(code: number, reason: string): void {
    if (this.end !== undefined) return
    this.ended({ code, reason, by: 'gateway' })
    this.client.close(code, reason)
    this.upstream.close(code, reason)
  }

  private ended(end: Pick<SocketEnd, 'code' | 'reason' | 'by'>): void {
    this.end = end
    clearTimeout(this.idle)
    clearTimeout(this.lifetime)
    this.grace = setTimeout(() => this.terminate(), GRACE_MS)
  }

  private conclude(): void {
    if (this.clientOpen || this.upstreamOpen || this.end === undefined) return
    if (this.concluded) return // a side that is closed because the other was says so at once, within what is heard of the other
    this.concluded = true
    clearTimeout(this.grace)
    const { counts, total } = this.upgraded
    if (total !== undefined) total.open--
    const sent: Sent = { bytes: counts.bytesOut, cutShort: this.cutShort, socket: { ...this.end, ...counts } }
    if (this.lingers) setTimeout(() => this.over(sent), LINGER_MS)
    else this.over(sent)
  }
}
