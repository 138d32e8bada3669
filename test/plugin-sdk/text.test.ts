import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { fixtureGuest } from './guest.js'

const UTF8 = 2
const FROM_UTF16 = 3
const HEX = 4
const UNHEX = 5
const BASE64 = 6
const BASE64URL = 7
const UNBASE64 = 8
const PERCENT = 9
const LOWER = 10
const SHA256 = 11
const RANDOM = 12
const EQUAL = 15
const LOG = 16
const ENCODE = 21
const UNBASE64URL = 26
const REMEMBERED = 27

const guest = await fixtureGuest('tools')
const bytes = fc.uint8Array({ maxLength: 60 })

const almostUtf8 = fc.tuple(fc.string({ unit: 'binary' }), fc.nat(), fc.nat({ max: 255 })).map(([text, at, byte]) => {
  const bytes = Buffer.from(text)
  if (bytes.length > 0) bytes[at % bytes.length] = byte
  return bytes
})

t.test('UTF-8 is decoded as the WHATWG decoder does it, also when it is malformed', async t => {
  fc.assert(
    fc.property(fc.oneof(bytes, almostUtf8), input => {
      const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(input)
      return guest.tool(UTF8, input)?.equals(Buffer.from(text)) === true
    }),
    { numRuns: 5000 }
  )
  t.equal(guest.tool(UTF8, 'añ€😀')?.toString(), 'añ€😀')
  t.equal(guest.tool(UTF8, '')?.length, 0)
})

t.test('any UTF-16 text is encoded, lone surrogates as U+FFFD', async t => {
  const units = fc.array(fc.oneof(fc.nat({ max: 0xffff }), fc.integer({ min: 0xd7f0, max: 0xe010 })), { maxLength: 20 })
  fc.assert(
    fc.property(units, units => {
      const text = String.fromCharCode(...units)
      return guest.tool(FROM_UTF16, Buffer.from(text, 'utf16le'))?.equals(Buffer.from(text)) === true
    }),
    { numRuns: 5000 }
  )
  t.equal(guest.tool(FROM_UTF16, Buffer.from('\ud83d', 'utf16le'))?.toString(), '\ufffd')
})

t.test('hex and base64 are what Node makes of the same bytes, and back', async t => {
  fc.assert(
    fc.property(bytes, input => {
      const buffer = Buffer.from(input)
      const made: [number, string, number][] = [
        [HEX, buffer.toString('hex'), UNHEX],
        [BASE64, buffer.toString('base64'), UNBASE64],
        [BASE64URL, buffer.toString('base64url'), UNBASE64],
        [BASE64URL, buffer.toString('base64url'), UNBASE64URL]
      ]
      return made.every(([encode, text, decode]) => {
        return guest.tool(encode, buffer)?.toString() === text && guest.tool(decode, text)?.equals(buffer) === true
      })
    })
  )
  t.equal(guest.tool(UNHEX, 'AbCd')?.toString('hex'), 'abcd', 'upper-case digits too')
})

t.test('what is not hex or base64 is refused', async t => {
  for (const text of ['a', 'zz', 'a g', 'ａａ']) t.equal(guest.tool(UNHEX, text), undefined, `hex ${text}`)
  for (const text of ['A', 'AA=', 'AAA==', '=', '====', 'AA==AA==', 'A A=', 'AB==', 'AAB=', 'AAAA\n', 'é===']) {
    t.equal(guest.tool(UNBASE64, text), undefined, `base64 ${JSON.stringify(text)}`)
  }
})

t.test('where base64 must be that of URLs, the other alphabet and padding are refused', async t => {
  for (const text of ['A', 'AA==', 'AA+A', 'AA/A', 'A A', 'AB', 'AAB', 'AAAA\n', 'AA.A', 'ééé']) {
    t.equal(guest.tool(UNBASE64URL, text), undefined, JSON.stringify(text))
  }
  t.equal(guest.tool(UNBASE64URL, '_-8')?.toString('hex'), 'ffef')
})

t.test('what was kept last for a key is found, and nothing else; the last four are there of eight', async t => {
  const step = fc.tuple(fc.nat({ max: 20 }), fc.boolean()).map(([key, put]) => (put ? key | 0x80 : key))
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), steps => {
      const answers = [...(guest.tool(REMEMBERED, Buffer.from(steps)) ?? [])]
      const puts = new Map<number, number>() // the latest last
      return steps.every((each, i) => {
        const key = each & 0x7f
        if (each & 0x80) {
          puts.delete(key)
          puts.set(key, i)
          return true
        }
        const answer = answers.shift()
        const isRecent = [...puts.keys()].slice(-4).includes(key)
        return answer === puts.get(key) || (answer === 255 && !isRecent)
      })
    }),
    { numRuns: 2000 }
  )
  t.pass('2000 histories')
})

