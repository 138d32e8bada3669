import { createHash, createHmac } from 'node:crypto'
import t from 'tap'
import { fixtureGuest } from './guest.js'

const SHA256 = 11
const OWN_SHA256 = 22
const OWN_HMAC = 23

const guest = await fixtureGuest('tools')
/** Bytes that differ everywhere, the same in every run. */
const bytes = Buffer.from(Array.from({ length: 100_003 }, (_, i) => (i * 167 + (i >> 8) * 13) & 255))
const expected = (input: Uint8Array) => createHash('sha256').update(input).digest('hex')

t.test('a digest of any length is the one of node:crypto, made by the guest or by the host', async t => {
  const lengths = [...Array.from({ length: 400 }, (_, i) => i), 1_023, 1_024, 4_095, 65_536, bytes.length]
  for (const tool of [SHA256, OWN_SHA256]) {
    const wrong = lengths.filter(length => {
      const input = bytes.subarray(0, length)
      return guest.tool(tool, input)?.toString('hex') !== expected(input)
    })
    t.strictSame(wrong, [], `tool ${tool}`)
  }
})

t.test('the digests of FIPS 180-4 come out', async t => {
  const known = [
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1'
    ]
  ] as const
  for (const [text, digest] of known) t.equal(guest.tool(OWN_SHA256, text)?.toString('hex'), digest, text)
})

t.test('a digest does not depend on what was digested before', async t => {
  for (const [first, second] of [[300, 3] as const, [3, 300] as const, [55, 56] as const, [120, 119] as const]) {
    guest.tool(OWN_SHA256, bytes.subarray(0, first))
    const input = bytes.subarray(7, 7 + second)
    t.equal(guest.tool(OWN_SHA256, input)?.toString('hex'), expected(input), `${first} and then ${second} bytes`)
  }
})

t.test('a signature with a shared secret is the one of node:crypto, for keys and messages of any length', async t => {
  const holds = (key: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
    guest.tool(OWN_HMAC, Buffer.concat([Buffer.of(key.length), key, signature, message])) !== undefined
  const wrong: string[] = []
  for (const keySize of [1, 16, 32, 44, 63, 64, 65, 127, 255]) {
    const key = bytes.subarray(keySize, 2 * keySize)
    for (let size = 0; size < 330; size++) {
      const message = bytes.subarray(500, 500 + size)
      const signature = createHmac('sha256', key).update(message).digest()
      if (!holds(key, message, signature)) wrong.push(`${keySize} ${size}: refused`)
      const bit = (keySize + size) % 256
      signature[bit >> 3] = (signature[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      if (holds(key, message, signature)) wrong.push(`${keySize} ${size}: another one is taken`)
    }
  }
  t.strictSame(wrong, [])
})
