import { Settings, Verdict } from '@sluice/plugin-sdk/assembly'

/** Why a request is refused. */
export enum Why {
  NONE,
  MISSING,
  AMBIGUOUS,
  MALFORMED,
  INACTIVE,
  CLAIMS,
  EXPIRED,
  NOT_YET,
  ISSUER,
  AUDIENCE,
  SCOPE,
  UNAVAILABLE
}

/** In the log, as the tag auth-introspect. */
const TAGS: string[] = [
  '', 'missing', 'ambiguous', 'malformed', 'inactive', 'claims', 'expired', 'not-yet', 'issuer', 'audience', 'scope', 'unavailable'
]
export const TAG = 'auth-introspect'

const RETRY_SECONDS = '5'

/** Made once: a flood of bad tokens must cost little. */
const refusals: Verdict[] = []

export function makeRefusals(settings: Settings): void {
  const realm = 'Bearer realm="' + settings.string('realm', 'api') + '"'
  const scopes = settings.strings('scopes').join(' ')
  for (let why: i32 = 0; why <= Why.UNAVAILABLE; why++) {
    const verdict = Verdict.deny(statusOf(<Why>why), detailOf(<Why>why)).tag(TAG, TAGS[why])
    if (why == Why.UNAVAILABLE) verdict.withHeader('retry-after', RETRY_SECONDS)
    else verdict.withHeader('www-authenticate', realm + errorOf(<Why>why, scopes))
    refusals.push(verdict)
  }
}

export function refusal(why: Why): Verdict {
  return refusals[why]
}

function statusOf(why: Why): i32 {
  if (why == Why.UNAVAILABLE) return 503
  return why == Why.SCOPE ? 403 : why == Why.AMBIGUOUS ? 400 : 401
}

/** RFC 6750 section 3.1: a request without a token is told no error. */
function errorOf(why: Why, scopes: string): string {
  if (why == Why.MISSING) return ''
  const error = why == Why.SCOPE ? 'insufficient_scope' : why == Why.AMBIGUOUS ? 'invalid_request' : 'invalid_token'
  const text = ', error="' + error + '", error_description="' + detailOf(why) + '"'
  return why == Why.SCOPE ? text + ', scope="' + scopes + '"' : text
}

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
    case Why.ISSUER:
      return 'The token is from another issuer.'
    case Why.AUDIENCE:
      return 'The token is for another audience.'
    case Why.SCOPE:
      return 'The token lacks a scope.'
    case Why.UNAVAILABLE:
      return 'The token cannot be checked now.'
    default:
      return 'The token is not valid.'
  }
}
