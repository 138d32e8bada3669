import {
  Algorithm,
  algorithmOf,
  base64UrlEncode,
  Json,
  secretMistake,
  secretOf,
  Settings,
  VerifyKey
} from '@sluice/plugin-sdk/assembly'

const MAX_KEYS: i32 = 64

/** A key with the algorithms it is used for: what a token says about itself cannot add one. */
@final
class Key {
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

  verify(algorithm: Algorithm, bytes: Uint8Array, signature: Uint8Array): bool {
    return this.key.verify(algorithm, bytes, signature)
  }
}

export enum Checked {
  GOOD,
  BAD,
  NO_KEY
}

/** All keys of the settings. */
@final
export class KeyRing {
  private readonly keys: Key[] = []
  private allowed: u32 = 0
  /** Why the last JWK was not taken. */
  private mistake: string = ''

  /** Returns "" or what is wrong with the settings. */
  fill(settings: Settings): string {
    this.allowed = bits(settings.strings('algorithms'))
    const given = settings.objects('keys')
    for (let i = 0; i < given.length; i++) {
      const wrong = this.addGiven(given[i])
      if (wrong != '') return 'keys[' + i.toString() + ']' + wrong
    }
    return settings.has('jwks') ? this.addSet(settings.string('jwks')) : ''
  }

  accepts(algorithm: Algorithm): bool {
    return (this.allowed & (1 << algorithm)) != 0
  }

  /**
   * Checks a signature with the keys of that kid, or if there is none, with those that have no kid; without a kid (null)
   * with all.
   * A kid is compared as text and used for nothing else.
   */
  check(algorithm: Algorithm, kid: string | null, bytes: Uint8Array, signature: Uint8Array): Checked {
    let result = Checked.NO_KEY
    const named = kid !== null && this.hasKid(kid)
    for (let i = 0; i < this.keys.length; i++) {
      const key = unchecked(this.keys[i])
      if (!key.serves(algorithm)) continue
      const own = key.kid
      if (named ? own === null || own != kid! : kid !== null && own !== null) continue
      if (key.verify(algorithm, bytes, signature)) return Checked.GOOD
      result = Checked.BAD
    }
    return result
  }

  private hasKid(kid: string): bool {
    for (let i = 0; i < this.keys.length; i++) {
      const own = unchecked(this.keys[i]).kid
      if (own !== null && own == kid) return true
    }
    return false
  }

  private addGiven(given: Settings): string {
    if (countOf(given, ['secret', 'secretBase64', 'pem', 'jwk']) != 1) return ' must have exactly one of secret, secretBase64, pem and jwk'
    let allowed = this.allowed
    if (given.has('algorithms')) {
      const named = given.strings('algorithms')
      allowed = bits(named)
      for (let i = 0; i < named.length; i++) {
        if (this.accepts(algorithmOf(named[i]))) continue
        return '.algorithms: ' + named[i] + ' is not one of the setting algorithms'
      }
    }
    const kid: string | null = given.has('kid') ? given.string('kid') : null
    if (given.has('jwk')) return this.addJwk(given.object('jwk').json, kid, allowed) ? '' : '.jwk ' + this.mistake
    if (given.has('pem')) {
      const pem = given.string('pem')
      if (pem.includes('PRIVATE KEY')) return '.pem is a private key: only the public one belongs here'
      if (!pem.includes('-----BEGIN ')) return '.pem is not PEM'
      return this.add(VerifyKey.of(pem), kid, allowed) ? '' : '.pem ' + this.mistake
    }
    // A public key taken for a secret would accept what anybody can sign: secretOf refuses PEM.
    const secret = secretOf(given)
    if (secret === null) return secretMistake
    const jwk = '{"kty":"oct","k":"' + base64UrlEncode(secret) + '"}'
    if (this.add(VerifyKey.of(jwk), kid, allowed)) return ''
    return (given.has('secret') ? '.secret ' : '.secretBase64 ') + this.mistake
  }

  /** RFC 7517 section 5: keys that are not understood are passed over. */
  private addSet(text: string): string {
    const set = Json.parse(text)
    if (set === null || !set.get('keys').isArray) return 'jwks is not a JSON Web Key Set'
    const keys = set.get('keys')
    let taken = 0
    for (let i = 0; i < keys.length; i++) {
      const jwk = keys.at(i)
      if (jwk.has('d')) return 'jwks: keys[' + i.toString() + '] is a private key: only the public one belongs here'
      if (this.keys.length >= MAX_KEYS) return 'jwks: more than ' + MAX_KEYS.toString() + ' keys'
      if (this.addJwk(jwk, null, this.allowed)) taken++
    }
    return taken > 0 ? '' : 'jwks has no key for the setting algorithms'
  }

  private addJwk(jwk: Json, kid: string | null, allowed: u32): bool {
    if (jwk.has('d')) return this.refuse('is a private key: only the public one belongs here')
    if (jwk.has('use') && jwk.get('use').asString() != 'sig') return this.refuse('is not for signatures')
    const operations = jwk.get('key_ops')
    if (operations.isArray && !hasText(operations, 'verify')) return this.refuse('is not for checking signatures')
    if (jwk.has('alg')) allowed &= <u32>1 << algorithmOf(jwk.get('alg').asString())
    if (kid === null && jwk.get('kid').isString) kid = jwk.get('kid').asString()
    return this.add(VerifyKey.of(jwk.toString()), kid, allowed)
  }

  private add(key: VerifyKey | null, kid: string | null, allowed: u32): bool {
    if (key === null) return this.refuse('is not a key')
    let fitting: u32 = 0
    for (let each: u32 = 1; each <= <u32>Algorithm.EdDSA; each++) {
      if (allowed & (1 << each) && key.fits(<Algorithm>each)) fitting |= 1 << each
    }
    if (fitting == 0) return this.refuse('fits none of its algorithms, or is too short for them')
    this.keys.push(new Key(key, kid, fitting))
    return true
  }

  private refuse(why: string): bool {
    this.mistake = why
    return false
  }
}

/** A bit for each algorithm; unknown ones have none. */
function bits(names: string[]): u32 {
  let set: u32 = 0
  for (let i = 0; i < names.length; i++) set |= 1 << <u32>algorithmOf(names[i])
  return set & ~1
}

function hasText(list: Json, text: string): bool {
  for (let i = 0; i < list.length; i++) if (list.at(i).asString() == text) return true
  return false
}

function countOf(settings: Settings, names: string[]): i32 {
  let count = 0
  for (let i = 0; i < names.length; i++) if (settings.has(names[i])) count++
  return count
}
