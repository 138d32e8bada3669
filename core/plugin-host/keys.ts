import { Buffer } from 'node:buffer'
import {
  constants,
  createHmac,
  createPublicKey,
  createSecretKey,
  type JsonWebKey,
  type KeyObject,
  timingSafeEqual,
  verify
} from 'node:crypto'

/** Hashes a plugin may ask for, by their size in bits; 1 is SHA-1, for old protocols. */
const HASHES: Readonly<Record<number, string>> = { 1: 'sha1', 256: 'sha256', 384: 'sha384', 512: 'sha512' }

/** The keyed hash of `bytes` (RFC 2104); undefined when the hash is not known. */
export function hmac(bits: number, key: Uint8Array, bytes: Uint8Array): Buffer | undefined {
  const name = HASHES[bits]
  return name === undefined ? undefined : createHmac(name, key).update(bytes).digest()
}

interface Algorithm {
  readonly hash: string | undefined
  readonly fits: (key: KeyObject) => boolean
  readonly padding?: number
}

/** RFC 7518 §3.3: "A key of size 2048 bits or larger MUST be used". */
const MIN_RSA_BITS = 2048
/** RFC 7518 §3.2: as long as the hash, or longer. Shorter ones are taken, down to what is no secret at all. */
const MIN_SECRET_BYTES = 16

const secret = (key: KeyObject): boolean => key.type === 'secret' && (key.symmetricKeySize ?? 0) >= MIN_SECRET_BYTES
const rsa = (key: KeyObject): boolean =>
  key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS
const curve =
  (name: string) =>
  (key: KeyObject): boolean =>
    key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === name
const edwards = (key: KeyObject): boolean => key.asymmetricKeyType === 'ed25519' || key.asymmetricKeyType === 'ed448'
const PSS = constants.RSA_PKCS1_PSS_PADDING

/**
 * RFC 7518 §3.1 and RFC 8037, in the order of the numbers plugins use (from 1). Each takes one kind of key only: a public key
 * is never used as a secret, whatever a token says about itself.
 */
const ALGORITHMS: readonly Algorithm[] = [
  { hash: 'sha256', fits: secret },
  { hash: 'sha384', fits: secret },
  { hash: 'sha512', fits: secret },
  { hash: 'sha256', fits: rsa },
  { hash: 'sha384', fits: rsa },
  { hash: 'sha512', fits: rsa },
  { hash: 'sha256', fits: rsa, padding: PSS },
  { hash: 'sha384', fits: rsa, padding: PSS },
  { hash: 'sha512', fits: rsa, padding: PSS },
  { hash: 'sha256', fits: curve('prime256v1') },
  { hash: 'sha384', fits: curve('secp384r1') },
  { hash: 'sha512', fits: curve('secp521r1') },
  { hash: undefined, fits: edwards }
]

/** A key in text form: a JWK (RFC 7517), secret ones included, or a public key or certificate in PEM. */
export function importKey(text: string): KeyObject | undefined {
  try {
    if (!text.trimStart().startsWith('{')) return createPublicKey(text)
    const jwk: JsonWebKey = JSON.parse(text)
    if (jwk.kty !== 'oct') return createPublicKey({ key: jwk, format: 'jwk' })
    return typeof jwk.k === 'string' ? createSecretKey(Buffer.from(jwk.k, 'base64url')) : undefined
  } catch {
    return undefined // not a key: the guest is told
  }
}

/** Whether `signature` is that of `bytes`. undefined: no such algorithm, or the key is of another kind. */
export function verifySignature(
  algorithm: number,
  key: KeyObject,
  bytes: Uint8Array,
  signature: Uint8Array
): boolean | undefined {
  const known = ALGORITHMS[algorithm - 1]
  if (known === undefined || !known.fits(key)) return undefined
  const { hash, padding } = known
  if (key.type === 'secret') {
    const expected = createHmac(hash ?? 'sha256', key)
      .update(bytes)
      .digest()
    return expected.length === signature.length && timingSafeEqual(expected, signature)
  }
  try {
    if (key.asymmetricKeyType === 'ec') return verify(hash, bytes, { key, dsaEncoding: 'ieee-p1363' }, signature)
    if (padding === undefined) return verify(hash, bytes, key, signature)
    return verify(hash, bytes, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, signature)
  } catch {
    return false // a signature of the wrong size makes some of them throw
  }
}
