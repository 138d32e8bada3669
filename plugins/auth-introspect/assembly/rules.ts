import { Json, Settings } from '@sluice/plugin-sdk/assembly'
import { Why } from './refusals'

/** What the endpoint must say of a token. */
@final
export class Rules {
  /** Set by check(): Unix milliseconds in between which the token is good. */
  notBefore: f64 = 0
  notAfter: f64 = 0
  private issuers: string[] = []
  private audiences: string[] = []
  private scopes: string[] = []
  private leeway: f64 = 0

  fill(settings: Settings): void {
    this.issuers = settings.strings('issuers')
    this.audiences = settings.strings('audiences')
    this.scopes = settings.strings('scopes')
    this.leeway = <f64>settings.int('leeway')
  }

  /** Whether the times in it are times. */
  canRead(answer: Json): bool {
    return isTime(answer.get('exp')) && isTime(answer.get('nbf'))
  }

  /** Everything but the time, which is left in notBefore and notAfter. Why.NONE, or what is wrong. For answers that can be read. */
  check(answer: Json): Why {
    const expires = answer.get('exp')
    const begins = answer.get('nbf')
    this.notAfter = expires.isNumber ? (expires.asNumber() + this.leeway) * 1000 : Infinity
    this.notBefore = begins.isNumber ? (begins.asNumber() - this.leeway) * 1000 : -Infinity
    const issuer = answer.get('iss')
    if (this.issuers.length > 0 && !(issuer.isString && this.issuers.includes(issuer.asString()))) return Why.ISSUER
    return this.isAudience(answer.get('aud')) ? Why.NONE : Why.AUDIENCE
  }

  hasScopes(answer: Json): bool {
    if (this.scopes.length == 0) return true
    // RFC 7662 section 2.2: a text with blanks in between; some issuers write a list.
    const scope = answer.get('scope')
    const granted = scope.isString ? scope.asString().split(' ') : textsOf(scope)
    for (let i = 0; i < this.scopes.length; i++) if (!granted.includes(unchecked(this.scopes[i]))) return false
    return true
  }

  private isAudience(audience: Json): bool {
    if (this.audiences.length == 0) return true
    if (audience.isString) return this.audiences.includes(audience.asString())
    const named = textsOf(audience)
    for (let i = 0; i < named.length; i++) if (this.audiences.includes(named[i])) return true
    return false
  }
}

/** A number that JSON can have, or nothing: "exp": "never" must not mean never. */
function isTime(claim: Json): bool {
  return !claim.exists || claim.isNull || (claim.isNumber && isFinite(claim.asNumber()))
}

function textsOf(list: Json): string[] {
  const texts: string[] = []
  if (list.isArray) for (let i = 0; i < list.length; i++) if (list.at(i).isString) texts.push(list.at(i).asString())
  return texts
}
