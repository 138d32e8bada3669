import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from 'node:http'
import { constants, createServer as createHttp2, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ErrorCode } from '../../base/errors.js'
import { header } from '../../base/headers.js'
import { STATUS_CODES } from '../../base/http.js'
import { problemReply } from '../../base/problem.js'
import type { Arrived } from './arrived.js'
import type { Connection } from './gate.js'
import { readHead1, wire1 } from './http1.js'
import { readHead2, wire2 } from './http2.js'
import { Opening } from './opening.js'
import { Request1 } from './request1.js'
import { Turns } from './turns.js'

/** Node's HTTP servers, which listen nowhere: they are handed connections. */
export interface Servers {
  take(protocol: 'http1' | 'http2', socket: Socket, connection: Connection): void
  /** HTTP/2 clients are told to send no more (GOAWAY); what is on its way is still served. */
  tell(): void
  /** Idle connections end, and the others with what they have: HTTP/2 clients are told (GOAWAY). */
  retire(): void
  close(): void
}

interface Times {
  /** How long a connection may be idle. */
  readonly idleMs: number
  /** How long a client may take to answer a ping over HTTP/2, when nothing came or went for so long. */
  readonly pingMs: number
}

const TIMES: Times = { idleMs: 60_000, pingMs: 15_000 }
/** How long the head of a request may take. */
const HEAD_MS = 15_000
/** More than any limit of ours, so that it is ours that speaks. */
const MAX_HEAD_BYTES = 65_536
const MAX_HEAD_PAIRS = 1_000
const MAX_STREAMS = 256
/** The highest identifier a stream can have. */
const LAST_STREAM = 2 ** 31 - 1
/** Of a connection, bytes: many of its streams may be paused, with their 64 KB each, before others are held up. */
const WINDOW_BYTES = 2_097_152

/** Takes a request on. @returns when its exchange is over */
export type Accept = (arrived: Arrived, connection: Connection) => Promise<void>

/** @param closing - whether the connection of a reply that goes out now should end with it */
export function openServers(accept: Accept, closing: () => boolean, times = TIMES): Servers {
  const connections = new WeakMap<Duplex, Connection>()
  const http1 = openHttp1(accept, connections, times.idleMs)
  const sessions = new Set<ServerHttp2Session>()
  const told = new WeakSet<ServerHttp2Session>()
  /** The first of two steps (RFC 9113 §6.8): `close` alone would leave out the streams that are on their way. */
  const tell = (session: ServerHttp2Session): void => {
    if (session.destroyed || session.closed || told.has(session)) return
    told.add(session)
    session.goaway(constants.NGHTTP2_NO_ERROR, LAST_STREAM)
  }
  let entering: Connection | undefined
  const http2 = createHttp2({
    maxHeaderListPairs: MAX_HEAD_PAIRS,
    settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: MAX_HEAD_BYTES, enablePush: false }
  })
  http2.on('session', session => {
    const connection = entering
    if (connection === undefined) return session.destroy()
    sessions.add(session)
    session.setLocalWindowSize(WINDOW_BYTES)
    endWhenIdle(session, connection, times)
    session.on('error', () => undefined) // "close" follows, and that of its streams
    session.on('close', () => sessions.delete(session))
    session.on('stream', (stream: ServerHttp2Stream, _: unknown, flags: number, raw: string[]) => {
      stream.on('error', () => undefined) // "close" follows
      const head = readHead2(raw, connection.secure ? 'https' : 'http')
      const hasBody = (flags & constants.NGHTTP2_FLAG_END_STREAM) === 0
      const goOn =
        header(head.headers, 'expect') === undefined
          ? undefined
          : () => stream.destroyed || stream.headersSent || stream.additionalHeaders({ ':status': 100 })
      const wire = wire2(stream, head, connection.link)
      void accept({ head, stream, wire, hasBody, goOn }, connection).then(() => {
        if (closing()) tell(session)
      })
    })
  })
  return {
    take: (protocol, socket, connection) => {
      if (protocol === 'http1') {
        connections.set(socket, connection)
        http1.emit('connection', socket)
        return
      }
      entering = connection // "session" comes before emit returns
      http2.emit('connection', socket)
      entering = undefined
    },
    tell: () => sessions.forEach(tell),
    retire: () => {
      http1.closeIdleConnections()
      for (const session of sessions) session.close()
    },
    close: () => {
      http1.close()
      http2.close()
    }
  }
}

/**
 * After most of what a client can do wrong, Node has said so (GOAWAY) and reads the connection no more: it does not see that the client
 * leaves, and the streams never end. Nothing else tells of it than that no ping is answered.
 */
