import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import type { Readable } from 'node:stream'
import { setTimeout as after } from 'node:timers/promises'
import { GatewayError, toGatewayError } from '../../base/errors.js'
import { readHandshake } from '../../base/handshake.js'
import { offeredProtocols } from '../../base/upgrade.js'
import { type ListenConfig, type ListenTls, NODE_SHARES_PORTS } from '../../config/resolve-listen.js'
import { readListenTls, type TlsFiles } from '../../config/tls-files.js'
import { fail } from '../../gateway/answer.js'
import { blockList } from '../../gateway/block-list.js'
import { Exchange } from '../../gateway/exchange.js'
import { handle } from '../../gateway/pipeline.js'
import type { Snapshot } from '../../gateway/snapshot.js'
import { checkHead, type Framing } from '../accept.js'
import { LINGER_MS } from '../departure.js'
import type { Entry, Together } from '../entry.js'
import { OpenSockets } from '../open-sockets.js'
import { freePort } from '../port.js'
import { NO_BODY, UNREAD } from '../request-body.js'
import { type Tenure, Tenures } from '../tenure.js'
import { UpgradeResponder } from '../upgrade-responder.js'
import type { Arrived } from './arrived.js'
import { StreamBody } from './body.js'
import { type Connection, Gate } from './gate.js'
import { NodeHooks } from './hooks.js'
import { NodeResponder } from './responder.js'
import { openServers, refuse, type Servers } from './servers.js'

/** A port served by Node's own TLS, HTTP/1.1 and HTTP/2: for what uWebSockets.js cannot do. */
export class NodeListener implements Entry {
  readonly port: number
  draining = false
  /** The deadline has passed: connections that end now were ended by the gateway. */
  cutting = false
  private readonly sockets = new Map<Socket, Connection | undefined>()
  /** Those that have left HTTP. */
  private readonly relays = new OpenSockets()
  private readonly tenures: Tenures
  private readonly servers: Servers
  private readonly idPrefix = randomBytes(6).toString('hex')
  private count = 0
  /** Called when the last connection has ended. */
  private onEmpty: (() => void) | undefined
  private gate: Gate

  private constructor(
    snapshot: Snapshot,
    private readonly config: ListenConfig,
    private files: TlsFiles | undefined,
    private readonly server: Server,
    private readonly together: Together
  ) {
    const address = server.address()
    this.port = typeof address === 'object' && address !== null ? address.port : config.port
    this.tenures = new Tenures(snapshot)
    this.servers = openServers(
      (arrived, connection) => this.accept(arrived, connection),
      () => this.closing
    )
    this.gate = this.openGate()
    server.on('connection', socket => this.connected(socket))
  }

  /** @throws GatewayError GW_LISTEN_FAILED */
  static async open(snapshot: Snapshot, config: ListenConfig, together: Together): Promise<NodeListener> {
    const { host, port } = config
    const files = config.tls && readListenTls(config.tls)
    const reusePort = together.shared && NODE_SHARES_PORTS
    if (!reusePort) await freePort(host, port)
    const server = createServer({ noDelay: true })
    server.listen({ host, port, backlog: 1_024, ...(reusePort && { reusePort }) })
    try {
      await once(server, 'listening')
    } catch (thrown) {
      throw new GatewayError('GW_LISTEN_FAILED', `cannot listen on ${host}:${port}`, { cause: thrown })
    }
    return new NodeListener(snapshot, config, files, server, together)
  }

  /** Whether the connection of a reply that goes out now ends with it. */
  get closing(): boolean {
    return this.draining || this.together.departure.ends()
  }

  get active(): number {
    return this.tenures.active
  }

  get connections(): number {
    return this.sockets.size
  }

  swap(snapshot: Snapshot): Promise<void> {
    return this.tenures.swap(snapshot)
  }

  async reloadTls(tls: ListenTls): Promise<void> {
    const before = this.files
    this.files = readListenTls(tls)
    try {
      this.gate = this.openGate()
    } catch (thrown) {
      this.files = before
      throw thrown
    }
    // Who may come in has changed: who is in shows its certificate again, with its next connection.
    const same = JSON.stringify(before?.clientAuth) === JSON.stringify(this.files.clientAuth)
    if (!same) this.retire()
  }

  async drain(deadlineMs: number): Promise<number> {
    this.draining = true
    this.server.close()
    this.relays.goAway()
    const lingerMs = this.together.departure.begun ? Math.min(LINGER_MS, deadlineMs) : 0
    if (lingerMs > 0) {
      this.servers.tell()
      await this.emptyWithin(lingerMs)
    }
    this.retire()
    await this.tenures.idleWithin(deadlineMs - lingerMs)
    const left = this.active
    if (left === 0) await this.emptyWithin(LINGER_MS) // what is left of idle connections and half-sent goodbyes
    this.cutting = true
    this.relays.close()
    for (const socket of this.sockets.keys()) socket.destroy()
    this.servers.close()
    this.tenures.end()
    return left
  }

