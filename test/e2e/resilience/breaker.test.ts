import t from 'tap'
import { connect, exchange, request } from '../../support/client.js'
import { faultyUpstream } from '../../support/faulty-upstream.js'
import { startSluice } from '../../support/sluice.js'
import { asks, tunnelRoute } from '../../support/tunnel.js'
import { handshake } from '../../support/websocket.js'

t.setTimeout(120_000)

t.test('an upstream that fails is left alone, tried with a few requests, and used again', async t => {
  const up = await faultyUpstream(t)
  const sluice = await startSluice(t, {
    upstreams: {
      main: {
        targets: [up.url],
        retries: { attempts: 0 },
        breaker: { errors: 0.5, minRequests: 4, open: '2s', probes: 2 }
      }
    }
  })
  const ask = async () => exchange(t, sluice.port, request('GET', '/'))
  up.always({ status: 500 })
  for (let i = 0; i < 4; i++) t.equal((await ask()).status, 500)
  const refused = await ask()
  t.strictSame([refused.status, refused.json().code], [503, 'GW_UPSTREAM_OPEN'])
  t.match(refused.header('retry-after'), /^[12]$/)
  t.equal(up.seen.length, 4, 'the upstream is not asked')

  let reply = refused
  while (reply.status === 503) reply = await ask()
  t.equal(reply.status, 500, 'a probe')
  t.equal((await ask()).status, 503, 'that failed')
  up.always('ok')
  while (reply.status !== 200) reply = await ask()
  for (let i = 0; i < 5; i++) t.equal((await ask()).status, 200)
  t.equal(up.seen.length, 11)

  const changes = sluice.others.filter(line => line.msg === 'circuit breaker of an upstream')
  t.match(
    changes.map(({ upstream, state, reason }) => `${upstream} ${state}: ${reason}`),
    [
      'main open: 4 of 4 tries failed',
      'main half-open: its time is over',
      'main open: a probe failed',
      'main half-open: its time is over',
      'main closed: its probes went well'
    ]
  )
})

t.test('connections that break and replies that are late count as failures', async t => {
  const up = await faultyUpstream(t)
  const sluice = await startSluice(t, {
    upstreams: {
      main: {
        targets: [up.url],
        retries: { attempts: 0 },
        timeouts: { perTry: '1s' },
        breaker: { minRequests: 3, open: '1h' }
      }
    }
  })
  up.next('reset', 'hang', 'garbage')
  const codes = []
  for (let i = 0; i < 4; i++) codes.push((await exchange(t, sluice.port, request('GET', '/'))).json().code)
  t.strictSame(codes, ['GW_UPSTREAM_RESET', 'GW_UPSTREAM_TIMEOUT', 'GW_UPSTREAM_BAD_RESPONSE', 'GW_UPSTREAM_OPEN'])
  await up.quiet()
})

t.test('slow replies open it too', async t => {
  const up = await faultyUpstream(t)
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [up.url], breaker: { slow: { after: '1ms' }, minRequests: 2, open: '1h' } } }
  })
  up.always('hang')
  const late = async () => {
    const reply = exchange(t, sluice.port, request('GET', '/'))
    await up.begun(up.seen.length + 1)
    const until = performance.now() + 5
    while (performance.now() < until) await new Promise(setImmediate)
    up.release()
    return (await reply).status
  }
  t.strictSame([await late(), await late()], [200, 200])
  t.equal((await exchange(t, sluice.port, request('GET', '/'))).json().code, 'GW_UPSTREAM_OPEN')
})

t.test('clients that go away say nothing of the upstream', async t => {
  const up = await faultyUpstream(t)
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [up.url], breaker: { minRequests: 1, errors: 0, open: '1h' } } }
  })
  up.next('hang')
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/'))
  await up.begun(1)
  client.socket.destroy()
  await up.quiet()
  t.match(await sluice.access(), { error: 'GW_CLIENT_GONE' })
  t.equal((await exchange(t, sluice.port, request('GET', '/'))).status, 200)
})

t.test('handshakes count, failed ones too, and are stopped while it is open', async t => {
  const up = await faultyUpstream(t)
  const { routes } = tunnelRoute(up.port, {}, { websocket: {} })
  const main = { targets: [up.url], retries: { attempts: 0 }, breaker: { minRequests: 4, open: '1h' } }
  for (const [what, bytes] of [
    ['WebSocket', handshake()],
    ['tunnel', asks()]
  ] as const) {
    up.always('reset')
    const sluice = await startSluice(t, { listen: { http2: true }, upstreams: { main }, routes })
    const before = up.seen.length
    for (let i = 0; i < 4; i++) t.equal((await exchange(t, sluice.port, bytes)).json().code, 'GW_UPSTREAM_RESET', what)
    t.equal((await exchange(t, sluice.port, bytes)).json().code, 'GW_UPSTREAM_OPEN', what)
    t.equal(up.seen.length, before + 4, 'the upstream is not asked')
  }
})
