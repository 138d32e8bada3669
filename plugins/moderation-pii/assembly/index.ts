import {
  BodyKind,
  bodyKindOf,
  lowerAscii,
  onConfigure,
  onRequestBody,
  onResponseBody,
  RequestView,
  ResponseView,
  Settings,
  Verdict
} from '@sluice/plugin-sdk/assembly'
import {
  beginEdits,
  decoded,
  edit,
  edited,
  encoded,
  hasEdits,
  KIND_NAMES,
  maskNeedsValue,
  maskOf,
  prepareAllow,
  prepareMask
} from '@sluice/plugin-sdk/assembly/pii'
import { blockedBy, findingCount, fromOf, isTooMuch, kindOf, summary, toOf } from './findings'
import { Action, actionFor, prepareKinds, replacesSome } from './kinds'
import { restore } from './restore'
import { codingOf, prepareSearch, search } from './search'
import { isVaultEmpty, isVaultFull, keep, openVault, reserve, sealVault, unsealVault } from './vault'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

let status = 422
let anyContentType = false
let checksReplies = false

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
  status = settings.int('status', 422)
  anyContentType = settings.bool('anyContentType')
  checksReplies = settings.string('direction', 'request') != 'request'
  prepareAllow(settings.strings('allow'))
  prepareSearch(settings.strings('fields'))
  const wrong = prepareKinds(settings)
  return wrong == '' ? prepareMask(settings.string('mask', '[{type}]')) : wrong
}

function checkRequest(request: RequestView): Verdict {
  const body = request.bodyAt
  const size = request.bodySize
  if (size == 0) return Verdict.next()
  const kind = bodyKindOf(request, body, size, anyContentType)
  if (kind == BodyKind.BINARY) return Verdict.next()
  if (kind == BodyKind.UNREADABLE) return block('charset', 'The request body is not UTF-8 text.')
  search(body, size, kind)
  if (blockedBy >= 0 || isTooMuch()) return blockFound('request')
  if (findingCount() == 0) return Verdict.next()
  openVault()
  if (replacesSome) reserve(body, size, codingOf(kind))
  beginEdits()
  rewrite(body, kind, true)
  if (isVaultFull()) return block('vault', 'The request body has more personal data than can be replaced.')
  const verdict = rewritten(Verdict.next(), body, size)
  return isVaultEmpty() ? verdict : verdict.setState(sealVault())
}

function checkResponse(response: ResponseView): Verdict {
  const body = response.bodyAt
  const size = response.bodySize
  const restores = unsealVault(response.state)
  if (size == 0 || (!restores && !checksReplies)) return Verdict.next()
  const contentType = response.header('content-type')
  const kind = bodyKindOf(response, body, size, anyContentType)
  if (kind == BodyKind.BINARY) return Verdict.next()
  if (kind == BodyKind.UNREADABLE) {
    return checksReplies ? block('charset', 'The response body is not UTF-8 text.') : Verdict.next()
  }
  beginEdits()
  let verdict = Verdict.next()
  if (checksReplies) {
    search(body, size, kind)
    if (blockedBy >= 0 || isTooMuch()) return blockFound('response')
    rewrite(body, kind, false)
    if (hasEdits()) verdict = tagged(verdict)
  }
  if (restores) {
    const isStream = lowerAscii(contentType).startsWith('text/event-stream')
    const count = restore(body, size, kind, isStream)
    if (count > 0) verdict.tag('moderation.restored', count.toString())
  }
  return hasEdits() ? verdict.setBody(edited(body, size)) : verdict
}

/** Writes a mask or placeholder over each finding. */
function rewrite(body: usize, kind: BodyKind, mayReplace: bool): void {
  const coding = codingOf(kind)
  for (let i = 0; i < findingCount(); i++) {
    const from = fromOf(i)
    const to = toOf(i)
    const what = kindOf(i)
    const replaces = mayReplace && actionFor(what) == Action.REPLACE
    const value = replaces || maskNeedsValue() ? decoded(body + <usize>from, to - from, coding) : ''
    edit(from, to, encoded(replaces ? keep(what, value) : maskOf(what, value), coding))
  }
}

function rewritten(verdict: Verdict, body: usize, size: i32): Verdict {
  return tagged(verdict.setBody(edited(body, size)))
}

function tagged(verdict: Verdict): Verdict {
  return verdict
    .tag('moderation', 'redacted')
    .tag('moderation.rule', KIND_NAMES[kindOf(0)])
    .tag('moderation.count', findingCount().toString())
    .tag('moderation.types', summary())
}

function blockFound(side: string): Verdict {
  if (blockedBy < 0) return block('count', 'The ' + side + ' body has too much personal data.')
  const name = KIND_NAMES[blockedBy]
  return block(name, 'The ' + side + ' body has personal data or a secret (' + name + ').')
}

/** Names the kind, not the value: the answer must not spread what it keeps out. */
function block(rule: string, detail: string): Verdict {
  return Verdict.deny(status, detail).tag('moderation', 'blocked').tag('moderation.rule', rule)
}
