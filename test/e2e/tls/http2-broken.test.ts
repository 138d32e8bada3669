import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { Arrived } from '../../../core/server/node/arrived.js'
import { Link } from '../../../core/server/node/link.js'
import { openServers } from '../../../core/server/node/servers.js'

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
const [DATA, HEADERS, SETTINGS, PING, GOAWAY] = [0, 1, 4, 6, 7]
const [END_STREAM, ACK, END_HEADERS] = [1, 1, 4]

function frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** GET http://a/, by the numbers of HPACK's static table and one literal. */
const GET = Buffer.from([0x82, 0x86, 0x84, 0x41, 1, 0x61])
const BEGINNING = Buffer.concat([PREFACE, frame(SETTINGS, 0, 0), frame(HEADERS, END_STREAM | END_HEADERS, 1, GET)])

/** @returns what is in the next frame of that type; those before it are passed over */
async function received(client: Socket, type: number): Promise<Buffer> {
  for (;;) {
    const head: Buffer | null = client.read(9)
    if (head === null) {
      await once(client, 'readable')
      continue
    }
    const length = head.readUIntBE(0, 3)
    let payload: Buffer | null = length === 0 ? Buffer.alloc(0) : client.read(length)
    for (; payload === null; payload = client.read(length)) await once(client, 'readable')
    if (head[3] === type) return payload
  }
}

/** A client and the servers' end of its connection, whose exchanges end when their streams do. */
async function open(t: Test, times: { readonly idleMs: number; readonly pingMs: number }) {
  const arrivals: Arrived[] = []
  const servers = openServers(
    async (arrived, connection) => {
      arrivals.push(arrived)
      connection.busy++
      await once(arrived.stream, 'close')
      connection.busy--
    },
    () => false,
    times
  )
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = connect(port, '127.0.0.1')
  const [socket]: [Socket] = (await once(server, 'connection')) as [Socket]
  t.teardown(() => {
    client.destroy()
    socket.destroy()
    server.close()
    servers.close()
  })
  servers.take('http2', socket, {
    peer: '',
    secure: false,
    link: new Link(socket),
    client: undefined,
    busy: 0,
    onIdle: undefined,
    retired: false
  })
  return { client, socket, arrivals }
}

t.test('a client that breaks HTTP/2 and leaves leaves nothing behind', async t => {
  const { client, socket, arrivals } = await open(t, { idleMs: 50, pingMs: 50 })
  client.write(Buffer.concat([BEGINNING, frame(DATA, 0, 1, Buffer.from('x'))])) // behind the end of the stream
  await received(client, GOAWAY)
  client.destroy()
  await once(socket, 'close')
  t.equal(arrivals.length, 1)
  t.equal(arrivals[0]?.stream.destroyed, true, 'and the exchange hears of it')
})

t.test('a client that waits for a reply in silence is waited for as long as it answers pings', async t => {
  const { client, socket, arrivals } = await open(t, { idleMs: 20, pingMs: 10_000 })
  client.write(BEGINNING)
  for (let i = 0; i < 3; i++) client.write(frame(PING, ACK, 0, await received(client, PING)))
  t.equal(socket.destroyed, false)
  t.equal(arrivals[0]?.stream.destroyed, false)
})
