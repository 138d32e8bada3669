import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import t from 'tap'
import { hmac, importKey, verifySignature } from '../../core/plugin-host/keys.js'

const NAMES = 'HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA'.split(' ')
const secret = randomBytes(64)
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pairs: Record<string, { publicKey: KeyObject; privateKey: KeyObject }> = {
  RS: rsa,
  PS: rsa,
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  Ed: generateKeyPairSync('ed25519')
}
const message = Buffer.from('header.payload')

function pairOf(name: string): { publicKey: KeyObject; privateKey: KeyObject } {
  const pair = pairs[name] ?? pairs[name.slice(0, 2)]
  if (pair === undefined) throw new RangeError(name)
  return pair
}

function signed(name: string): Buffer {
  const hash = name === 'EdDSA' ? null : `sha${name.slice(2)}`
  if (name.startsWith('HS'))
    return createHmac(hash ?? '', secret)
      .update(message)
      .digest()
  const key = pairOf(name).privateKey
  if (name.startsWith('ES')) return sign(hash, message, { key, dsaEncoding: 'ieee-p1363' })
  return sign(hash, message, name.startsWith('PS') ? { key, padding: 6, saltLength: -1 } : { key })
}

function jwk(name: string): string {
  if (name.startsWith('HS')) return JSON.stringify({ kty: 'oct', k: secret.toString('base64url') })
  return JSON.stringify(pairOf(name).publicKey.export({ format: 'jwk' }))
}

function imported(text: string): KeyObject {
  const key = importKey(text)
  if (key === undefined) throw new RangeError('not a key')
  return key
}

for (const [i, name] of NAMES.entries()) {
  t.test(`${name}: the right signature is right, any other is not`, async t => {
    const key = imported(jwk(name))
    const signature = signed(name)
    t.equal(verifySignature(i + 1, key, message, signature), true)
    t.equal(verifySignature(i + 1, key, Buffer.from('header.payloae'), signature), false)
    for (let at = 0; at < signature.length; at += 7) {
      const bent = Buffer.from(signature)
      bent[at] = (bent[at] ?? 0) ^ 1
      t.equal(verifySignature(i + 1, key, message, bent), false, `a bit of byte ${at}`)
    }
    for (const size of [0, 1, signature.length - 1]) {
      t.equal(verifySignature(i + 1, key, message, signature.subarray(0, size)), false, `${size} bytes of it`)
    }
  })

  t.test(`${name} takes no key of another kind`, async t => {
    for (const other of NAMES) {
      const family = (each: string): string => (each.startsWith('ES') ? each : each.slice(0, 2).replace('PS', 'RS'))
      if (family(other) === family(name)) continue
      t.equal(verifySignature(i + 1, imported(jwk(other)), message, signed(name)), undefined, other)
    }
  })
}

t.test('a public key never serves as a secret', async t => {
  const pem = rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString()
  const forged = createHmac('sha256', pem).update(message).digest()
  t.equal(verifySignature(1, imported(pem), message, forged), undefined)
})

t.test('keys that are too short are refused', async t => {
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const signature = sign('sha256', message, small.privateKey)
  t.equal(verifySignature(4, small.publicKey, message, signature), undefined)
  const short = imported(JSON.stringify({ kty: 'oct', k: Buffer.from('secret').toString('base64url') }))
  t.equal(verifySignature(1, short, message, createHmac('sha256', 'secret').update(message).digest()), undefined)
})

t.test('algorithms without a number are none', async t => {
  for (const number of [0, -1, 14, Number.NaN]) {
    t.equal(verifySignature(number, imported(jwk('HS256')), message, Buffer.alloc(0)), undefined, String(number))
  }
})

t.test('keys come as JWK or PEM; a private key is taken for its public part; what is no key is none', async t => {
  const spki = rsa.publicKey.export({ format: 'pem', type: 'spki' }).toString()
  const pkcs8 = rsa.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  t.ok(imported(spki).equals(rsa.publicKey))
  t.equal(imported(pkcs8).type, 'public')
  t.ok(createPublicKey(spki).equals(imported(JSON.stringify(rsa.privateKey.export({ format: 'jwk' })))))
  for (const text of ['', '{}', '{', 'null', '{"kty":"oct"}', '{"kty":"RSA","n":"AQ"}', '-----BEGIN X-----', 'a\0b']) {
    t.equal(importKey(text), undefined, JSON.stringify(text))
  }
})

t.test('hmac knows SHA-1 and three of SHA-2 (RFC 2202 case 2, RFC 4231 case 2)', async t => {
  const made = (bits: number): string | undefined =>
    hmac(bits, Buffer.from('Jefe'), Buffer.from('what do ya want for nothing?'))?.toString('hex')
  t.equal(made(1), 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79')
  t.equal(made(256), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843')
  t.equal(made(384)?.length, 96)
  t.equal(made(512)?.length, 128)
  t.equal(made(224), undefined)
})
