import {
  BodyKind,
  bodyKindOf,
  Coding,
  HeaderView,
  Json,
  onConfigure,
  onRequestBody,
  onResponseBody,
  RequestView,
  ResponseView,
  Settings,
  utf8Bytes,
  Verdict
} from '@sluice/plugin-sdk/assembly'
import { beginHits, firstRule, isTooMuch, masked, masks } from './hits'
import { prepareSearch, ruleName, search } from './search'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

let redacts = false
let status = 422
let anyContentType = false
/** The mask as it is written in each coding. */
let plainMask = new Uint8Array(0)
let jsonMask = new Uint8Array(0)
let formMask = new Uint8Array(0)

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
  redacts = settings.string('action', 'block') == 'redact'
  status = settings.int('status', 422)
  anyContentType = settings.bool('anyContentType')
  const mask = settings.string('mask', '***')
  const quoted = Json.quote(mask)
  plainMask = utf8Bytes(mask)
  jsonMask = utf8Bytes(quoted.substring(1, quoted.length - 1))
  formMask = utf8Bytes(encodeURIComponent(mask))
  return prepareSearch(settings)
}

function checkRequest(request: RequestView): Verdict {
  return check(request, request.bodyAt, request.bodySize, 'request')
}

function checkResponse(response: ResponseView): Verdict {
  return check(response, response.bodyAt, response.bodySize, 'response')
}

function check(message: HeaderView, body: usize, size: i32, side: string): Verdict {
  if (size == 0) return Verdict.next()
  const kind = bodyKindOf(message, body, size, anyContentType)
  if (kind == BodyKind.BINARY) return Verdict.next()
  if (kind == BodyKind.UNREADABLE) return block('charset', 'The ' + side + ' body is not UTF-8 text.')
  beginHits(!redacts)
  const coding = search(body, size, kind)
  if (firstRule < 0) return Verdict.next()
  const rule = ruleName(firstRule)
  if (!redacts || isTooMuch()) return block(rule, 'The ' + side + ' body matches ' + rule + ' of the blocklist.')
  const mask = coding == Coding.PLAIN ? plainMask : coding == Coding.FORM ? formMask : jsonMask
  const clean = masked(body, size, mask)
  return Verdict.next()
    .setBody(clean)
    .tag('moderation', 'redacted')
    .tag('moderation.rule', rule)
    .tag('moderation.count', masks.toString())
}

/** Names the rule, not the text: the answer must not spread what it keeps out. */
function block(rule: string, detail: string): Verdict {
  return Verdict.deny(status, detail).tag('moderation', 'blocked').tag('moderation.rule', rule)
}
