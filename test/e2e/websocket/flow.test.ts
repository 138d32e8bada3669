import { once } from 'node:events'
import t, { type Test } from 'tap'
import type { WebSocket } from 'ws'
import { exchange, request } from '../../support/client.js'
import { memory, serve } from '../../support/serve.js'
import { closed, openSocket, socketRoute, socketUpstream } from '../../support/websocket.js'

t.setTimeout(180_000)

const MIB = 1024 ** 2
/** More than the kernel's buffers on both connections and Sluice's own together. */
const FULL = 64
/** How much more memory a stuck socket may take than Sluice has at rest. */
const MEMORY_BYTES = 100 * MIB

/** Others are served all the while: their round trips are the clock. Two Host headers need no upstream. */
async function roundTrip(t: Test, port: number): Promise<void> {
  await exchange(t, port, request('GET', '/%'))
}

/** Sends messages of 1 MiB until no more are taken for as long as it takes others to make 20 round trips. @returns how many were sent */
async function sendUntilStuck(t: Test, port: number, from: WebSocket): Promise<number> {
  for (let sent = 0; sent < FULL; ) {
    const data = Buffer.alloc(MIB, sent)
    let taken = false
    from.send(data, () => {
      taken = true
    })
    sent++
    for (let i = 0; i < 20 && !taken; i++) await roundTrip(t, port)
    if (!taken) return sent
  }
  return FULL
}

/** Counts messages in their order until there are so many. */
async function receive(socket: WebSocket, wanted: number): Promise<boolean> {
  let count = 0
  let right = true
  socket.on('message', (data: Buffer) => {
    right &&= data.length === MIB && data[0] === count && data[MIB - 1] === count
    if (++count === wanted) socket.emit('all')
  })
  await once(socket, 'all')
  return right
}

for (const slow of ['client', 'upstream'] as const) {
  t.test(`when the ${slow} does not read, the other side waits, and nothing is lost`, async t => {
    const upstream = await socketUpstream(t)
    const sluice = await serve(t, socketRoute(upstream.port, { messageBytes: '2MiB' }))
    const client = await openSocket(t, sluice)
    const { socket } = await upstream.socket()
    const [from, to] = slow === 'client' ? [socket, client] : [client, socket]
    const before = memory(sluice.pid).now
    to.pause()
    const sent = await sendUntilStuck(t, sluice.port, from)
    t.ok(sent < FULL, `${sent} MiB were taken, then no more`)
    const growth = memory(sluice.pid).peak - before
    t.ok(growth < MEMORY_BYTES, `grew by ${Math.round(growth / MIB)} MiB at most`)
    // The other direction is open all the while.
    to.send('still here')
    t.equal(String((await once(from, 'message'))[0]), 'still here')
    const all = receive(to, sent)
    to.resume()
    t.ok(await all, 'all of it came, in order')
    client.close(1000)
    t.equal((await closed(socket)).code, 1000)
  })
}

t.test('when neither side reads, both wait in bounded memory, or the socket ends with 1013', async t => {
  const upstream = await socketUpstream(t)
  const sluice = await serve(t, socketRoute(upstream.port, { messageBytes: '2MiB' }))
  const client = await openSocket(t, sluice)
  const { socket } = await upstream.socket()
  const before = memory(sluice.pid).now
  client.pause()
  socket.pause()
  const ended = closed(client)
  const down = await sendUntilStuck(t, sluice.port, socket)
  const up = await sendUntilStuck(t, sluice.port, client)
  t.ok(down < FULL && up < FULL, `${down} and ${up} MiB were taken`)
  const growth = memory(sluice.pid).peak - before
  t.ok(growth < 1.5 * MEMORY_BYTES, `grew by ${Math.round(growth / MIB)} MiB at most`)
  const all = Promise.all([receive(client, down), receive(socket, up)])
  client.resume()
  socket.resume()
  const outcome = await Promise.race([all, ended.then(() => 'ended')])
  if (outcome !== 'ended') {
    t.strictSame(outcome, [true, true])
    return
  }
  // The client was writing: it may have heard of a connection that is gone, not of the reason.
  const line = JSON.parse(await sluice.until(each => each.includes('"socket"')))
  t.match(line.socket, { code: 1013, by: 'gateway' })
})

t.test('a client that was made to wait may be silent afterwards', async t => {
  const upstream = await socketUpstream(t)
  const { upstreams, routes } = socketRoute(upstream.port, { messageBytes: '32MiB' })
  const clockRoute = { name: 'clock', match: { path: '/clock' }, upstream: 'main', websocket: { idle: '13s' } }
  const sluice = await serve(t, { upstreams, routes: [...routes, clockRoute] })
  const client = await openSocket(t, sluice)
  const { socket } = await upstream.socket()
  socket.pause()
  // More than the kernel takes, and nothing behind it: the client has no more to send once it is read again.
  client.send(Buffer.alloc(24 * MIB))
  for (let i = 0; i < 20; i++) await roundTrip(t, sluice.port)
  const arrived = once(socket, 'message')
  socket.resume()
  t.equal((await arrived)[0].length, 24 * MIB)
  // uWebSockets.js would close it after ten seconds.
  await closed(await openSocket(t, sluice, '/clock'))
  t.equal(client.readyState, client.OPEN)
  client.send('and speak again')
  t.equal(String((await once(socket, 'message'))[0]), 'and speak again')
})

t.test('a close frame waits for what was sent before it, however slow the client', async t => {
  const upstream = await socketUpstream(t)
  const sluice = await serve(t, socketRoute(upstream.port, { messageBytes: '2MiB' }))
  const client = await openSocket(t, sluice)
  const { socket } = await upstream.socket()
  client.pause()
  for (let i = 0; i < 20; i++) socket.send(Buffer.alloc(MIB, i))
  socket.close(4000, 'that was all')
  for (let i = 0; i < 20; i++) await roundTrip(t, sluice.port)
  const all = receive(client, 20)
  const ended = closed(client)
  client.resume()
  t.ok(await all)
  t.strictSame(await ended, { code: 4000, reason: 'that was all' })
})
