import {
  onConfigure,
  onRequest,
  onResponse,
  readsOnly,
  RequestView,
  ResponseView,
  Settings,
  unnamedHeader,
  Verdict
} from '@sluice/plugin-sdk/assembly'
import { Edits } from './edits'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const ofRequest = new Edits('request', false)
const ofResponse = new Edits('response', true)
/** Whether the reply must be waited for: else its edits go along with the request's, which costs no call of their own. */
let needsResponse = false
/** Given to every request whose values are others than those of the one before. */
const verdict = new Verdict()
/** Given to those that follow with the same values; null: there was none yet. */
let repeated: Verdict | null = null
/** No value has a part of the exchange in it: all requests get the same. */
let constant = false

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, editRequest)
}

/** Called only for settings that use {status} or {response.…}: see "when" in plugin.json. */
export function on_response(ptr: i32, len: i32): i32 {
  return onResponse(ptr, len, editResponse)
}

function configure(settings: Settings): string {
  let wrong = ofRequest.fill(settings.object('request'))
  if (wrong == '') wrong = ofResponse.fill(settings.object('response'))
  if (wrong != '') return wrong
  const read = settings.object('read')
  const templates = ofRequest.templates().concat(ofResponse.templates())
  let reads: string[] = []
  for (let i = 0; i < templates.length; i++) {
    if (templates[i].needsResponse) needsResponse = true
    reads = reads.concat(templates[i].inputFields())
    wrong = unnamedHeader('request', templates[i].requestHeaders(), read.strings('request'))
    if (wrong == '') wrong = unnamedHeader('response', templates[i].responseHeaders(), read.strings('response'))
    if (wrong != '') return wrong
  }
  readsOnly(reads)
  constant = !needsResponse && ofRequest.isConstant && ofResponse.isConstant
  return ofRequest.isEmpty && ofResponse.isEmpty ? 'there is nothing to do: name a header in request or response' : ''
}

function editRequest(request: RequestView): Verdict {
  const same = repeated
  if (constant && same !== null) return same
  let tooLong = ofRequest.write(request, null)
  if (tooLong == '' && !needsResponse) tooLong = ofResponse.write(request, null)
  if (tooLong != '') {
    // First of all: a value left out for its length looks like one that is not there, which is no change to many requests.
    repeated = null
    return Verdict.deny(431, 'A value of this request is too long to be passed on in a header.')
  }
  const changed = ofRequest.changed || (!needsResponse && ofResponse.changed)
  if (!changed && same !== null) return same
  repeated = null
  if (!changed || constant) {
    const kept = editsOf(new Verdict()).keep()
    repeated = kept
    return kept
  }
  verdict.tags = null
  return editsOf(verdict)
}

function editsOf(verdict: Verdict): Verdict {
  return verdict.setEdits(ofRequest.list, needsResponse ? null : ofResponse.list)
}

function editResponse(response: ResponseView): Verdict {
  if (!needsResponse) return Verdict.next()
  const tooLong = ofResponse.write(response.request, response)
  verdict.tags = tooLong == '' ? null : ['transform-headers.too-long', tooLong]
  return verdict.setEdits(ofResponse.list)
}
