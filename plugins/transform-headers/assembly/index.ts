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
  return ofRequest.isEmpty && ofResponse.isEmpty ? 'there is nothing to do: name a header in request or response' : ''
}

function editRequest(request: RequestView): Verdict {
  const verdict = Verdict.next()
  let tooLong = ofRequest.write(verdict, request, null)
  if (tooLong == '' && !needsResponse) tooLong = ofResponse.write(verdict, request, null)
  if (tooLong == '') return verdict
  return Verdict.deny(431, 'A value of this request is too long to be passed on in a header.')
}

function editResponse(response: ResponseView): Verdict {
  const verdict = Verdict.next()
  if (!needsResponse) return verdict
  const tooLong = ofResponse.write(verdict, response.request, response)
  return tooLong == '' ? verdict : verdict.tag('transform-headers.too-long', tooLong)
}
