import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import t from 'tap'
import { showPath } from '../../core/config/problems.js'
import { readListenTls, tlsFindings } from '../../core/config/tls-files.js'
import { authority } from '../support/certificates.js'
import { load, problemsOf, withLeast } from './helpers.js'

/** What is found about the files of a `listen` section, as `path message`; warnings end in an exclamation mark. */
function findings(t: Test, listen: unknown, now = Date.now()): string[] {
  const { config } = load(t, withLeast(`listen: ${JSON.stringify(listen)}`))
  return tlsFindings(config, now).map(
    ({ path, message, warning }) => `${showPath(path)} ${message}${warning ? '!' : ''}`
  )
}

t.test('files that cannot be used are named, with what is wrong and what was expected', async t => {
  const ca = authority(t)
  const [leaf, other] = [ca.issue(), ca.issue()]
  const between = ca.intermediate()
  const below = between.issue()
  const folder = dirname(ca.certFile)
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const junk = file('junk.pem', 'hello')
  const broken = file('broken.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')
  const encrypted = file(
    'encrypted.pem',
    '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n'
  )
  const brokenKey = file('key.pem', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n')
  const chain = file('chain.pem', below.cert + between.cert + ca.cert)
  const disorder = file('disorder.pem', below.cert + ca.cert + between.cert)
  const notThere = join(folder, 'nowhere.pem')
  const one = (cert: string, key: string) => ({ tls: { certificates: [{ cert, key }] } })

  t.strictSame(findings(t, one(leaf.certFile, leaf.keyFile)), [])
  t.strictSame(findings(t, one(chain, below.keyFile)), [])
  t.strictSame(findings(t, one(leaf.cert, leaf.key)), [], 'as text')
  const cert = 'listen.tls.certificates[0].cert'
  const key = 'listen.tls.certificates[0].key'
  for (const [listen, said] of [
    [one(notThere, leaf.keyFile), `${cert} ${notThere} cannot be read: there is no such file`],
    [one(folder, leaf.keyFile), `${cert} ${folder} cannot be read: it is a folder`],
    [one(junk, leaf.keyFile), `${cert} ${junk} holds no certificate in PEM form; expected -----BEGIN CERTIFICATE-----`],
    [
      one(leaf.keyFile, leaf.keyFile),
      `${cert} ${leaf.keyFile} holds no certificate in PEM form; expected -----BEGIN CERTIFICATE-----`
    ],
    [one(broken, leaf.keyFile), `${cert} ${broken} holds a certificate that cannot be read`],
    [one(leaf.certFile, junk), `${key} ${junk} holds no private key in PEM form; expected -----BEGIN PRIVATE KEY-----`],
    [one(leaf.certFile, encrypted), `${key} ${encrypted} is encrypted; expected a key without passphrase`],
    [one(leaf.certFile, brokenKey), `${key} ${brokenKey} holds a private key that cannot be read`],
    [one(leaf.certFile, other.keyFile), `${key} is not the key of the certificate beside it`],
    [one(leaf.cert, other.key), `${key} is not the key of the certificate beside it`],
    [
      one(disorder, below.keyFile),
      `${cert} has its chain in disorder: certificate 2 did not issue certificate 1; expected the server's own first, then who issued it`
    ]
  ] as const) {
    t.strictSame(findings(t, listen), [said])
  }
  t.strictSame(
    findings(t, [one(leaf.certFile, leaf.keyFile), { ...one(junk, junk), port: 1 }]).map(said => said.split(' ')[0]),
    ['listen[1].tls.certificates[0].cert', 'listen[1].tls.certificates[0].key'],
    'everything at once, with its place in the list'
  )
  const { config } = load(t, withLeast(`listen: ${JSON.stringify(one(junk, leaf.keyFile))}`))
  t.throws(() => config.listen[0]?.tls && readListenTls(config.listen[0].tls), /holds no certificate/)
})

t.test('certificates that are too old or too young, and names they are not for, are a warning', async t => {
  const ca = authority(t)
  const leaf = ca.issue({ names: 'DNS:a.test,DNS:*.b.test' })
  const certificates = [{ cert: leaf.certFile, key: leaf.keyFile, hosts: ['a.test', '*.b.test', 'c.test'] }]
  const listen = { tls: { certificates } }
  t.strictSame(findings(t, listen), [
    'listen.tls.certificates[0].hosts c.test is not a name the certificate is for; clients will refuse it!'
  ])
  const days = 86_400_000
  t.match(findings(t, listen, Date.now() + 10 * days)[0], /cert the certificate of CN=leaf expired on .*!$/)
  t.match(findings(t, listen, Date.now() - 10 * days)[0], /is not valid before .*!$/)
})

t.test('an authority without a revocation list that counts, beside others that have one, is a warning', async t => {
  const ca = authority(t)
  const between = ca.intermediate()
  const { certFile, keyFile } = ca.issue()
  const found = (authorities: readonly string[], lists: readonly string[], days = 0) => {
    const clientAuth = { ca: authorities.join(''), crl: lists.join('') }
    const listen = { tls: { certificates: [{ cert: certFile, key: keyFile }], clientAuth } }
    return findings(t, listen, Date.now() + days * 86_400_000).filter(said => said.includes('clientAuth.crl'))
  }
  const [list, later] = [ca.revoke().crl, ca.revoke(between).crl]
  t.strictSame(found([ca.cert], [list]), [])
  t.strictSame(found([ca.cert, between.cert], [list, later, between.revoke().crl]), [])
  t.strictSame(found([ca.cert, between.cert], [list]), [
    'listen.tls.clientAuth.crl holds no revocation list of CN=Test CA between: every certificate of it is refused!'
  ])
  t.match(found([ca.cert], [list, later], 3), [
    /crl the revocation list of CN=Test CA expired on .* GMT: every certificate of it is refused!$/
  ])
  t.match(found([ca.cert], [list], -3), [/crl the revocation list of CN=Test CA is not valid before .* GMT: every/])
  const broken = '-----BEGIN X509 CRL-----\nMAMCAQE=\n-----END X509 CRL-----\n'
  t.strictSame(found([ca.cert], [broken]), ['listen.tls.clientAuth.crl holds a revocation list that cannot be read'])
})

t.test('what clients and upstreams are checked against is read too', async t => {
  const ca = authority(t)
  const { certFile, keyFile } = ca.issue()
  const certificates = [{ cert: certFile, key: keyFile }]
  const clientAuth = { ca: keyFile, crl: certFile }
  t.match(findings(t, { tls: { certificates, clientAuth } }), [
    /^listen.tls.clientAuth.ca .* holds no certificate/,
    /^listen.tls.clientAuth.crl .* holds no revocation list/
  ])
  const upstreams = { a: { targets: ['https://a.test'], tls: { ca: keyFile, cert: keyFile, key: keyFile } } }
  const routes = [{ name: 'a', match: { path: '/' }, upstream: 'a' }]
  const { config } = load(t, JSON.stringify({ upstreams, routes }))
  t.match(
    tlsFindings(config, Date.now()).map(({ path }) => showPath(path)),
    ['upstreams.a.tls.ca', 'upstreams.a.tls.cert']
  )
})

t.test('what the parts say about each other is checked', async t => {
  t.strictSame(problemsOf(t, withLeast('listen: [{ port: 1 }, { port: 2 }, { port: 1 }]')), [
    '1:44 listen[2].port 1 is listen[0].port too; expected another port'
  ])
  t.strictSame(problemsOf(t, withLeast('listen: [{ port: 1 }, { port: 2 }]\nadmin: { port: 2 }')), [
    '2:16 admin.port 2 is listen[1].port too; expected another port'
  ])
  t.match(
    problemsOf(t, withLeast('listen: { proxyProtocol: true }')),
    ['listen.proxyProtocol trusts those in trustedProxies, and there are none: every connection would be refused'].map(
      text => new RegExp(text.replaceAll('.', '\\.'))
    )
  )
  const upstream = (more: string): string =>
    `upstreams: { a: ${more} }\nroutes: [{ name: a, match: { path: / }, upstream: a }]\n`
  t.match(problemsOf(t, upstream('{ targets: ["http://a.test"], tls: {} }')), [/upstreams\.a\.tls is of no use/])
  t.match(problemsOf(t, upstream('{ targets: ["https://a.test"], tls: { cert: a } }')), [/has no "key" beside it/])
  t.match(problemsOf(t, upstream('{ targets: ["https://a.test"], tls: { pins: [abc] } }')), [
    /expected a pin: sha256\//
  ])
})

t.test('fingerprints are written with colons or without, in either case', async t => {
  const fingerprint = 'ab'.repeat(32)
  const listen = (key: string) => `listen:
  tls: { certificates: [{ cert: a, key: b }], clientAuth: { ca: c, consumer: { "${key}": x } } }
  http2: true
`
  for (const key of [fingerprint, fingerprint.toUpperCase(), (fingerprint.match(/../g) ?? []).join(':')]) {
    const { config } = load(t, withLeast(listen(key)))
    t.strictSame(config.listen[0]?.tls?.clientAuth?.consumer, { [fingerprint.toUpperCase()]: 'x' })
  }
  t.match(problemsOf(t, withLeast(listen('abcd'))).length, 1)
})
