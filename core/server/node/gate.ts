import type { BlockList, Socket } from 'node:net'
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls'
import type { TlsFiles } from '../../config/tls-files.js'
import { isListed } from '../../gateway/block-list.js'
import type { ClientCertificate } from '../../gateway/client-certificate.js'
import type { Refusal } from '../entry.js'
import { judgeClient } from './client-certificate.js'
import { lookForServerName } from './client-hello.js'
import { type Contexts, contexts } from './contexts.js'
import { Link } from './link.js'
import { type Look, readPreamble } from './preamble.js'
import { normal, parseProxyHeader } from './proxy-header.js'

/** A connection that may speak HTTP. */
export interface Connection {
  /** Address of its other end, or whom a trusted PROXY header names. */
  peer: string
  readonly secure: boolean
  readonly link: Link
  client: ClientCertificate | undefined
  /** Exchanges under way on it. */
  busy: number
  /** What is to be done when none is under way any more. */
  onIdle: (() => void) | undefined
  /** It ends with the exchanges it has: what let it in has changed. */
  retired: boolean
}

export interface GateOptions {
  readonly proxy: { readonly trusted: BlockList | undefined; readonly timeoutMs: number } | undefined
  readonly tls: TlsFiles | undefined
  readonly http2: boolean
  /** Takes a connection that is through. */
  readonly through: (protocol: 'http1' | 'http2', socket: Socket, connection: Connection) => void
  /** Told of each connection that came, and what will be known of it. */
  readonly entered: (socket: Socket, connection: Connection) => void
  readonly refused: (kind: Refusal, peer: string, reason: string) => void
}

const HANDSHAKE_MS = 10_000
/** Until a client without TLS has said which HTTP it speaks. */
const FIRST_BYTES_MS = 15_000

/** What a connection goes through before HTTP: the PROXY header, TLS with the client's certificate, the choice of protocol. */
export class Gate {
  private readonly contexts: Contexts | undefined
  /** Node's TLS servers, which listen nowhere: one for each set of certificates, once it is asked for. */
  private readonly servers = new Map<SecureContextOptions, Server>()
  /** By the addresses and ports of both ends: TLS gives its socket without a way back to ours. */
  private readonly handshakes = new Map<string, Connection>()

  constructor(private readonly options: GateOptions) {
    this.contexts = options.tls && contexts(options.tls)
    if (this.contexts !== undefined) this.server(this.contexts.fallback) // what OpenSSL cannot use is said now
  }

  enter(socket: Socket): void {
    const peer = normal(socket.remoteAddress ?? '')
    const secure = this.contexts !== undefined
    const connection: Connection = {
      peer,
      secure,
      link: new Link(socket),
      client: undefined,
      busy: 0,
      onIdle: undefined,
      retired: false
    }
    this.options.entered(socket, connection)
    const { proxy } = this.options
    if (proxy === undefined) {
      this.secure(socket, connection)
      return
    }
    if (!isListed(peer, proxy.trusted)) {
      this.refuse(socket, 'proxy-header', peer, 'this peer is not trusted to send PROXY headers')
      return
    }
    readPreamble(
      socket,
      proxy.timeoutMs,
      lookForProxy,
      source => {
        connection.peer = source ?? peer
        this.secure(socket, connection)
      },
      reason => this.refuse(socket, 'proxy-header', peer, reason)
    )
  }

  private secure(socket: Socket, connection: Connection): void {
    if (socket.destroyed) return
    const { contexts } = this
    if (contexts !== undefined) {
      const key = endsOf(socket)
      if (key === undefined) return void socket.destroy()
      this.handshakes.set(key, connection)
      socket.once('close', () => {
        // The kernel may have given the same ends to another connection before Node says that this one is closed.
        if (this.handshakes.get(key) === connection) this.handshakes.delete(key)
      })
      if (!contexts.several) return void this.server(contexts.fallback).emit('connection', socket)
      const then = (name: string): void => void this.server(contexts.find(name)).emit('connection', socket)
      readPreamble(socket, HANDSHAKE_MS, lookForServerName, then, reason =>
        this.refuse(socket, 'tls', connection.peer, reason)
      )
    } else if (this.options.http2) {
      const then = (protocol: 'http1' | 'http2'): void => this.options.through(protocol, socket, connection)
      // A client that goes away, or says nothing, before its first byte did nothing wrong.
      readPreamble(socket, FIRST_BYTES_MS, lookForHttp2, then, () => socket.destroy())
    } else this.options.through('http1', socket, connection)
  }

  private server(context: SecureContextOptions): Server {
    const known = this.servers.get(context)
    if (known !== undefined) return known
    const server = this.openServer(context, this.options.tls?.clientAuth)
    this.servers.set(context, server)
    return server
  }

  private openServer(context: SecureContextOptions, clientAuth: TlsFiles['clientAuth']): Server {
    const server = createServer({
      ...context,
      ALPNProtocols: this.options.http2 ? ['h2', 'http/1.1'] : ['http/1.1'],
      requestCert: clientAuth !== undefined,
      rejectUnauthorized: false, // `judgeClient` does, and says why
      handshakeTimeout: HANDSHAKE_MS
    })
    server.on('secureConnection', (socket: TLSSocket) => {
      const connection = this.handshakes.get(endsOf(socket) ?? '')
      if (connection === undefined) return void socket.destroy()
      if (clientAuth !== undefined) {
        const judged = judgeClient(socket, clientAuth)
        if ('refused' in judged) {
          this.refuse(socket, 'certificate', connection.peer, judged.refused)
          return
        }
        connection.client = judged.client
      }
      this.options.through(socket.alpnProtocol === 'h2' ? 'http2' : 'http1', socket, connection)
    })
    server.on('tlsClientError', (error, socket) => {
      this.refuse(socket, 'tls', this.handshakes.get(endsOf(socket) ?? '')?.peer ?? '', error.message)
    })
    return server
  }

  private refuse(socket: Socket, kind: Refusal, peer: string, reason: string): void {
    socket.destroy()
    this.options.refused(kind, peer, reason)
  }
}

/**
 * What tells a TCP connection from every other that is open: its client may use one port towards several addresses of ours.
 * undefined: it is over, and has no ends any more.
 */
function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string | undefined {
  if (remoteAddress === undefined || localAddress === undefined) return undefined
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
}

function lookForProxy(bytes: Buffer): Look<string | undefined> {
  const found = parseProxyHeader(bytes)
  return found.kind === 'whole' ? { kind: 'whole', bytes: found.bytes, value: found.source } : found
}

/** What an HTTP/2 client says first (RFC 9113 §3.4). No HTTP/1.1 request begins like it. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

function lookForHttp2(bytes: Buffer): Look<'http1' | 'http2'> {
  const length = Math.min(bytes.length, PREFACE.length)
  if (bytes.compare(PREFACE, 0, length, 0, length) !== 0) return { kind: 'whole', bytes: 0, value: 'http1' }
  return length < PREFACE.length ? { kind: 'more' } : { kind: 'whole', bytes: 0, value: 'http2' }
}
