import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createHttp2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import type { ProbeConfig } from '../../core/config/resolve-upstream.js'
import { CLOCK } from '../../core/upstream/clock.js'
import { httpProbe, type Probe, tcpProbe } from '../../core/upstream/health/probe.js'
import { Prober } from '../../core/upstream/health/prober.js'
import { httpClient } from '../../core/upstream/http.js'
import { http2Client } from '../../core/upstream/http2.js'
import { freePorts } from '../command.js'
import { FakeClock } from '../support/fake-clock.js'
import { httpUpstream, rawUpstream } from '../support/upstream.js'
import { target } from './targets.js'

const HTTP = { path: '/up?x=1', method: 'GET', statuses: [2], host: undefined }

function ask(t: Test, port: number, http: NonNullable<ProbeConfig['http']> = HTTP, timeoutMs = 5_000): Probe {
  const client = httpClient(`http://127.0.0.1:${port}`, 1, timeoutMs)
  t.teardown(() => client.close())
  return httpProbe(client, http, timeoutMs, CLOCK)
}

t.test('an HTTP probe asks for what it is told to, each time on a new connection', async t => {
  const seen: unknown[] = []
  const upstream = await httpUpstream(t, ({ method, url, headers }, response) => {
    seen.push([method, url, headers.host, headers['user-agent']])
    response.end('x'.repeat(1_000))
  })
  const probe = ask(t, upstream.port, { ...HTTP, method: 'POST', host: 'up.example.com' })
  for (let i = 0; i < 3; i++) t.equal(await probe(), undefined)
  t.strictSame(seen[2], ['POST', '/up?x=1', 'up.example.com', 'sluice-probe'])
  t.equal(upstream.connections(), 3)
})

t.test('an HTTP probe speaks HTTP/2 to a target that does, each time on a new connection that it closes', async t => {
  const seen: unknown[] = []
  const server = createHttp2((request, response) => {
    seen.push([
      request.method,
      request.url,
      request.authority,
      request.headers['user-agent'],
      request.headers.connection
    ])
    response.end('ok')
  })
  const closings: Promise<unknown>[] = []
  server.on('session', session => closings.push(once(session, 'close')))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const client = http2Client(`http://127.0.0.1:${port}`, { connections: 1, connectTimeoutMs: 5_000 })
  t.teardown(() => client.close())
  const probe = httpProbe(client, { ...HTTP, host: 'up.example.com' }, 5_000, CLOCK)
  for (let i = 0; i < 3; i++) t.equal(await probe(), undefined)
  t.strictSame(seen[2], ['GET', '/up?x=1', 'up.example.com', 'sluice-probe', undefined])
  t.equal(closings.length, 3)
  await Promise.all(closings)
})

t.test('an HTTP probe fails by status, silence, refusal and garbage, and says how', async t => {
  const teapot = await httpUpstream(t, (_, response) => response.writeHead(418).end())
  t.equal(await ask(t, teapot.port)(), 'the probe was answered 418')
  t.equal(await ask(t, teapot.port, { ...HTTP, statuses: [418] })(), undefined)
  const silent = await rawUpstream(t)
  t.equal(await ask(t, silent.port, HTTP, 50)(), 'the probe took longer than 50 ms')
  const [closed = 0] = await freePorts(1)
  t.match(await ask(t, closed)(), /the probe failed: .*ECONNREFUSED/)
  const garbage = await rawUpstream(t, ({ socket }) => socket.end('nonsense\r\n\r\n'))
  t.match(await ask(t, garbage.port)(), /the probe failed/)
})

t.test('an HTTP probe does not wait for a body without end, but for one that never comes it does', async t => {
  const endless = createServer((_, response) => {
    const more = (): void =>
      void (response.write('x'.repeat(65_536)) ? setImmediate(more) : response.once('drain', more))
    response.on('error', () => undefined)
    more()
  })
  endless.listen(0, '127.0.0.1')
  await new Promise(resolve => endless.once('listening', resolve))
  t.teardown(() => {
    endless.close()
    endless.closeAllConnections()
  })
  const address = endless.address()
  t.equal(await ask(t, typeof address === 'object' && address !== null ? address.port : 0)(), undefined)
  const half = await rawUpstream(t, ({ socket }) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab'))
  t.equal(await ask(t, half.port, HTTP, 50)(), 'the probe took longer than 50 ms')
})

t.test('a TCP probe opens a connection', async t => {
  const upstream = await rawUpstream(t)
  t.equal(await tcpProbe(`http://127.0.0.1:${upstream.port}`, 1_000, CLOCK)(), undefined)
  await (await upstream.connection()).closed
  const [closed = 0] = await freePorts(1)
  t.match(await tcpProbe(`http://127.0.0.1:${closed}`, 1_000, CLOCK)(), /no connection: .*ECONNREFUSED/)
})

t.test('a prober asks each target at its pace, a tenth more or less, and marks it as the thresholds say', async t => {
  const clock = new FakeClock()
  const chances = [0.5, 0, 1]
  let drawn = 0
  const results: (string | undefined)[] = [undefined, 'x', 'y', undefined, undefined]
  const told: unknown[] = []
  let asked = 0
  let closed = 0
  const prober = new Prober({
    probe: { http: undefined, intervalMs: 10_000, timeoutMs: 1_000, healthyAfter: 2, unhealthyAfter: 2 },
    clock,
    random: () => chances[drawn++ % chances.length] ?? 0,
    open: () => ({
      run: async () => results[asked++],
      close: () => {
        closed++
      }
    }),
    onProbe: passed => told.push(passed),
    onChange: ({ url }, reason) => told.push([url, reason])
  })
  const one = target('a')
  const settled = () => new Promise(resolve => setImmediate(resolve))
  prober.join(one)
  prober.join(one)
  t.equal(clock.timers, 1, 'joining twice is joining once')
  clock.pass(249)
  t.equal(asked, 0)
  for (const wait of [1, 9_000, 11_000, 10_000, 9_000]) {
    const before = asked
    clock.pass(wait - 1)
    await settled()
    t.equal(asked, before, 'not sooner')
    clock.pass(1)
    await settled()
    t.equal(asked, before + 1)
    if (asked === 3) t.match(one, { state: 'unhealthy', failing: { reason: 'y' } })
    if (asked === 4) t.equal(one.state, 'unhealthy', 'once is not enough')
  }
  t.equal(one.state, 'healthy')
  t.strictSame(told, [true, false, false, ['http://a', 'y'], true, true, ['http://a', undefined]])
  prober.leave(one)
  t.strictSame([closed, clock.timers], [1, 0])
})
