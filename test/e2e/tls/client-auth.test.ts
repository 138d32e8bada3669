import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import t from 'tap'
import { type Authority, authority, type Certificate } from '../../support/certificates.js'
import { connect, request } from '../../support/client.js'
import { listenOf, type RunningSluice, startSluice, toOne } from '../../support/sluice.js'
import { ask, ask2, connect2, connectSecure } from '../../support/tls-client.js'
import { recordingUpstream } from '../../support/upstream.js'

const GET = request('GET', '/')
/** Headers a client might hope the upstream takes for ours. */
const FORGED = ['x-client-cert-subject: CN=root', 'X_Client_Cert_Serial: 1']

interface Place {
  readonly ca: Authority
  readonly server: Certificate
  readonly listen: (more: object) => object
}

function place(t: Test): Place {
  const ca = authority(t)
  const server = ca.issue()
  const certificates = [{ cert: server.certFile, key: server.keyFile }]
  const listen = (more: object) => ({ tls: { certificates, clientAuth: { ca: ca.certFile, ...more } }, http2: true })
  return { ca, server, listen }
}

/** Whether a client with this certificate is let in: its first request says so. */
async function letIn(t: Test, { port }: RunningSluice, ca: Authority, shown?: Certificate): Promise<boolean> {
  const pair = shown === undefined ? {} : { cert: shown.cert, key: shown.key }
  const options = { ca: ca.cert, ALPNProtocols: ['http/1.1'], ...pair }
  const socket = await connectSecure(t, port, options)
  return ask(socket, GET).then(
    ({ status }) => status === 200,
    () => false
  )
}

t.test('only clients with a good certificate are let in, and the log says why others are not', async t => {
  const { ca, listen } = place(t)
  const upstream = await recordingUpstream(t)
  const [good, revoked, expired] = [ca.issue(), ca.issue(), ca.issue({ expired: true })]
  const stranger = authority(t).issue()
  const { crlFile } = ca.revoke(revoked)
  const sluice = await startSluice(t, toOne(upstream.port, { listen: listen({ crl: crlFile }) }))
  t.equal(await letIn(t, sluice, ca, good), true)
  for (const [shown, why] of [
    [undefined, /showed no certificate/],
    [revoked, /CERT_REVOKED/],
    [expired, /CERT_HAS_EXPIRED/],
    [stranger, /UNABLE_TO_/]
  ] as const) {
    t.equal(await letIn(t, sluice, ca, shown), false, String(why))
    t.match(sluice.refused.at(-1), why)
  }
  t.equal(upstream.seen.length, 1)
})

t.test('a revocation list that has expired lets nobody in, until there is a new one', async t => {
  const { ca, listen } = place(t)
  const upstream = await recordingUpstream(t)
  const client = ca.issue()
  const sluice = await startSluice(t, toOne(upstream.port, { listen: listen({ crl: ca.expiredList().crlFile }) }))
  t.equal(await letIn(t, sluice, ca, client), false)
  t.match(sluice.refused.at(-1), /CRL_HAS_EXPIRED/)
  await sluice.reload(listenOf(t, listen({ crl: ca.revoke().crlFile })))
  t.equal(await letIn(t, sluice, ca, client), true)
})

t.test('each of several revocation lists counts: of one authority the newest, of several that of each', async t => {
  const { ca, listen } = place(t)
  const upstream = await recordingUpstream(t)
  const between = ca.intermediate()
  const [good, revoked] = [ca.issue(), ca.issue()]
  const [goodBelow, revokedBelow] = [between.issue(), between.issue()].map(leaf => {
    return { ...leaf, cert: `${leaf.cert}${between.cert}` } // a client shows what stands between, too
  })
  const older = ca.olderList()
  const lists = [older, ca.revoke(revoked), between.revoke(...[revokedBelow].filter(each => each !== undefined))]
  const [authorities, crl] = ['authorities', 'lists'].map(name => join(dirname(ca.certFile), name))
  writeFileSync(authorities ?? '', `${ca.cert}${between.cert}`)
  for (const order of [lists, lists.toReversed()]) {
    writeFileSync(crl ?? '', order.map(list => list.crl).join(''))
    const sluice = await startSluice(t, toOne(upstream.port, { listen: listen({ ca: authorities, crl }) }))
    for (const [shown, may] of [
      [good, true],
      [goodBelow, true],
      [revoked, false],
      [revokedBelow, false]
    ] as const) {
      t.equal(await letIn(t, sluice, ca, shown), may)
      if (!may) t.match(sluice.refused.at(-1), /CERT_REVOKED/)
    }
  }
})

t.test('what the subject says is the consumer, for plugins and in the log', async t => {
  const { ca, listen } = place(t)
  const upstream = await recordingUpstream(t)
  const names = 'DNS:a.test,DNS:b.test,URI:spiffe://x/y,email:o@a.test'
  const client = ca.issue({ subject: '/O=Example/CN=orders, all', names })
  for (const [from, consumer] of [
    ['cn', 'orders, all'],
    ['dns', 'a.test'],
    ['uri', 'spiffe://x/y'],
    ['email', 'o@a.test'],
    ['none', undefined],
    [{ [client.fingerprint]: 'the client' }, 'the client'],
    [{ [client.fingerprint.toLowerCase().replaceAll(':', '')]: 'again' }, 'again']
  ] as const) {
    const sluice = await startSluice(t, toOne(upstream.port, { listen: listen({ consumer: from }) }))
    t.equal(await letIn(t, sluice, ca, client), true)
    t.equal((await sluice.access()).consumer, consumer, JSON.stringify(from))
  }
})

