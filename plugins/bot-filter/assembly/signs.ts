import { lowerAscii, RequestView } from '@sluice/plugin-sdk/assembly'
import { claimsBrowser, hintedVersion, isPlatform, versionOf } from './browser'

/** No browser, and no app with one in it, has a longer user agent. */
const MAX_AGENT: i32 = 1024
/** Browsers that send Sec-Fetch-Site, to https sites. */
const CHROME_FETCH_METADATA: i32 = 80
const FIREFOX_FETCH_METADATA: i32 = 90

const wanted = new Set<string>()
let wantsFetchMetadata = false
let needed = 2

/** Returns "" or what is wrong with the settings. */
export function configureSigns(signs: string[], signsNeeded: i32): string {
  for (let i = 0; i < signs.length; i++) wanted.add(signs[i])
  wantsFetchMetadata = wanted.has('no-fetch-metadata')
  needed = signsNeeded
  if (signs.length == 0 || needed <= signs.length) return ''
  return 'signsNeeded: ' + needed.toString() + ' of ' + signs.length.toString() + ' signs can never be there'
}

export function looksForSigns(): bool {
  return wanted.size > 0
}

export function areEnough(signs: string[]): bool {
  return signs.length >= needed
}

/** The signs of automation in a request. `agent` is its user agent, `lower` the same in lower case. */
export function signsIn(request: RequestView, agent: string, lower: string, lines: i32): string[] {
  const signs: string[] = []
  if (lines > 1 || isOdd(agent, lower)) note(signs, 'odd-agent')
  const hints = lowerAscii(request.header('sec-ch-ua'))
  if (hints.includes('headlesschrome')) note(signs, 'headless-hints')
  if (!claimsBrowser(lower)) return signs
  if (!request.hasHeader('accept')) note(signs, 'no-accept')
  if (!request.hasHeader('accept-language')) note(signs, 'no-language')
  if (!request.hasHeader('accept-encoding')) note(signs, 'no-encoding')
  if (hints.length > 0 && differ(request, hints, lower)) note(signs, 'hints-differ')
  if (wantsFetchMetadata && !request.hasHeader('sec-fetch-site') && sendsFetchMetadata(lower)) {
    signs.push('no-fetch-metadata')
  }
  return signs
}

function note(signs: string[], sign: string): void {
  if (wanted.has(sign)) signs.push(sign)
}

function isOdd(agent: string, lower: string): bool {
  if (agent.length > MAX_AGENT || lower.startsWith('user-agent')) return true
  for (let i = 0; i < agent.length; i++) if (isOddUnit(agent.charCodeAt(i))) return true
  return false
}

/** What stands in user agents of attacks (templates, markup, escapes): < > { } $ ` and backslash; and beyond ASCII. */
// @ts-ignore: decorator
@inline
function isOddUnit(unit: i32): bool {
  if (unit < 0x3c) return unit == 0x24
  if (unit > 0x5b && unit < 0x61) return unit == 0x5c || unit == 0x60
  return unit == 0x3c || unit == 0x3e || unit == 0x7b || unit == 0x7d || unit > 0x7e
}

/** Whether the client hints are of another browser than the user agent: who copies one often forgets the other. */
function differ(request: RequestView, hints: string, agent: string): bool {
  const claimed = versionOf(agent, 'chrome/')
  if (claimed == 0) return true
  const hinted = hintedVersion(hints)
  if (hinted > 0 && hinted != claimed) return true
  const platform = lowerAscii(request.header('sec-ch-ua-platform'))
  if (!isPlatform(platform, agent)) return true
  const mobile = request.header('sec-ch-ua-mobile')
  return mobile.length > 0 && (mobile == '?1') != agent.includes('mobile')
}

function sendsFetchMetadata(agent: string): bool {
  return (
    versionOf(agent, 'chrome/') >= CHROME_FETCH_METADATA || versionOf(agent, 'firefox/') >= FIREFOX_FETCH_METADATA
  )
}
