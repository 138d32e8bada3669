import fc from 'fast-check'
import t from 'tap'
import { normalHost, wrongHost } from '../../core/config/hosts.js'
import { parseNetwork, wrongNetwork } from '../../core/config/networks.js'
import { parsePattern, shapeOf, wrongPattern } from '../../core/config/path-pattern.js'
import { didYouMean, nearest } from '../../core/config/suggest.js'
import { parseTarget } from '../../core/config/targets.js'

t.test('a pattern is taken apart into segments and a tail', async t => {
  t.strictSame(parsePattern('/a/{id}/*'), { text: '/a/{id}/*', segments: [{ text: 'a' }, { param: 'id' }], tail: true })
  t.strictSame(parsePattern('/'), { text: '/', segments: [{ text: '' }], tail: false })
  t.strictSame(parsePattern('/*'), { text: '/*', segments: [], tail: true })
  t.equal(parsePattern('a'), undefined)
})

t.test('patterns have the same shape when they match the same paths', async t => {
  const shape = (text: string) => shapeOf(parsePattern(text) ?? { text, segments: [], tail: false })
  t.equal(shape('/a/{x}'), shape('/a/{y}'))
  const others = ['/', '/*', '/a', '/a/', '/a/*', '/a/{x}', '/{x}/a', '/a/{x}/', '/a/{x}/*']
  t.equal(new Set(others.map(shape)).size, others.length)
})

t.test('paths with any character RFC 3986 allows are patterns', async t => {
  t.equal(wrongPattern("/a-._~!$&'()+,;=:@/%20/b"), undefined)
})

t.test('hosts compare without case', async t => {
  t.equal(normalHost('API.Example.com'), 'api.example.com')
  t.equal(normalHost('[0:0::1]'), '[::1]')
  for (const host of ['localhost', 'a_b.example', 'xn--mnchen-3ya.de', '127.0.0.1', '[::1]', '*.a.b'])
    t.equal(wrongHost(host), undefined, host)
})

t.test('a network is an address and a prefix that covers its set bits', async t => {
  t.strictSame(parseNetwork('192.0.2.7'), { address: '192.0.2.7', prefix: 32, family: 'ipv4' })
  for (const text of [
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/8',
    '255.255.255.255/32',
    '::ffff:0:0/96',
    '2001:db8::/127',
    '1:2:3:4:5:6:7:8'
  ]) {
    t.equal(wrongNetwork(text), undefined, text)
  }
})

t.test('the network said to be meant is always right', async t => {
  let hints = 0
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 0, max: 128 }), (address, bits) => {
      const text = `${address}/${address.includes(':') ? bits : bits % 33}`
      const hint = /did you mean "(.*)"/.exec(wrongNetwork(text) ?? '')?.[1]
      if (hint === undefined) return wrongNetwork(text) === undefined
      hints++
      return wrongNetwork(hint) === undefined
    })
  )
  t.ok(hints > 0)
})

t.test('an address is an origin, with its port', async t => {
  t.strictSame(parseTarget('HTTPS://Example.com/'), {
    origin: 'https://example.com',
    secure: true,
    host: 'example.com',
    port: 443
  })
  t.strictSame(parseTarget('http://[::1]:81'), { origin: 'http://[::1]:81', secure: false, host: '[::1]', port: 81 })
  t.equal(parseTarget('http://a/..'), undefined)
})

t.test('the word probably meant is found across case, dashes and slips', async t => {
  const known = ['trustedProxies', 'timeouts', 'targets', 'port', 'host']
  t.equal(nearest('trusted-proxies', known), 'trustedProxies')
  t.equal(nearest('timeuots', known), 'timeouts')
  t.equal(nearest('prot', known), 'port')
  t.equal(nearest('zebra', known), undefined)
  t.equal(nearest('', known), undefined)
  t.equal(didYouMean('hots', known), '; did you mean "host"?')
  t.equal(didYouMean('q', []), '')
})
