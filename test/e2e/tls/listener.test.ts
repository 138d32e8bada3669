import { once } from 'node:events'
import t from 'tap'
import { authority } from '../../support/certificates.js'
import { request } from '../../support/client.js'
import { listenOf, startSluice, toOne } from '../../support/sluice.js'
import { ask, ask2, connect2, connectSecure } from '../../support/tls-client.js'
import { recordingUpstream } from '../../support/upstream.js'

const GET = request('GET', '/a?b=c')

// Both kinds of listeners that speak TLS: one certificate and nothing else is uWebSockets.js, HTTP/2 is Node.
for (const http2 of [false, true]) {
  t.test(`TLS by ${http2 ? 'Node' : 'uWebSockets.js'}: requests are forwarded as https`, async t => {
    const ca = authority(t)
    const { certFile, keyFile } = ca.issue()
    const upstream = await recordingUpstream(t)
    const tls = { certificates: [{ cert: certFile, key: keyFile }] }
    const sluice = await startSluice(t, toOne(upstream.port, { listen: { tls, http2 } }))
    const socket = await connectSecure(t, sluice.port, { ca: ca.cert, ALPNProtocols: ['http/1.1'] })
    t.equal(socket.getProtocol(), 'TLSv1.3')
    for (let i = 0; i < 2; i++) t.match(await ask(socket, GET), { status: 200, body: Buffer.from('ok') })
    t.match(await ask(socket, `POST /b HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello`), { status: 200 })
    const [first, , third] = upstream.seen
    t.equal(first?.target, '/a?b=c')
    t.strictSame(first?.all('x-forwarded-proto'), ['https'])
    t.strictSame(first?.all('x-forwarded-for'), ['127.0.0.1'])
    t.match(first?.all('forwarded'), [/proto=https/])
    t.equal(third?.body.toString(), 'hello')
    t.match(await sluice.access(), { status: 200, client: '127.0.0.1' })
  })

  t.test(`TLS by ${http2 ? 'Node' : 'uWebSockets.js'}: what is older than TLS 1.2, or weak, is refused`, async t => {
    const ca = authority(t)
    const { certFile, keyFile } = ca.issue()
    const tls = { certificates: [{ cert: certFile, key: keyFile }] }
    const { port } = await startSluice(t, toOne(1, { listen: { tls, http2 } }))
    const old = { ca: ca.cert, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    await t.rejects(connectSecure(t, port, old), { message: /alert protocol version/ })
    const weak = { ca: ca.cert, maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:ECDHE-ECDSA-AES128-SHA' } as const
    await t.rejects(connectSecure(t, port, weak), { message: /alert handshake failure/ })
    t.equal((await connectSecure(t, port, { ca: ca.cert, maxVersion: 'TLSv1.2' })).getProtocol(), 'TLSv1.2')
  })

  t.test(
    `TLS by ${http2 ? 'Node' : 'uWebSockets.js'}: new certificates are shown to new connections, and open ones go on`,
    async t => {
      const ca = authority(t)
      const [before, after] = [ca.issue({ subject: '/CN=before' }), ca.issue({ subject: '/CN=after' })]
      const upstream = await recordingUpstream(t)
      const listen = (each: typeof before) => ({
        tls: { certificates: [{ cert: each.certFile, key: each.keyFile }] },
        http2
      })
      const sluice = await startSluice(t, toOne(upstream.port, { listen: listen(before) }))
      const open = await connectSecure(t, sluice.port, { ca: ca.cert, ALPNProtocols: ['http/1.1'] })
      t.equal(open.getPeerCertificate().subject.CN, 'before')
      t.match(await ask(open, GET), { status: 200 })
      t.strictSame(await sluice.reload(listenOf(t, listen(after))), [])
      for (let i = 0; i < 10; i++) {
        const next = await connectSecure(t, sluice.port, { ca: ca.cert, ALPNProtocols: ['http/1.1'] })
        t.equal(next.getPeerCertificate().subject.CN, 'after')
        t.match(await ask(next, GET), { status: 200 })
        next.destroy()
      }
      t.match(await ask(open, GET), { status: 200 }, 'the connection from before is served')
      if (!http2) await once(open, 'close') // it was told so with its reply
      await t.rejects(sluice.reload(listenOf(t, listen({ ...after, keyFile: before.keyFile }))), /not the key/)
      const last = await connectSecure(t, sluice.port, { ca: ca.cert, ALPNProtocols: ['http/1.1'] })
      t.match(await ask(last, GET), { status: 200 }, 'certificates that cannot be used change nothing')
    }
  )
}

t.test('a client gets the certificate for the name it asks for, in any case of letters', async t => {
  const ca = authority(t)
  const names = { a: 'DNS:a.test', b: 'DNS:b.test,DNS:*.b.test' }
  const [a, b] = [
    ca.issue({ subject: '/CN=a', names: names.a }),
    ca.issue({ subject: '/CN=b', names: names.b, rsa: true })
  ]
  const twin = ca.issue({ subject: '/CN=twin', names: names.b })
  const pair = ({ certFile, keyFile }: typeof a) => ({ cert: certFile, key: keyFile })
  const listen = { tls: { certificates: [pair(a), pair(b), { ...pair(twin), hosts: ['b.test'] }] } }
  const { port } = await startSluice(t, toOne(1, { listen }))
  const shown = async (servername: string, ciphers?: string): Promise<string> => {
    const options = ciphers === undefined ? {} : ({ ciphers, maxVersion: 'TLSv1.2' } as const)
    const socket = await connectSecure(t, port, { servername, rejectUnauthorized: false, ...options })
    return String(socket.getPeerCertificate().subject.CN)
  }
  t.equal(await shown('a.test'), 'a')
  t.equal(await shown('x.b.test'), 'b')
  t.equal(await shown('X.B.TEST'), 'b')
  t.equal(await shown('y.x.b.test'), 'a', 'a wildcard stands for one label')
  t.equal(await shown('unknown.test'), 'a', 'the first one is for unknown names')
  t.equal(await shown(''), 'a', 'and for no name')
  t.equal(await shown('b.test', 'ECDHE-RSA-AES128-GCM-SHA256'), 'b', 'a client that knows RSA only')
  t.equal(await shown('b.test', 'ECDHE-ECDSA-AES128-GCM-SHA256'), 'twin', 'a client that knows ECDSA only')
})

t.test('minVersion 1.3 refuses TLS 1.2', async t => {
  const ca = authority(t)
  const { certFile, keyFile } = ca.issue()
  const tls = { certificates: [{ cert: certFile, key: keyFile }], minVersion: 1.3 }
  const { port, refused } = await startSluice(t, toOne(1, { listen: { tls } }))
  await t.rejects(connectSecure(t, port, { ca: ca.cert, maxVersion: 'TLSv1.2' }), /protocol version/)
  t.equal((await connectSecure(t, port, { ca: ca.cert })).getProtocol(), 'TLSv1.3')
  t.match(refused, [/^tls: /])
})

t.test('one process listens in several ways at once', async t => {
  const ca = authority(t)
  const { cert, key, certFile, keyFile } = ca.issue()
  const upstream = await recordingUpstream(t)
  const listen = [
    { http2: true },
    { tls: { certificates: [{ cert: certFile, key: keyFile }] } },
    { tls: { certificates: [{ cert, key }] }, http2: true }
  ].map((each, i) => ({ port: 40_000 + i, ...each }))
  const { ports } = await startSluice(t, toOne(upstream.port, { listen }))
  const [plain = 0, uws = 0, node = 0] = ports
  const get = { ':path': '/x' }
  t.match(await ask2(await connect2(t, plain), get), { status: 200, body: 'ok' }, 'HTTP/2 by prior knowledge')
  t.match(await ask2(await connect2(t, node, { ca: ca.cert }), get), { status: 200, body: 'ok' }, 'HTTP/2 by ALPN')
  t.match(await ask(await connectSecure(t, uws, { ca: ca.cert }), GET), { status: 200 })
  t.equal(upstream.seen.length, 3)
})
