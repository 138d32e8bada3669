import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer as createHttp2, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { cachedSluice, plainRequest } from '../../support/cached.js'
import { connect, request } from '../../support/client.js'
import { startSluice, toOne } from '../../support/sluice.js'
import { answering } from '../../support/upstream.js'

/** Ends when `happened` says so: it is asked after each turn of the event loop. */
async function until(happened: () => boolean): Promise<void> {
  while (!happened()) await new Promise(resolve => setImmediate(resolve))
}

t.test('one hundred identical requests at the same time are one for the upstream', async t => {
  let answer: ServerResponse | undefined
  const { get, seen } = await cachedSluice(t, {}, (_, response) => {
    response.setHeader('cache-control', 'max-age=60')
    answer = response
  })
  const replies = Array.from({ length: 100 }, () => get('/a'))
  await until(() => answer !== undefined)
  answer?.write('first ')
  answer?.end('last')
  const all = await Promise.all(replies)
  t.strictSame([...new Set(all.map(({ status, text }) => `${status} ${text}`))], ['200 first last'])
  t.equal(all.filter(({ did }) => did === 'fwd=uri-miss; stored').length, 1, 'one asked the upstream')
  t.equal(seen.length, 1)
})

t.test(
  'when the client whose request went on goes away, those who wait get the whole reply, and it is stored',
  async t => {
    let answer: ServerResponse | undefined
    const sluice = await cachedSluice(t, {}, (_, response) => {
      response.setHeader('cache-control', 'max-age=60')
      response.write('first ')
      answer = response
    })
    const leader = await connect(t, sluice.port)
    leader.send(request('GET', '/a'))
    await until(() => answer !== undefined)
    const follower = await connect(t, sluice.port)
    let heard = ''
    follower.socket.on('data', chunk => {
      heard += chunk
    })
    follower.send(request('GET', '/a'))
    await until(() => heard.includes('first '))
    leader.socket.destroy()
    t.match(await sluice.access(), { error: 'GW_CLIENT_GONE', cache: 'miss' })
    answer?.end('last')
    const reply = await follower.reply()
    t.equal(reply.body.toString(), 'first last')
    t.match(reply.header('cache-status'), /collapsed/)
    t.match(await sluice.get('/a', { host: 'gateway.test' }), { text: 'first last', did: /^hit/ })
    t.equal(sluice.seen.length, 1)
  }
)

t.test('when nobody is left the upstream call ends, and nothing is stored', async t => {
  let closed = 0
  const { get, seen, port, access } = await cachedSluice(t, {}, (_, response, count) => {
    response.setHeader('cache-control', 'max-age=60')
    if (count > 1) {
      response.end('second')
      return
    }
    response.on('close', () => closed++)
    response.write('first')
  })
  const client = await connect(t, port)
  client.send(request('GET', '/a'))
  await until(() => seen.length === 1)
  client.socket.destroy()
  await access()
  await until(() => closed === 1)
  t.match(await get('/a'), { text: 'second', did: 'fwd=uri-miss; stored' })
})

t.test('replies that are for one client each are never shared', async t => {
  const held: (() => void)[] = []
  const { get, seen } = await cachedSluice(t, {}, (request, response, count) => {
    response.setHeader('cache-control', 'private')
    const end = (): unknown => response.end(`reply ${count}`)
    if (count === 1) held.push(end)
    else end()
    if (request.target === '/witness') held[0]?.()
  })
  const replies = Array.from({ length: 10 }, () => get('/a'))
  await until(() => seen.length === 1)
  await get('/witness') // sent last: when it is upstream, the others wait
  t.equal(new Set((await Promise.all(replies)).map(({ text }) => text)).size, 10, 'ten replies')
  t.equal(seen.length, 11)
})

t.test('those who ask for another variant have a call of their own, once for all of them', async t => {
  const { get, seen } = await cachedSluice(t, {}, (request, response) => {
    response.setHeader('cache-control', 'max-age=60')
    response.setHeader('vary', 'accept-language')
    response.end(`in ${request.all('accept-language')[0]}`)
  })
  const all = await Promise.all(
    Array.from({ length: 100 }, async (_, i) => {
      const language = `l${i % 20}`
      const { text } = await get('/a', { 'accept-language': language })
      return text === `in ${language}`
    })
  )
  t.ok(all.every(right => right))
  t.equal(seen.length, 20)
})

