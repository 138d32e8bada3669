import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { type ClientOptions, type ServerOptions, WebSocket, WebSocketServer } from 'ws'
import { connect, type RawClient } from './client.js'
import type { RunningSluice } from './sluice.js'

export interface SocketUpstream {
  readonly port: number
  /** The next socket nobody took yet, with the request that opened it. */
  socket(): Promise<Opened>
}

export interface Opened {
  readonly socket: WebSocket
  readonly request: IncomingMessage
}

/** An upstream that speaks WebSocket, made with ws. Each socket does what `onSocket` says. */
export async function socketUpstream(
  t: Test,
  onSocket: (socket: WebSocket, request: IncomingMessage) => void = () => undefined,
  options: ServerOptions = {}
): Promise<SocketUpstream> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: 0, ...options })
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of server.clients) socket.terminate()
    server.close()
  })
  const waiting: Opened[] = []
  const takers: ((opened: Opened) => void)[] = []
  server.on('connection', (socket, request) => {
    socket.on('error', () => undefined)
    onSocket(socket, request)
    const taker = takers.shift()
    if (taker === undefined) waiting.push({ socket, request })
    else taker({ socket, request })
  })
  return {
    port: (server.address() as AddressInfo).port,
    socket: () => {
      const opened = waiting.shift()
      return opened === undefined ? new Promise(resolve => takers.push(resolve)) : Promise.resolve(opened)
    }
  }
}

/** Sends back whatever comes. */
export function echo(socket: WebSocket): void {
  socket.on('message', (data, binary) => socket.send(data, { binary }))
}

/** A route for WebSockets at /*, to one upstream. */
export function socketRoute(port: number, websocket: object = {}, more: object = {}) {
  return {
    upstreams: { main: { targets: [`http://127.0.0.1:${port}`] } },
    routes: [{ name: 'sockets', match: { path: '/*' }, upstream: 'main', websocket, ...more }]
  }
}

/** A client's socket, open; over TLS where `ca` is said. */
export async function openSocket(
  t: Test,
  { port }: Pick<RunningSluice, 'port'>,
  path = '/',
  { protocols = [], ...options }: ClientOptions & { readonly protocols?: string[] } = {}
): Promise<WebSocket> {
  const scheme = options.ca === undefined ? 'ws' : 'wss'
  const socket = new WebSocket(`${scheme}://127.0.0.1:${port}${path}`, protocols, { maxPayload: 0, ...options })
  t.teardown(() => socket.terminate())
  await once(socket, 'open')
  return socket
}

export interface Message {
  readonly data: Buffer
  readonly binary: boolean
}

/** The next message. */
export async function message(socket: WebSocket): Promise<Message> {
  const [data, binary] = await once(socket, 'message')
  return { data, binary }
}

/** How a socket ended. */
export async function closed(socket: WebSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = await once(socket, 'close')
  return { code, reason: String(reason) }
}

/** The key of the RFC's example, and the answer to it. */
export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
export const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

/** An opening handshake, from its parts. */
export function handshake(path = '/', ...headers: string[]): string {
  return [
    `GET ${path} HTTP/1.1`,
    'host: gateway.test',
    'connection: keep-alive, Upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    `sec-websocket-key: ${KEY}`,
    ...headers,
    '',
    ''
  ].join('\r\n')
}

export interface FrameOptions {
  readonly fin?: boolean
  readonly masked?: boolean
  /** The three reserved bits. */
  readonly reserved?: number
}

export const TEXT = 1
export const BINARY = 2
export const CONTINUATION = 0
export const CLOSE_FRAME = 8
export const PING = 9
export const PONG = 10

/** One frame, of a client unless it is not masked. */
export function frame(opcode: number, payload: string | Uint8Array = '', options: FrameOptions = {}): Buffer {
  const { fin = true, masked = true, reserved = 0 } = options
  const data = Buffer.from(payload)
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode
  const length = [data.length]
  if (data.length > 65_535) throw new RangeError('no long frames here')
  if (data.length > 125) length.splice(0, 1, 126, data.length >> 8, data.length & 255)
  length[0] = (length[0] ?? 0) | (masked ? 0x80 : 0)
  const mask = masked ? [1, 2, 3, 4] : []
  const body = masked ? data.map((byte, i) => byte ^ ((i % 4) + 1)) : data
  return Buffer.concat([Buffer.from([first, ...length, ...mask]), body])
}

/** The payload of a close frame. */
export function closePayload(code: number, reason = ''): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)])
}

/** A client that sends what frames it is told to, its handshake done. */
export async function frameClient(
  t: Test,
  port: number,
  ...headers: string[]
): Promise<RawClient & { frames(): Promise<Buffer> }> {
  const client = await connect(t, port)
  client.send(handshake('/', ...headers))
  const reply = await client.reply()
  if (reply.status !== 101) throw new Error(`status ${reply.status}`)
  // What follows the head of the 101 is not HTTP any more.
  return { ...client, frames: async () => Buffer.from(await client.rest(), 'latin1') }
}
