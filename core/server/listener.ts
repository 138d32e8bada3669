import uWS, { type HttpRequest, type HttpResponse } from 'uWebSockets.js'
import { randomBytes } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { setTimeout as after, setImmediate } from 'node:timers/promises'
import { GatewayError, toGatewayError } from '../base/errors.js'
import { readHandshake } from '../base/handshake.js'
import { problemReply } from '../base/problem.js'
import { fail } from '../gateway/answer.js'
import { Exchange, exchangeId } from '../gateway/exchange.js'
import { handle } from '../gateway/pipeline.js'
import type { Snapshot } from '../gateway/snapshot.js'
import { type Checked, checkReceived, type Framing, readHead } from './accept.js'
import { addressText } from './address.js'
import { CIPHERS } from './ciphers.js'
import { LINGER_MS } from './departure.js'
import type { Together } from './entry.js'
import { openClient } from './open-client.js'
import { Peers } from './peers.js'
import { freePort } from './port.js'
import { NO_BODY, RequestBody, UNREAD } from './request-body.js'
import { Responder, type ResponderHooks } from './responder.js'
import { type Tenure, Tenures } from './tenure.js'
import { UpgradeResponder } from './upgrade-responder.js'
import { type SocketContexts, WebSockets } from './websockets.js'
import { writeHeaders } from './write-headers.js'

/** uWebSockets.js names itself in every reply unless it is told this; its types do not know the function. */
function silence(): void {
  const configure: unknown = Reflect.get(uWS, '_cfg')
  if (typeof configure === 'function') configure('999999990007')
}

export interface ListenOptions extends Together {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** PEM files; left out: plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
}

/** The open port, and every exchange that came in through it. */
export class Listener {
  /** The port that was opened. */
  readonly port: number
  private readonly peers = new Peers()
  /** No new connection is taken, and those that are open end with the exchange they have. */
  draining = false
  /** The deadline has passed: connections that end now were ended by the gateway. */
  cutting = false
  /** Replies say that their connection ends. */
  private retired = false
  /** Called when the last connection has ended of a listener that takes no more. */
  private onEmpty: (() => void) | undefined
  private readonly idPrefix = randomBytes(6).toString('hex')
  private count = 0
  private readonly tenures: Tenures

  private constructor(
    snapshot: Snapshot,
    private readonly app: uWS.TemplatedApp,
    private readonly socket: uWS.us_listen_socket,
    private readonly sockets: WebSockets,
    private readonly options: ListenOptions
  ) {
    this.port = uWS.us_socket_local_port(socket)
    this.tenures = new Tenures(snapshot)
  }

  /**
   * Opens the port and serves `snapshot`.
   * @throws GatewayError GW_LISTEN_FAILED
   */
  static async open(snapshot: Snapshot, options: ListenOptions): Promise<Listener> {
    const { host, tls } = options
    const free = options.shared ? options.port : await freePort(host, options.port)
    // A port that uWebSockets.js chooses itself cannot be shared later, which new certificates ask for.
    const port = tls === undefined ? options.port : free
    silence()
    const app = tls === undefined ? uWS.App() : tlsApp(tls)
    let listener: Listener | undefined
    app.filter((response, change) => listener?.connection(response, Number(change)))
    const sockets = new WebSockets(() => listener?.left())
    sockets.register(app, (response, request, contexts) => listener?.accept(response, request, 'GET', contexts))
    app.any('/*', (response, request) => listener?.accept(response, request, request.getCaseSensitiveMethod()))
    // Most are this, and a text from uWebSockets.js takes its time.
    app.get('/*', (response, request) => listener?.accept(response, request, 'GET'))
    return new Promise((resolve, reject) => {
      app.listen(host, port, socket => {
        if (!socket) return reject(new GatewayError('GW_LISTEN_FAILED', `cannot listen on ${host}:${port}`))
        listener = new Listener(snapshot, app, socket, sockets, options)
        resolve(listener)
      })
    })
  }

  /** Whether every connection ends with the exchange it has. */
  get leaving(): boolean {
    return this.draining || this.retired
  }

  /** Whether the connection of a reply that goes out now ends with it. */
  get closing(): boolean {
    return this.leaving || this.options.departure.ends()
  }

  /** Exchanges under way. */
  get active(): number {
    return this.tenures.active
  }

  /** Connections of clients that are open. */
  get connections(): number {
    return this.peers.connections
  }

  /**
   * Every exchange that begins from now on begins under `snapshot`.
   * @returns when nothing runs under the former one any more
   */
  swap(snapshot: Snapshot): Promise<void> {
    return this.tenures.swap(snapshot)
  }

  /** Stops accepting; each connection ends with its next exchange. @param onEmpty - called when none is left */
  retire(onEmpty: () => void): void {
    this.retired = true
    uWS.us_listen_socket_close(this.socket)
    this.onEmpty = () => {
      this.onEmpty = undefined
      this.sockets.close()
      this.app.close()
      this.tenures.end()
      onEmpty()
    }
    if (this.connections === 0) this.onEmpty()
  }

  /**
   * Stops accepting, lets what runs finish, ends the rest at the deadline.
   * @returns how many exchanges had to be cut off
   */
  async drain(deadlineMs: number): Promise<number> {
    this.draining = true
    if (!this.retired) uWS.us_listen_socket_close(this.socket)
    this.onEmpty = undefined
    this.sockets.goAway()
    const lingerMs = this.options.departure.begun ? Math.min(LINGER_MS, deadlineMs) : 0
    if (lingerMs > 0) await this.emptyWithin(lingerMs)
    await this.tenures.idleWithin(deadlineMs - lingerMs)
    const left = this.active
    this.cutting = true
    this.sockets.close()
    this.app.close() // runs the abort handler of each
    this.tenures.end()
    return left
  }

