import { connect as connectTcp, type Socket } from 'node:net'
import type { Test } from 'tap'
import { parseReply, type RawReply } from './reply.js'

/** A client that says exactly what it is told, byte for byte. */
export interface RawClient {
  readonly socket: Socket
  send(bytes: string | Uint8Array): void
  /** The next whole reply. Rejects when the connection ends before that. */
  reply(method?: string): Promise<RawReply>
  /** Everything there is until the other side ends the connection, whole replies that were not taken included. */
  rest(): Promise<string>
}

/** Connects to a port of this machine until the test ends. */
export async function connect(t: Test, port: number, localAddress?: string): Promise<RawClient> {
  const socket = connectTcp({ port, host: '127.0.0.1', ...(localAddress !== undefined && { localAddress }) })
  t.teardown(() => socket.destroy())
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
  socket.on('error', () => undefined) // a reset is an end like any other; `rest` and `reply` tell
  await Promise.race([new Promise<void>(resolve => socket.once('connect', () => resolve())), closed])
  let buffered = Buffer.alloc(0)
  let ended = false
  let changed: () => void = () => undefined
  socket.on('data', chunk => {
    buffered = Buffer.concat([buffered, chunk])
    changed()
  })
  void closed.then(() => {
    ended = true
    changed()
  })
  const change = (): Promise<void> =>
    new Promise(resolve => {
      changed = resolve
    })
  return {
    socket,
    send: bytes => {
      socket.write(bytes)
    },
    reply: async (method = 'GET') => {
      for (;;) {
        const parsed = parseReply(buffered, method, ended)
        if (parsed !== undefined) {
          buffered = buffered.subarray(parsed.bytes)
          return parsed.reply
        }
        if (ended) throw new Error(`the connection ended after ${JSON.stringify(buffered.toString('latin1'))}`)
        await change()
      }
    },
    rest: async () => {
      await closed
      return buffered.toString('latin1')
    }
  }
}

/** One request on a connection of its own, and the reply to it. */
export async function exchange(t: Test, port: number, request: string | Uint8Array): Promise<RawReply> {
  const client = await connect(t, port)
  client.send(request)
  const text = typeof request === 'string' ? request : Buffer.from(request).toString('latin1')
  const reply = await client.reply(text.slice(0, text.indexOf(' ')))
  client.socket.destroy()
  return reply
}

/** A request without a body, from its parts. */
export function request(method: string, target: string, ...headers: string[]): string {
  return [`${method} ${target} HTTP/1.1`, 'host: gateway.test', ...headers, '', ''].join('\r\n')
}
