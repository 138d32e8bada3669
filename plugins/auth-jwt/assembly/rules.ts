import { Json, Settings } from '@sluice/plugin-sdk/assembly'
import { Why } from './refusals'

/** What a token's claims must say. */
@final
export class Rules {
  private issuers: string[] = []
  private audiences: string[] = []
  private required: string[] = []
  private scopes: string[] = []
  private leeway: f64 = 0
  /** 0: any age. */
  private maxAge: f64 = 0
  /** Set by check(): Unix seconds in between which the token is good. */
  notBefore: f64 = 0
  notAfter: f64 = 0
  /** Set by check(): what it is too late for, after notAfter. */
  late: Why = Why.EXPIRED

  fill(settings: Settings): void {
    this.issuers = settings.strings('issuers')
    this.audiences = settings.strings('audiences')
    this.required = settings.strings('require')
    this.scopes = settings.strings('scopes')
    this.leeway = <f64>settings.int('leeway', 30)
    this.maxAge = <f64>settings.int('maxAge', 0)
  }

  /** Everything but the time, which is left in notBefore and notAfter. Why.NONE, or what is wrong. */
  check(claims: Json): Why {
    if (!this.readTimes(claims)) return Why.CLAIMS
    for (let i = 0; i < this.required.length; i++) {
      const claim = claims.get(unchecked(this.required[i]))
      if (!claim.exists || claim.isNull) return Why.REQUIRED
    }
    if (this.maxAge > 0 && !claims.has('iat')) return Why.REQUIRED
    const issuer = claims.get('iss')
    if (issuer.exists && !issuer.isString) return Why.CLAIMS
    if (this.issuers.length > 0 && !isOneOf(issuer, this.issuers)) return Why.ISSUER
    return this.checkAudience(claims.get('aud'))
  }

  /** The time is checked at every request, also of tokens that are known. */
  checkTime(notBefore: f64, notAfter: f64, late: Why, nowMs: i64): Why {
    const now = <f64>nowMs / 1000
    if (now >= notAfter) return late
    return now < notBefore ? Why.NOT_YET : Why.NONE
  }

  hasScopes(claims: Json): bool {
    if (this.scopes.length == 0) return true
    const granted = scopesOf(claims.has('scope') ? claims.get('scope') : claims.get('scp'))
    for (let i = 0; i < this.scopes.length; i++) if (!granted.includes(unchecked(this.scopes[i]))) return false
    return true
  }

  /** False when a time is there that is not a number: "exp": "never" must not mean never. */
  private readTimes(claims: Json): bool {
    const expires = claims.get('exp')
    const begins = claims.get('nbf')
    const issued = claims.get('iat')
    if (!isTime(expires) || !isTime(begins) || !isTime(issued)) return false
    this.notBefore = begins.exists ? begins.asNumber() - this.leeway : -Infinity
    this.notAfter = expires.exists ? expires.asNumber() + this.leeway : Infinity
    this.late = Why.EXPIRED
    if (this.maxAge == 0 || !issued.exists) return true
    const oldest = issued.asNumber() + this.maxAge + this.leeway
    if (oldest < this.notAfter) {
      this.notAfter = oldest
      this.late = Why.TOO_OLD
    }
    // One issued in the future would be young for longer than it may be.
    this.notBefore = Math.max(this.notBefore, issued.asNumber() - this.leeway)
    return true
  }

  private checkAudience(audience: Json): Why {
    if (!audience.exists) return this.audiences.length > 0 ? Why.AUDIENCE : Why.NONE
    let named = this.audiences.length == 0
    if (audience.isString) named = named || isOneOf(audience, this.audiences)
    else if (!audience.isArray) return Why.CLAIMS
    for (let i = 0; i < audience.length; i++) {
      if (!audience.at(i).isString) return Why.CLAIMS
      if (!named) named = isOneOf(audience.at(i), this.audiences)
    }
    return named ? Why.NONE : Why.AUDIENCE
  }
}

function isOneOf(claim: Json, texts: string[]): bool {
  for (let i = 0; i < texts.length; i++) if (claim.is(unchecked(texts[i]))) return true
  return false
}

/** A number that JSON can have, or nothing. */
function isTime(claim: Json): bool {
  return !claim.exists || (claim.isNumber && isFinite(claim.asNumber()))
}

/** RFC 6749 section 3.3: a text with blanks in between; some issuers write a list. */
function scopesOf(claim: Json): string[] {
  if (claim.isString) return claim.asString().split(' ')
  const scopes: string[] = []
  for (let i = 0; i < claim.length; i++) if (claim.isArray && claim.at(i).isString) scopes.push(claim.at(i).asString())
  return scopes
}
