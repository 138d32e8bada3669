import { once } from 'node:events'
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { freePort } from '../../../core/server/port.js'
import { connect, exchange, request } from '../../support/client.js'
import { type Fault, type FaultyUpstream, faultyUpstream } from '../../support/faulty-upstream.js'
import { type RunningSluice, startSluice } from '../../support/sluice.js'
import { asks, tunnel, tunnelRoute, tunnelUpstream } from '../../support/tunnel.js'
import { rawUpstream } from '../../support/upstream.js'
import { openSocket, socketRoute, socketUpstream } from '../../support/websocket.js'

t.setTimeout(120_000)

const EAGER = {
  errors: ['connect', 'reset', 'timeout', 'bad-response'],
  backoff: { base: '1ms', max: '2ms' }
}

/** Sluice before targets that take turns, the second one first. */
async function before(
  t: Test,
  targets: readonly (string | FaultyUpstream)[],
  more: Readonly<Record<string, unknown>> = { retries: EAGER }
): Promise<RunningSluice> {
  const urls = targets.map(target => (typeof target === 'string' ? target : target.url))
  return startSluice(t, { upstreams: { main: { targets: urls, ...more } } })
}

async function closedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

/** Faults before the head of a reply is whole. */
const FAULTS: readonly Fault[] = [
  'reset',
  'reset-head',
  'end',
  'garbage',
  'hang',
  'hang-head',
  'drip',
  { status: 502 },
  { status: 503 },
  { status: 504 }
]

for (const fault of FAULTS) {
  const name = typeof fault === 'string' ? fault : `answers ${fault.status}`
  t.test(`a target with the fault "${name}" costs no request: another one is tried`, async t => {
    const [good, bad] = [await faultyUpstream(t, 'good'), await faultyUpstream(t, 'bad')]
    bad.always(fault)
    // Where time decides, a good target may be slow on a busy machine: then it is only asked again.
    const hangs = ['hang', 'hang-head', 'drip'].includes(name)
    const more = hangs ? { retries: { ...EAGER, attempts: 10 }, timeouts: { perTry: '300ms' } } : { retries: EAGER }
    const sluice = await before(t, [good, bad], more)
    for (let i = 0; i < 4; i++) {
      const reply = await exchange(t, sluice.port, request('GET', '/'))
      t.strictSame([reply.status, reply.body.toString()], [200, 'good'])
    }
    const attempts = []
    for (let i = 0; i < 4; i++) attempts.push((await sluice.access()).attempts)
    t.ok(attempts.includes(2), 'the access line says how many tries it took')
    if (!hangs) t.equal(good.seen.length, 4, 'each is answered once')
    await bad.quiet()
  })
}

t.test('a target nobody listens at costs no request of any method, also one with a body on its way', async t => {
  const good = await faultyUpstream(t, 'good')
  const sluice = await before(t, [good, await closedPort()], {})
  for (const method of ['GET', 'POST', 'PATCH', 'DELETE']) {
    for (let i = 0; i < 2; i++) t.equal((await exchange(t, sluice.port, request(method, '/'))).status, 200, method)
  }
  for (let i = 0; i < 2; i++) {
    const client = await connect(t, sluice.port)
    client.send(`${request('POST', '/streamed', 'transfer-encoding: chunked')}3\r\nabc\r\n`)
    await good.begun(9 + i)
    client.send(`2\r\nde\r\n0\r\n\r\n`)
    t.equal((await client.reply()).status, 200)
    t.match(good.seen.at(-1), { target: '/streamed', body: 'abcde' })
  }
})

t.test('a target that does not finish TLS in time is one without a connection', async t => {
  const good = await faultyUpstream(t, 'good')
  const silent = await rawUpstream(t, () => undefined)
  const sluice = await before(t, [good, `https://127.0.0.1:${silent.port}`], { timeouts: { connect: '1s' } })
  for (let i = 0; i < 2; i++) t.equal((await exchange(t, sluice.port, request('POST', '/'))).status, 200)
})

t.test('without a word in the configuration a connection that broke is tried once more, a status is not', async t => {
  const up = await faultyUpstream(t)
  const sluice = await before(t, [up], {})
  up.next('reset')
  t.equal((await exchange(t, sluice.port, request('GET', '/'))).status, 200)
  up.next('reset', 'reset')
  t.equal((await exchange(t, sluice.port, request('GET', '/'))).status, 502)
  up.next({ status: 503 })
  t.equal((await exchange(t, sluice.port, request('GET', '/'))).status, 503)
  t.equal(up.seen.length, 5)
})

