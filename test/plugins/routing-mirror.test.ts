import t, { type Test } from 'tap'
import { startSluice } from '../support/sluice.js'
import { httpUpstream, rawUpstream, recordingUpstream } from '../support/upstream.js'

async function serve(t: Test, shadow: number, settings: object = {}) {
  const main = await recordingUpstream(t)
  const policies = [{ plugin: 'routing-mirror', settings: { upstream: 'shadow', ...settings } }]
  const sluice = await startSluice(t, {
    upstreams: {
      main: { targets: [`http://127.0.0.1:${main.port}`] },
      shadow: { targets: [`http://127.0.0.1:${shadow}`] }
    },
    routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', policies }]
  })
  return { main, sluice, url: `http://127.0.0.1:${sluice.port}` }
}

/** An upstream that says when a copy has come. */
async function shadowUpstream(t: Test) {
  const takers: (() => void)[] = []
  const shadow = await recordingUpstream(t, (_, response) => {
    response.writeHead(500).end('nobody reads this')
    takers.shift()?.()
  })
  return { ...shadow, copy: () => new Promise<void>(resolve => takers.push(resolve)) }
}

t.test('a copy has all of the request but credentials, is marked, and its reply is ignored', async t => {
  const shadow = await shadowUpstream(t)
  const { main, url } = await serve(t, shadow.port)
  const copied = shadow.copy()
  const headers = { authorization: 'Bearer x', cookie: 'a=b', 'x-api-key': 'k', 'x-mine': 'yes' }
  const reply = await fetch(`${url}/a%20b?c=d`, { headers })
  t.equal(reply.status, 200)
  await copied
  t.match(shadow.seen, [{ method: 'GET', target: '/a%20b?c=d' }])
  const got = Object.fromEntries(shadow.seen[0]?.headers ?? [])
  t.match(got, { 'x-mirrored': '1', 'x-mine': 'yes', 'x-forwarded-host': new URL(url).host })
  for (const name of ['authorization', 'cookie', 'x-api-key']) t.notOk(name in got, name)
  t.match(Object.fromEntries(main.seen[0]?.headers ?? []), headers)
  t.notOk(main.seen[0]?.headers.some(([name]) => name === 'x-mirrored'))
})

t.test('the body is copied when that is wanted, with the credentials when they are', async t => {
  const shadow = await shadowUpstream(t)
  const { main, url } = await serve(t, shadow.port, { body: true, methods: [], credentials: true, maxBytes: 1_000 })
  const copied = shadow.copy()
  const init = { method: 'POST', body: 'the body', headers: { authorization: 'Bearer x' } }
  t.equal((await fetch(url, init)).status, 200)
  await copied
  t.equal(shadow.seen[0]?.body.toString(), 'the body')
  t.strictSame(shadow.seen[0]?.all('authorization'), ['Bearer x'])
  t.equal(main.seen[0]?.body.toString(), 'the body')
})

t.test('what does not match is not copied, nor is a copy', async t => {
  const shadow = await shadowUpstream(t)
  const { url, main } = await serve(t, shadow.port, { match: { header: { name: 'x-beta', values: ['1'] } } })
  await fetch(url)
  await fetch(url, { headers: { 'x-beta': '2' } })
  await fetch(url, { headers: { 'x-beta': '1' }, method: 'DELETE' })
  await fetch(url, { headers: { 'x-beta': '1', 'x-mirrored': '1' } })
  const copied = shadow.copy()
  await fetch(`${url}/last`, { headers: { 'x-beta': '1' } })
  await copied
  t.equal(main.seen.length, 5)
  t.strictSame(
    shadow.seen.map(({ target }) => target),
    ['/last']
  )
})

t.test('a share of the requests is copied', async t => {
  const shadow = await recordingUpstream(t)
  const { url, sluice } = await serve(t, shadow.port, { percent: 50 })
  const tags: unknown[] = []
  for (let i = 0; i < 100; i++) {
    await fetch(url)
    tags.push(JSON.stringify(await sluice.access()).includes('"mirror"'))
  }
  const sent = tags.filter(tag => tag === true).length
  t.ok(sent > 20 && sent < 80, `${sent} of 100`) // a fair coin leaves this range once in a billion times
})

t.test('nobody waits for a shadow that never answers', async t => {
  const shadow = await rawUpstream(t)
  const { url } = await serve(t, shadow.port, { timeoutMs: 60_000 })
  const connection = shadow.connection()
  t.equal(await (await fetch(url)).text(), 'ok', 'the reply is here')
  await (await connection).until('\r\n\r\n')
  t.match((await connection).received(), /x-mirrored: 1/)
  ;(await connection).socket.destroy()
})

t.test('a shadow that is down, or comes back, is no matter to the requests', async t => {
  const { port } = await httpUpstream(t, (_, response) => response.end())
  const down = await rawUpstream(t, ({ socket }) => socket.destroy())
  for (const shadow of [down.port, 1, port]) {
    const { url, sluice } = await serve(t, shadow)
    for (let i = 0; i < 5; i++) t.equal((await fetch(url)).status, 200)
    t.equal(sluice.others.filter(({ level }) => level === 'error').length, 0)
  }
})

t.test('a copy goes on when the client has gone', async t => {
  const shadow = await shadowUpstream(t)
  const silent = await httpUpstream(t, () => undefined)
  const policies = [{ plugin: 'routing-mirror', settings: { upstream: 'shadow' } }]
  const sluice = await startSluice(t, {
    upstreams: {
      main: { targets: [`http://127.0.0.1:${silent.port}`] },
      shadow: { targets: [`http://127.0.0.1:${shadow.port}`] }
    },
    routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', policies }]
  })
  const copied = shadow.copy()
  const abort = new AbortController()
  const gone = fetch(`http://127.0.0.1:${sluice.port}/`, { signal: abort.signal }).catch(() => 'gone')
  await copied
  abort.abort()
  t.equal(await gone, 'gone')
  t.equal(shadow.seen.length, 1)
})
