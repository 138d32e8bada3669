import { hostHmac, hostPbkdf2, keyImport, keyVerify } from './imports'
import { OwnHmac } from './sha256'
import { base64UrlEncode } from './base64'
import { utf8Bytes } from './utf8'

/** Hashes for `hmac`. SHA-1 is for protocols that know no other. */
export const enum Hash {
  SHA1 = 1,
  SHA256 = 256,
  SHA384 = 384,
  SHA512 = 512
}

const LONGEST_DIGEST: i32 = 64

/** The keyed hash of `bytes` (RFC 2104). */
export function hmac(hash: Hash, key: Uint8Array, bytes: Uint8Array): Uint8Array {
  const digest = new Uint8Array(LONGEST_DIGEST)
  const size = hostHmac(hash, key.dataStart, key.length, bytes.dataStart, bytes.length, digest.dataStart)
  return digest.slice(0, max(0, size))
}

/**
 * PBKDF2 (RFC 8018 section 5.2) with SHA-256 or SHA-512: as many bytes as the hash has. The host does it, in 0.3 µs an iteration with
 * SHA-256 and 0.7 µs with SHA-512. Empty for another hash and for more than 1,000,000 iterations.
 */
export function pbkdf2(hash: Hash, password: Uint8Array, salt: Uint8Array, iterations: i32): Uint8Array {
  const key = new Uint8Array(LONGEST_DIGEST)
  const size = hostPbkdf2(
    hash, password.dataStart, password.length, salt.dataStart, salt.length, iterations, key.dataStart
  )
  return key.slice(0, max(0, size))
}

/** Signature algorithms by their JOSE names (RFC 7518, RFC 8037). */
export const enum Algorithm {
  UNKNOWN = 0,
  HS256 = 1,
  HS384 = 2,
  HS512 = 3,
  RS256 = 4,
  RS384 = 5,
  RS512 = 6,
  PS256 = 7,
  PS384 = 8,
  PS512 = 9,
  ES256 = 10,
  ES384 = 11,
  ES512 = 12,
  EdDSA = 13
}

const NAMES: string[] = [
  'HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'
]

/** The algorithm of that name, exactly as written; UNKNOWN for any other, "none" among them. */
export function algorithmOf(name: string): Algorithm {
  return <Algorithm>(NAMES.indexOf(name) + 1)
}

/** A key that signatures are checked with. Import once, in on_configure: it stays until the instance ends. */
@final
export class VerifyKey {
  private constructor(
    private readonly handle: i32,
    /** Of a secret, for short messages; null: the host does it all. */
    private readonly own: OwnHmac | null
  ) {}

  /** From a JWK (secrets have "kty": "oct") or a public key or certificate in PEM. null when it is not one. */
  static of(text: string): VerifyKey | null {
    const bytes = utf8Bytes(text)
    const handle = keyImport(bytes.dataStart, bytes.length)
    return handle > 0 ? new VerifyKey(handle, null) : null
  }

  /** From the bytes of a shared secret: short messages with HS256 are then verified without a call of the host. */
  static ofSecret(secret: Uint8Array): VerifyKey | null {
    const key = VerifyKey.of('{"kty":"oct","k":"' + base64UrlEncode(secret) + '"}')
    if (key === null || !key.fits(Algorithm.HS256)) return key
    return new VerifyKey(key.handle, new OwnHmac(secret))
  }

  /** Whether the key is of the kind and size that the algorithm takes. For on_configure: it costs a signature check. */
  fits(algorithm: Algorithm): bool {
    return keyVerify(this.handle, algorithm, 0, 0, 0, 0) >= 0
  }

  /**
   * Whether `signature` is that of `bytes`. False too when the key is not of the kind the algorithm wants: a public
   * key never serves as a secret. RSA keys need 2048 bits, secrets 16 bytes.
   */
  verify(algorithm: Algorithm, bytes: Uint8Array, signature: Uint8Array): bool {
    return this.verifyAt(algorithm, bytes.dataStart, bytes.length, signature.dataStart, signature.length)
  }

  /** As verify, of bytes anywhere in memory. */
  verifyAt(algorithm: Algorithm, at: usize, size: i32, signature: usize, signatureSize: i32): bool {
    const own = this.own
    if (own !== null && algorithm == Algorithm.HS256 && own.takes(size)) return own.verify(at, size, signature, signatureSize)
    return keyVerify(this.handle, algorithm, at, size, signature, signatureSize) == 1
  }
}
