import { Credentials, onConfigure, onRequest, RequestView, Settings, Shown, Verdict } from '@sluice/plugin-sdk/assembly'
import { TokenCache, Verified } from './cache'
import { ClaimMap } from './claims'
import { Checked, KeyRing } from './keys'
import { makeRefusals, refusal, Why } from './refusals'
import { Rules } from './rules'
import { Token, typeName } from './token'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

/** Tokens are some hundreds of characters, with many groups and roles some thousands. */
const MAX_TOKEN: i32 = 16384

const credentials = new Credentials()
const keys = new KeyRing()
const rules = new Rules()
const claimMap = new ClaimMap()
const cache = new TokenCache()
const token = new Token()
const types: string[] = []
let anonymous = false
let hideToken = false

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, check)
}

function configure(settings: Settings): string {
  let mistake = credentials.fill(settings.objects('in'), 'in')
  if (mistake == '') mistake = keys.fill(settings)
  if (mistake == '') mistake = claimMap.fill(settings)
  rules.fill(settings)
  const wanted = settings.strings('types')
  for (let i = 0; i < wanted.length; i++) types.push(typeName(wanted[i]))
  anonymous = settings.bool('anonymous')
  hideToken = settings.bool('hideToken')
  cache.keep(settings.int('cache', 1000))
  makeRefusals(settings)
  return mistake
}

function check(request: RequestView): Verdict {
  const shown = credentials.look(request)
  if (shown == Shown.SEVERAL) return refusal(Why.AMBIGUOUS)
  if (shown == Shown.NOTHING) return anonymous ? passNobody() : refusal(Why.MISSING)
  const text = credentials.shown
  if (text.length > MAX_TOKEN) return refusal(Why.TOO_LONG)
  let verified = cache.get(text)
  if (verified === null) {
    const why = verify(text)
    if (why != Why.NONE) return refusal(why)
    verified = judged
    // One that is not good now is no use later either, or not yet.
    if (timeOf(verified, request) == Why.NONE) cache.put(text, verified)
  }
  const late = timeOf(verified, request)
  if (late != Why.NONE) return refusal(late)
  return hideToken && verified.passes ? hidden(request, verified.verdict) : verified.verdict
}

function timeOf(verified: Verified, request: RequestView): Why {
  return rules.checkTime(verified.notBefore, verified.notAfter, verified.late, request.nowMs)
}

/** What verify() made of the token. */
let judged = new Verified(Verdict.next(), false, 0, 0, Why.EXPIRED, 0)

/** Checks all of a token but the time. */
function verify(text: string): Why {
  const malformed = token.read(text)
  if (malformed != Why.NONE) return malformed
  const header = token.header
  if (!keys.accepts(header.algorithm)) return Why.ALGORITHM
  if (types.length > 0 && !types.includes(header.type)) return Why.TYPE
  const checked = keys.check(header.algorithm, header.kid, token.signed, token.signature)
  if (checked != Checked.GOOD) return checked == Checked.BAD ? Why.SIGNATURE : Why.KEY
  const claims = token.claims()
  if (claims === null) return Why.CLAIMS
  const why = rules.check(claims)
  if (why != Why.NONE) return why
  let verdict = Verdict.next()
  if (!claimMap.apply(claims, verdict)) return Why.CLAIMS
  const passes = rules.hasScopes(claims)
  if (!passes) verdict = refusal(Why.SCOPE)
  judged = new Verified(verdict, passes, rules.notBefore, rules.notAfter, rules.late, claimMap.size)
  return Why.NONE
}

function passNobody(): Verdict {
  const verdict = Verdict.next()
  claimMap.removeHeaders(verdict)
  return verdict
}

/** As `known`, which is kept for other requests, and without the token. */
function hidden(request: RequestView, known: Verdict): Verdict {
  const verdict = Verdict.next()
  credentials.hide(request, verdict)
  const removed = verdict.headers
  const claims = known.headers
  // Claims after the places: a claim may be sent in the header that held the token.
  verdict.headers = removed === null ? claims : claims === null ? removed : removed.concat(claims)
  verdict.consumer = known.consumer
  verdict.tags = known.tags
  return verdict
}
