import { findParameter, lowerAscii, RequestView, Settings, Verdict, withoutParameter } from '@sluice/plugin-sdk/assembly'

enum Kind {
  HEADER,
  BEARER,
  QUERY
}

/** What a place shows. Shown twice is as good as wrong: the upstream might read the other one. */
export enum Shown {
  NOTHING,
  KEY,
  SEVERAL
}

/** The key that `Place.look` found. */
export let shownKey = ''

/** One place where a client may show its key. */
@final
export class Place {
  private constructor(
    private readonly kind: Kind,
    readonly name: string
  ) {}

  static of(settings: Settings): Place {
    if (settings.has('header')) return new Place(Kind.HEADER, lowerAscii(settings.string('header')))
    if (settings.has('bearer')) return new Place(Kind.BEARER, settings.string('bearer'))
    return new Place(Kind.QUERY, settings.string('query'))
  }

  /** Looks for a key and leaves it in `shownKey`. An empty one is none. */
  look(request: RequestView): Shown {
    if (this.kind == Kind.QUERY) return this.lookInQuery(request.query)
    if (!request.hasHeader(this.name)) return Shown.NOTHING
    const values = request.headers(this.name)
    if (values.length > 1) return Shown.SEVERAL
    shownKey = this.kind == Kind.BEARER ? bearerToken(values[0]) : values[0]
    return shownKey.length > 0 ? Shown.KEY : Shown.NOTHING
  }

  /** Takes the key out of the request; `query` is as the places before left it. Returns the query without it. */
  hide(request: RequestView, query: string, verdict: Verdict): string {
    if (this.kind == Kind.QUERY) return withoutParameter(query, this.name)
    if (!request.hasHeader(this.name)) return query
    // Other credentials in the same header, such as Basic, are the upstream's business.
    if (this.kind == Kind.HEADER || isBearer(request.header(this.name))) verdict.removeHeader(this.name)
    return query
  }

  /** The challenge for WWW-Authenticate (RFC 9110 section 11.6.1; Bearer is RFC 6750). */
  challenge(realm: string): string {
    if (this.kind == Kind.BEARER) return 'Bearer realm="' + realm + '"'
    const where = this.kind == Kind.HEADER ? 'header' : 'query'
    return 'ApiKey realm="' + realm + '", in="' + where + '", name="' + quoted(this.name) + '"'
  }

  /** Tells two places apart. */
  get id(): string {
    return this.kind.toString() + ' ' + this.name
  }

  private lookInQuery(query: string): Shown {
    if (query.length == 0) return Shown.NOTHING
    const found = findParameter(query, this.name)
    if (found.count > 1) return Shown.SEVERAL
    shownKey = found.value
    return shownKey.length > 0 ? Shown.KEY : Shown.NOTHING
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
