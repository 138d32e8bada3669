import {
  Algorithm,
  algorithmOf,
  Json,
  secretMistake,
  secretOf,
  Settings,
  VerifyKey
} from '@sluice/plugin-sdk/assembly'
import { bitsOf, Key, keyMistake, keyOf, keyOfJwk } from './key'
import { RemoteSet } from './remote-set'
import { Token } from './token'

const MAX_KEYS: i32 = 64

export enum Checked {
  GOOD,
  BAD,
  NO_KEY
}

/** All keys of the settings, and of the set they refer to. */
@final
export class KeyRing {
  readonly remote: RemoteSet = new RemoteSet()
  private readonly keys: Key[] = []
  private allowed: u32 = 0
  /** Set by check(): whether the token named a kid that a key has. Another key of that name is not looked for. */
  named: bool = false

  /** Returns "" or what is wrong with the settings. */
  fill(settings: Settings): string {
    this.allowed = bitsOf(settings.strings('algorithms'))
    const given = settings.objects('keys')
    for (let i = 0; i < given.length; i++) {
      const wrong = this.addGiven(given[i])
      if (wrong != '') return 'keys[' + i.toString() + ']' + wrong
    }
    if (!settings.json.get('jwks').isObject) return settings.has('jwks') ? this.addSet(settings.string('jwks')) : ''
    this.remote.fill(settings.object('jwks'), this.allowed, this.keys.length)
    return ''
  }

  accepts(algorithm: Algorithm): bool {
    return (this.allowed & (1 << algorithm)) != 0
  }

  /**
   * Checks a token's signature with the keys of that kid, or if there is none, with those that have no kid; without a kid (null)
   * with all.
   * A kid is compared as text and used for nothing else.
   */
  check(algorithm: Algorithm, kid: string | null, token: Token): Checked {
    this.named = kid !== null && (hasKid(this.keys, kid) || hasKid(this.remote.keys, kid))
    const given = this.checkWith(this.keys, algorithm, kid, token)
    if (given == Checked.GOOD || this.remote.keys.length == 0) return given
    const remote = this.checkWith(this.remote.keys, algorithm, kid, token)
    return remote == Checked.NO_KEY ? given : remote
  }

  private checkWith(
    keys: Key[],
    algorithm: Algorithm,
    kid: string | null,
    token: Token
  ): Checked {
    let result = Checked.NO_KEY
    for (let i = 0; i < keys.length; i++) {
      const key = unchecked(keys[i])
      if (!key.serves(algorithm)) continue
      const own = key.kid
      if (this.named ? own === null || own != kid! : kid !== null && own !== null) continue
      if (key.verify(algorithm, token)) return Checked.GOOD
      result = Checked.BAD
    }
    return result
  }

  private addGiven(given: Settings): string {
    if (countOf(given, ['secret', 'secretBase64', 'pem', 'jwk']) != 1) return ' must have exactly one of secret, secretBase64, pem and jwk'
    let allowed = this.allowed
    if (given.has('algorithms')) {
      const named = given.strings('algorithms')
      allowed = bitsOf(named)
      for (let i = 0; i < named.length; i++) {
        if (this.accepts(algorithmOf(named[i]))) continue
        return '.algorithms: ' + named[i] + ' is not one of the setting algorithms'
      }
    }
    const kid: string | null = given.has('kid') ? given.string('kid') : null
    if (given.has('jwk')) return this.add(keyOfJwk(given.object('jwk').json, kid, allowed)) ? '' : '.jwk ' + keyMistake
    if (given.has('pem')) {
      const pem = given.string('pem')
      if (pem.includes('PRIVATE KEY')) return '.pem is a private key: only the public one belongs here'
      if (!pem.includes('-----BEGIN ')) return '.pem is not PEM'
      return this.add(keyOf(VerifyKey.of(pem), kid, allowed)) ? '' : '.pem ' + keyMistake
    }
    // A public key taken for a secret would accept what anybody can sign: secretOf refuses PEM.
    const secret = secretOf(given)
    if (secret === null) return secretMistake
    if (this.add(keyOf(VerifyKey.ofSecret(secret), kid, allowed))) return ''
    return (given.has('secret') ? '.secret ' : '.secretBase64 ') + keyMistake
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
      if (this.add(keyOfJwk(jwk, null, this.allowed))) taken++
    }
    return taken > 0 ? '' : 'jwks has no key for the setting algorithms'
  }

  private add(key: Key | null): bool {
    if (key === null) return false
    this.keys.push(key)
    return true
  }
}

function hasKid(keys: Key[], kid: string): bool {
  for (let i = 0; i < keys.length; i++) {
    const own = unchecked(keys[i]).kid
    if (own !== null && own == kid) return true
  }
  return false
}

function countOf(settings: Settings, names: string[]): i32 {
  let count = 0
  for (let i = 0; i < names.length; i++) if (settings.has(names[i])) count++
  return count
}
