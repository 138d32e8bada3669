import { createHmac, generateKeyPairSync, sign } from 'node:crypto'

/** So many different tokens that none is remembered when its turn comes again. */
export const FRESH_TOKENS = 20_000

const SECRET = 'a secret of the bench, made for nothing else'
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** The keys of the tokens, as the settings of auth-jwt name them. */
export const TOKEN_KEYS = [
  { secret: SECRET, algorithms: ['HS256'] },
  { pem: rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString(), algorithms: ['RS256'] }
]

/** A token as an identity provider would make it, good for an hour. */
export function token(algorithm: 'HS256' | 'RS256', subject: string): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: 'https://issuer.example', aud: 'bench', sub: subject, iat: now, exp: now + 3600, scope: 'read' }
  const signed = `${part({ alg: algorithm, typ: 'JWT' })}.${part(claims)}`
  const bytes = Buffer.from(signed)
  const signature =
    algorithm === 'HS256' ? createHmac('sha256', SECRET).update(bytes).digest() : sign('sha256', bytes, rsa.privateKey)
  return `${signed}.${signature.toString('base64url')}`
}

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