function endWhenIdle(session: ServerHttp2Session, connection: Connection, { idleMs, pingMs }: Times): void {
  const idle = (): void => {
    session.setTimeout(idleMs, idle) // it is called once, and no answer to a ping sets the clock back
    if (connection.busy === 0) {
      // Who has not taken what was said before takes no goodbye either, and that would be waited for.
      if (connection.link.queued > 0) return void connection.link.destroy()
      session.close()
    } else if (session.closed) return // Node sends no ping then
    const timer = setTimeout(() => session.destroy(), pingMs).unref()
    if (!session.closed) session.ping(() => clearTimeout(timer)) // called, too, when the session ends before
  }
  session.setTimeout(idleMs, idle)
}

function openHttp1(accept: Accept, connections: WeakMap<Duplex, Connection>, idleMs: number) {
  const server = createHttp1({
    IncomingMessage: Request1,
    maxHeaderSize: MAX_HEAD_BYTES,
    requireHostHeader: false, // `checkHead` says so, and the refusal is logged
    keepAliveTimeout: idleMs,
    headersTimeout: HEAD_MS,
    requestTimeout: 0, // silence of a body is what is limited, not its length in time
    connectionsCheckingInterval: 1_000
  })
  /** The request of a connection whose head was read last. */
  const newest = new WeakMap<Duplex, IncomingMessage>()
  const turns = new WeakMap<Connection, Turns>()
  server.maxHeadersCount = 0 // no limit: above its own Node leaves headers out without a word
  const arrived = (request: IncomingMessage, response: ServerResponse, goOn?: () => void): void => {
    const { socket } = request
    const connection = connections.get(socket)
    if (connection === undefined) return void socket.destroy()
    newest.set(socket, request)
    const turn = turns.get(connection) ?? new Turns(connection)
    turns.set(connection, turn)
    const taken = turn.take(() => {
      if (!socket.writable) return undefined // the reply before was the last
      const head = readHead1(request, connection.secure ? 'https' : 'http')
      const trailers = /\btrailers\b/i.test(header(head.headers, 'te') ?? '')
      return accept(
        { head, stream: request, wire: wire1(response, connection.link, trailers), hasBody: undefined, goOn },
        connection
      )
    })
    if (!taken) socket.destroy()
  }
  server.on('request', (request, response) => arrived(request, response))
  server.on('checkContinue', (request, response) => {
    arrived(request, response, () => response.headersSent || response.writeContinue())
  })
  server.on('checkExpectation', (request, response) => arrived(request, response))
  server.on('upgrade', (request, socket, early) => {
    const connection = connections.get(socket)
    if (connection === undefined) return void socket.destroy()
    const head = readHead1(request, connection.secure ? 'https' : 'http')
    const openers = new Opening(request, early, connection.link, () => server.emit('connection', socket))
    const { wire, body } = openers
    void accept({ head, stream: body, wire, hasBody: undefined, goOn: undefined, openers }, connection)
  })
  server.on('connect', (_, socket) => refuse(socket, 'GW_METHOD_NOT_SUPPORTED'))
  server.on('clientError', (error, socket) => {
    const connection = connections.get(socket)
    if (connection === undefined) return void socket.destroy()
    if (connection.busy > 0) {
      // What is wrong may stand behind good requests: these have their replies first.
      if (newest.get(socket)?.complete === true) connection.onIdle ??= () => destroySoon(socket)
      // A reply may have begun, or is about to say the same: the end of the connection follows it.
      else setImmediate(() => destroySoon(socket))
      return
    }
    const code = 'code' in error ? String(error.code) : ''
    if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
    refuse(socket, PARSER_CODES[code] ?? 'GW_BAD_REQUEST')
  })
  // Node times the heads of requests for servers that listen only. This one is told that it does.
  server.emit('listening')
  return server
}

/** Ends a connection once what was written is out. */
function destroySoon(socket: Duplex): void {
  if (socket.writableEnded || socket.destroyed) socket.destroy()
  else socket.end(() => socket.destroy())
}

const PARSER_CODES: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'GW_HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'GW_REQUEST_TIMEOUT'
}

/** Answers what the parser could not make a request of, and ends the connection. */
export function refuse(socket: Duplex, code: ErrorCode): void {
  const { status, headers, body } = problemReply(code, '')
  const text = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'connection: close', `content-length: ${text.length}`]
  for (let i = 0; i + 1 < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`)
  const bytes = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), text])
  socket.end(bytes, () => socket.destroy())
}
