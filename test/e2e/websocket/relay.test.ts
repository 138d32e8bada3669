import { once } from 'node:events'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { WebSocket } from 'ws'
import { exchange } from '../../support/client.js'
import { startSluice } from '../../support/sluice.js'
import { httpUpstream } from '../../support/upstream.js'
import {
  ACCEPT,
  closed,
  echo,
  handshake,
  type Message,
  message,
  openSocket,
  socketRoute,
  socketUpstream
} from '../../support/websocket.js'

t.setTimeout(120_000)

t.test('messages go both ways as they are, and the access line counts them', async t => {
  const upstream = await socketUpstream(t, echo)
  const sluice = await startSluice(t, socketRoute(upstream.port))
  const client = await openSocket(t, sluice, '/room?x=1')
  client.send('grüße')
  t.strictSame(await message(client), { data: Buffer.from('grüße'), binary: false })
  client.send(Buffer.from([0, 255]))
  t.strictSame(await message(client), { data: Buffer.from([0, 255]), binary: true })
  client.send('')
  t.strictSame(await message(client), { data: Buffer.alloc(0), binary: false })
  const { request } = await upstream.socket()
  t.equal(request.url, '/room?x=1')
  client.close(1000, 'done')
  t.strictSame(await closed(client), { code: 1000, reason: 'done' })
  t.match(await sluice.access(), {
    method: 'GET',
    path: '/room',
    status: 101,
    in: 9,
    out: 9,
    route: 'sockets',
    target: `http://127.0.0.1:${upstream.port}`,
    socket: { code: 1000, reason: 'done', by: 'client', messagesIn: 3, messagesOut: 3, bytesIn: 9, bytesOut: 9 },
    error: undefined
  })
})

t.test('the handshake is forwarded as a request is, with one of its own', async t => {
  const upstream = await socketUpstream(t)
  const sluice = await startSluice(t, socketRoute(upstream.port))
  const headers = { cookie: 'a=b', origin: 'https://app.test', 'x-forwarded-for': '9.9.9.9', 'x-a': 'ü' }
  await openSocket(t, sluice, '/a%7Cb/', { headers: { ...headers, 'x-a': Buffer.from('a ü z').toString('latin1') } })
  const { request } = await upstream.socket()
  t.match(request.headers, {
    cookie: 'a=b',
    origin: 'https://app.test',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    via: '1.1 sluice',
    host: `127.0.0.1:${upstream.port}`,
    'x-a': Buffer.from('a ü z').toString('latin1'),
    'sec-websocket-extensions': undefined,
    'sec-websocket-protocol': undefined
  })
  t.equal(request.url, '/a%7Cb/')
  t.equal(request.rawHeaders.filter(name => name.toLowerCase() === 'sec-websocket-key').length, 1)
})

t.test('the reply to the handshake is the upstream’s, and offers no extension', async t => {
  const upstream = await socketUpstream(t, undefined, { perMessageDeflate: true })
  const sluice = await startSluice(t, socketRoute(upstream.port))
  const client = await openSocketReply(t, sluice.port, 'sec-websocket-extensions: permessage-deflate')
  t.equal(client.status, 101)
  t.equal(client.header('sec-websocket-accept'), ACCEPT)
  t.equal(client.header('upgrade')?.toLowerCase(), 'websocket')
  t.equal(client.header('via'), '1.1 sluice')
  t.equal(client.header('sec-websocket-extensions'), undefined)
  t.equal(client.header('uwebsockets'), undefined)
})

const openSocketReply = (test: Test, port: number, ...headers: string[]) =>
  exchange(test, port, handshake('/', ...headers))

for (const [offered, chosen] of [
  [['chat', 'superchat'], 'superchat'],
  [['chat'], false],
  [[], false]
] as const) {
  t.test(`of the subprotocols [${offered}] the client gets what the upstream chose: ${chosen || 'none'}`, async t => {
    const upstream = await socketUpstream(t, echo, { handleProtocols: () => chosen })
    const sluice = await startSluice(t, socketRoute(upstream.port))
    const reply = await openSocketReply(
      t,
      sluice.port,
      ...(offered.length === 0 ? [] : [`sec-websocket-protocol: ${offered.join(', ')}`])
    )
    t.equal(reply.status, 101)
    t.equal(reply.header('sec-websocket-protocol'), chosen || undefined)
    const { request } = await upstream.socket()
    t.equal(request.headers['sec-websocket-protocol'], offered.length === 0 ? undefined : offered.join(', '))
  })
}

