import { once } from 'node:events'
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net'
import type { Test } from 'tap'

/** Opens `server` on a free port until the test ends. */
async function open(t: Pick<Test, 'teardown'>, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

/** An upstream that is a well-behaved HTTP server. */
export async function httpUpstream(
  t: Pick<Test, 'teardown'>,
  handler: (request: IncomingMessage, response: ServerResponse) => void
): Promise<{ port: number; connections: () => number }> {
  const server = createHttp({ keepAliveTimeout: 60_000, requestTimeout: 0 }, handler)
  let connections = 0
  server.on('connection', () => {
    connections++
  })
  t.teardown(() => server.closeAllConnections())
  return { port: await open(t, server), connections: () => connections }
}

export interface Seen {
  readonly method: string
  readonly target: string
  /** Name in lower case, value, in order. */
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer
  all(name: string): string[]
}

/** An upstream that notes every whole request and answers each the same way. */
export async function recordingUpstream(
  t: Pick<Test, 'teardown'>,
  answer: (request: Seen, response: ServerResponse) => void = (_, response) => response.end('ok')
): Promise<{ port: number; seen: Seen[]; connections: () => number }> {
  const seen: Seen[] = []
  const upstream = await httpUpstream(t, (request, response) => {
    void read(request).then(body => {
      const noted = note(request, body)
      seen.push(noted)
      answer(noted, response)
    })
  })
  return { ...upstream, seen }
}

function note(request: IncomingMessage, body: Buffer): Seen {
  const headers: [string, string][] = []
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    headers.push([(request.rawHeaders[i] ?? '').toLowerCase(), request.rawHeaders[i + 1] ?? ''])
  }
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    headers,
    body,
    all: name => headers.filter(([key]) => key === name).map(([, value]) => value)
  }
}

/** The whole body of a request. */
export async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

export interface RawUpstream {
  readonly port: number
  /** The next connection nobody took yet. */
  connection(): Promise<RawConnection>
}

/** The upstream's end of a connection: it says what it is told. */
export interface RawConnection {
  readonly socket: Socket
  /** Everything received so far, as Latin-1. */
  received(): string
  /** Until what was received contains `text`. */
  until(text: string): Promise<void>
  /** Until the other side has closed the connection. */
  readonly closed: Promise<void>
}

/** An upstream that is only a socket. */
export async function rawUpstream(t: Test, onConnection?: (connection: RawConnection) => void): Promise<RawUpstream> {
  const waiting: RawConnection[] = []
  const takers: ((connection: RawConnection) => void)[] = []
  const server = createTcp(socket => {
    t.teardown(() => socket.destroy())
    const connection = rawConnection(socket)
    if (onConnection !== undefined) {
      onConnection(connection)
      return
    }
    const taker = takers.shift()
    if (taker === undefined) waiting.push(connection)
    else taker(connection)
  })
  return {
    port: await open(t, server),
    connection: () => {
      const connection = waiting.shift()
      return connection === undefined ? new Promise(resolve => takers.push(resolve)) : Promise.resolve(connection)
    }
  }
}

function rawConnection(socket: Socket): RawConnection {
  let received = ''
  let changed: () => void = () => undefined
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
  socket.on('error', () => undefined)
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text
    changed()
  })
  return {
    socket,
    received: () => received,
    until: async text => {
      while (!received.includes(text)) {
        await new Promise<void>(resolve => {
          changed = resolve
        })
      }
    },
    closed
  }
}

/** An upstream that reads each request's head and answers with these bytes, then does what `after` says. */
export function answering(
  t: Test,
  reply: string | Uint8Array,
  after: 'keep' | 'end' | 'reset' = 'keep'
): Promise<RawUpstream> {
  return rawUpstream(t, ({ socket, until }) => {
    void until('\r\n\r\n').then(() => {
      socket.write(reply, () => {
        if (after === 'end') socket.end()
        if (after === 'reset') socket.resetAndDestroy()
      })
    })
  })
}
