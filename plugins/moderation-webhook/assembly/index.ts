import {
  EffectAnswers,
  HeaderView,
  onConfigure,
  onEffect,
  onRequestBody,
  onResponseBody,
  RequestView,
  ResponseView,
  Settings,
  Verdict
} from '@sluice/plugin-sdk/assembly'
import { ANSWER, Judge } from './judge'
import { Payload } from './payload'
import { Ruling } from './ruling'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const TAG = 'moderation-webhook'
/** What the host sends at most. In a description, escapes make a body longer. */
const MAX_PAYLOAD: i32 = 1 << 20
const RETRY_SECONDS = '5'

const judge = new Judge()
const payload = new Payload()
const ruling = new Ruling()
let maxBytes = 0
let blocks = true
let status = 422
let allowsOnFailure = false

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request_body(ptr: i32, len: i32): i32 {
  return onRequestBody(ptr, len, checkRequest)
}

export function on_response_body(ptr: i32, len: i32): i32 {
  return onResponseBody(ptr, len, checkResponse)
}

export function on_effect(ptr: i32, len: i32): i32 {
  return onEffect(ptr, len, hearRequest, hearResponse)
}

function configure(settings: Settings): string {
  judge.fill(settings)
  payload.fill(settings)
  maxBytes = settings.int('maxBytes', 262144)
  blocks = settings.string('action', 'block') == 'block'
  status = settings.int('status', 422)
  allowsOnFailure = settings.string('onFailure') == 'allow'
  return ruling.fill(settings)
}

function checkRequest(request: RequestView): Verdict {
  return check(request, request, 0, request.bodyAt, request.bodySize)
}

function checkResponse(response: ResponseView): Verdict {
  return check(response.request, response, response.status, response.bodyAt, response.bodySize)
}

function check(request: RequestView, message: HeaderView, status: i32, body: usize, size: i32): Verdict {
  if (size == 0 && payload.needsBody) return Verdict.next()
  if (size > maxBytes) return fail('too-large')
  if (payload.cannotRead(message, body, size)) return fail('charset')
  const secrets = judge.askForSecrets()
  return secrets === null ? ask(request, message, status, body, size) : secrets
}

function ask(request: RequestView, message: HeaderView, status: i32, body: usize, size: i32): Verdict {
  const type = payload.type(message.header('content-type'))
  const bytes = payload.of(request, message, status, body, size)
  return bytes.length > MAX_PAYLOAD ? fail('too-large') : Verdict.ask(judge.ask(bytes, type, message.nowMs))
}

function hearRequest(request: RequestView, answers: EffectAnswers): Verdict {
  return answers.has(ANSWER) ? rule(answers) : hearSecrets(request, request, 0, request.bodyAt, request.bodySize, answers)
}

function hearResponse(response: ResponseView, answers: EffectAnswers): Verdict {
  if (answers.has(ANSWER)) return rule(answers)
  return hearSecrets(response.request, response, response.status, response.bodyAt, response.bodySize, answers)
}

function hearSecrets(
  request: RequestView,
  message: HeaderView,
  status: i32,
  body: usize,
  size: i32,
  answers: EffectAnswers
): Verdict {
  const mistake = judge.learn(answers)
  if (mistake != '') return fail(mistake)
  // Another thread may have asked for only one of them.
  return check(request, message, status, body, size)
}

function rule(answers: EffectAnswers): Verdict {
  const answer = answers.get(ANSWER)
  if (!answer.ok) return fail(answer.error)
  if (answer.status < 200 || answer.status > 299) {
    if (answer.status == 401 || answer.status == 403) judge.forgetSecrets()
    return fail('status ' + answer.status.toString())
  }
  if (!ruling.read(answer.json())) return fail('not understood')
  if (ruling.flagged) {
    const verdict = blocks ? Verdict.deny(status, ruling.message) : Verdict.next()
    return verdict.tag(TAG, blocks ? 'blocked' : 'flagged')
  }
  const replacement = ruling.replacement
  if (replacement === null) return Verdict.next().tag(TAG, 'allowed')
  return Verdict.next().setBody(replacement).tag(TAG, 'replaced')
}

function fail(why: string): Verdict {
  const verdict = allowsOnFailure
    ? Verdict.next()
    : Verdict.deny(503, 'The content cannot be checked now.').withHeader('retry-after', RETRY_SECONDS)
  return verdict.tag(TAG, 'unavailable').tag(TAG + '.error', why)
}
