import { onConfigure, onRequest, RequestView, Settings, Verdict } from '@sluice/plugin-sdk/assembly'
import { isSameOrigin } from './origin-text'
import { Origins } from './origins'
import { answerPreflight, configurePreflight, isPreflight } from './preflight'
import { configureReplies, forAnyOrigin, forNoOrigin, forOrigin, forOtherOrigin, forSameOrigin } from './replies'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const origins = new Origins()
let refusesOthers = false
/** Made once: pages that may not call can ask as often as they like. */
let refused = Verdict.deny(403, '')

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, check)
}

function configure(settings: Settings): string {
  const credentials = settings.bool('credentials')
  let wrong = origins.fill(settings.strings('origins'), settings.strings('originPatterns'), credentials)
  if (wrong == '') wrong = loneStar(settings, 'methods')
  if (wrong == '') wrong = loneStar(settings, 'headers')
  if (wrong == '') wrong = loneStar(settings, 'exposeHeaders')
  if (wrong != '') return wrong
  const exposed = settings.strings('exposeHeaders')
  if (credentials && exposed.includes('*')) {
    return 'exposeHeaders: with credentials browsers take * for a header of that name; list the headers'
  }
  refusesOthers = settings.bool('refuseOthers')
  refused = Verdict.deny(403, 'Pages of this origin may not call this API.')
    .withHeader('vary', 'Origin')
    .tag('cors', 'other-origin')
    .keep()
  configureReplies(credentials, exposed)
  configurePreflight(settings, origins.any)
  return ''
}

function check(request: RequestView): Verdict {
  const same = forSameOrigin(request)
  if (same !== null) return same
  if (!request.hasHeader('origin')) return origins.any ? forAnyOrigin() : forNoOrigin()
  const origin = originOf(request)
  const allowed = origins.allow(origin)
  if (isPreflight(request)) return allowed ? answerPreflight(request, origins.any ? '*' : origin) : refused
  if (allowed) return origins.any ? forAnyOrigin() : forOrigin(origin)
  if (refusesOthers && !isSameOrigin(origin, request.host)) return refused
  return forOtherOrigin()
}

/** "" when there are two: no browser sends that, and nobody knows which one the upstream would read. */
function originOf(request: RequestView): string {
  const values = request.headers('origin')
  return values.length == 1 ? values[0] : ''
}

/** Beside "*" other entries say nothing, and are likely a mistake. */
function loneStar(settings: Settings, name: string): string {
  const list = settings.strings(name)
  return list.length > 1 && list.includes('*') ? name + ': "*" is all there are; it must stand alone' : ''
}
