import t from 'tap'
import { connect, exchange, request } from '../../support/client.js'
import { faultyUpstream } from '../../support/faulty-upstream.js'
import { startSluice } from '../../support/sluice.js'

t.setTimeout(120_000)

t.test('a slow target is overtaken by another, and its request is taken back', async t => {
  const [good, slow] = [await faultyUpstream(t, 'good'), await faultyUpstream(t, 'slow')]
  slow.always('hang')
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [good.url, slow.url] } },
    routes: [
      {
        name: 'all',
        match: { path: '/*' },
        upstream: 'main',
        hedge: { after: '20ms', budget: { share: 1, minPerSecond: 10 } }
      }
    ]
  })
  for (let i = 0; i < 6; i++) {
    t.equal((await exchange(t, sluice.port, request('GET', '/'))).body.toString(), 'good')
    t.match(await sluice.access(), { target: good.url, status: 200 })
    await slow.quiet()
  }
  t.ok(slow.seen.length >= 1, 'it was asked first some of the times')
  t.equal(good.seen.length, 6)

  // What must not be repeated waits for the one that was asked.
  const client = await connect(t, sluice.port)
  let posts = 0
  while (slow.open === 0) {
    client.send(request('POST', '/', 'content-length: 0'))
    posts++
    await Promise.race([slow.begun(slow.seen.length + 1), client.reply()])
  }
  await slow.begun(slow.seen.length)
  slow.release()
  t.equal((await client.reply()).body.toString(), 'slow')
  t.equal(good.seen.length, 6 + posts - 1)
})

t.test(
  'a target that is always overtaken is known to be slow: asked first less and less, and ejected where times are compared',
  async t => {
    const [good, other, slow] = [await faultyUpstream(t), await faultyUpstream(t), await faultyUpstream(t)]
    slow.always('hang')
    const targets = [good.url, other.url, slow.url]
    const hedge = { after: '40ms', budget: { share: 1, minPerSecond: 100 } }
    const latency = { factor: 3, atLeast: '20ms', requests: 5, window: '200ms' }
    const sluice = await startSluice(t, {
      upstreams: {
        ewma: { targets, balance: 'peak-ewma' },
        compared: { targets, balance: 'round-robin', health: { passive: { latency } } }
      },
      routes: ['ewma', 'compared'].map(upstream => ({
        name: upstream,
        match: { path: `/${upstream}` },
        upstream,
        hedge
      }))
    })
    const get = (path: string) => exchange(t, sluice.port, request('GET', path))
    for (let i = 0; i < 60; i++) t.equal((await get('/ewma')).status, 200)
    t.ok(slow.seen.length < 40, `it was asked ${slow.seen.length} times of 60`)
    while (sluice.others.length === 0) await get('/compared')
    t.match(sluice.others[0], { msg: 'a target is ejected', target: slow.url, reason: 'latency' })
  }
)

t.test('a client that goes away ends both tries', async t => {
  const [a, b] = [await faultyUpstream(t, 'a'), await faultyUpstream(t, 'b')]
  a.always('hang')
  b.always('hang')
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [a.url, b.url] } },
    routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', hedge: { after: '10ms' } }]
  })
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/'))
  await Promise.all([a.begun(1), b.begun(1)])
  client.socket.destroy()
  await Promise.all([a.quiet(), b.quiet()])
  t.match(await sluice.access(), { error: 'GW_CLIENT_GONE', attempts: 2 })
})
