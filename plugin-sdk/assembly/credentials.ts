import { cookieOf, withoutCookie } from './cookies'
import { findParameter, withoutParameter } from './query'
import { RequestView } from './request'
import { Settings } from './settings'
import { lowerAscii } from './text'
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

/** What `Place.look` found. */
let found = ''

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
    const header = this.kind == Kind.COOKIE ? 'cookie' : this.name
    if (!request.hasHeader(header)) return Shown.NOTHING
    const values = request.headers(header)
    if (this.kind == Kind.COOKIE) {
      const cookie = cookieOf(values, this.name)
      if (cookie.count > 1) return Shown.SEVERAL
      found = cookie.value
    } else {
      if (values.length > 1) return Shown.SEVERAL
      found = this.kind == Kind.BEARER ? bearerToken(values[0]) : values[0]
    }
    return found.length > 0 ? Shown.KEY : Shown.NOTHING
  }

  /** Whether a line of the header that the place is has a credential, and not one of another scheme, such as Basic. */
  fillsHeader(request: RequestView): bool {
    if (!request.hasHeader(this.name) || this.kind == Kind.HEADER) return request.hasHeader(this.name)
    const lines = request.headers(this.name)
    for (let i = 0; i < lines.length; i++) if (isBearer(lines[i])) return true
    return false
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
    found = parameter.value
    return found.length > 0 ? Shown.KEY : Shown.NOTHING
  }
}

/** The places where clients may show a key or token, in the order in which they are tried. */
// @ts-ignore: decorator
@final
export class Credentials {
  readonly places: Place[] = []
  /** The key or token that look() found. */
  shown: string = ''

  /** Takes the places of the setting `name`. Returns "" or what is wrong with them. */
  fill(wanted: Settings[], name: string): string {
    for (let i = 0; i < wanted.length; i++) {
      const place = Place.of(wanted[i])
      for (let j = 0; j < this.places.length; j++) {
        if (this.places[j].id != place.id) continue
        return name + '[' + i.toString() + '] is the same place as ' + name + '[' + j.toString() + ']'
      }
      this.places.push(place)
    }
    return ''
  }

  /** The first place that shows something counts: a wrong key there is not saved by a right one elsewhere. */
  look(request: RequestView): Shown {
    for (let i = 0; i < this.places.length; i++) {
      const what = unchecked(this.places[i]).look(request)
      if (what == Shown.NOTHING) continue
      this.shown = found
      return what
    }
    return Shown.NOTHING
  }

  /** Takes credentials out of all the places: the request that `verdict` sends on has none of them. */
  hide(request: RequestView, verdict: Verdict): void {
    const before = request.query
    let query = before
    let hidesCookie = false
    for (let i = 0; i < this.places.length; i++) {
      const place = unchecked(this.places[i])
      if (place.isQuery) query = withoutParameter(query, place.name)
      else if (place.isCookie) hidesCookie = true
      else if (place.fillsHeader(request)) verdict.removeHeader(place.name)
    }
    if (query != before) verdict.setQuery(query)
    if (hidesCookie) this.hideCookies(request, verdict)
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

const SCHEME = 'bearer'

function isBearer(value: string): bool {
  if (value.length < SCHEME.length) return false
  for (let i = 0; i < SCHEME.length; i++) if ((value.charCodeAt(i) | 0x20) != SCHEME.charCodeAt(i)) return false
  return value.length == SCHEME.length || value.charCodeAt(SCHEME.length) == 0x20
}

function bearerToken(value: string): string {
  if (!isBearer(value)) return ''
  let from = SCHEME.length
  while (from < value.length && value.charCodeAt(from) == 0x20) from++
  return value.substring(from)
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
