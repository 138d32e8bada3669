import { Algorithm, Json, Settings } from '@sluice/plugin-sdk/assembly'
import { Key, keyOfJwk } from './key'

/** As many as a set of the settings may have. */
const MAX_KEYS: i32 = 64
/** The host imports 256 keys for an instance, and gives none back. */
const MAX_IMPORTS: i32 = 256
/** When a set that was due could not be had, and while somebody else waits for it, it is left alone for so long. */
const RETRY_MS: i64 = 10_000
/** A shared secret that stands at a URL is none. */
const SECRETS: u32 = (1 << <u32>Algorithm.HS256) | (1 << <u32>Algorithm.HS384) | (1 << <u32>Algorithm.HS512)

export enum Renewed {
  SAME,
  CHANGED,
  /** What came is no key set. */
  REFUSED
}

/** The key set at a URL, as this instance knows it. */
@final
export class RemoteSet {
  keys: Key[] = []
  /** "": there is none. */
  url: string = ''
  /** Whether the set was had at all. */
  known: bool = false
  private allowed: u32 = 0
  private refreshMs: i64 = 0
  /** When the set is to be asked for again, Unix milliseconds; never, when there is none. */
  private dueAt: i64 = i64.MAX_VALUE
  private text: string = ''
  private imports: i32 = 0
  /** The JWK of each key in `keys`: a key that stays is not imported again. */
  private jwks: string[] = []

  /** @param imports - keys that the instance has already */
  fill(settings: Settings, allowed: u32, imports: i32): void {
    this.url = settings.string('url')
    this.refreshMs = <i64>settings.int('refresh', 300) * 1000
    this.allowed = allowed & ~SECRETS
    this.imports = imports
  }

  /** Whether it is time to look whether keys have come or gone. */
  isDue(nowMs: i64): bool {
    return nowMs >= this.dueAt
  }

  /** One exchange waits for the set; the others go on with the keys there are. */
  asked(nowMs: i64): void {
    if (this.known) this.dueAt = nowMs + RETRY_MS
  }

  /** Takes the set as it is now. Keys that are not in it any more are gone. */
  renew(text: string, nowMs: i64): Renewed {
    if (this.known && text == this.text) {
      this.dueAt = nowMs + this.refreshMs
      return Renewed.SAME
    }
    const set = Json.parse(text)
    if (set === null || !set.get('keys').isArray) return Renewed.REFUSED
    this.take(set.get('keys'))
    this.text = text
    this.known = true
    this.dueAt = nowMs + this.refreshMs
    return Renewed.CHANGED
  }

  /** RFC 7517 section 5: keys that are not understood are passed over. */
  private take(set: Json): void {
    const keys: Key[] = []
    const jwks: string[] = []
    for (let i = 0; i < min(set.length, MAX_KEYS); i++) {
      const jwk = set.at(i)
      if (!jwk.isObject || jwk.get('kty').asString() == 'oct') continue
      const text = jwk.toString()
      const at = this.jwks.indexOf(text)
      const key = at >= 0 ? this.keys[at] : this.imported(jwk)
      if (key === null) continue
      keys.push(key)
      jwks.push(text)
    }
    this.keys = keys
    this.jwks = jwks
  }

  private imported(jwk: Json): Key | null {
    // A new instance begins anew: this one ends with the trap, once in some two hundred rotations.
    if (++this.imports > MAX_IMPORTS) throw new Error('the key set has changed too often for one instance')
    return keyOfJwk(jwk, null, this.allowed)
  }
}