t.test('a subprotocol nobody offered is the upstream’s error', async t => {
  const upstream = await socketUpstream(t, echo, { handleProtocols: () => 'other' })
  const sluice = await startSluice(t, socketRoute(upstream.port))
  const reply = await openSocketReply(t, sluice.port, 'sec-websocket-protocol: chat')
  t.equal(reply.status, 502)
  t.equal(reply.json().code, 'GW_UPSTREAM_BAD_RESPONSE')
})

t.test('an upstream that refuses is passed on, status, headers and body', async t => {
  const upstream = await httpUpstream(t, (_, response) => {
    response.writeHead(403, { 'x-why': 'no', 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] })
    response.end('not you')
  })
  const sluice = await startSluice(t, socketRoute(upstream.port))
  const reply = await openSocketReply(t, sluice.port)
  t.equal(reply.status, 403)
  t.equal(reply.header('x-why'), 'no')
  t.strictSame(reply.all('set-cookie'), ['a=1', 'b=2'])
  t.equal(reply.body.toString(), 'not you')
  t.match(await sluice.access(), { status: 403, out: 7, socket: undefined })
})

/** A message of a sequence: who sends it, what, and how it is cut into frames. */
const sequence = fc.array(
  fc.record({
    byClient: fc.boolean(),
    binary: fc.boolean(),
    pieces: fc.array(fc.string({ unit: 'binary', maxLength: 3_000 }), { minLength: 1, maxLength: 4 })
  }),
  { minLength: 1, maxLength: 30 }
)

type Sent = { readonly byClient: boolean; readonly binary: boolean; readonly pieces: readonly string[] }

/** What one side sends, as it should arrive. */
function sent(messages: readonly Sent[], byClient: boolean): Message[] {
  return messages
    .filter(each => each.byClient === byClient)
    .map(({ binary, pieces }) => ({ data: Buffer.concat(pieces.map(piece => Buffer.from(piece))), binary }))
}

/** Whether exactly these arrive, in this order. */
async function taken(socket: WebSocket, wanted: readonly Message[]): Promise<boolean> {
  let count = 0
  let right = true
  socket.on('message', (data: Buffer, binary) => {
    const message = wanted[count++]
    right &&= message !== undefined && message.binary === binary && message.data.equals(data)
    if (count === wanted.length) socket.emit('all')
  })
  if (wanted.length > 0) await once(socket, 'all')
  return right
}

t.test('any sequence of messages, whole or in fragments, arrives as it was sent', async t => {
  const upstream = await socketUpstream(t)
  const sluice = await startSluice(t, socketRoute(upstream.port))
  await fc.assert(
    fc.asyncProperty(sequence, async messages => {
      const client = await openSocket(t, sluice)
      const { socket } = await upstream.socket()
      const arrived = [taken(client, sent(messages, false)), taken(socket, sent(messages, true))]
      for (const { byClient, binary, pieces } of messages) {
        const from = byClient ? client : socket
        for (const [i, piece] of pieces.entries()) {
          from.send(Buffer.from(piece), { binary, fin: i === pieces.length - 1 })
        }
      }
      t.strictSame(await Promise.all(arrived), [true, true])
      client.terminate()
    }),
    { numRuns: 60 }
  )
})

const MIB = 1024 ** 2

t.test('100 MiB pass whole in either direction', async t => {
  const upstream = await socketUpstream(t)
  const sluice = await startSluice(t, socketRoute(upstream.port, { messageBytes: '4MiB' }))
  const client = await openSocket(t, sluice)
  const { socket } = await upstream.socket()
  for (const [from, to] of [
    [client, socket],
    [socket, client]
  ] as const) {
    let bytes = 0
    let next = 0
    to.on('message', (data: Buffer) => {
      if (data.readUInt32LE(0) !== next || data[data.length - 1] !== next % 251) t.fail(`message ${next} is another`)
      next++
      bytes += data.length
      if (bytes === 100 * MIB) to.emit('all')
    })
    const all = once(to, 'all')
    for (let i = 0; i < 50; i++) {
      const data = Buffer.alloc(2 * MIB, i % 251)
      data.writeUInt32LE(i)
      from.send(data)
    }
    await all
    t.equal(next, 50)
  }
  client.close()
  await closed(client)
  t.match(await sluice.access(), { in: 100 * MIB, out: 100 * MIB, socket: { code: 1005 } })
})
