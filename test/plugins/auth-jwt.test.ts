import { constants, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { Policy } from '../support/instance.js'

const SECRET = 'a shared secret of the tests, longer than any hash is long: 64 bytes and more'
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pairs: Record<string, { publicKey: KeyObject; privateKey: KeyObject }> = {
  RS256: rsa,
  RS384: rsa,
  RS512: rsa,
  PS256: rsa,
  PS384: rsa,
  PS512: rsa,
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  EdDSA: generateKeyPairSync('ed25519')
}
const ALGORITHMS = ['HS256', 'HS384', 'HS512', ...Object.keys(pairs)]

for (const alg of ALGORITHMS) {
  t.test(`${alg}: a fresh token passes, and nothing else that looks like it`, async t => {
    const policy = await Policy.of('auth-jwt', { keys: [keyOf(alg)], algorithms: [alg] })
    const token = jwt(alg)
    for (let i = 0; i < 3; i++) t.equal(await outcome(policy, token), 'ada')
    const [header = '', payload = '', signature = ''] = token.split('.')
    const bytes = Buffer.from(signature, 'base64url')
    const forged = {
      'a changed payload': `${header}.${b64({ sub: 'root', exp: inSeconds(60) })}.${signature}`,
      'a changed header': `${b64({ alg, x: 1 })}.${payload}.${signature}`,
      'no signature': `${header}.${payload}.`,
      'a signature of zeros': `${header}.${payload}.${Buffer.alloc(bytes.length).toString('base64url')}`,
      'a signature that is short': `${header}.${payload}.${bytes.subarray(1).toString('base64url')}`,
      'a signature that is long': `${header}.${payload}.${Buffer.concat([bytes, bytes]).toString('base64url')}`,
      'a signature with one bit turned': `${header}.${payload}.${turned(bytes).toString('base64url')}`
    }
    for (const [what, text] of Object.entries(forged)) t.not(await outcome(policy, text), 'ada', what)
    t.equal(await outcome(policy, token), 'ada', 'the good one still passes')
  })

  t.test(`${alg}: the same key with another algorithm in the token is refused`, async t => {
    const policy = await Policy.of('auth-jwt', { keys: [keyOf(alg)], algorithms: [alg] })
    for (const other of [...ALGORITHMS, 'none', 'None', 'ES256K', 'RS1', 'HS1', '', alg.toLowerCase()]) {
      if (other === alg) continue
      const [, payload] = jwt(alg).split('.')
      const input = `${b64({ alg: other })}.${payload}`
      const signature = signatureOf(alg, input).toString('base64url')
      t.equal(await outcome(policy, `${input}.${signature}`), 'algorithm', other)
    }
  })
}

t.test('a public key never serves as a shared secret, in any form of it', async t => {
  const keys = Object.keys(pairs).map(keyOf)
  const policy = await Policy.of('auth-jwt', { keys, algorithms: ALGORITHMS })
  for (const { publicKey } of Object.values(pairs)) {
    const spki = publicKey.export({ type: 'spki', format: 'pem' })
    const der = publicKey.export({ type: 'spki', format: 'der' })
    for (const secret of [spki, String(spki).trim(), der, JSON.stringify(publicKey.export({ format: 'jwk' })), '']) {
      const input = `${b64({ alg: 'HS256' })}.${b64({ sub: 'root', exp: inSeconds(60) })}`
      const signature = createHmac('sha256', secret).update(input).digest('base64url')
      t.equal(await outcome(policy, `${input}.${signature}`), 'key')
    }
  }
})

t.test('a signature of zeros does not pass on any curve (CVE-2022-21449)', async t => {
  for (const [alg, bytes] of Object.entries({ ES256: 64, ES384: 96, ES512: 132 })) {
    const policy = await Policy.of('auth-jwt', { keys: [keyOf(alg)], algorithms: [alg] })
    const [header, payload] = jwt(alg).split('.')
    const zeros = Buffer.alloc(bytes).toString('base64url')
    t.equal(await outcome(policy, `${header}.${payload}.${zeros}`), 'signature', alg)
  }
})

t.test('a signature in ASN.1 is not one of ES256 (RFC 7518 section 3.4)', async t => {
  const policy = await Policy.of('auth-jwt', { keys: [keyOf('ES256')] })
  const input = jwt('ES256').split('.').slice(0, 2).join('.')
  const der = sign('sha256', Buffer.from(input), pairs.ES256?.privateKey as KeyObject).toString('base64url')
  t.equal(await outcome(policy, `${input}.${der}`), 'signature')
})

t.test('exp and nbf count at every request, also for tokens that were seen before', async t => {
  const policy = await Policy.of('auth-jwt', { keys: [{ secret: SECRET }], algorithms: ['HS256'], leeway: 30 })
  const token = jwt('HS256', { sub: 'ada', nbf: 1000, exp: 2000 })
  const at = (seconds: number) => outcome(policy, token, Math.round(seconds * 1000))
  t.equal(await at(969.9), 'not-yet')
  t.equal(await at(970), 'ada')
  t.equal(await at(1999), 'ada')
  t.equal(await at(2029.9), 'ada')
  t.equal(await at(2030), 'expired')
  t.equal(await at(2100), 'expired')
  t.equal(await at(900), 'not-yet')
})

t.test('maxAge counts from iat', async t => {
  const settings = { keys: [{ secret: SECRET }], algorithms: ['HS256'], leeway: 0, maxAge: 100 }
  const policy = await Policy.of('auth-jwt', settings)
  const token = jwt('HS256', { sub: 'ada', iat: 1000, exp: 2000 })
  const short = jwt('HS256', { sub: 'ada', iat: 1000, exp: 1050 })
  t.equal(await outcome(policy, token, 999_999), 'not-yet')
  t.equal(await outcome(policy, token, 1_099_999), 'ada')
  t.equal(await outcome(policy, token, 1_100_000), 'too-old')
  t.equal(await outcome(policy, short, 1_050_000), 'expired')
})

t.test('more tokens than the cache holds are all judged rightly, and memory does not grow with them', async t => {
  const policy = await Policy.of('auth-jwt', { keys: [{ secret: SECRET }], algorithms: ['HS256'], cache: 10 })
  const tokens = Array.from({ length: 50 }, (_, i) => jwt('HS256', { sub: `c${i}`, exp: inSeconds(60), pad: big(i) }))
  const wrong: string[] = []
  for (let round = 0; round < 30; round++) {
    for (const [i, token] of tokens.entries()) {
      if ((await outcome(policy, token)) !== `c${i}`) wrong.push(`token ${i} in round ${round}`)
    }
  }
  t.strictSame(wrong, [])
})

t.test('whatever is sent as a token is refused and never a fault', async () => {
  const policy = await Policy.of('auth-jwt', { keys: [{ secret: SECRET }], algorithms: ['HS256'] })
  const part = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', '-', '_', '=', '+', '/', 'é', ' ') }),
    fc.json().map(text => Buffer.from(text).toString('base64url')),
    fc.constantFrom('', b64({ alg: 'HS256' }), b64({ alg: 'none' }), b64({ sub: 'root' }))
  )
  const property = fc.asyncProperty(fc.array(part, { maxLength: 5 }), async parts => {
    const { reply, consumer } = await policy.send({ headers: ['authorization', `Bearer x${parts.join('.')}`] })
    return reply?.status === 401 && consumer === null
  })
  await fc.assert(property, { numRuns: 2_000 })
})

