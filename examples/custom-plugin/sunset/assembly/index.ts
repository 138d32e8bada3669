import { onConfigure, onRequest, RequestView, Settings, Verdict } from '@sluice/plugin-sdk/assembly'
import { httpDate, unixDay } from './dates'

export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'

const DAY_MS: i64 = 86_400_000

let sunsetDay: i64 = 0
let sunsetDate = ''
let deprecation = ''
let successor = ''

export function on_configure(ptr: i32, len: i32): i32 {
  return onConfigure(ptr, len, configure)
}

export function on_request(ptr: i32, len: i32): i32 {
  return onRequest(ptr, len, check)
}

/** Dates are worked out once, here: a request costs one comparison. */
function configure(settings: Settings): string {
  const at = settings.string('at')
  sunsetDay = unixDay(at)
  if (sunsetDay < 0) return 'at: there is no day ' + at
  sunsetDate = httpDate(sunsetDay)
  const since = settings.string('deprecated')
  const sinceDay = since == '' ? sunsetDay : unixDay(since)
  if (sinceDay < 0) return 'deprecated: there is no day ' + since
  if (sinceDay > sunsetDay) return 'deprecated is after at'
  deprecation = since == '' ? '' : '@' + (sinceDay * 86_400).toString()
  successor = settings.string('successor')
  return ''
}

function check(request: RequestView): Verdict {
  if (request.nowMs >= sunsetDay * DAY_MS) {
    return announce(Verdict.deny(410, successor == '' ? 'This API is gone.' : 'This API is gone. Use ' + successor))
  }
  return announce(Verdict.next())
}

/** RFC 8594 (Sunset), RFC 9745 (Deprecation). Edits made here are applied to whatever reply comes, also to our own. */
function announce(verdict: Verdict): Verdict {
  verdict.setResponseHeader('sunset', sunsetDate)
  if (deprecation != '') verdict.setResponseHeader('deprecation', deprecation)
  if (successor != '') verdict.addResponseHeader('link', '<' + successor + '>; rel="successor-version"')
  return verdict
}