t.test('who waits too long sends its own request', async t => {
  const waiting: ServerResponse[] = []
  const { get, seen } = await cachedSluice(t, { coalesceWait: '1ms' }, (_, response, count) => {
    response.setHeader('cache-control', 'max-age=60')
    if (count === 1) waiting.push(response)
    else response.end('second')
  })
  const first = get('/a')
  await until(() => seen.length === 1)
  t.match(await get('/a'), { text: 'second', did: 'fwd=uri-miss' })
  waiting[0]?.end('first')
  t.match(await first, { text: 'first' })
})

t.test('a failed call fails for all who wait: they do not fall upon an upstream that is down', async t => {
  const answers: ServerResponse[] = []
  const { get, seen } = await cachedSluice(t, {}, (_, response) => {
    answers.push(response)
  })
  const replies = Array.from({ length: 10 }, () => get('/a'))
  await until(() => answers.length === 1)
  const witness = get('/b') // sent last: when it is upstream, the others wait
  await until(() => answers.length === 2)
  answers[0]?.destroy()
  t.strictSame(new Set((await Promise.all(replies)).map(({ status }) => status)), new Set([502]))
  answers[1]?.end()
  await witness
  t.equal(seen.length, 2)
})

t.test('a body that breaks off is never stored', async t => {
  for (const head of ['content-length: 100', 'transfer-encoding: chunked']) {
    const body = head.startsWith('content') ? 'short' : '5\r\nshort\r\n'
    const upstream = await answering(t, `HTTP/1.1 200 OK\r\ncache-control: max-age=60\r\n${head}\r\n\r\n${body}`, 'end')
    const { port, access } = await startSluice(
      t,
      toOne(upstream.port, { routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', cache: {} }] })
    )
    for (let i = 0; i < 2; i++) {
      const client = await connect(t, port)
      client.send(request('GET', '/a'))
      await client.rest()
      t.match(await access(), { cache: 'miss', status: 200 }, head)
    }
  }
})

t.test('a body whose end nobody announces is not stored: it may have been cut off', async t => {
  const upstream = await answering(t, 'HTTP/1.1 200 OK\r\ncache-control: max-age=60\r\n\r\nall?', 'end')
  const { port, access } = await startSluice(
    t,
    toOne(upstream.port, { routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', cache: {} }] })
  )
  for (let i = 0; i < 2; i++) {
    const client = await connect(t, port)
    client.send(request('GET', '/a'))
    t.equal((await client.reply()).body.toString(), 'all?')
    t.match(await access(), { cache: 'miss' })
  }
})

t.test('a body over HTTP/2 needs no length: the end of its stream is certain', async t => {
  let streams = 0
  const server = createHttp2((_, response) => {
    streams++
    response.writeHead(200, { 'cache-control': 'max-age=60' })
    response.write('first ')
    setImmediate(() => response.end('last'))
  })
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', session => sessions.add(session))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  const { port } = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${(server.address() as AddressInfo).port}`], http2: true } },
    routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', cache: {} }]
  })
  const together = await Promise.all(Array.from({ length: 10 }, () => plainRequest(port, '/a')))
  const after = await plainRequest(port, '/a')
  t.strictSame(new Set([...together, after].map(({ text }) => text)), new Set(['first last']))
  t.equal(streams, 1)
})

t.test('a reply that grows too large to be stored goes on to all who share it, whole', async t => {
  const piece = Buffer.alloc(65_536, 'x')
  let answer: ServerResponse | undefined
  const { port, seen, access } = await cachedSluice(t, { entryBytes: '100KiB' }, (_, response) => {
    response.setHeader('cache-control', 'max-age=60')
    response.write(piece)
    answer = response
  })
  const join = async () => {
    const client = await connect(t, port)
    const heard = new Promise(resolve => client.socket.once('data', resolve))
    client.send(request('GET', '/a'))
    await heard
    return client
  }
  const clients = [await join(), await join(), await join()]
  for (let i = 0; i < 15; i++) answer?.write(piece)
  answer?.end()
  for (const client of clients) t.equal((await client.reply()).body.length, 16 * piece.length)
  t.equal(seen.length, 1)
  const did = [await access(), await access(), await access()].map(({ cache }) => cache)
  t.strictSame(did.sort(), ['collapsed', 'collapsed', 'miss'])
  await join()
  t.equal(seen.length, 2, 'it is not stored')
})