t.test('percent-encoding is decoded as UTF-8, and a stray % stays', async t => {
  const cases: [string, string][] = [
    ['a%20b+c', 'a b+c'],
    ['%F0%9f%98%80', '😀'],
    ['%', '%'],
    ['%2', '%2'],
    ['%zz%41', '%zzA'],
    ['%ff', '\ufffd'],
    ['é%C3%A9', 'éé']
  ]
  for (const [text, expected] of cases) t.equal(guest.tool(PERCENT, text)?.toString(), expected, text)
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      return guest.tool(PERCENT, encodeURIComponent(text))?.toString() === text
    })
  )
})

t.test('percent-encoding is that of encodeURIComponent when the same signs are kept', async t => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      text => guest.tool(ENCODE, text)?.toString() === encodeURIComponent(text)
    ),
    { numRuns: 2000 }
  )
  t.equal(guest.tool(ENCODE, 'a-._~Zü/%+ €😀')?.toString(), 'a-._~Z%C3%BC%2F%25%2B%20%E2%82%AC%F0%9F%98%80')
})

t.test('lowerAscii leaves everything but A to Z alone', async t => {
  t.equal(guest.tool(LOWER, 'X-Key-ÄÖZ[@😀')?.toString(), 'x-key-ÄÖz[@😀')
  t.equal(guest.tool(LOWER, 'already')?.toString(), 'already')
})

t.test('byte arrays are equal only when every byte is', async t => {
  t.ok(guest.tool(EQUAL, 'abcabc'))
  t.equal(guest.tool(EQUAL, 'abcabd'), undefined)
  t.equal(guest.tool(EQUAL, 'abcab'), undefined, 'lengths differ')
})

t.test('the host functions are reached: sha256, random, log, now', async t => {
  const long = 'abc'.repeat(1_000) // short inputs do not go to the host
  t.equal(guest.tool(SHA256, long)?.toString('hex'), createHash('sha256').update(long).digest('hex'))
  const first = guest.tool(RANDOM, Buffer.alloc(16))
  t.equal(first?.length, 16)
  t.notSame(first, guest.tool(RANDOM, Buffer.alloc(16)))
  t.equal(guest.tool(LOG, 'grüße 😀')?.toString(), 'true')
  t.strictSame(guest.logged, [[1, 'grüße 😀']])
})

t.test('a regex finds its places, at most as many as asked for', async t => {
  const find = (input: string, max: number) => guest.run('find', Buffer.from(input), [], [max])?.toString()
  t.equal(find('b+\nabbab', 10), '1-3,4-5,')
  t.equal(find('b+\nabbab', 1), '1-3,')
  t.equal(find('b+\nabbab', -1), '')
  t.equal(find('x\nabbab', 10), '')
  t.equal(find('(\nabbab', 10), undefined, 'an invalid pattern')
})

t.test('the input buffer is reused, grows, and refuses lengths that make no sense', async t => {
  const first = guest.call('sluice_alloc', 10)
  t.ok(first > 0)
  t.equal(guest.call('sluice_alloc', 0), first)
  t.equal(guest.call('sluice_alloc', 4096), first)
  t.ok(guest.call('sluice_alloc', 100_000) > 0)
  t.equal(guest.call('sluice_alloc', -1), 0)
  t.equal(guest.call('sluice_alloc', 0x7fffffff), 0)
  t.equal(guest.call('sluice_abi'), 1)
  t.equal(guest.tool(UTF8, Buffer.alloc(500_000, 'é'))?.length, 500_000)
})

t.test(
  'a cookie is found in any line and as often as it is there, and taken out without touching the others',
  async t => {
    const cookie = (...lines: string[]) => guest.run('cookie', Buffer.from(lines.join('\n')))?.toString()
    t.equal(cookie('id', 'a=1; id=x=y; b=2'), '1 x=y\na=1; b=2')
    t.equal(cookie('id', 'a=1', 'id=x', 'b=2'), '1 x\na=1\nb=2')
    t.equal(cookie('id', 'id=x; ID=z;id =y'), '2 y\nID=z')
    t.equal(cookie('id', 'xid=1; id; idx=2'), '0 \nxid=1; id; idx=2')
    t.equal(cookie('id', 'id='), '1 \n')
  }
)
