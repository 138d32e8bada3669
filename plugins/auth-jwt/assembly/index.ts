import {
  Algorithm,
  ClaimMap,
  Credentials,
  Effect,
  EffectAnswer,
  EffectAnswers,
  onConfigure,
  onEffect,
  onRequest,
  RequestView,
  Settings,
  Shown,
  Verdict
} from '@sluice/plugin-sdk/assembly'
import { TokenCache, Verified } from './cache'
import { Checked, KeyRing } from './keys'
import { makeRefusals, refusal, Why } from './refusals'
import { Renewed } from './remote-set'
import { Rules } from './rules'
import { Token, typeName } from './token'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

/** Bytes: tokens are some hundreds, with many groups and roles some thousands. */
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

/** With the key set that a token made us ask for. */
export function on_effect(ptr: i32, len: i32): i32 {
  return onEffect(ptr, len, checkAgain)
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

/** What a token may still ask for: the key set, or, when its key was not in what the host had, the set as it is now. */
enum Ask {
  SET,
  NEWEST,
  NOTHING
}

const SET = 'set'
const NEWEST = 'newest'

function check(request: RequestView): Verdict {
  return judge(request, Ask.SET, Why.KEY)
}

function checkAgain(request: RequestView, answers: EffectAnswers): Verdict {
  const newest = answers.has(NEWEST)
  const had = take(answers.get(newest ? NEWEST : SET), request.nowMs)
  return judge(request, newest || !had ? Ask.NOTHING : Ask.NEWEST, had ? Why.KEY : Why.UNAVAILABLE)
}

/** @returns whether the answer is the key set */
function take(answer: EffectAnswer, nowMs: i64): bool {
  if (!answer.ok) return false
  const renewed = keys.remote.renew(answer.bodyText(), nowMs)
  if (renewed == Renewed.CHANGED) cache.clear()
  return renewed != Renewed.REFUSED
}

/** @param noKey - what a token is refused with whose key is not there, when it may not ask */
function judge(request: RequestView, may: Ask, noKey: Why): Verdict {
  const shown = credentials.look(request)
  if (shown == Shown.SEVERAL) return refusal(Why.AMBIGUOUS)
  if (shown == Shown.NOTHING) return anonymous ? passNobody() : refusal(Why.MISSING)
  const at = credentials.at
  const size = credentials.size
  if (size > MAX_TOKEN) return refusal(Why.TOO_LONG)
  if (may == Ask.SET && keys.remote.isDue(request.nowMs)) return askFor(Ask.NEWEST, request)
  let verified = cache.get(at, size)
  if (verified === null) {
    const why = verify(at, size)
    if (why == Why.NONE) {
      verified = judged
      // One that is not good now is no use later either, or not yet.
      if (timeOf(verified, request) == Why.NONE) cache.put(at, size, verified)
    } else if (!lacksKey(why)) {
      return refusal(why)
    } else if (may != Ask.NOTHING) {
      return askFor(keys.remote.known ? Ask.NEWEST : may, request)
    } else {
      return refusal(noKey == Why.UNAVAILABLE ? noKey : why)
    }
  }
  const late = timeOf(verified, request)
  if (late != Why.NONE) return refusal(late)
  return hideToken && verified.passes ? hidden(request, verified.verdict) : verified.verdict
}

/** Whether the key may be one that is not here: there is none of its kid, or it names none and no key fits. */
function lacksKey(why: Why): bool {
  if (keys.remote.url == '') return false
  return (why == Why.KEY || why == Why.SIGNATURE) && !keys.named && token.header.algorithm > Algorithm.HS512
}

function askFor(what: Ask, request: RequestView): Verdict {
  keys.remote.asked(request.nowMs)
  const newest = what == Ask.NEWEST
  return Verdict.ask(Effect.jwks(keys.remote.url, newest).named(newest ? NEWEST : SET))
}

function timeOf(verified: Verified, request: RequestView): Why {
  return rules.checkTime(verified.notBefore, verified.notAfter, verified.late, request.nowMs)
}

/** What verify() made of the token. */
let judged = new Verified(Verdict.next(), false, 0, 0, Why.EXPIRED, 0)

/** Checks all of a token but the time. */
function verify(at: usize, size: i32): Why {
  const malformed = token.read(at, size)
  if (malformed != Why.NONE) return malformed
  const header = token.header
  if (!keys.accepts(header.algorithm)) return Why.ALGORITHM
  if (types.length > 0 && !types.includes(header.type)) return Why.TYPE
  const checked = keys.check(header.algorithm, header.kid, token)
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
