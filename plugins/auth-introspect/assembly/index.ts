import {
  ClaimMap,
  Credentials,
  Effect,
  EffectAnswers,
  Json,
  onConfigure,
  onEffect,
  onRequest,
  RequestView,
  Settings,
  Shown,
  Verdict
} from '@sluice/plugin-sdk/assembly'
import { AnswerCache, Known } from './cache'
import { Endpoint } from './endpoint'
import { makeRefusals, refusal, TAG, Why } from './refusals'
import { Rules } from './rules'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const MAX_TOKEN: i32 = 16384

const SECRET = 'secret'
const ANSWER = 'answer'
/** After the endpoint did not take the secret we had. */
const NEW_SECRET = 'new-secret'
const LAST_ANSWER = 'last-answer'

const credentials = new Credentials()
const endpoint = new Endpoint()
const rules = new Rules()
const claimMap = new ClaimMap()
const cache = new AnswerCache()
let anonymous = false
let hideToken = false
let allowsOnFailure = false

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, check)
}

export function on_effect(ptr: i32, len: i32): i32 {
  return onEffect(ptr, len, hear)
}

function configure(settings: Settings): string {
  let mistake = credentials.fill(settings.objects('in'), 'in')
  if (mistake == '') mistake = endpoint.fill(settings)
  if (mistake == '') mistake = claimMap.fill(settings)
  rules.fill(settings)
  cache.fill(settings)
  anonymous = settings.bool('anonymous')
  hideToken = settings.bool('hideToken')
  allowsOnFailure = settings.string('onFailure') == 'allow'
  makeRefusals(settings)
  return mistake
}

function check(request: RequestView): Verdict {
  const shown = credentials.look(request)
  if (shown == Shown.SEVERAL) return refusal(Why.AMBIGUOUS)
  if (shown == Shown.NOTHING) return anonymous ? passNobody(request) : refusal(Why.MISSING)
  const token = credentials.shown
  if (token.length > MAX_TOKEN || !isPrintable(token)) return refusal(Why.MALFORMED)
  const known = cache.get(token, <f64>request.nowMs)
  if (known !== null) return said(request, known)
  if (!endpoint.isReady) return Verdict.ask(Effect.secret(endpoint.secretName).named(SECRET))
  return Verdict.ask(endpoint.askFor(token).named(ANSWER))
}

/** The request is the one that was checked: it shows one token. */
function hear(request: RequestView, answers: EffectAnswers): Verdict {
  credentials.look(request)
  const token = credentials.shown
  const isSecret = answers.has(SECRET)
  if (isSecret || answers.has(NEW_SECRET)) {
    const secret = answers.get(isSecret ? SECRET : NEW_SECRET)
    if (!secret.ok) return fail(request, 'secret ' + secret.error)
    endpoint.learn(secret.bodyText())
    return Verdict.ask(endpoint.askFor(token).named(isSecret ? ANSWER : LAST_ANSWER))
  }
  const isLast = answers.has(LAST_ANSWER)
  const answer = answers.get(isLast ? LAST_ANSWER : ANSWER)
  if (!answer.ok) return fail(request, answer.error)
  if (answer.status == 401 && endpoint.secretName != '' && !isLast) {
    return Verdict.ask(Effect.secret(endpoint.secretName).named(NEW_SECRET))
  }
  const json = answer.status == 200 ? answer.json() : Json.missing()
  if (!json.get('active').isBool) {
    endpoint.forget()
    return fail(request, answer.status == 200 ? 'no answer of RFC 7662' : 'status ' + answer.status.toString())
  }
  if (json.get('active').asBool() && !rules.canRead(json)) return fail(request, 'exp or nbf is no number')
  const known = judge(json, <f64>request.nowMs)
  cache.put(token, known)
  return said(request, known)
}

function judge(answer: Json, nowMs: f64): Known {
  if (!answer.get('active').asBool()) return refused(Why.INACTIVE, nowMs)
  const why = rules.check(answer)
  if (why != Why.NONE) return refused(why, nowMs)
  let verdict = Verdict.next()
  if (!claimMap.apply(answer, verdict)) return refused(Why.CLAIMS, nowMs)
  const passes = rules.hasScopes(answer)
  if (!passes) verdict = refusal(Why.SCOPE)
  return new Known(verdict, passes, rules.notBefore, rules.notAfter, cache.until(nowMs, true), claimMap.size)
}

function refused(why: Why, nowMs: f64): Known {
  return new Known(refusal(why), false, -Infinity, Infinity, cache.until(nowMs, false), 0)
}

function said(request: RequestView, known: Known): Verdict {
  const late = known.late(<f64>request.nowMs)
  if (late != Why.NONE) return refusal(late)
  return hideToken && known.passes ? hidden(request, known.verdict) : known.verdict
}

/** The endpoint could not be asked, or said nothing of use. Not kept: the next one may have more luck. */
function fail(request: RequestView, why: string): Verdict {
  const verdict = allowsOnFailure ? passNobody(request) : Verdict.next()
  if (!allowsOnFailure) verdict.reply = refusal(Why.UNAVAILABLE).reply
  return verdict.tag(TAG, 'unavailable').tag(TAG + '.error', why)
}

/** Nobody may forge what is said of a token, and a token nobody checked is not passed on where none is. */
function passNobody(request: RequestView): Verdict {
  const verdict = Verdict.next()
  if (hideToken) credentials.hide(request, verdict)
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

function isPrintable(text: string): bool {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x21 || text.charCodeAt(i) > 0x7e) return false
  return true
}
