import { RequestView, Settings, Verdict } from '@sluice/plugin-sdk/assembly'

const REQUEST_METHOD = 'access-control-request-method'
const REQUEST_HEADERS = 'access-control-request-headers'
const REQUEST_PRIVATE_NETWORK = 'access-control-request-private-network'
/** What a page asks for beyond this is no list of headers it means to send. */
const MAX_ASKED: i32 = 4096

let status = 204
let methods = ''
/** "": every header that is asked for. */
let headers = ''
let anyHeader = false
/** Every method, and "*" does not say it: with credentials it would be the name of one. */
let echoesMethod = false
let credentials = false
let maxAge = ''
let privateNetwork = false
let vary = ''

export function configurePreflight(settings: Settings, anyOrigin: bool): void {
  status = settings.int('preflightStatus', 204)
  credentials = settings.bool('credentials')
  methods = settings.strings('methods').join(', ')
  echoesMethod = methods == '*' && credentials
  headers = settings.strings('headers').join(', ')
  // "*" in the answer would not cover authorization, so what is asked for is echoed.
  anyHeader = headers == '*'
  maxAge = settings.int('maxAge', 600).toString()
  privateNetwork = settings.bool('privateNetwork')
  const differs: string[] = []
  if (!anyOrigin) differs.push('Origin')
  if (echoesMethod) differs.push('Access-Control-Request-Method')
  if (anyHeader) differs.push('Access-Control-Request-Headers')
  if (privateNetwork) differs.push('Access-Control-Request-Private-Network')
  vary = differs.join(', ')
}

/** Whether a browser asks if it may send a request (Fetch standard, "CORS-preflight request"). */
export function isPreflight(request: RequestView): bool {
  return request.hasHeader(REQUEST_METHOD) && request.method == 'OPTIONS'
}

/**
 * Answers a preflight of an origin that may call: with what is allowed, not with a judgement of what is asked. The
 * browser compares, and can say in its console what is missing.
 */
export function answerPreflight(request: RequestView, origin: string): Verdict {
  const method = request.header(REQUEST_METHOD)
  const asked = request.headers(REQUEST_HEADERS).join(',')
  if (!isToken(method) || !isTokenList(asked)) {
    const refused = Verdict.deny(400, 'The preflight asks for a method or headers that are none.').tag('cors', 'malformed')
    return vary.length > 0 ? refused.withHeader('vary', vary) : refused
  }
  const verdict = Verdict.reply(status)
    .withHeader('access-control-allow-origin', origin)
    .withHeader('access-control-allow-methods', echoesMethod ? method : methods)
    .withHeader('access-control-max-age', maxAge)
    .tag('cors', 'preflight')
  if (vary.length > 0) verdict.withHeader('vary', vary)
  const allowed = anyHeader ? asked : headers
  if (allowed.length > 0) verdict.withHeader('access-control-allow-headers', allowed)
  if (credentials) verdict.withHeader('access-control-allow-credentials', 'true')
  if (privateNetwork && request.headerIs(REQUEST_PRIVATE_NETWORK, 'true')) {
    verdict.withHeader('access-control-allow-private-network', 'true')
  }
  return verdict
}

function isToken(text: string): bool {
  for (let i = 0; i < text.length; i++) if (!isTokenUnit(text.charCodeAt(i))) return false
  return text.length > 0 && text.length <= 64
}

/** What is echoed must be what it seems: names with commas between them, and blanks around those. Elements may be empty (RFC 9110 section 5.6.1). */
function isTokenList(text: string): bool {
  let inName = false
  let isOver = false // the name is: a blank came behind it
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit == 0x2c) inName = isOver = false
    else if (unit == 0x20 || unit == 0x09) isOver = inName
    else if (isOver || !isTokenUnit(unit)) return false
    else inName = true
  }
  return text.length <= MAX_ASKED
}

/** RFC 9110 section 5.6.2. */
function isTokenUnit(unit: i32): bool {
  const lower = unit | 0x20
  if ((lower >= 0x61 && lower <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || unit == 0x2d) return true
  return unit > 0x20 && unit < 0x7f && "!#$%&'*+.^_`|~".includes(String.fromCharCode(unit))
}
