import { cookieOf, withoutCookie } from './cookies'
import { findParameter, withoutParameter } from './query'
import { RequestView } from './request'
import { Settings } from './settings'
import { sha256At } from './sha256'
import { lowerAscii } from './text'
import { utf8Bytes, utf8Decode } from './utf8'
import { Verdict } from './verdict'

enum Kind {
  HEADER,
  BEARER,
  QUERY,
  COOKIE
}

/** What a request shows. A credential shown twice is as good as a wrong one: the upstream might read the other. */
export enum Shown {
  NOTHING,
  KEY,
  SEVERAL
}

// What `Place.look` found: a text, or, when that is null, where a header's value lies in the input. Most keys and tokens are looked
// at where they lie: a string of each would be made for every request and thrown away.
let found: string | null = null
let foundAt: usize = 0
let foundSize: i32 = 0

/** One place where a client may show its key or token. */
// @ts-ignore: decorator
@final
export class Place {
  private constructor(
    private readonly kind: Kind,
    readonly name: string
  ) {}

  /** From settings with one of "header", "bearer" (the name of a header), "query" and "cookie". */
  static of(settings: Settings): Place {
    if (settings.has('header')) return new Place(Kind.HEADER, lowerAscii(settings.string('header')))
    if (settings.has('bearer')) return new Place(Kind.BEARER, lowerAscii(settings.string('bearer')))
    if (settings.has('cookie')) return new Place(Kind.COOKIE, settings.string('cookie'))
    return new Place(Kind.QUERY, settings.string('query'))
  }

  /** Tells two places apart. */
  get id(): string {
    return this.kind.toString() + ' ' + this.name
  }

  get isQuery(): bool {
    return this.kind == Kind.QUERY
  }

  get isCookie(): bool {
    return this.kind == Kind.COOKIE
  }

  /** Looks for a credential and leaves it in `found`. An empty one is none. */
  look(request: RequestView): Shown {
    if (this.kind == Kind.QUERY) return this.lookInQuery(request.query)
    if (this.kind == Kind.COOKIE) return this.lookInCookies(request)
    const place = request.findHeader(this.name)
    if (place < 0) return Shown.NOTHING
    if (request.findHeader(this.name, place + 1) >= 0) return Shown.SEVERAL
    found = null
    foundAt = request.headerAt(place)
    foundSize = request.headerSize(place)
    if (this.kind == Kind.BEARER) takeBearerToken()
    return foundSize > 0 ? Shown.KEY : Shown.NOTHING
  }

  /** Whether a line of the header that the place is has a credential, and not one of another scheme, such as Basic. */
  fillsHeader(request: RequestView): bool {
    let place = request.findHeader(this.name)
    if (this.kind == Kind.HEADER) return place >= 0
    while (place >= 0 && !isBearer(request.headerAt(place), request.headerSize(place))) {
      place = request.findHeader(this.name, place + 1)
    }
    return place >= 0
  }

  /** The challenge for WWW-Authenticate (RFC 9110 section 11.6.1; Bearer is RFC 6750). */
  challenge(realm: string): string {
    if (this.kind == Kind.BEARER) return 'Bearer realm="' + realm + '"'
    const where = this.kind == Kind.HEADER ? 'header' : this.kind == Kind.QUERY ? 'query' : 'cookie'
    return 'ApiKey realm="' + realm + '", in="' + where + '", name="' + quoted(this.name) + '"'
  }

  private lookInQuery(query: string): Shown {
    if (query.length == 0) return Shown.NOTHING
    const parameter = findParameter(query, this.name)
    if (parameter.count > 1) return Shown.SEVERAL
    return take(parameter.value)
  }

  private lookInCookies(request: RequestView): Shown {
    if (!request.hasHeader('cookie')) return Shown.NOTHING
    const cookie = cookieOf(request.headers('cookie'), this.name)
    return cookie.count > 1 ? Shown.SEVERAL : take(cookie.value)
  }
}

/** The places where clients may show a key or token, in the order in which they are tried. */
// @ts-ignore: decorator
@final
export class Credentials {
  readonly places: Place[] = []
  // What look() found: its bytes, and the text, once it is known.
  private start: usize = 0
  private length: i32 = 0
  private text: string | null = null
  /** Holds the bytes when they are not those of a header in the input. */
  private encoded: Uint8Array | null = null
  private hasQuery: bool = false
  private hasCookie: bool = false

  /** Takes the places of the setting `name`. Returns "" or what is wrong with them. */
  fill(wanted: Settings[], name: string): string {
    for (let i = 0; i < wanted.length; i++) {
      const place = Place.of(wanted[i])
      for (let j = 0; j < this.places.length; j++) {
        if (this.places[j].id != place.id) continue
        return name + '[' + i.toString() + '] is the same place as ' + name + '[' + j.toString() + ']'
      }
      this.places.push(place)
      if (place.isQuery) this.hasQuery = true
      if (place.isCookie) this.hasCookie = true
    }
    return ''
  }

