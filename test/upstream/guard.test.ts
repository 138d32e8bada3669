import { BlockList } from 'node:net'
import t from 'tap'
import { forbiddenOrigin, guardedLookup, isCallable } from '../../core/upstream/guard.js'

const FORBIDDEN = [
  ...[
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255'
  ],
  ...[
    '192.0.0.1',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '198.51.100.7',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255'
  ],
  ...[
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:ffff:10.1.2.3',
    '::127.0.0.1',
    '64:ff9b::a00:1',
    'fc00::1'
  ],
  ...['fd12:3456::1', 'fe80::1', 'fec0::1', 'ff02::1', '2001:db8::1', '2002:7f00:1::', '100::1', '3fff::1', '2001::1']
]
const CALLABLE = [
  '1.1.1.1',
  '8.8.8.8',
  '93.184.215.14',
  '172.15.0.1',
  '172.32.0.1',
  '2606:4700:4700::1111',
  '2a00:1450::1',
  '::ffff:8.8.8.8'
]

t.test('no address that is not public may be called, in any spelling', async t => {
  for (const address of FORBIDDEN) t.equal(isCallable(address, undefined), false, address)
  for (const address of CALLABLE) t.equal(isCallable(address, undefined), true, address)
})

t.test('an operator can allow a network, and no more than that', async t => {
  const allowed = new BlockList()
  allowed.addSubnet('10.1.0.0', 16, 'ipv4')
  t.equal(isCallable('10.1.2.3', allowed), true)
  t.equal(isCallable('::ffff:10.1.2.3', allowed), true, 'it is the same address')
  t.equal(isCallable('10.2.0.1', allowed), false)
  t.equal(isCallable('::1', allowed), false)
})

t.test('an origin that is an address is judged in the form it will be used in', async t => {
  for (const origin of [
    'http://127.0.0.1',
    'http://2130706433',
    'http://0x7f.1',
    'http://0177.0.0.1',
    'http://127.1',
    'http://[::1]:8080'
  ]) {
    t.match(forbiddenOrigin(new URL(origin).origin, undefined), { code: 'SLUICE_FORBIDDEN_ADDRESS' }, origin)
  }
  t.equal(forbiddenOrigin('https://example.com', undefined), undefined, 'a name is judged when it is looked up')
})

t.test('a name is looked up once, and what was checked is what is connected to', async t => {
  const look = (host: string, allowed: BlockList | undefined, all: boolean) =>
    new Promise(resolve =>
      guardedLookup(allowed)(host, { all }, (error, address, family) => resolve(error ?? { address, family }))
    )
  t.match(await look('localhost', undefined, true), { code: 'SLUICE_FORBIDDEN_ADDRESS' })
  t.match(await look('localhost', undefined, false), { code: 'SLUICE_FORBIDDEN_ADDRESS' })
  const allowed = new BlockList()
  allowed.addSubnet('127.0.0.0', 8, 'ipv4')
  allowed.addAddress('::1', 'ipv6')
  t.match(await look('localhost', allowed, false), { address: /^(127\.|::1)/ })
  t.match(await look('localhost', allowed, true), { address: [{ address: /^(127\.|::1)/ }] })
  t.match(await look('no.such.name.invalid', undefined, true), { code: /ENOTFOUND|EAI_AGAIN/ })
})
