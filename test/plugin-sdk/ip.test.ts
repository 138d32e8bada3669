import { isIP } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { fixtureGuest } from './guest.js'

const guest = await fixtureGuest('tools')

function ask(ranges: readonly string[], address: string): string {
  return guest.run('ip', Buffer.from(`${ranges.join(' ')}\n${address}`))?.toString() ?? ''
}

const groups = fc.array(fc.oneof(fc.constant(0), fc.nat({ max: 0xffff })), { minLength: 8, maxLength: 8 })
const v6 = groups.map(list => list.map(group => group.toString(16)).join(':'))
const v4 = fc
  .array(fc.oneof(fc.constant(0), fc.nat({ max: 255 })), { minLength: 4, maxLength: 4 })
  .map(l => l.join('.'))

t.test('addresses are read, and written, as Node does it', async t => {
  const anyText = fc.oneof(
    v4,
    v6,
    fc.ipV4(),
    fc.ipV6(),
    fc.string({ unit: fc.constantFrom(':', '0', '1', 'f', '.', '2', '::', '25'), maxLength: 24 }),
    fc.tuple(v6, v4).map(([a, b]) => `${a.split(':').slice(0, 6).join(':')}:${b}`)
  )
  const property = fc.property(anyText, text => {
    const answer = ask([], text)
    if (isIP(text) === 0) return answer === 'no address'
    return answer === `no ${usual(text)}`
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 5_000 }))
  for (const text of [
    '',
    ' 10.0.0.1',
    '10.0.0.1 ',
    '010.0.0.1',
    '10.0.0',
    '10.0.0.1.',
    '10.0.0.256',
    '0x0a.0.0.1',
    '１.1.1.1'
  ]) {
    t.equal(ask([], text), 'no address', JSON.stringify(text))
  }
  for (const text of [
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    '::1:',
    ':1::',
    '::1.2.3',
    '[::1]'
  ]) {
    t.equal(ask([], text), 'no address', text)
  }
})

t.test('IPv4 written as IPv6 is IPv4, and a zone does not count', async t => {
  t.equal(ask(['10.0.0.0/8'], '::ffff:10.1.2.3'), 'yes 10.1.2.3')
  t.equal(ask(['10.0.0.0/8'], '::FFFF:0a01:0203'), 'yes 10.1.2.3')
  t.equal(ask(['10.0.0.0/8'], '0:0:0:0:0:ffff:a01:203%eth0'), 'yes 10.1.2.3')
  t.equal(ask(['::ffff:10.0.0.0/104'], '10.1.2.3'), 'yes 10.1.2.3')
  t.equal(ask(['::ffff:10.0.0.1'], '10.0.0.1'), 'yes 10.0.0.1')
  t.equal(ask(['fe80::/10'], 'fe80::1%eth0'), 'yes fe80::1')
  t.equal(ask(['10.0.0.0/8'], '::10.1.2.3'), 'no ::a01:203', 'not the old, compatible form')
  t.equal(ask([], '10.0.0.1%eth0'), 'no address')
  t.equal(ask([], 'fe80::1%'), 'no address')
})

t.test('ranges of one family have no address of the other', async t => {
  t.equal(ask(['::/0'], '10.0.0.1'), 'no 10.0.0.1')
  t.equal(ask(['::/0'], '::ffff:10.0.0.1'), 'no 10.0.0.1')
  t.equal(ask(['::/0'], '2001:db8::1'), 'yes 2001:db8::1')
  t.equal(ask(['0.0.0.0/0'], '::1'), 'no ::1')
  t.equal(ask(['0.0.0.0/0'], '255.255.255.255'), 'yes 255.255.255.255')
})

t.test('a list of ranges has what one of them has', async t => {
  const prefix = fc.oneof(fc.integer({ min: 0, max: 128 }), fc.constantFrom(0, 1, 63, 64, 65, 127, 128))
  const range6 = fc.tuple(v6, prefix).map(([address, bits]) => network(address, bits, 128))
  const range4 = fc.tuple(v4, prefix).map(([address, bits]) => network(address, bits % 33, 32))
  const ranges = fc.array(fc.oneof(range4, range6), { minLength: 1, maxLength: 12 })
  const near = fc
    .tuple(ranges, fc.nat(), fc.bigInt({ min: -2n, max: 2n }), fc.boolean())
    .map(([list, which, by, end]) => {
      const { first, last, width } = list[which % list.length] ?? network('0.0.0.0', 0, 32)
      const value = BigInt.asUintN(width, (end ? last : first) + by)
      return { list, address: text(value, width), value, width }
    })
  const property = fc.property(near, ({ list, address, value, width }) => {
    const inside = list.some(each => each.width === width && value >= each.first && value <= each.last)
    const mapped = width === 128 && value >> 32n === 0xffffn
    const answer = ask(
      list.map(each => each.text),
      address
    )
    if (list.some(each => each.width === 128 && each.first >> 32n === 0xffffn)) return true // IPv4 in disguise
    return mapped || answer.startsWith(inside ? 'yes ' : 'no ')
  })
  t.doesNotThrow(() => fc.assert(property, { numRuns: 5_000 }))
})

t.test('what is no range is refused, by its index', async t => {
  for (const bad of [
    '',
    'x',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '::/129',
    'fe80::1%eth0'
  ]) {
    t.match(ask(['10.0.0.1', bad], '::1'), 'list[1] is no IP address and no range', JSON.stringify(bad))
  }
  t.match(ask(['10.1.2.3/8'], '::1'), 'list[0] has bits set beyond its prefix; did you mean "10.0.0.0/8"?')
  t.match(ask(['2001:db8::1/32'], '::1'), 'did you mean "2001:db8::/32"?')
  t.match(ask(['1::2/0'], '::1'), 'did you mean "::/0"?')
  t.match(ask(['::ffff:10.0.0.0/8'], '::1'), 'list[0] has a prefix too short')
})

interface Network {
  readonly text: string
  readonly width: number
  readonly first: bigint
  readonly last: bigint
}

function network(address: string, prefix: number, width: number): Network {
  const rest = BigInt(width - prefix)
  const first = (number(address) >> rest) << rest
  return { text: `${text(first, width)}/${prefix}`, width, first, last: first + (1n << rest) - 1n }
}

function number(address: string): bigint {
  if (address.includes('.')) return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
  return address.split(':').reduce((sum, part) => sum * 65536n + BigInt(`0x${part}`), 0n)
}

function text(value: bigint, width: number): string {
  const hex = value.toString(16).padStart(width / 4, '0')
  if (width === 128) return (hex.match(/..../g) ?? []).join(':')
  return (hex.match(/../g) ?? []).map(part => Number.parseInt(part, 16)).join('.')
}

/** As a URL writes it, which is RFC 5952; IPv4 in IPv6 as IPv4. */
function usual(address: string): string {
  if (isIP(address) === 4) return address
  const written = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(written) ?? []
  return high === undefined || low === undefined
    ? written
    : text(BigInt(`0x${high.padStart(4, '0')}${low.padStart(4, '0')}`), 32)
}