  /** Resolves when no connection is open any more, at the latest after so many milliseconds. */
  private async emptyWithin(ms: number): Promise<void> {
    if (this.connections === 0) return
    const empty = new Promise<void>(resolve => {
      this.onEmpty = resolve
    })
    await Promise.race([empty, after(ms)])
    this.onEmpty = undefined
  }

  /** A connection was opened (1) or closed (-1). One too many is told so and closed. */
  private connection(response: HttpResponse, change: number): void {
    this.peers.changed(response, change)
    this.emptied()
    const open = this.options.connections.changed(change)
    if (change < 0 || open <= this.tenures.current.snapshot.limits.connections) return
    this.options.onRefused('too-many', addressText(response.getRemoteAddress()), 'too many connections are open')
    const { body, headers } = problemReply('GW_TOO_MANY_CONNECTIONS', exchangeId(this.idPrefix, ++this.count))
    response.cork(() => {
      response.writeStatus('503 Service Unavailable')
      writeHeaders(response, headers)
      response.end(Buffer.isBuffer(body) ? body : '', true)
    })
  }

  /** A connection that had become a WebSocket was closed: uWebSockets.js does not tell of it as of others. */
  private left(): void {
    this.peers.left()
    this.options.connections.changed(-1)
    this.emptied()
  }

  /** Not within the event of the connection: what waits for this closes the port's sockets. */
  private emptied(): void {
    if (this.onEmpty !== undefined && this.connections === 0) void setImmediate().then(() => this.onEmpty?.())
  }

  /** @param contexts - it may be a WebSocket handshake */
  private accept(response: HttpResponse, request: HttpRequest, method: string, contexts?: SocketContexts): void {
    const head = readHead(request, method, this.options.tls === undefined ? 'http' : 'https')
    const { current: tenure } = this.tenures
    const peer = this.peers.of(response)
    let refused: GatewayError | undefined
    let checked = NOTHING_FOUND
    try {
      checked = checkReceived(head, tenure.snapshot.limits)
    } catch (thrown) {
      refused = toGatewayError(thrown)
    }
    const received = refused === undefined ? body(response, checked.framing, tenure) : undefined
    const hooks = new Hooks(this, received)
    const handshake = contexts && received === undefined ? readHandshake(head) : undefined
    const incoming = refused === undefined ? (received ?? (handshake ? { ...NO_BODY, received: 0 } : NO_BODY)) : UNREAD
    const plain = new Responder(response, head.method === 'HEAD', hooks)
    const responder =
      contexts === undefined || handshake === undefined
        ? plain
        : new UpgradeResponder(
            plain,
            { open: openClient(response, handshake, contexts) },
            hooks,
            this.sockets,
            incoming
          )
    const exchange = new Exchange(this.idPrefix, ++this.count, performance.now(), head, incoming, peer, responder)
    if (handshake !== undefined) exchange.handshake = handshake
    if (checked.last) exchange.last = true
    hooks.exchange = exchange
    this.tenures.begin()
    const { snapshot } = tenure
    if (refused === undefined) handle(exchange, snapshot, tenure)
    else void refuse(exchange, refused, snapshot).then(tenure.ended, tenure.broken)
    plain.leaveHandler()
  }
}

/** Of a head that is wrong. */
const NOTHING_FOUND: Checked = { framing: { kind: 'none' }, last: false }

function body(response: HttpResponse, framing: Framing, { snapshot, uploads }: Tenure): RequestBody | undefined {
  if (framing.kind === 'none') return undefined
  if (framing.kind === 'sized' && framing.length === 0) return undefined
  const length = framing.kind === 'sized' ? framing.length : undefined
  return new RequestBody(response, length, snapshot.limits.bodyBytes, uploads)
}

/** What must not be forwarded gets its error, and the connection ends: its framing cannot be trusted any more. */
async function refuse(exchange: Exchange, error: GatewayError, snapshot: Snapshot): Promise<void> {
  exchange.last = true
  await fail(exchange, error, snapshot)
  snapshot.log.exchange(exchange)
}

/** @throws GatewayError GW_LISTEN_FAILED: uWebSockets.js does not say why */
function tlsApp({ cert, key }: NonNullable<ListenOptions['tls']>): uWS.TemplatedApp {
  try {
    return uWS.SSLApp({ cert_file_name: cert, key_file_name: key, ssl_ciphers: CIPHERS })
  } catch (thrown) {
    throw new GatewayError('GW_LISTEN_FAILED', `${cert} and its key cannot be used`, { cause: thrown })
  }
}

/** What ties an exchange's two ends together. A class: closures of its own would cost each exchange more. */
class Hooks implements ResponderHooks {
  exchange: Exchange | undefined

  constructor(
    private readonly listener: { readonly closing: boolean; readonly leaving: boolean; readonly cutting: boolean },
    private readonly body: RequestBody | undefined
  ) {}

  get closing(): boolean {
    return this.listener.closing
  }

  get leaving(): boolean {
    return this.listener.leaving
  }

  release(): void {
    this.body?.release()
  }

  gone(): void {
    this.exchange?.abandon(this.listener.cutting) // first: it says why the body ends
    this.body?.abort()
  }
}
