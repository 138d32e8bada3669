import { createHash } from 'node:crypto'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { LogInput } from '../../../core/plugin-host/abi.js'
import { exchange, request } from '../../support/client.js'
import { callsSeen, pluginFolders } from '../../support/plugins.js'
import { Scrape } from '../../support/scrape.js'
import { serve } from '../../support/serve.js'
import { startSluice } from '../../support/sluice.js'
import { guest, says } from '../../support/wat.js'
import { closed, echo, handshake, message, openSocket, socketRoute, socketUpstream } from '../../support/websocket.js'

t.setTimeout(120_000)

/** A route with policies, and how many handshakes its upstream saw. */
async function guarded(t: Test, policies: readonly object[], plugins: Parameters<typeof pluginFolders>[1] = {}) {
  let handshakes = 0
  const upstream = await socketUpstream(t, socket => {
    handshakes++
    echo(socket)
  })
  const sluice = await startSluice(t, {
    ...socketRoute(upstream.port, {}, { policies }),
    plugins: pluginFolders(t, plugins)
  })
  return { upstream, sluice, handshakes: () => handshakes }
}

const sha256 = createHash('sha256').update('ada-key').digest('hex')

t.test('a policy that refuses a handshake answers it with a reply, and the upstream hears nothing', async t => {
  const auth = { plugin: 'auth-key', settings: { keys: [{ sha256, consumer: 'ada' }] } }
  const { sluice, handshakes, upstream } = await guarded(t, [auth])
  const refused = await exchange(t, sluice.port, handshake('/'))
  t.equal(refused.status, 401)
  t.ok(refused.header('www-authenticate'))
  t.match(await sluice.access(), { status: 401, socket: undefined })
  t.equal(handshakes(), 0)
  const client = await openSocket(t, sluice, '/', { headers: { 'x-api-key': 'ada-key' } })
  client.send('hello')
  t.equal(String((await message(client)).data), 'hello')
  t.equal((await upstream.socket()).request.headers['x-api-key'], undefined, 'the policy changed the handshake')
  client.close()
  t.match(await sluice.access(), { status: 101, consumer: 'ada' })
})

t.test('a policy may change the reply to a handshake', async t => {
  const set = { op: 0, name: 'x-seen', value: 'yes' }
  const { sluice } = await guarded(t, [{ plugin: 'mender' }], { mender: says({ headers: [set] }, 'on_response') })
  const reply = await exchange(t, sluice.port, handshake('/'))
  t.equal(reply.status, 101)
  t.equal(reply.header('x-seen'), 'yes')
})

const NO: Record<string, Parameters<typeof pluginFolders>[1]> = {
  'answers in the place of': { no: says({ reply: { status: 403 } }, 'on_response') },
  'changes the status of': { no: says({ status: 403 }, 'on_response') },
  'fails at': { no: guest({ hooks: { on_response: 'unreachable' } }) }
}

for (const [what, plugins] of Object.entries(NO)) {
  t.test(`a policy that ${what} an upstream's yes ends the socket to the upstream`, async t => {
    const { sluice, upstream } = await guarded(t, [{ plugin: 'no' }], plugins)
    const reply = await exchange(t, sluice.port, handshake('/'))
    t.equal(reply.status, what === 'fails at' ? 500 : 403)
    const { socket } = await upstream.socket()
    if (socket.readyState !== socket.CLOSED) await once(socket, 'close')
    t.match(await sluice.access(), { status: reply.status, socket: undefined })
  })
}

t.test('on_log gets the figures of a socket when it is over', async t => {
  const calls = callsSeen(t)
  const logs = '(call $log (i32.const 1) (local.get $ptr) (local.get $len)) (i32.const 0)'
  const imports = '(import "sluice" "log" (func $log (param i32 i32 i32)))'
  const { sluice } = await guarded(t, [{ plugin: 'logger' }], { logger: guest({ hooks: { on_log: logs }, imports }) })
  const client = await openSocket(t, sluice)
  client.send('12345')
  await message(client)
  client.close()
  await sluice.access()
  const inputs = calls
    .filter(({ hook }) => hook === 'on_log')
    .map(({ steps }) => LogInput.decode(steps[0]?.input ?? new Uint8Array(0)))
  t.match(inputs, [{ response: { status: 101 }, code: '', bytesIn: 5, bytesOut: 5, target: /^http:/ }])
})

t.test('sockets are counted while they are open', async t => {
  const upstream = await socketUpstream(t, echo)
  const sluice = await serve(t, { admin: { port: 0 }, ...socketRoute(upstream.port) })
  const { admin } = JSON.parse(sluice.lines.find(line => line.includes('"listening"')) ?? '')
  const scrape = async () => new Scrape(await (await fetch(`${admin}/metrics`)).text())
  const first = await openSocket(t, sluice)
  const second = await openSocket(t, sluice)
  first.send('12345')
  await message(first)
  await upstream.socket()
  const { socket } = await upstream.socket()
  socket.send('more')
  await message(second)
  let found = await scrape()
  const value = (name: string, direction: string) => found.value(name, { route: 'sockets', direction })
  t.equal(found.value('gateway_open_websockets', { route: 'sockets' }), 2)
  t.equal(found.value('gateway_active_exchanges'), 2, 'each is an exchange under way')
  t.equal(found.value('gateway_open_connections'), 2)
  t.equal(value('gateway_websocket_messages_total', 'in'), 1)
  t.equal(value('gateway_websocket_messages_total', 'out'), 2)
  t.equal(value('gateway_websocket_bytes_total', 'in'), 5)
  t.equal(value('gateway_websocket_bytes_total', 'out'), 9)
  first.close()
  await closed(first)
  socket.close()
  await closed(second)
  await exchange(t, sluice.port, request('GET', '/%'))
  found = await scrape()
  t.equal(found.value('gateway_open_websockets', { route: 'sockets' }), 0)
  t.equal(found.value('gateway_requests_total', { route: 'sockets', status: '101' }), 2)
  t.equal(found.value('gateway_response_body_bytes_total', { route: 'sockets' }), 9)
  t.equal(found.value('gateway_upstream_requests_total', { upstream: 'main', status: '101' }), 2)
})
