import { createHash } from 'node:crypto'
import t, { type Test } from 'tap'
import { connect, exchange, request } from '../../support/client.js'
import { faultyUpstream } from '../../support/faulty-upstream.js'
import { pluginFolders } from '../../support/plugins.js'
import { type RunningSluice, startSluice } from '../../support/sluice.js'
import { asks, tunnel, tunnelRoute, tunnelUpstream } from '../../support/tunnel.js'
import { says } from '../../support/wat.js'
import { closed, handshake, openSocket, socketRoute, socketUpstream } from '../../support/websocket.js'

t.setTimeout(120_000)

/** Three routes of the three classes, and one upstream. */
function byClass(t: Test, url: string, concurrency: object): Promise<RunningSluice> {
  const classes = ['critical', 'default', 'bulk']
  return startSluice(t, {
    upstreams: { main: { targets: [url], concurrency } },
    routes: classes.map(priority => ({
      name: priority,
      match: { path: `/${priority}/*` },
      upstream: 'main',
      priority
    }))
  })
}

/** Sends without waiting for the reply. */
async function ask(t: Test, sluice: RunningSluice, path: string, ...headers: string[]) {
  const client = await connect(t, sluice.port)
  client.send(request('GET', path, ...headers))
  return client
}

t.test('those who wait are served by class; the lowest makes room for the highest', async t => {
  const up = await faultyUpstream(t)
  up.always('hang')
  const sluice = await byClass(t, up.url, { limit: 1, queue: 2, queueTimeout: '1h' })
  const first = await ask(t, sluice, '/default/first')
  await up.begun(1)
  const bulk1 = await ask(t, sluice, '/bulk/1')
  const bulk2 = await ask(t, sluice, '/bulk/2')
  // A third one of the same class is refused: then the two before it surely wait.
  const refused = await exchange(t, sluice.port, request('GET', '/bulk/3'))
  t.strictSame([refused.status, refused.json().code, refused.header('retry-after')], [503, 'GW_OVERLOADED', '1'])
  const critical = await ask(t, sluice, '/critical/1')
  t.equal((await bulk2.reply()).json().code, 'GW_OVERLOADED', 'the one that came last')
  for (const [client, begun] of [
    [first, 2],
    [critical, 3],
    [bulk1, 3]
  ] as const) {
    up.release()
    t.equal((await client.reply()).status, 200)
    await up.begun(begun)
  }
  t.strictSame(
    up.seen.map(({ target }) => target),
    ['/default/first', '/critical/1', '/bulk/1']
  )
})

t.test('who waits too long is refused, and never sent', async t => {
  const up = await faultyUpstream(t)
  up.always('hang')
  const sluice = await byClass(t, up.url, { limit: 1, queue: 5, queueTimeout: '50ms' })
  const first = await ask(t, sluice, '/default/first')
  await up.begun(1)
  const late = await exchange(t, sluice.port, request('GET', '/critical/late'))
  t.equal(late.json().code, 'GW_OVERLOADED')
  t.match(await sluice.access(), { error: 'GW_OVERLOADED', detail: /waited 50 ms/, attempts: undefined })
  up.release()
  t.equal((await first.reply()).status, 200)
  t.equal(up.seen.length, 1)
})

t.test('a client that goes away while it waits makes room for another', async t => {
  const up = await faultyUpstream(t)
  up.always('hang')
  const sluice = await byClass(t, up.url, { limit: 1, queue: 1, queueTimeout: '1h' })
  const first = await ask(t, sluice, '/default/first')
  await up.begun(1)
  const gone = await ask(t, sluice, '/default/gone')
  t.equal((await exchange(t, sluice.port, request('GET', '/default/x'))).status, 503)
  gone.socket.destroy()
  t.match(await sluice.access(), { path: '/default/x' })
  t.match(await sluice.access(), { path: '/default/gone', error: 'GW_CLIENT_GONE' })
  const next = await ask(t, sluice, '/default/next')
  t.equal((await exchange(t, sluice.port, request('GET', '/default/y'))).status, 503, 'it has the place')
  up.release()
  t.equal((await first.reply()).status, 200)
  await up.begun(2)
  up.release()
  t.equal((await next.reply()).status, 200)
})

t.test('a place is taken until the last byte of the reply is out', async t => {
  const up = await faultyUpstream(t)
  up.next('hang-body')
  const sluice = await byClass(t, up.url, { limit: 1, queue: 0 })
  const first = await ask(t, sluice, '/default/first')
  await up.begun(1)
  await new Promise(resolve => first.socket.once('data', resolve))
  t.equal((await exchange(t, sluice.port, request('GET', '/default/x'))).status, 503)
  first.socket.destroy()
  await up.quiet()
  t.match(await sluice.access(), { path: '/default/x' })
  t.match(await sluice.access(), { path: '/default/first' })
  t.equal((await exchange(t, sluice.port, request('GET', '/default/y'))).status, 200)
})

