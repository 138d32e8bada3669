import { type BodySource, EMPTY_BODY } from '../base/body.js'
import { GatewayError } from '../base/errors.js'
import type { HeaderList } from '../base/headers.js'
import type { Reply, RequestHead } from '../base/http.js'
import type { TunnelEnd } from '../base/upgrade.js'
import type { Handshake, SocketEnd } from '../base/websocket.js'
import type { HeaderEdit } from '../plugin-host/edits.js'
import type { Cancellable } from '../upstream/http.js'
import type { Target } from '../upstream/target.js'
import type { AiExchange } from './ai/ai-exchange.js'
import type { ClientCertificate } from './client-certificate.js'
import type { ExchangeRecording } from './recording.js'
import type { Route } from './snapshot.js'
import type { Times } from './times.js'

/** The client's side of an exchange: what the listener offers. */
export interface Downstream {
  /** Sends the reply. Never rejects; resolves when the last byte is out or the reply was cut short. */
  send(reply: Reply, close: boolean): Sent | Promise<Sent>
  /** Sends links ahead of the reply (103 Early Hints, RFC 8297), if it still can; left out: it never can. */
  hint?(links: readonly string[]): void
  /** Ends the connection in the middle of a reply, so that the client sees it is not complete. */
  cut(): void
  /** Whether nothing can be sent any more. */
  readonly done: boolean
  /** Whether the head of a reply is already out. */
  readonly started: boolean
}

export interface Sent {
  /** Bytes of the body that were handed on. */
  readonly bytes: number
  readonly cutShort: GatewayError | 'client-gone' | undefined
  /** The reply was a WebSocket: how it ended. */
  readonly socket?: SocketEnd
  /** It was a tunnel: how that ended. */
  readonly tunnel?: TunnelEnd
}

export interface IncomingBody extends BodySource {
  /** Whether every byte has arrived. */
  readonly complete: boolean
  /** Bytes received so far. */
  readonly received: number
  /** Bytes; may be set once the route is known. Undefined: there is no body to limit. */
  limit?: number
  /** Milliseconds nothing of it may arrive; may be set once the route is known. Undefined: as for every body. */
  quietMs?: number | undefined
  /** When something of it last came, milliseconds of performance.now(). */
  readonly lastAt?: number
  /** Whether its client has to send more of it: it is not complete, and not held up. */
  readonly awaited?: boolean
  /** Its client waits to be told to send it (Expect: 100-continue), and was not: whether it comes is not known. */
  readonly unasked?: boolean
}

/** Something that is let go of once, when the exchange is over. */
export interface Held {
  done(): void
  /** What a reply whose sender judges it came to: the status it should have had; 0: it was none. */
  turnedOut?(status: number): void
}

/** The client of an upstream call that no client owns. */
export class Nobody implements Downstream {
  done = false
  readonly started = false

  send(): Sent {
    return { bytes: 0, cutShort: 'client-gone' }
  }

  cut(): void {
    this.done = true
  }
}

/** One request and the one response to it (RFC 9110 §3.4): made at accept, gone after the log line. */
export class Exchange {
  route: Route | undefined
  params: HeaderList = []
  /** The path the route was found by, whatever policies made of it. */
  routedPath = ''
  /** Name of the upstream: the route's, unless a policy chose another. */
  upstream = ''
  /** The address it went to. */
  target = ''
  /** What it went to: told when the exchange is over. */
  sentTo: Target | undefined
  consumer = ''
  /** Of the client, where the listener asks for one: `consumer` begins as what it says. */
  certificate: ClientCertificate | undefined
  tags: HeaderList = []
  /** What policies leave for later ones: "plugin.name", value, … */
  bag: HeaderList | undefined
  /** What each binding keeps between phases, by its place in the route's policies. */
  states: (Buffer | undefined)[] | undefined
  /** Edits that request policies made to the reply, before there was one. */
  responseEdits: HeaderEdit[] | undefined
  /** What goes upstream: as it comes in, or what the policies made of it. */
  body: IncomingBody | Buffer
  /** The peer's address; behind a trusted proxy, that of the client it speaks for. Empty: that cannot be read. */
  clientIp: string
  status = 0
  /** Headers of the reply as it went out, once it did. */
  sentHeaders: HeaderList | undefined
  bytesOut = 0
  /** How long its parts took, where the route says so in its replies. */
  times: Times | undefined
  error: GatewayError | undefined
  /** Why the reply is not complete, when it is not. */
  cutShort: Sent['cutShort']
  /** Why its connection ended under it, when the gateway did that and not the client. */
  cutOff: GatewayError | undefined
  /** The upstream call that is under way: ended when the client goes away. */
  call: Cancellable | undefined
  /** The client asked for a WebSocket; what came of it is in `socket` at the end. */
  handshake: Handshake | undefined
  socket: SocketEnd | undefined
  /** The other protocols the client offers to go on with, where the listener can; what came of it is in `tunnel` at the end. */
  offered: readonly string[] | undefined
  tunnel: TunnelEnd | undefined
  /** What it occupies until it is over: its target, or that and its place among those let in. */
  held: Held | undefined
  /** How often it was sent upstream. */
  attempts = 0
  /** What is recorded of it, when it is. */
  recording: ExchangeRecording | undefined
  /** What the route's cache did for it; undefined: there is none. */
  cache: string | undefined
  /** What is known of it as AI traffic; undefined: its route serves none. */
  ai: AiExchange | undefined
  /** Names of its request's headers have underscores: uWebSockets.js lets none in. */
  underscores = false
  /** The connection ends with this exchange: the request was refused, or will never be whole. */
  last = false

  constructor(
    private readonly idPrefix: string,
    private readonly number: number,
    /** performance.now() at accept, milliseconds. */
    readonly startedAt: number,
    readonly request: RequestHead,
    readonly incoming: IncomingBody,
    /** Address of the connection's other end. */
    readonly peer: string,
    readonly downstream: Downstream
  ) {
    this.body = incoming
    this.clientIp = peer
  }

  /** The file it is recorded in, once it is known that there is something to record. */
  get recorded(): string | undefined {
    return this.recording?.promised === true ? this.recording.file : undefined
  }

  /**
   * The same exchange towards its upstream, but nobody's: it goes on when the client is gone, until `downstream.done` is set.
   */
  detached(headers: HeaderList): Exchange & { downstream: Nobody } {
    const request = { ...this.request, headers }
    const own = { request, body: EMPTY_BODY, downstream: new Nobody(), ...NOTHING_YET }
    return Object.assign(Object.create(Exchange.prototype), this, own)
  }

  /** Nobody hears the reply any more. @param byGateway - not since the client went away, but since the gateway has to end */
  abandon(byGateway: boolean): void {
    if (byGateway) this.cutOff = new GatewayError('GW_SHUTTING_DOWN', 'it was not over when the time to drain was')
    this.call?.cancel()
  }

  /** Made when it is asked for: without an access log, few exchanges are. */
  get id(): string {
    return exchangeId(this.idPrefix, this.number)
  }
}

const NOTHING_YET = { call: undefined, held: undefined, attempts: 0, recording: undefined } as const

/** @param number - of the exchange, since the start */
export function exchangeId(prefix: string, number: number): string {
  return `${prefix}-${number.toString(36)}`
}