  /** Resolves when no connection is open any more, at the latest after so many milliseconds. */
  private async emptyWithin(ms: number): Promise<void> {
    if (this.sockets.size === 0) return
    const empty = new Promise<void>(resolve => {
      this.onEmpty = resolve
    })
    await Promise.race([empty, after(ms)])
  }

  /** Connections end with the exchanges they have. */
  private retire(): void {
    for (const connection of this.sockets.values()) if (connection !== undefined) connection.retired = true
    this.servers.retire()
  }

  private openGate(): Gate {
    const { proxyProtocol, http2 } = this.config
    return new Gate({
      proxy: proxyProtocol && { trusted: blockList(proxyProtocol.trusted), timeoutMs: proxyProtocol.timeoutMs },
      tls: this.files,
      http2,
      through: (protocol, socket, connection) => this.servers.take(protocol, socket, connection),
      entered: (socket, connection) => this.sockets.set(socket, connection),
      refused: this.together.onRefused
    })
  }

  private connected(socket: Socket): void {
    socket.on('error', () => undefined) // "close" follows, and every exchange on it hears of that
    const { connections, onRefused } = this.together
    if (connections.changed(1) > this.tenures.current.snapshot.limits.connections) {
      connections.changed(-1)
      if (this.files === undefined) refuse(socket, 'GW_TOO_MANY_CONNECTIONS')
      else socket.destroy()
      onRefused('too-many', socket.remoteAddress ?? '', 'too many connections are open')
      return
    }
    this.sockets.set(socket, undefined)
    socket.once('close', () => {
      this.sockets.delete(socket)
      connections.changed(-1)
      if (this.sockets.size === 0) this.onEmpty?.()
    })
    this.gate.enter(socket)
  }

  /** @returns when the exchange is over; never rejects */
  private accept({ head, stream, wire, hasBody, goOn, openers }: Arrived, connection: Connection): Promise<void> {
    const { current: tenure } = this.tenures
    const { snapshot } = tenure
    let refused: GatewayError | undefined
    let framing: Framing = { kind: 'none' }
    try {
      framing = checkHead(head, snapshot.limits)
    } catch (thrown) {
      refused = toGatewayError(thrown)
    }
    if (hasBody === false) framing = { kind: 'none' }
    else if (hasBody === true && framing.kind === 'none') framing = { kind: 'chunked' }
    const received = refused === undefined ? this.body(stream, framing, tenure, goOn) : undefined
    const hooks = new NodeHooks(this, connection, received)
    const plain = new NodeResponder(wire, head.method === 'HEAD', hooks)
    const counted =
      refused === undefined && openers !== undefined ? (received ?? { ...NO_BODY, received: 0 }) : undefined
    const incoming = refused === undefined ? (counted ?? received ?? NO_BODY) : UNREAD
    const responder =
      openers === undefined || counted === undefined
        ? plain
        : new UpgradeResponder(plain, openers, hooks, this.relays, counted)
    const { peer, client } = connection
    const exchange = new Exchange(this.idPrefix, ++this.count, performance.now(), head, incoming, peer, responder)
    if (counted !== undefined) {
      exchange.handshake = readHandshake(head)
      exchange.offered = offeredProtocols(head.headers)
    }
    exchange.underscores = head.headers.some((name, i) => i % 2 === 0 && name.includes('_'))
    exchange.certificate = client
    if (client !== undefined) exchange.consumer = client.consumer
    hooks.exchange = exchange
    this.tenures.begin()
    connection.busy++
    const handling = new Promise<void>((ended, broken) => {
      if (refused === undefined) handle(exchange, snapshot, { ended, broken })
      else this.refuse(exchange, refused, snapshot).then(ended, broken)
    })
    return handling
      .finally(() => {
        connection.busy--
        if (connection.busy === 0) connection.onIdle?.()
      })
      .then(tenure.ended, tenure.broken)
  }

  private body(
    stream: Readable,
    framing: Framing,
    { snapshot, uploads }: Tenure,
    goOn: Arrived['goOn']
  ): StreamBody | undefined {
    if (framing.kind === 'none' || (framing.kind === 'sized' && framing.length === 0)) return undefined
    return new StreamBody(
      stream,
      framing.kind === 'sized' ? framing.length : undefined,
      snapshot.limits.bodyBytes,
      uploads,
      goOn
    )
  }

  /** What must not be forwarded gets its error, and an HTTP/1.1 connection ends: its framing is not to be trusted. */
  private async refuse(exchange: Exchange, error: GatewayError, snapshot: Snapshot): Promise<void> {
    exchange.last = true
    await fail(exchange, error, snapshot)
    snapshot.log.exchange(exchange)
  }
}
