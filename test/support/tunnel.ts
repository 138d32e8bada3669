import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { Test } from 'tap'
import { parseReply, type RawReply } from './reply.js'

/** One end of a tunnel. */
export interface End {
  readonly socket: Socket
  /** The next so many bytes; fewer at the end. */
  take(bytes: number): Promise<string>
  /** All there is until the other side ends. */
  rest(): Promise<string>
}

export interface UpstreamEnd extends End {
  readonly request: IncomingMessage
}

export interface TunnelUpstream {
  readonly port: number
  /** The next tunnel nobody took yet. */
  tunnel(): Promise<UpstreamEnd>
}

/** Bytes that say yes to `protocol`. */
export function switching(protocol: string, ...headers: string[]): string {
  return ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', `Upgrade: ${protocol}`, ...headers, '', ''].join(
    '\r\n'
  )
}

/** An upstream that answers each request for another protocol with these bytes, and others with 200. */
export async function tunnelUpstream(t: Test, answer = switching('echo/1')): Promise<TunnelUpstream> {
  const server = createServer((_, response) => response.end('plain'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const waiting: UpstreamEnd[] = []
  const takers: ((end: UpstreamEnd) => void)[] = []
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    t.teardown(() => socket.destroy())
    if (head.length > 0) socket.unshift(head)
    socket.write(answer)
    const end = { ...endOf(socket), request }
    const taker = takers.shift()
    if (taker === undefined) waiting.push(end)
    else taker(end)
  })
  return {
    port: (server.address() as AddressInfo).port,
    tunnel: () => {
      const end = waiting.shift()
      return end === undefined ? new Promise(resolve => takers.push(resolve)) : Promise.resolve(end)
    }
  }
}

/** A route at /* that lets connections leave HTTP for `echo/1` and `tcp`. */
export function tunnelRoute(port: number, upgrade: object | undefined = {}, more: object = {}) {
  const rules = upgrade && { protocols: ['echo/1', 'TCP'], ...upgrade }
  return {
    upstreams: { main: { targets: [`http://127.0.0.1:${port}`] } },
    routes: [{ name: 'tunnels', match: { path: '/*' }, upstream: 'main', ...(rules && { upgrade: rules }), ...more }]
  }
}

/** A request for another protocol, from its parts. @param line - method and path */
export function asks(protocol = 'echo/1', line = 'GET /', ...headers: string[]): string {
  return [
    `${line} HTTP/1.1`,
    'host: gateway.test',
    'connection: Upgrade',
    `upgrade: ${protocol}`,
    ...headers,
    '',
    ''
  ].join('\r\n')
}

export interface TunnelClient extends End {
  /** Its head alone, when it is a 101. */
  readonly reply: RawReply
}

/** A client that has sent `bytes` and read the head of a 101. It may end its side and read on. */
export async function tunnel(t: Test, port: number, bytes: string, secure?: ConnectionOptions): Promise<TunnelClient> {
  const place = { port, host: '127.0.0.1', allowHalfOpen: true }
  const socket = secure === undefined ? connectTcp(place) : connectTls({ ...place, ...secure })
  t.teardown(() => socket.destroy())
  socket.write(bytes)
  const end = endOf(socket)
  let head = ''
  while (!head.endsWith('\r\n\r\n')) {
    const byte = await end.take(1)
    if (byte === '') throw new Error(`the connection ended after ${JSON.stringify(head)}`)
    head += byte
  }
  const parsed = parseReply(Buffer.from(head, 'latin1'), 'HEAD', true)
  if (parsed?.reply.status !== 101) throw new Error(`no 101: ${head}`)
  return { ...end, reply: parsed.reply }
}

function endOf(socket: Socket): End {
  socket.on('error', () => undefined) // an end like any other
  socket.pause()
  const take = async (bytes: number): Promise<string> => {
    const taken: Buffer[] = []
    for (let missing = bytes; missing > 0; ) {
      const chunk: Buffer | null = socket.read(Math.min(missing, socket.readableLength))
      if (chunk !== null) {
        taken.push(chunk)
        missing -= chunk.length
      } else if (socket.readableEnded || socket.destroyed) break
      else await change(socket)
    }
    return Buffer.concat(taken).toString('latin1')
  }
  const rest = (): Promise<string> => take(Number.POSITIVE_INFINITY)
  return { socket, take, rest }
}

/** Something can be read, or nothing will any more. */
function change(socket: Socket): Promise<void> {
  return new Promise(resolve => {
    const changed = (): void => {
      for (const event of ['readable', 'end', 'close']) socket.off(event, changed)
      resolve()
    }
    for (const event of ['readable', 'end', 'close']) socket.on(event, changed)
  })
}
