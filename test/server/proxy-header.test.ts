import fc from 'fast-check'
import t from 'tap'
import { normal, parseProxyHeader } from '../../core/server/node/proxy-header.js'

const SIGNATURE = '0d0a0d0a000d0a515549540a'

/** A header of version 2 with these bytes after its fixed part. */
function binary(verCmd: string, family: string, rest: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(rest.length)
  return Buffer.concat([Buffer.from(SIGNATURE + verCmd + family, 'hex'), length, rest])
}

const v4 = Buffer.from([192, 0, 2, 7, 10, 0, 0, 1, 0x12, 0x67, 0x01, 0xbb])
const v6 = Buffer.concat([Buffer.from('20010db8000000000000000000000007'.repeat(2), 'hex'), Buffer.from([1, 2, 3, 4])])

const WHOLE: readonly [title: string, bytes: Buffer, source: string | undefined][] = [
  ['TCP4', Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 4711 443\r\n'), '192.0.2.7'],
  ['TCP6', Buffer.from('PROXY TCP6 2001:db8:0::7 ::1 4711 443\r\n'), '2001:db8::7'],
  ['TCP6 with IPv4 in it', Buffer.from('PROXY TCP6 ::ffff:192.0.2.7 ::1 4711 443\r\n'), '192.0.2.7'],
  ['UNKNOWN', Buffer.from('PROXY UNKNOWN\r\n'), undefined],
  ['UNKNOWN with more', Buffer.from('PROXY UNKNOWN ffff:f...f:ffff 1 2\r\n'), undefined],
  ['version 2, IPv4', binary('21', '11', v4), '192.0.2.7'],
  ['version 2, IPv6', binary('21', '21', v6), '2001:db8::7'],
  ['version 2, UNIX', binary('21', '31', Buffer.alloc(216)), undefined],
  ['version 2, no family', binary('21', '00', Buffer.alloc(0)), undefined],
  ['version 2, LOCAL', binary('20', '00', Buffer.alloc(3)), undefined],
  ['version 2, LOCAL with addresses', binary('20', '11', v4), undefined],
  ['version 2 with TLVs', binary('21', '11', Buffer.concat([v4, Buffer.from('03000412345678', 'hex')])), '192.0.2.7']
]

const BAD: readonly [title: string, bytes: Buffer][] = [
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['TLS', Buffer.from([22, 3, 1])],
  ['an address that is none', Buffer.from('PROXY TCP4 192.0.2.256 10.0.0.1 1 2\r\n')],
  ['an address of the other family', Buffer.from('PROXY TCP4 ::1 ::1 1 2\r\n')],
  ['a zone', Buffer.from('PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n')],
  ['a port that is none', Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 65536 2\r\n')],
  ['a port with a zero before it', Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 01 2\r\n')],
  ['a missing port', Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 1\r\n')],
  ['two spaces', Buffer.from('PROXY TCP4  192.0.2.7 10.0.0.1 1 2\r\n')],
  ['a word too many', Buffer.from('PROXY TCP4 192.0.2.7 10.0.0.1 1 2 3\r\n')],
  ['an unknown protocol', Buffer.from('PROXY UDP4 192.0.2.7 10.0.0.1 1 2\r\n')],
  ['a line that does not end', Buffer.from(`PROXY UNKNOWN ${'x'.repeat(93)}`)],
  ['version 3', binary('31', '11', v4)],
  ['an unknown command', binary('22', '11', v4)],
  ['too short for its addresses', binary('21', '11', v4.subarray(0, 11))],
  ['more than is taken', Buffer.from(`${SIGNATURE}2111ffff`, 'hex')]
]

for (const [title, bytes, source] of WHOLE) {
  t.test(`${title}: is read wherever it is split, and no byte further`, async t => {
    for (let end = 0; end < bytes.length; end++) {
      t.strictSame(parseProxyHeader(bytes.subarray(0, end)), { kind: 'more' }, `${end} bytes`)
    }
    const whole = { kind: 'whole', bytes: bytes.length, source }
    t.strictSame(parseProxyHeader(bytes), whole)
    fc.assert(
      fc.property(fc.uint8Array(), more => {
        t.strictSame(parseProxyHeader(Buffer.concat([bytes, more])), whole)
      }),
      { numRuns: 50 }
    )
  })
}

t.test('what is no header is refused', async t => {
  for (const [title, bytes] of BAD) t.equal(parseProxyHeader(bytes).kind, 'bad', title)
})

t.test('whatever the bytes, it takes no more than there are, waits for a bounded number, and never throws', async t => {
  const beginnings = fc.constantFrom('', 'PROXY ', 'PROXY TCP4 ', Buffer.from(SIGNATURE, 'hex').toString('latin1'))
  fc.assert(
    fc.property(beginnings, fc.uint8Array({ maxLength: 200 }), (start, more) => {
      const bytes = Buffer.concat([Buffer.from(start, 'latin1'), more])
      const read = parseProxyHeader(bytes)
      if (read.kind === 'whole') t.ok(read.bytes <= bytes.length)
      if (read.kind === 'more') t.ok(bytes.length < 4_096 + 16)
    })
  )
})

t.test('an address of a single link is without its zone', async t => {
  t.equal(normal('fe80::1%eth0'), 'fe80::1')
  t.equal(normal('fe80:0:0:0::1%2'), 'fe80::1')
})
