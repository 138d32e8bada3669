import { Settings, Verdict } from '@sluice/plugin-sdk/assembly'

/** Why a request is refused. */
export enum Why {
  NONE,
  MISSING,
  AMBIGUOUS,
  TOO_LONG,
  MALFORMED,
  CRITICAL,
  ALGORITHM,
  TYPE,
  KEY,
  SIGNATURE,
  CLAIMS,
  EXPIRED,
  NOT_YET,
  TOO_OLD,
  ISSUER,
  AUDIENCE,
  REQUIRED,
  SCOPE,
  /** The key set that may have the token's key cannot be had: nobody knows whether it is good. */
  UNAVAILABLE
}

/** In the log, as the tag auth-jwt. */
const TAGS: string[] = [
  '', 'missing', 'ambiguous', 'too-long', 'malformed', 'critical', 'algorithm', 'type', 'key', 'signature',
  'claims', 'expired', 'not-yet', 'too-old', 'issuer', 'audience', 'required', 'scope', 'unavailable'
]

/** As long as the host waits before it asks a server again that failed. */
const RETRY_SECONDS = '5'

/** Made once: a flood of bad tokens must cost little. */
const refusals: Verdict[] = []

export function makeRefusals(settings: Settings): void {
  const realm = 'Bearer realm="' + settings.string('realm', 'api') + '"'
  const scopes = settings.strings('scopes').join(' ')
  for (let why: i32 = 0; why < Why.UNAVAILABLE; why++) {
    const detail = detailOf(<Why>why)
    const status = why == Why.SCOPE ? 403 : why == Why.AMBIGUOUS ? 400 : 401
    let challenge = realm
    // RFC 6750 section 3.1: a request without a token is told no error.
    if (why != Why.MISSING) challenge += ', error="' + errorOf(<Why>why) + '", error_description="' + detail + '"'
    if (why == Why.SCOPE) challenge += ', scope="' + scopes + '"'
    refusals.push(Verdict.deny(status, detail).withHeader('www-authenticate', challenge).tag('auth-jwt', TAGS[why]))
  }
  refusals.push(
    Verdict.deny(503, 'The token cannot be checked now.').withHeader('retry-after', RETRY_SECONDS).tag('auth-jwt', 'unavailable')
  )
}

export function refusal(why: Why): Verdict {
  return refusals[why]
}

function errorOf(why: Why): string {
  if (why == Why.SCOPE) return 'insufficient_scope'
  return why == Why.AMBIGUOUS ? 'invalid_request' : 'invalid_token'
}

/** Only who has a signed token learns what is wrong with it. */
function detailOf(why: Why): string {
  switch (why) {
    case Why.MISSING:
      return 'A token is required.'
    case Why.AMBIGUOUS:
      return 'There is more than one token.'
    case Why.EXPIRED:
      return 'The token has expired.'
    case Why.NOT_YET:
      return 'The token is not valid yet.'
    case Why.TOO_OLD:
      return 'The token is too old.'
    case Why.ISSUER:
      return 'The token is from another issuer.'
    case Why.AUDIENCE:
      return 'The token is for another audience.'
    case Why.REQUIRED:
      return 'The token lacks a claim.'
    case Why.SCOPE:
      return 'The token lacks a scope.'
    default:
      return 'The token is not valid.'
  }
}