  /** The key or token that look() found. */
  get shown(): string {
    let text = this.text
    if (text === null) this.text = text = utf8Decode(this.start, this.length)
    return text
  }

  /** Where the UTF-8 bytes of what look() found lie, until the next look() and no longer than the call. */
  get at(): usize {
    return this.start
  }

  /** How many bytes those are. */
  get size(): i32 {
    return this.length
  }

  /** Whether what look() found is longer than so many UTF-16 units. */
  isLonger(than: i32): bool {
    // No text has more units than its UTF-8 form has bytes.
    return this.length > than && this.shown.length > than
  }

  /** Where the SHA-256 digest of what look() found lies, 32 bytes, until the next call of this. */
  digest(): usize {
    sha256At(this.start, this.length, digest)
    return digest
  }

  /** The first place that shows something counts: a wrong key there is not saved by a right one elsewhere. */
  look(request: RequestView): Shown {
    for (let i = 0; i < this.places.length; i++) {
      const what = unchecked(this.places[i]).look(request)
      if (what == Shown.NOTHING) continue
      const text = found
      if (text !== null) {
        const bytes = utf8Bytes(text)
        this.encoded = bytes
        foundAt = bytes.dataStart
        foundSize = bytes.length
      }
      this.text = text
      this.start = foundAt
      this.length = foundSize
      return what
    }
    return Shown.NOTHING
  }

  /** Takes credentials out of all the places: the request that `verdict` sends on has none of them. */
  hide(request: RequestView, verdict: Verdict): void {
    for (let i = 0; i < this.places.length; i++) {
      const place = unchecked(this.places[i])
      if (!place.isQuery && !place.isCookie && place.fillsHeader(request)) verdict.removeHeader(place.name)
    }
    if (this.hasQuery) this.hideParameters(request, verdict)
    if (this.hasCookie) this.hideCookies(request, verdict)
  }

  /**
   * Which of the places hide() would empty, one bit for each, so that a verdict can be kept for others that show the same; -1 when the
   * query or a cookie may be one of them, which are different each time.
   */
  hides(request: RequestView): i32 {
    if (this.hasQuery || this.hasCookie || this.places.length > MAX_BITS) return -1
    let bits = 0
    for (let i = 0; i < this.places.length; i++) {
      if (unchecked(this.places[i]).fillsHeader(request)) bits |= 1 << i
    }
    return bits
  }

  private hideParameters(request: RequestView, verdict: Verdict): void {
    const before = request.query
    let query = before
    for (let i = 0; i < this.places.length; i++) {
      const place = unchecked(this.places[i])
      if (place.isQuery) query = withoutParameter(query, place.name)
    }
    if (query != before) verdict.setQuery(query)
  }

  private hideCookies(request: RequestView, verdict: Verdict): void {
    const before = request.headers('cookie')
    let lines = before
    for (let i = 0; i < this.places.length; i++) {
      const place = unchecked(this.places[i])
      if (place.isCookie) lines = withoutCookie(lines, place.name)
    }
    if (lines.length == 0) {
      if (before.length > 0) verdict.removeHeader('cookie')
      return
    }
    const text = lines.join('; ')
    if (text != before.join('; ')) verdict.setHeader('cookie', text)
  }
}

const MAX_BITS: i32 = 31
const digest: usize = memory.data(32)

function take(text: string): Shown {
  found = text
  return text.length > 0 ? Shown.KEY : Shown.NOTHING
}

const SCHEME = 'bearer'

/** Whether the value at `at` is of that scheme, in any case. */
function isBearer(at: usize, size: i32): bool {
  if (size < SCHEME.length) return false
  for (let i = 0; i < SCHEME.length; i++) {
    if ((load<u8>(at + <usize>i) | 0x20) != <u8>SCHEME.charCodeAt(i)) return false
  }
  return size == SCHEME.length || load<u8>(at + <usize>SCHEME.length) == 0x20
}

/** Of what was found, the token behind the scheme and its blanks; nothing when it is of another scheme. */
function takeBearerToken(): void {
  const end = foundAt + <usize>foundSize
  if (!isBearer(foundAt, foundSize)) foundAt = end
  else {
    foundAt += SCHEME.length
    while (foundAt < end && load<u8>(foundAt) == 0x20) foundAt++
  }
  foundSize = <i32>(end - foundAt)
}

/** `text` for a quoted string: what cannot stand in one is left out, the name is only a hint. */
function quoted(text: string): string {
  let safe = ''
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0x20 && unit < 0x7f && unit != 0x22 && unit != 0x5c) safe += text.charAt(i)
  }
  return safe
}
