import {
  Json,
  onConfigure,
  onRequestBody,
  onResponseBody,
  RequestView,
  ResponseView,
  Settings,
  Verdict
} from '@sluice/plugin-sdk/assembly'
import { Finding, Rules } from './rules'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const requests = new Rules()
const responses = new Rules()
const statuses: string[] = []
let reports = false

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request_body(ptr: i32, len: i32): i32 {
  return onRequestBody(ptr, len, checkRequest)
}

export function on_response_body(ptr: i32, len: i32): i32 {
  return onResponseBody(ptr, len, checkResponse)
}

function configure(settings: Settings): string {
  reports = settings.string('mode', 'enforce') == 'report'
  if (settings.has('request')) {
    const wrong = requests.fill(settings.object('request'), 422, true)
    if (wrong != '') return 'request.' + wrong
  }
  if (settings.has('response')) {
    const given = settings.object('response')
    const wrong = responses.fill(given, 502, false)
    if (wrong != '') return 'response.' + wrong
    const listed = given.strings('statuses')
    for (let i = 0; i < listed.length; i++) statuses.push(listed[i])
    if (statuses.length == 0) statuses.push('2xx')
  }
  return ''
}

function checkRequest(request: RequestView): Verdict {
  const method = request.method
  // RFC 9110 section 9.3: content means nothing to these, and mostly they have none.
  const bodiless = method == 'GET' || method == 'HEAD' || method == 'DELETE' || method == 'OPTIONS' || method == 'TRACE'
  const finding = requests.look(request, request.bodyBytes(), bodiless)
  if (finding == Finding.FINE) return Verdict.next()
  if (finding == Finding.OTHER_TYPE) return refuse(requests, 415, 'The body must be JSON.', 'type')
  if (finding == Finding.NO_JSON) return refuse(requests, 400, 'The body is not JSON that can be read.', 'syntax')
  if (finding == Finding.EMPTY) return refuse(requests, 400, 'The body is missing.', 'empty')
  return refuse(requests, requests.status, 'The body is not as it must be.', 'invalid')
}

function checkResponse(response: ResponseView): Verdict {
  const status = response.status
  if (!isChecked(status)) return Verdict.next()
  const bodiless = status == 204 || status == 205 || status == 304 || response.request.method == 'HEAD'
  const finding = responses.look(response, response.bodyBytes(), bodiless)
  if (finding == Finding.FINE) return Verdict.next()
  let why = 'invalid'
  if (finding == Finding.OTHER_TYPE) why = 'type'
  if (finding == Finding.NO_JSON) why = 'syntax'
  if (finding == Finding.EMPTY) why = 'empty'
  return refuse(responses, responses.status, 'The upstream answered with what it must not.', why)
}

/** Whether "200" or "2xx" is among the statuses that are looked at. */
function isChecked(status: i32): bool {
  const text = status.toString()
  return statuses.includes(text) || statuses.includes(text.charAt(0) + 'xx')
}

function refuse(rules: Rules, status: i32, detail: string, why: string): Verdict {
  if (reports) return Verdict.next().tag('validate-json', why)
  if (why != 'invalid' || !rules.tells) return Verdict.deny(status, detail).tag('validate-json', why)
  const body =
    '{"type":"about:blank","title":' + Json.quote(titleOf(status)) +
    ',"status":' + status.toString() + ',"detail":' + Json.quote(detail) + ',"errors":[' + rules.errors + ']}'
  return Verdict.reply(status, body, 'application/problem+json').tag('validate-json', why)
}

/** Of the statuses that settings can name. */
function titleOf(status: i32): string {
  if (status == 400) return 'Bad Request'
  if (status == 422) return 'Unprocessable Content'
  return status == 500 ? 'Internal Server Error' : 'Bad Gateway'
}