t.test('with fingerprints, other certificates of the same authority are refused', async t => {
  const { ca, listen } = place(t)
  const [listed, other] = [ca.issue(), ca.issue()]
  const upstream = await recordingUpstream(t)
  const consumer = { [listed.fingerprint]: 'listed' }
  const sluice = await startSluice(t, toOne(upstream.port, { listen: listen({ consumer }) }))
  t.equal(await letIn(t, sluice, ca, listed), true)
  t.equal(await letIn(t, sluice, ca, other), false)
  t.match(sluice.refused, [/none of those listed/])
})

t.test('where it is optional, clients without a certificate are nobody, and bad ones are refused', async t => {
  const { ca, listen } = place(t)
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, toOne(upstream.port, { listen: listen({ mode: 'optional' }) }))
  t.equal(await letIn(t, sluice, ca), true)
  t.equal((await sluice.access()).consumer, undefined)
  t.equal(await letIn(t, sluice, ca, ca.issue({ subject: '/CN=known' })), true)
  t.equal((await sluice.access()).consumer, 'known')
  t.equal(await letIn(t, sluice, ca, authority(t).issue()), false)
})

t.test('the upstream is told of the certificate where that is asked for, and never by the client', async t => {
  const { ca, listen } = place(t)
  const client = ca.issue({ subject: '/O=Ex,ample/CN=orders' })
  const upstream = await recordingUpstream(t)
  const both = [{ ...listen({ headers: true, mode: 'optional' }), port: 1 }, { port: 2 }]
  const sluice = await startSluice(t, toOne(upstream.port, { listen: both }))
  const session = await connect2(t, sluice.port, { ca: ca.cert, cert: client.cert, key: client.key })
  t.match(await ask2(session, { ':path': '/', 'x-client-cert-subject': 'CN=root', x_client_cert_serial: '1' }), {
    status: 200
  })
  const anonymous = await connectSecure(t, sluice.port, { ca: ca.cert, ALPNProtocols: ['http/1.1'] })
  t.match(await ask(anonymous, request('GET', '/', ...FORGED)), { status: 200 })
  const plain = await connect(t, sluice.ports[1] ?? 0)
  plain.send(request('GET', '/', FORGED[0] ?? '')) // uWebSockets.js takes no underscores in names
  t.match(await plain.reply(), { status: 200 })
  const told = upstream.seen.map(({ headers }) => headers.filter(([name]) => /client.cert/.test(name)))
  t.match(Object.fromEntries(told[0] ?? []), {
    'x-client-cert-subject': 'CN=orders, O=Ex\\,ample',
    'x-client-cert-issuer': 'CN=Test CA',
    'x-client-cert-fingerprint': client.fingerprint.replaceAll(':', '').toLowerCase(),
    'x-client-cert-serial': /^[0-9A-F]+$/,
    'x-client-cert-san': 'DNS:localhost, IP Address:127.0.0.1',
    'x-client-cert-not-after': /^20.*Z$/
  })
  t.equal(told[0]?.length, 6, 'each once')
  t.strictSame(
    told.slice(1),
    [[], []],
    'neither a client without a certificate nor one on another listener can forge them'
  )
})

t.test('a certificate that is revoked later is refused after a reload, also on connections that were open', async t => {
  const { ca, listen } = place(t)
  const upstream = await recordingUpstream(t)
  const client = ca.issue()
  const crl = (list: { readonly crlFile: string }) => listen({ crl: list.crlFile })
  const sluice = await startSluice(t, toOne(upstream.port, { listen: crl(ca.revoke()) }))
  const options = { ca: ca.cert, cert: client.cert, key: client.key }
  const session = await connect2(t, sluice.port, options)
  t.match(await ask2(session, { ':path': '/' }), { status: 200 })
  const old = await connectSecure(t, sluice.port, { ...options, ALPNProtocols: ['http/1.1'] })
  t.match(await ask(old, GET), { status: 200 })
  const ends = Promise.all([once(session, 'close'), once(old, 'close')])
  await sluice.reload(listenOf(t, crl(ca.revoke(client))))
  await ends
  t.equal(await letIn(t, sluice, ca, client), false)
  t.match(sluice.refused, [/CERT_REVOKED/])
})

t.test('a session is not resumed: each connection shows its certificate, and is checked, anew', async t => {
  const { ca, listen } = place(t)
  const upstream = await recordingUpstream(t)
  const client = ca.issue()
  const sluice = await startSluice(t, toOne(upstream.port, { listen: listen({}) }))
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const options = { ca: ca.cert, cert: client.cert, key: client.key, ALPNProtocols: ['http/1.1'], maxVersion }
    const first = await connectSecure(t, sluice.port, options)
    let session: Buffer | undefined = first.getSession()
    first.on('session', (ticket: Buffer) => {
      session = ticket
    })
    t.match(await ask(first, GET), { status: 200 })
    const again = await connectSecure(t, sluice.port, { ...options, ...(session !== undefined && { session }) })
    t.equal(again.isSessionReused(), false, maxVersion)
    t.match(await ask(again, GET), { status: 200 })
  }
})
