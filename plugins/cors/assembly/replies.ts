import { RequestView, Verdict } from '@sluice/plugin-sdk/assembly'

const ALLOW_ORIGIN = 'access-control-allow-origin'
const ALLOW_CREDENTIALS = 'access-control-allow-credentials'
const EXPOSE_HEADERS = 'access-control-expose-headers'
/** Verdicts kept for origins that have called; more than these are made anew each time. */
const MAX_KNOWN: i32 = 256

let credentials = false
let exposed = ''
let anyOrigin = Verdict.next()
let noOrigin = Verdict.next()
let otherOrigin = Verdict.next()
const known = new Map<string, Verdict>()
/** The origin that called last, and its verdict: a page calls many times. */
let lastOrigin = ''
let last: Verdict | null = null

/** Headers of real replies. They are edits that go along with the request: the reply needs no call of its own. */
export function configureReplies(withCredentials: bool, expose: string[]): void {
  credentials = withCredentials
  exposed = expose.join(', ')
  // No Vary: the answer is the same whoever asks, so that caches may keep one.
  anyOrigin = marked('*').keep()
  noOrigin = unmarked().keep()
  otherOrigin = unmarked().tag('cors', 'other-origin').keep()
}

export function forAnyOrigin(): Verdict {
  return anyOrigin
}

/** A request that tells no origin: none of a script on another page. */
export function forNoOrigin(): Verdict {
  return noOrigin
}

/** A request of a page that may not call. */
export function forOtherOrigin(): Verdict {
  return otherOrigin
}

export function forOrigin(origin: string): Verdict {
  if (known.has(origin)) return remember(origin, known.get(origin))
  const verdict = marked(origin).addResponseHeader('vary', 'Origin')
  if (known.size == MAX_KNOWN) return verdict
  known.set(origin, verdict.keep())
  return remember(origin, verdict)
}

function remember(origin: string, verdict: Verdict): Verdict {
  lastOrigin = origin
  last = verdict
  return verdict
}

/** For a request that says nothing else of origins, and the same as the last; null for others. Makes no string. */
export function forSameOrigin(request: RequestView): Verdict | null {
  return request.headerCount == 1 && request.headerIs('origin', lastOrigin) ? last : null
}

function marked(origin: string): Verdict {
  const verdict = Verdict.next().setResponseHeader(ALLOW_ORIGIN, origin)
  if (credentials) verdict.setResponseHeader(ALLOW_CREDENTIALS, 'true')
  else verdict.removeResponseHeader(ALLOW_CREDENTIALS)
  if (exposed.length > 0) verdict.setResponseHeader(EXPOSE_HEADERS, exposed)
  else verdict.removeResponseHeader(EXPOSE_HEADERS)
  return verdict
}

/** What the upstream says about origins is not for it to say. */
function unmarked(): Verdict {
  return Verdict.next()
    .removeResponseHeader(ALLOW_ORIGIN)
    .removeResponseHeader(ALLOW_CREDENTIALS)
    .removeResponseHeader(EXPOSE_HEADERS)
    .addResponseHeader('vary', 'Origin')
}
