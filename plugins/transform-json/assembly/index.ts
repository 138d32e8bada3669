import {
  hasJsonType,
  HeaderView,
  hasWideCharset,
  JsonTree,
  onConfigure,
  onRequestBody,
  onResponseBody,
  RequestView,
  ResponseView,
  Settings,
  unnamedHeader,
  Verdict
} from '@sluice/plugin-sdk/assembly'
import { Operation, operationMistake } from './operation'
import { Document } from './places'
import { Statuses } from './statuses'
import { templates } from './value'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const ofRequest: Operation[] = []
const ofResponse: Operation[] = []
const statuses = new Statuses()
let refusesMalformed = true
let refusesOtherTypes = false

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request_body(ptr: i32, len: i32): i32 {
  return onRequestBody(ptr, len, changeRequest)
}

export function on_response_body(ptr: i32, len: i32): i32 {
  return onResponseBody(ptr, len, changeResponse)
}

function configure(settings: Settings): string {
  refusesMalformed = settings.string('malformed', 'reject') == 'reject'
  refusesOtherTypes = settings.string('otherTypes', 'pass') == 'reject'
  statuses.fill(settings.strings('statuses'))
  let wrong = fill(ofRequest, 'request', settings)
  if (wrong != '') return wrong
  const count = templates.length
  wrong = fill(ofResponse, 'response', settings)
  if (wrong != '') return wrong
  if (ofRequest.length + ofResponse.length == 0) return 'there is nothing to do: request or response needs an operation'
  const read = settings.object('read')
  for (let i = 0; i < templates.length; i++) {
    if (i < count && templates[i].needsResponse) return 'request: a request has no status and no response header'
    wrong = unnamedHeader('request', templates[i].requestHeaders(), read.strings('request'))
    if (wrong == '') wrong = unnamedHeader('response', templates[i].responseHeaders(), read.strings('response'))
    if (wrong != '') return wrong
  }
  return ''
}

function fill(operations: Operation[], key: string, settings: Settings): string {
  const list = settings.objects(key)
  for (let i = 0; i < list.length; i++) {
    const operation = Operation.of(list[i])
    if (operation === null) return key + '[' + i.toString() + ']: ' + operationMistake
    operations.push(operation)
  }
  return ''
}

function changeRequest(request: RequestView): Verdict {
  if (request.bodySize == 0) return Verdict.next()
  if (!hasJsonType(request)) {
    return refusesOtherTypes ? Verdict.deny(415, 'The body of this request must be JSON.') : Verdict.next()
  }
  const root = rootOf(request, request.bodyAt, request.bodySize)
  if (root === null) return malformed(400, 'The body of this request is not JSON, or is nested too deep.')
  const document = new Document(root)
  for (let i = 0; i < ofRequest.length; i++) ofRequest[i].apply(document, request, null)
  return changed(document, 413, 'The body of this request has too many values.')
}

function changeResponse(response: ResponseView): Verdict {
  if (response.bodySize == 0 || !statuses.has(response.status)) return Verdict.next()
  if (!hasJsonType(response)) {
    return refusesOtherTypes ? Verdict.deny(502, 'The reply of the upstream is not JSON.') : Verdict.next()
  }
  const root = rootOf(response, response.bodyAt, response.bodySize)
  if (root === null) return malformed(502, 'The reply of the upstream is not JSON, or is nested too deep.')
  const document = new Document(root)
  for (let i = 0; i < ofResponse.length; i++) ofResponse[i].apply(document, response.request, response)
  return changed(document, 502, 'The reply of the upstream has too many values.')
}

/** null when the body is not JSON in UTF-8. */
function rootOf(message: HeaderView, body: usize, size: i32): JsonTree | null {
  return hasWideCharset(message) ? null : JsonTree.parseAt(body, size)
}

function malformed(status: i32, detail: string): Verdict {
  const verdict = refusesMalformed ? Verdict.deny(status, detail) : Verdict.next()
  return verdict.tag('transform-json', 'malformed')
}

function changed(document: Document, status: i32, tooLarge: string): Verdict {
  if (JsonTree.isTooLarge) return Verdict.deny(status, tooLarge).tag('transform-json', 'too-large')
  if (!document.isChanged) return Verdict.next()
  return Verdict.next().setBody(document.root.toBytes())
}
