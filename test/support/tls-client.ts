import { once } from 'node:events'
import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import type { Test } from 'tap'
import { parseReply, type RawReply } from './reply.js'

/** A TLS connection to a port of this machine, or the error it ended with. */
export async function connectSecure(t: Test, port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port, ...options })
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')
  socket.on('error', () => undefined)
  return socket
}

/** One request on a connection that is open, and the reply to it. */
export async function ask(socket: Socket, request: string): Promise<RawReply> {
  let buffered = Buffer.alloc(0)
  const reply = new Promise<RawReply>((resolve, reject) => {
    const take = (ended: boolean): void => {
      const parsed = parseReply(buffered, request.slice(0, request.indexOf(' ')), ended)
      if (parsed === undefined && !ended) return
      socket.off('data', data)
      socket.off('close', close)
      if (parsed !== undefined) resolve(parsed.reply)
      else reject(new Error(`the connection ended after ${JSON.stringify(buffered.toString('latin1'))}`))
    }
    const data = (chunk: Buffer): void => {
      buffered = Buffer.concat([buffered, chunk])
      take(false)
    }
    const close = (): void => take(true)
    socket.on('data', data).on('close', close)
    if (socket.destroyed) take(true)
  })
  socket.write(request)
  return reply
}

export interface Http2Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly trailers: IncomingHttpHeaders | undefined
  readonly body: string
}

/** An HTTP/2 connection to a port of this machine, until the test ends. */
export async function connect2(t: Test, port: number, options?: ConnectionOptions): Promise<ClientHttp2Session> {
  const origin = `${options === undefined ? 'http' : 'https'}://127.0.0.1:${port}`
  const session = connectHttp2(origin, { ...options })
  t.teardown(() => session.destroy())
  await once(session, 'connect')
  session.on('error', () => undefined)
  return session
}

export async function ask2(
  session: ClientHttp2Session,
  headers: Readonly<Record<string, string>>,
  body?: string | Buffer
): Promise<Http2Reply> {
  const stream = session.request(headers, { endStream: body === undefined })
  if (body !== undefined) stream.end(body)
  let trailers: IncomingHttpHeaders | undefined
  stream.on('trailers', found => {
    trailers = found
  })
  const chunks: Buffer[] = []
  stream.on('data', chunk => chunks.push(chunk))
  const [[head]] = await Promise.all([once(stream, 'response'), once(stream, 'close')])
  return { status: head[':status'], headers: head, trailers, body: Buffer.concat(chunks).toString() }
}

/** A connection that sends bytes one by one and gathers what comes back until the other side ends it. */
export function plainSocket(t: Test, port: number): Socket {
  const socket = connectTcp({ port, host: '127.0.0.1', noDelay: true })
  t.teardown(() => socket.destroy())
  socket.on('error', () => undefined)
  return socket
}
