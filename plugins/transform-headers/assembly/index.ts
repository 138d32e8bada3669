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
/** Given to every request whose values are its own. */
const verdict = new Verdict()
/** Given to every request when all get the same; null before the first, and when they do not. */
let constant: Verdict | null = null
let varies = false

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
  varies = needsResponse || !ofRequest.isConstant || !ofResponse.isConstant
  return ofRequest.isEmpty && ofResponse.isEmpty ? 'there is nothing to do: name a header in request or response' : ''
}

function editRequest(request: RequestView): Verdict {
  const same = constant
  if (same !== null) return same
  const made = editsFor(request)
  if (!varies) constant = made.keep()
  return made
}

function editsFor(request: RequestView): Verdict {
  let tooLong = ofRequest.write(request, null)
  if (tooLong == '' && !needsResponse) tooLong = ofResponse.write(request, null)
  if (tooLong != '') return Verdict.deny(431, 'A value of this request is too long to be passed on in a header.')
  verdict.tags = null
  return verdict.setEdits(ofRequest.list, needsResponse ? null : ofResponse.list)
}

function editResponse(response: ResponseView): Verdict {
  if (!needsResponse) return Verdict.next()
  const tooLong = ofResponse.write(response.request, response)
  verdict.tags = tooLong == '' ? null : ['transform-headers.too-long', tooLong]
  return verdict.setEdits(ofResponse.list)
}