t.test('"attempts: 0" is none', async t => {
  const up = await faultyUpstream(t)
  const sluice = await before(t, [up], { retries: { attempts: 0 } })
  up.next('reset')
  t.equal((await exchange(t, sluice.port, request('GET', '/'))).status, 502)
  t.equal(up.seen.length, 1)
})

t.test('a request that must not be repeated is not, once it may have arrived', async t => {
  const up = await faultyUpstream(t)
  const sluice = await before(t, [up])
  for (const fault of ['reset', { status: 503 }] as const) {
    up.next(fault)
    t.equal((await exchange(t, sluice.port, request('POST', '/'))).status, fault === 'reset' ? 502 : 503)
  }
  t.equal(up.seen.length, 2)
})

t.test('after a byte of the reply there is no other try', async t => {
  const up = await faultyUpstream(t)
  const sluice = await before(t, [up])
  up.next('reset-body')
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/'))
  const text = await client.rest()
  t.notMatch(text, /ok/)
  t.equal(up.seen.length, 1)
  t.match(await sluice.access(), { error: 'GW_UPSTREAM_RESET', attempts: undefined })
})

t.test(
  'a body that is kept while it is sent goes to the second target whole; one too long is not sent again',
  async t => {
    const up = await faultyUpstream(t)
    const sluice = await before(t, [up], { retries: { ...EAGER, bodyBytes: '1KiB' } })
    up.next('reset')
    const client = await connect(t, sluice.port)
    client.send(`${request('PUT', '/', 'content-length: 1000')}${'a'.repeat(500)}`)
    await up.begun(1)
    client.send('b'.repeat(500))
    t.equal((await client.reply()).status, 200)
    t.equal(up.seen.at(-1)?.body, 'a'.repeat(500) + 'b'.repeat(500))
    t.equal(up.seen.length, 2)

    up.next('reset')
    client.send(`${request('PUT', '/', 'content-length: 1025')}${'a'.repeat(500)}`)
    await up.begun(3)
    client.send('b'.repeat(525))
    t.equal((await client.reply()).status, 502)
    t.equal(up.seen.length, 3)
  }
)

t.test('a longer Retry-After than is waited for goes to the client, reply and all', async t => {
  const up = await faultyUpstream(t)
  const sluice = await before(t, [up])
  up.next({ status: 503, headers: { 'retry-after': '60' } })
  const reply = await exchange(t, sluice.port, request('GET', '/'))
  t.strictSame([reply.status, reply.header('retry-after'), reply.body.toString()], [503, '60', 'ok 503'])
  up.next({ status: 503, headers: { 'retry-after': '0' } })
  t.equal((await exchange(t, sluice.port, request('GET', '/'))).status, 200)
})

t.test('when every try fails, the last reply is the client’s', async t => {
  const up = await faultyUpstream(t)
  const sluice = await before(t, [up])
  up.next({ status: 503 }, 'reset', { status: 504 })
  t.equal((await exchange(t, sluice.port, request('GET', '/'))).status, 504)
  t.match(await sluice.access(), { attempts: 3, status: 504 })
})

t.test('retries stop when the budget is spent', async t => {
  const up = await faultyUpstream(t)
  up.always({ status: 503 })
  const sluice = await before(t, [up], { retries: { ...EAGER, attempts: 1, budget: { share: 0, minPerSecond: 0.3 } } })
  for (let i = 0; i < 10; i++) await exchange(t, sluice.port, request('GET', '/'))
  t.equal(up.seen.length, 13)
})

t.test('a route may say it differently', async t => {
  const up = await faultyUpstream(t)
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [up.url] } },
    routes: [
      { name: 'eager', match: { path: '/eager' }, upstream: 'main', retries: EAGER },
      { name: 'lazy', match: { path: '/lazy' }, upstream: 'main', retries: { attempts: 0 } }
    ]
  })
  up.next({ status: 503 })
  t.equal((await exchange(t, sluice.port, request('GET', '/eager'))).status, 200)
  up.next('reset')
  t.equal((await exchange(t, sluice.port, request('GET', '/lazy'))).status, 502)
})

for (const fault of ['hang', 'hang-head', 'drip'] as const) {
  t.test(`the total time ends an exchange with the fault "${fault}", and what it sent`, async t => {
    const up = await faultyUpstream(t)
    up.always(fault)
    const sluice = await before(t, [up], { retries: EAGER, timeouts: { total: '100ms' } })
    t.equal((await exchange(t, sluice.port, request('GET', '/'))).status, 504)
    t.match(await sluice.access(), { error: 'GW_UPSTREAM_TIMEOUT', detail: /not over within 100 ms/ })
    await up.quiet()
  })
}