t.test('a policy may say the class of a request', async t => {
  const up = await faultyUpstream(t)
  up.always('hang')
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [up.url], concurrency: { limit: 1, queue: 2, queueTimeout: '1h' } } },
    plugins: pluginFolders(t, { urgent: says({ tags: ['class', 'critical'] }) }),
    routes: [
      {
        name: 'urgent',
        match: { path: '/urgent' },
        upstream: 'main',
        priority: { class: 'bulk', tag: 'class' },
        policies: [{ plugin: 'urgent' }]
      },
      { name: 'plain', match: { path: '/*' }, upstream: 'main' }
    ]
  })
  const first = await ask(t, sluice, '/first')
  await up.begun(1)
  const second = await ask(t, sluice, '/second')
  const third = await ask(t, sluice, '/third')
  t.equal((await exchange(t, sluice.port, request('GET', '/fourth'))).status, 503, 'the queue is full')
  const urgent = await ask(t, sluice, '/urgent')
  t.equal((await third.reply()).json().code, 'GW_OVERLOADED')
  for (const [client, begun] of [
    [first, 2],
    [urgent, 3],
    [second, 3]
  ] as const) {
    up.release()
    t.equal((await client.reply()).status, 200)
    await up.begun(begun)
  }
})

t.test('a consumer has its own limit, and its own class', async t => {
  const up = await faultyUpstream(t)
  up.always('hang')
  const keyOf = (consumer: string) => ({
    sha256: createHash('sha256').update(consumer).digest('hex'),
    consumer
  })
  const sluice = await startSluice(t, {
    upstreams: {
      main: {
        targets: [up.url],
        concurrency: { limit: 2, queue: 2, queueTimeout: '1h', perConsumer: { limit: 1, queue: 1 } }
      }
    },
    routes: [
      {
        name: 'all',
        match: { path: '/*' },
        upstream: 'main',
        priority: { class: 'bulk', consumers: { cleo: 'critical' } },
        policies: [{ plugin: 'auth-key', settings: { keys: ['ann', 'bob', 'cleo'].map(keyOf) } }]
      }
    ]
  })
  const as = (consumer: string) => ask(t, sluice, `/${consumer}`, `x-api-key: ${consumer}`)
  const ann1 = await as('ann')
  await up.begun(1)
  const ann2 = await as('ann')
  // The third is over the limit of what may wait: the second surely does.
  const over = await exchange(t, sluice.port, request('GET', '/ann', 'x-api-key: ann'))
  t.strictSame([over.status, over.json().code, over.header('retry-after')], [429, 'GW_CONCURRENCY_EXCEEDED', '1'])
  const bob = await as('bob')
  await up.begun(2)
  const cleo = await as('cleo')
  const full = await exchange(t, sluice.port, request('GET', '/bob', 'x-api-key: bob'))
  t.equal(full.json().code, 'GW_OVERLOADED', 'cleo has the last place in the queue')
  up.release()
  for (const client of [ann1, bob]) t.equal((await client.reply()).status, 200)
  await up.begun(4)
  up.release()
  for (const client of [cleo, ann2]) t.equal((await client.reply()).status, 200)
  t.strictSame(
    up.seen.map(({ target }) => target),
    ['/ann', '/bob', '/cleo', '/ann']
  )
})

t.test('a WebSocket has its place as long as it is open', async t => {
  const { port } = await socketUpstream(t)
  const { routes } = socketRoute(port)
  const main = { targets: [`http://127.0.0.1:${port}`], concurrency: { limit: 1, queue: 0 } }
  const sluice = await startSluice(t, { upstreams: { main }, routes })
  const socket = await openSocket(t, sluice)
  t.equal((await exchange(t, sluice.port, handshake())).json().code, 'GW_OVERLOADED')
  t.match(await sluice.access(), { error: 'GW_OVERLOADED' })
  socket.close()
  await closed(socket)
  t.match(await sluice.access(), { status: 101 })
  await openSocket(t, sluice)
})

t.test('a tunnel has its place as long as it is open', async t => {
  const { port } = await tunnelUpstream(t)
  const { routes } = tunnelRoute(port)
  const main = { targets: [`http://127.0.0.1:${port}`], concurrency: { limit: 1, queue: 0 } }
  const sluice = await startSluice(t, { listen: { http2: true }, upstreams: { main }, routes })
  const { socket } = await tunnel(t, sluice.port, asks())
  t.equal((await exchange(t, sluice.port, asks())).json().code, 'GW_OVERLOADED')
  t.match(await sluice.access(), { error: 'GW_OVERLOADED' })
  socket.resetAndDestroy()
  t.match(await sluice.access(), { status: 101 })
  await tunnel(t, sluice.port, asks())
})