t.test('signed claims of any form are judged without a fault', async () => {
  const policy = await Policy.of('auth-jwt', {
    keys: [{ secret: SECRET }],
    algorithms: ['HS256'],
    headers: { 'x-a': '/a', 'x-b': '/a/0' },
    tags: { a: '/a' },
    require: []
  })
  const property = fc.asyncProperty(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), async (sub, a, scope) => {
    const token = jwt('HS256', { sub, a, scope })
    const { reply, headers } = await policy.send({ headers: ['authorization', `Bearer ${token}`] })
    return reply?.status === 401 || headers.length === 2
  })
  await fc.assert(property, { numRuns: 1_000 })
})

/** Who calls, or why the token was refused. */
async function outcome(policy: Policy, token: string, nowMs = Date.now()): Promise<string> {
  const { reply, consumer, tags } = await policy.send({ headers: ['authorization', `Bearer ${token}`], nowMs })
  if (reply === null) return consumer ?? ''
  return tags[tags.indexOf('auth-jwt') + 1] ?? ''
}

function keyOf(alg: string): object {
  const pair = pairs[alg]
  return pair === undefined ? { secret: SECRET } : { pem: pair.publicKey.export({ type: 'spki', format: 'pem' }) }
}

function jwt(alg: string, claims: object = { sub: 'ada', exp: inSeconds(60) }): string {
  const input = `${b64({ alg, typ: 'JWT' })}.${b64(claims)}`
  return `${input}.${signatureOf(alg, input).toString('base64url')}`
}

function signatureOf(alg: string, input: string): Buffer {
  const hash = alg === 'EdDSA' ? null : `sha${alg.slice(2)}`
  const key = pairs[alg]?.privateKey
  if (key === undefined)
    return createHmac(hash ?? '', SECRET)
      .update(input)
      .digest()
  const options = alg.startsWith('PS')
    ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : ({ key, dsaEncoding: 'ieee-p1363' } as const)
  return sign(hash, Buffer.from(input), options)
}

function b64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds
}

function turned(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  copy[8] = (copy[8] ?? 0) ^ 1
  return copy
}

function big(seed: number): string {
  return String(seed % 10).repeat(8_000)
}
