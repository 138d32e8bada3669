import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { connect as connectTls } from 'node:tls'
import fc from 'fast-check'
import t from 'tap'
import { freePort } from '../../../core/server/port.js'
import { authority } from '../../support/certificates.js'
import { request } from '../../support/client.js'
import { startSluice, toOne } from '../../support/sluice.js'
import { ask, plainSocket } from '../../support/tls-client.js'
import { recordingUpstream } from '../../support/upstream.js'

const LINE = 'PROXY TCP4 192.0.2.7 10.0.0.1 4711 80\r\n'
const LOCAL = ['127.0.0.0/8']

t.test('the client is who the PROXY header names, wherever the bytes are split', async t => {
  const upstream = await recordingUpstream(t)
  for (const http2 of [false, true]) {
    const listen = { proxyProtocol: { trusted: LOCAL }, http2 }
    const sluice = await startSluice(t, toOne(upstream.port, { listen }))
    const bytes = Buffer.from(LINE + request('GET', '/', 'connection: close'))
    const splits = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(splits, async at => {
        const socket = plainSocket(t, sluice.port)
        await once(socket, 'connect')
        const ends = [...at].sort((a, b) => a - b)
        let from = 0
        for (const end of ends) {
          await new Promise(resolve => socket.write(bytes.subarray(from, end), resolve))
          await new Promise(resolve => setImmediate(resolve))
          from = end
        }
        const reply = await ask(socket, bytes.subarray(from).toString('latin1'))
        t.equal(reply.status, 200)
        t.strictSame(upstream.seen.at(-1)?.all('x-forwarded-for'), ['192.0.2.7'])
        t.match(await sluice.access(), { client: '192.0.2.7' })
      }),
      { numRuns: 25 }
    )
  }
})

t.test('TLS comes after the PROXY header', async t => {
  const ca = authority(t)
  const { certFile, keyFile } = ca.issue()
  const upstream = await recordingUpstream(t)
  const tls = { certificates: [{ cert: certFile, key: keyFile }] }
  const listen = { proxyProtocol: true, tls }
  const sluice = await startSluice(t, toOne(upstream.port, { listen, trustedProxies: LOCAL }))
  const socket = plainSocket(t, sluice.port)
  socket.write(LINE)
  const secure = connectTls({ socket, ca: ca.cert, host: '127.0.0.1' })
  t.teardown(() => secure.destroy())
  await once(secure, 'secureConnect')
  t.match(await ask(secure, request('GET', '/', 'x-forwarded-for: 203.0.113.9')), { status: 200 })
  t.strictSame(upstream.seen[0]?.all('x-forwarded-for'), ['192.0.2.7'], 'who it names is no trusted proxy')
})

t.test('connections from one port to several addresses of a listener stay apart', async t => {
  const ca = authority(t)
  const { certFile, keyFile } = ca.issue()
  const upstream = await recordingUpstream(t)
  const tls = { certificates: [{ cert: certFile, key: keyFile }] }
  const listen = { host: '0.0.0.0', proxyProtocol: { trusted: LOCAL }, tls }
  const sluice = await startSluice(t, toOne(upstream.port, { listen }))
  const from = await freePort('127.0.0.1', 0)
  const open = async (host: string, source: string): Promise<Socket> => {
    const socket = connect({ host, port: sluice.port, localAddress: '127.0.0.1', localPort: from })
    t.teardown(() => socket.destroy())
    await once(socket, 'connect')
    socket.write(`PROXY TCP4 ${source} 10.0.0.1 4711 443\r\n`)
    return socket
  }
  const sockets = [await open('127.0.0.1', '192.0.2.1'), await open('127.0.0.2', '192.0.2.2')]
  while (sluice.listener.connections < sockets.length) await new Promise(resolve => setImmediate(resolve))
  for (const socket of sockets) {
    const secure = connectTls({ socket, ca: ca.cert, host: '127.0.0.1' })
    t.teardown(() => secure.destroy())
    await once(secure, 'secureConnect')
    t.match(await ask(secure, request('GET', '/')), { status: 200 })
    if (socket === sockets[0]) socket.destroy()
  }
  t.strictSame(
    upstream.seen.map(seen => seen.all('x-forwarded-for')),
    [['192.0.2.1'], ['192.0.2.2']]
  )
})

t.test('a balancer that speaks for itself (LOCAL) is the client', async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port, { listen: { proxyProtocol: { trusted: LOCAL } } }))
  const socket = plainSocket(t, sluice.port)
  socket.write(Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex'))
  t.match(await ask(socket, request('GET', '/')), { status: 200 })
  t.strictSame(upstream.seen[0]?.all('x-forwarded-for'), ['127.0.0.1'])
})

t.test('a connection without a header, from a peer that is not trusted, or that dallies, is closed', async t => {
  const cases = [
    { trusted: LOCAL, sent: request('GET', '/'), why: /^proxy-header: the connection does not begin/ },
    { trusted: ['10.0.0.0/8'], sent: LINE, why: /^proxy-header: this peer is not trusted/ },
    { trusted: LOCAL, timeout: '20ms', sent: 'PROXY ', why: /^proxy-header: .* in time/ },
    { trusted: LOCAL, sent: `PROXY ${'x'.repeat(200)}`, why: /^proxy-header: the PROXY line is too long/ }
  ]
  for (const { sent, why, ...proxyProtocol } of cases) {
    const sluice = await startSluice(t, toOne(1, { listen: { proxyProtocol } }))
    const socket = plainSocket(t, sluice.port)
    socket.write(sent)
    await once(socket.resume(), 'close')
    t.match(sluice.refused, [why])
    t.strictSame(sluice.untaken, [])
  }
})

/** An address of this machine that is of a single link, with its zone. */
const [ofALink] = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
  addresses.flatMap(({ address }) => (address.startsWith('fe80:') ? [`${address}%${name}`] : []))
)

t.test('a client of the same link is served', { skip: ofALink === undefined }, async t => {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port, { listen: { host: '::', http2: true } }))
  const socket = connect({ host: ofALink, port: sluice.port })
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  t.match(await ask(socket, request('GET', '/')), { status: 200 })
  t.match(await sluice.access(), { client: /^fe80:[0-9a-f:]+$/ })
})