t.test('the total time counts to the end of the reply', async t => {
  const up = await faultyUpstream(t)
  up.always('hang-body')
  const sluice = await before(t, [up], { timeouts: { total: '1s' } })
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/'))
  t.match(await client.rest(), /^HTTP\/1\.1 200 [\s\S]*abc$/)
  t.match(await sluice.access(), { status: 200, error: 'GW_UPSTREAM_TIMEOUT', out: 3 })
  await up.quiet()
})

t.test('the time of each try is its own; the total holds for all', async t => {
  const up = await faultyUpstream(t)
  up.always('hang')
  const retries = { ...EAGER, attempts: 10, budget: { share: 1, minPerSecond: 100 } }
  const sluice = await before(t, [up], { retries, timeouts: { perTry: '100ms', total: '750ms' } })
  t.equal((await exchange(t, sluice.port, request('GET', '/'))).status, 504)
  const { attempts } = await sluice.access()
  t.ok(Number(attempts) >= 2 && Number(attempts) <= 8, `${attempts} tries`)
  await up.quiet()
})

t.test('a client that goes away ends the try it waits for, and there is no other', async t => {
  const up = await faultyUpstream(t)
  up.always('hang')
  const sluice = await before(t, [up], { retries: EAGER, timeouts: { total: '1h' } })
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/'))
  await up.begun(1)
  client.socket.destroy()
  await up.quiet()
  t.match(await sluice.access(), { error: 'GW_CLIENT_GONE', attempts: undefined })
  t.equal(up.seen.length, 1)
})

t.test('a client that goes away while the next try is waited for ends that', async t => {
  const up = await faultyUpstream(t)
  up.always({ status: 503 })
  const sluice = await before(t, [up], { retries: { ...EAGER, backoff: { base: '1h', max: '1h', jitter: false } } })
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/'))
  await up.quiet()
  await up.begun(1)
  await up.quiet()
  client.socket.destroy()
  t.match(await sluice.access(), { error: 'GW_CLIENT_GONE' })
  t.equal(up.seen.length, 1)
})

t.test('a WebSocket handshake that reached nobody goes to another target', async t => {
  const { port } = await socketUpstream(t)
  const dead = await freePort('127.0.0.1', 0)
  const { routes } = socketRoute(port)
  const targets = [`http://127.0.0.1:${dead}`, `http://127.0.0.1:${port}`]
  const sluice = await startSluice(t, { upstreams: { main: { targets } }, routes })
  const attempts: unknown[] = []
  for (let i = 0; i < 2; i++) {
    const socket = await openSocket(t, sluice)
    socket.close()
    const line = await sluice.access()
    t.match(line, { status: 101, target: targets[1] })
    attempts.push(line.attempts)
  }
  t.ok(attempts.includes(2), 'one of two goes to the dead one first')
})

t.test(
  'a request for a tunnel that reached nobody goes to another target, with its body, whatever its method',
  async t => {
    const { port } = await tunnelUpstream(t)
    const dead = await freePort('127.0.0.1', 0)
    const { routes } = tunnelRoute(port)
    const targets = [`http://127.0.0.1:${dead}`, `http://127.0.0.1:${port}`]
    const sluice = await startSluice(t, { listen: { http2: true }, upstreams: { main: { targets } }, routes })
    for (let i = 0; i < 2; i++) {
      const { socket } = await tunnel(t, sluice.port, `${asks('echo/1', 'POST /', 'content-length: 4')}body`)
      socket.resetAndDestroy()
      t.match(await sluice.access(), { status: 101, target: targets[1], in: 4 })
    }
  }
)

t.test('clients that are slow to send their bodies harm no target, whatever the times of a try', async t => {
  const up = [await faultyUpstream(t, 'a'), await faultyUpstream(t, 'b')]
  const main = {
    targets: up.map(({ url }) => url),
    timeouts: { perTry: '300ms', total: '60s' },
    breaker: { slow: { after: '300ms', share: 0.1 }, minRequests: 2 },
    health: { passive: { consecutive: 1 } }
  }
  const sluice = await startSluice(t, { upstreams: { main } })
  for (let i = 0; i < 3; i++) {
    const client = await connect(t, sluice.port)
    client.send(request('PUT', '/', 'content-length: 2'))
    client.send('a')
    // Longer than any of the times: other exchanges, each of which takes some of it.
    const since = performance.now()
    while (performance.now() - since < 700) await exchange(t, sluice.port, request('GET', '/%'))
    client.send('b')
    t.equal((await client.reply()).status, 200)
    client.socket.destroy()
  }
  t.strictSame(sluice.others, [], 'nobody is ejected, the breaker is closed')
})
