import { onConfigure, onRequest, onRequestBody, RequestView, Settings, Verdict } from '@sluice/plugin-sdk/assembly'
import { prepareBodies, scanBody } from './bodies'
import { excludeFor, hasExclusions, prepareExclusions } from './exclude'
import { beginPlaces, preparePlaces, scanHead } from './places'
import { checkProtocol, prepareProtocol } from './protocol'
import { beginRules, broken, brokenIds, firstPlace, prepareRules, score } from './rules'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

let blocks = true
let threshold = 5
let status = 403
let hasBodies = true

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, checkHead)
}

export function on_request_body(ptr: i32, len: i32): i32 {
  return onRequestBody(ptr, len, checkBody)
}

function configure(settings: Settings): string {
  blocks = settings.string('mode', 'block') == 'block'
  threshold = settings.int('threshold', 5)
  status = settings.int('status', 403)
  hasBodies = settings.bool('bodies', true)
  prepareProtocol(settings.strings('methods'))
  preparePlaces(settings.strings('headers'), settings.int('parameters', 512))
  prepareBodies(settings.int('bodyBytes', 131072), settings.string('largeBodies', 'part') == 'block')
  const wrong = prepareRules(settings.int('paranoia', 1), settings.strings('disable'))
  return wrong == '' ? prepareExclusions(settings.objects('exclude')) : wrong
}

function checkHead(request: RequestView): Verdict {
  beginRules(0)
  beginPlaces()
  if (hasExclusions()) excludeFor(request.path)
  checkProtocol(request)
  scanHead(request)
  return judge(0)
}

/** What the head broke counts on: half an attack in each is one. */
function checkBody(request: RequestView): Verdict {
  if (request.bodySize == 0) return Verdict.next()
  const state = request.state
  const known = state.length == 8 ? load<u64>(state.dataStart) : 0
  beginRules(known)
  beginPlaces()
  if (hasExclusions()) excludeFor(request.path)
  scanBody(request)
  return judge(known)
}

function judge(known: u64): Verdict {
  if (broken == known) return Verdict.next()
  const sum = score()
  const attack = sum >= threshold
  const verdict = attack && blocks ? Verdict.deny(status, 'The request was refused.') : Verdict.next()
  verdict
    .tag('waf', !attack ? 'noticed' : blocks ? 'blocked' : 'detected')
    .tag('waf.score', sum.toString())
    .tag('waf.rules', brokenIds())
  if (firstPlace != '') verdict.tag('waf.place', firstPlace)
  if (!hasBodies) return verdict
  const state = new Uint8Array(8)
  store<u64>(state.dataStart, broken)
  return verdict.setState(state)
}
