import t from 'tap'
import { exchange, request } from '../../support/client.js'
import { faultyUpstream } from '../../support/faulty-upstream.js'
import { fullBacklog } from '../../support/full-backlog.js'
import { startSluice } from '../../support/sluice.js'

// Connections that hang before they are open: nothing refuses them, nobody answers them. Elsewhere a full backlog refuses.
t.setTimeout(120_000)
const skip = process.platform === 'linux' ? false : 'a full backlog refuses connections here'

t.test('a connection that does not come about in time costs no request: another target is asked', { skip }, async t => {
  const [good, full] = [await faultyUpstream(t, 'good'), await fullBacklog(t)]
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [full, good.url], timeouts: { connect: '150ms' }, health: { passive: false } } }
  })
  const attempts = []
  for (const method of ['GET', 'POST', 'PATCH', 'GET']) {
    const reply = await exchange(t, sluice.port, request(method, '/'))
    t.strictSame([reply.status, reply.body.toString()], [200, 'good'], method)
    attempts.push((await sluice.access()).attempts ?? 1)
  }
  t.ok(attempts.filter(each => each === 2).length >= 2, `${attempts} tries`)
  t.equal(good.seen.length, 4, 'also what must not be repeated: none of it was sent')
})

t.test('where there is no other target it is 504, with the reason in the log', { skip }, async t => {
  const full = await fullBacklog(t)
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [full], timeouts: { connect: '100ms' }, retries: { attempts: 0 } } }
  })
  const reply = await exchange(t, sluice.port, request('GET', '/'))
  t.strictSame([reply.status, reply.json().code], [504, 'GW_UPSTREAM_TIMEOUT'])
  t.match(await sluice.access(), { status: 504, error: 'GW_UPSTREAM_TIMEOUT', detail: /no connection in time/ })
})

t.test('a target where connections hang is ejected, and not waited for again', { skip }, async t => {
  const [good, full] = [await faultyUpstream(t, 'good'), await fullBacklog(t)]
  const sluice = await startSluice(t, {
    upstreams: {
      main: {
        targets: [full, good.url],
        timeouts: { connect: '100ms' },
        health: { passive: { consecutive: 2, ejection: '1h', maxEjection: '1h' } }
      }
    }
  })
  let retried = 0
  for (let i = 0; i < 12; i++) {
    t.equal((await exchange(t, sluice.port, request('GET', '/'))).status, 200)
    if ((await sluice.access()).attempts === 2) retried++
  }
  t.equal(retried, 2)
  t.match(sluice.others[0], { msg: 'a target is ejected', target: full, reason: 'consecutive' })
})
