import { Algorithm, algorithmOf, Json, VerifyKey } from '@sluice/plugin-sdk/assembly'
import { Token } from './token'

/** A key with the algorithms it is used for: what a token says about itself cannot add one. */
@final
export class Key {
  constructor(
    private readonly key: VerifyKey,
    /** null: it has none. */
    readonly kid: string | null,
    /** A bit for each algorithm. */
    private readonly algorithms: u32
  ) {}

  serves(algorithm: Algorithm): bool {
    return (this.algorithms & (1 << algorithm)) != 0
  }

  verify(algorithm: Algorithm, token: Token): bool {
    return this.key.verifyAt(algorithm, token.signedAt, token.signedSize, token.signatureAt, token.signatureSize)
  }
}

/** Why the last key was not taken. */
export let keyMistake: string = ''

/**
 * A key of a JWK; null when it is none for these purposes, and `keyMistake` says why.
 * @param kid - in place of its own
 * @param allowed - a bit for each algorithm it may be used with
 */
export function keyOfJwk(jwk: Json, kid: string | null, allowed: u32): Key | null {
  if (jwk.has('d')) return refuse('is a private key: only the public one belongs here')
  if (jwk.has('use') && jwk.get('use').asString() != 'sig') return refuse('is not for signatures')
  const operations = jwk.get('key_ops')
  if (operations.isArray && !hasText(operations, 'verify')) return refuse('is not for checking signatures')
  if (jwk.has('alg')) allowed &= <u32>1 << algorithmOf(jwk.get('alg').asString())
  if (kid === null && jwk.get('kid').isString) kid = jwk.get('kid').asString()
  return keyOf(VerifyKey.of(jwk.toString()), kid, allowed)
}

/** A key that serves those of the algorithms that fit it; null for none, and `keyMistake` says why. */
export function keyOf(key: VerifyKey | null, kid: string | null, allowed: u32): Key | null {
  if (key === null) return refuse('is not a key')
  let fitting: u32 = 0
  for (let each: u32 = 1; each <= <u32>Algorithm.EdDSA; each++) {
    if (allowed & (1 << each) && key.fits(<Algorithm>each)) fitting |= 1 << each
  }
  if (fitting == 0) return refuse('fits none of its algorithms, or is too short for them')
  return new Key(key, kid, fitting)
}

/** A bit for each algorithm; unknown ones have none. */
export function bitsOf(names: string[]): u32 {
  let set: u32 = 0
  for (let i = 0; i < names.length; i++) set |= 1 << <u32>algorithmOf(names[i])
  return set & ~1
}

function refuse(why: string): Key | null {
  keyMistake = why
  return null
}

function hasText(list: Json, text: string): bool {
  for (let i = 0; i < list.length; i++) if (list.at(i).asString() == text) return true
  return false
}
