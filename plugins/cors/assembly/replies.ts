import { Verdict } from '@sluice/plugin-sdk/assembly'

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
  if (known.has(origin)) return known.get(origin)
  const verdict = marked(origin).addResponseHeader('vary', 'Origin')
  if (known.size < MAX_KNOWN) known.set(origin, verdict.keep())
  return verdict
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
