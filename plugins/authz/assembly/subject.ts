import { IpAddress, Json, lowerAscii, percentDecode, RequestView } from '@sluice/plugin-sdk/assembly'
import { weekMinuteOf } from './clock'

/**
 * The request at hand. Each part is read when a rule first asks for it, and kept for the rules after it.
 */

let request: RequestView | null = null
let methodText: string | null = null
let looseMethodText: string | null = null
let strict: string[] | null = null
let loose: string[] | null = null
let consumerText: string | null = null
let client: IpAddress | null = null
let clientKnown = false
let weekMinute = -1

export function beginSubject(view: RequestView): void {
  request = view
  methodText = looseMethodText = consumerText = null
  strict = loose = null
  clientKnown = false
  weekMinute = -1
}

// @ts-ignore: decorator
@inline
function view(): RequestView {
  return request as RequestView
}

export function method(): string {
  const known = methodText
  if (known !== null) return known
  const text = view().method
  methodText = text
  return text
}

/** Some upstreams take a method in any case. */
export function looseMethod(): string {
  const known = looseMethodText
  if (known !== null) return known
  const text = lowerAscii(method())
  looseMethodText = text
  return text
}

/** "" when no policy has said who calls. */
export function consumer(): string {
  const known = consumerText
  if (known !== null) return known
  const text = view().consumer
  consumerText = text
  return text
}

/** null when it cannot be read. */
export function address(): IpAddress | null {
  if (!clientKnown) {
    client = IpAddress.parse(view().clientIp)
    clientKnown = true
  }
  return client
}

export function minuteOfWeek(): i32 {
  if (weekMinute < 0) weekMinute = weekMinuteOf(view().nowMs)
  return weekMinute
}

/** null when no policy has set it; of two the later one. */
export function tag(name: string): string | null {
  return view().hasTag(name) ? view().tag(name) : null
}

export function headers(name: string): string[] {
  return view().headers(name)
}

/** The segments of the path, as RFC 3986 has them: parted at slashes, then decoded. Empty ones do not count. */
export function segments(): string[] {
  const known = strict
  if (known !== null) return known
  const parts = parted(view().path)
  for (let i = 0; i < parts.length; i++) if (parts[i].includes('%')) parts[i] = percentDecode(parts[i])
  strict = parts
  return parts
}

/**
 * The segments as lenient upstreams have them: decoded first, backslashes as slashes, without the parameters of
 * segments (";a=b"), in any case.
 */
export function looseSegments(): string[] {
  const known = loose
  if (known !== null) return known
  const parts = parted(withoutParameters(lowerAscii(percentDecode(view().path)).replaceAll('\\', '/')))
  loose = parts
  return parts
}

/** Takes out what stands between a semicolon and the next slash. */
function withoutParameters(path: string): string {
  let kept = ''
  for (let at = 0; at < path.length; ) {
    let semicolon = path.indexOf(';', at)
    if (semicolon < 0) semicolon = path.length
    kept += path.substring(at, semicolon)
    at = path.indexOf('/', semicolon)
    if (at < 0) break
  }
  return kept
}

function parted(path: string): string[] {
  const parts: string[] = []
  let from = 0
  for (let at = 0; at <= path.length; at++) {
    if (at < path.length && path.charCodeAt(at) != 0x2f) continue
    if (at > from) parts.push(path.substring(from, at))
    from = at + 1
  }
  return parts
}

/** Whether a list, as a claim has it ("a b", "a, b", ["a", "b"]), has one of `words`. */
export function includedBy(list: string, words: string[]): bool {
  if (list.charCodeAt(0) == 0x5b) {
    const json = Json.parse(list)
    if (json !== null) {
      for (let i = 0; i < json.length; i++) {
        if (json.at(i).isString && words.includes(json.at(i).asString())) return true
      }
      return false
    }
  }
  let from = 0
  for (let at = 0; at <= list.length; at++) {
    const unit = at < list.length ? list.charCodeAt(at) : 0x20
    if (unit != 0x20 && unit != 0x2c && unit != 0x09) continue
    if (at > from && words.includes(list.substring(from, at))) return true
    from = at + 1
  }
  return false
}
