import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Test } from 'tap'

/**
 * What an upstream does with a request.
 * hang, hang-head, hang-body: says nothing, a part of the head, a part of the body, and nothing more.
 * reset, reset-head, reset-body: breaks the connection there. end: closes it properly, without a reply.
 * drip: a head that comes byte by byte and never ends. garbage: what is not HTTP.
 */
export type Fault =
  | 'ok'
  | 'hang'
  | 'hang-head'
  | 'hang-body'
  | 'reset'
  | 'reset-head'
  | 'reset-body'
  | 'end'
  | 'drip'
  | 'garbage'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }

export interface SeenRequest {
  readonly method: string
  readonly target: string
  readonly body: string
}

export interface FaultyUpstream {
  readonly port: number
  readonly url: string
  /** Whole requests, in the order they came. */
  readonly seen: readonly SeenRequest[]
  /** Requests it has not finished with, for as long as their connection is open. */
  readonly open: number
  /** What it does with the next requests; after these it does what `always` says. */
  next(...faults: Fault[]): void
  always(fault: Fault): void
  /** Until it has begun with so many requests in all. */
  begun(count: number): Promise<void>
  /** Until no request is open. */
  quiet(): Promise<void>
  /** Answers everything that hangs. */
  release(): void
  /** From now on connections are refused, and those there are broken. */
  kill(): Promise<void>
  revive(): Promise<void>
}

/** An upstream that fails as it is told to, until the test ends. A good reply says its name. */
export async function faultyUpstream(t: Test, name = 'ok'): Promise<FaultyUpstream> {
  const seen: SeenRequest[] = []
  const queue: Fault[] = []
  const hanging = new Set<ServerResponse>()
  const sockets = new Set<Socket>()
  const open = new Set<ServerResponse>()
  const waiting = new Set<() => void>()
  let usual: Fault = 'ok'
  let count = 0
  const changed = (): void => {
    for (const check of waiting) check()
  }
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) {
      await new Promise<void>(resolve => {
        const check = (): void => {
          waiting.delete(check)
          resolve()
        }
        waiting.add(check)
      })
    }
  }
  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (request, response) => {
    const fault = queue.shift() ?? usual
    count++
    open.add(response)
    response.once('close', () => {
      open.delete(response)
      hanging.delete(response)
      changed()
    })
    changed()
    if (fault === 'hang') hanging.add(response)
    void whole(request).then(
      body => {
        seen.push({ method: request.method ?? '', target: request.url ?? '', body })
        act(fault, response, name)
        changed()
      },
      () => undefined
    )
  })
  server.on('connection', socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const kill = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.resetAndDestroy()
    await closed
  }
  t.teardown(kill)
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    seen,
    get open() {
      return open.size
    },
    next: (...faults) => void queue.push(...faults),
    always: fault => {
      usual = fault
    },
    begun: wanted => until(() => count >= wanted),
    quiet: () => until(() => open.size === 0),
    release: () => {
      for (const response of hanging) response.end(name)
    },
    kill,
    revive: async () => {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    }
  }
}

const PART_OF_HEAD = 'HTTP/1.1 200 OK\r\ncontent-le'
const PART_OF_BODY = 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc'

function act(fault: Fault, response: ServerResponse, name: string): void {
  const { socket } = response
  if (socket === null) return
  if (typeof fault === 'object') {
    response.writeHead(fault.status, fault.headers)
    response.end(`${name} ${fault.status}`)
    return
  }
  const reset = (): void => {
    socket.resetAndDestroy()
  }
  switch (fault) {
    case 'ok':
      response.end(name)
      break
    case 'hang':
      break
    case 'hang-head':
      socket.write(PART_OF_HEAD)
      break
    case 'hang-body':
      socket.write(PART_OF_BODY)
      break
    case 'reset':
      reset()
      break
    case 'reset-head':
      socket.write(PART_OF_HEAD, reset)
      break
    case 'reset-body':
      socket.write(PART_OF_BODY, reset)
      break
    case 'end':
      socket.end()
      break
    case 'drip':
      drip(socket)
      break
    case 'garbage':
      socket.write('\0\x01 garbage \r\n'.repeat(20))
      break
  }
}

function drip(socket: Socket): void {
  socket.write('HTTP/1.1 200 OK\r\nx: ')
  const timer = setInterval(() => socket.write('x'), 5)
  socket.once('close', () => clearInterval(timer))
}

async function whole(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('latin1')
}
