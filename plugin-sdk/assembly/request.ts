import { ContextView } from './context'
import { ContextReader, RequestReader } from './gen/policy'
import { allValues, cookieValue, findName, firstValue, queryValue } from './pairs'
import { sameAscii, Span, Spans } from './wire'

/** Headers of a message, and how they are looked up. Only those the plugin was granted are there. */
export class HeaderView extends ContextView {
  constructor(
    context: ContextReader,
    protected readonly headerList: Spans
  ) {
    super(context)
  }

  /** The first value of a header, by its name in any case; "" when the header is absent (or not granted). */
  header(name: string): string {
    return firstValue(this.headerList, name)
  }

  /** Every value of a header, in the order they came. */
  headers(name: string): string[] {
    return allValues(this.headerList, name)
  }

  /** Whether there is a header of this name, also an empty one. */
  hasHeader(name: string): bool {
    return findName(this.headerList, name, 0) >= 0
  }

  /** Whether the first value of a header is exactly `value` (ASCII). Makes no string. */
  headerIs(name: string, value: string): bool {
    const list = this.headerList
    const index = findName(list, name, 0)
    if (index < 0) return value.length == 0
    return sameAscii(list.at(index), list.size(index), value)
  }

  /** @internal The place of the next value of a header, from place `from` on; -1 when there is none. */
  findHeader(name: string, from: i32 = 0): i32 {
    return findName(this.headerList, name, from)
  }

  /** @internal Where the value at such a place lies in memory, as UTF-8. */
  headerAt(place: i32): usize {
    return this.headerList.at(place)
  }

  /** @internal How many bytes it has. */
  headerSize(place: i32): i32 {
    return this.headerList.size(place)
  }

  /** How many header lines there are; headerName(i) and headerValue(i) are theirs. */
  get headerCount(): i32 {
    return this.headerList.length >> 1
  }

  /** Name of header line `index`, in lower case. */
  headerName(index: i32): string {
    return this.headerList.text(index << 1)
  }

  /** Value of header line `index`. */
  headerValue(index: i32): string {
    return this.headerList.text((index << 1) + 1)
  }

  /** Calls `visit` with each header line. (It must be a top-level function: AssemblyScript has no closures.) */
  eachHeader(visit: (name: string, value: string) => void): void {
    for (let i = 0; i < this.headerCount; i++) visit(this.headerName(i), this.headerValue(i))
  }
}

/** A request. Only the parts that are asked for are decoded. Valid until the hook returns. */
export class RequestView extends HeaderView {
  constructor(
    context: ContextReader,
    private readonly request: RequestReader,
    private readonly body: Span
  ) {
    super(context, request.headers)
  }

  /** "GET", "POST" … */
  get method(): string {
    return this.request.method.text
  }

  /** "http" or "https", as the client connected. */
  get scheme(): string {
    return this.request.scheme.text
  }

  /** The authority the client asked for, with its port. */
  get host(): string {
    return this.request.host.text
  }

  /** The path without the query, its percent-encoding in normal form (RFC 3986 section 6.2.2): "/%61%2fb" is "/a%2Fb". */
  get path(): string {
    return this.request.path.text
  }

  /** The query without the "?". */
  get query(): string {
    return this.request.query.text
  }

  /** Address of the client. */
  get clientIp(): string {
    return this.request.clientIp.text
  }

  /** @internal Where the client's address lies in the input. */
  get clientIpSpan(): Span {
    return this.request.clientIp
  }

  /** The first value of a query parameter, percent-decoded; "" when it is absent. */
  queryParam(name: string): string {
    const value = queryValue(this.request.query.at, this.request.query.size, name)
    return value === null ? '' : value
  }

  /** Whether there is a query parameter of this name, also an empty one. */
  hasQueryParam(name: string): bool {
    return queryValue(this.request.query.at, this.request.query.size, name) !== null
  }

  /** The value of a cookie, as it came; "" when it is absent. Needs the header "cookie" to be granted. */
  cookie(name: string): string {
    const list = this.request.headers
    for (let i = findName(list, 'cookie', 0); i >= 0; i = findName(list, 'cookie', i + 1)) {
      const value = cookieValue(list.at(i), list.size(i), name)
      if (value !== null) return value
    }
    return ''
  }

  /** The body as text (UTF-8); empty outside on_request_body. */
  bodyText(): string {
    return this.body.text
  }

  /** A copy of the body; empty outside on_request_body. */
  bodyBytes(): Uint8Array {
    return this.body.bytes
  }

  /** Where the body lies in memory, for policies that read it in place; the next call overwrites it. */
  get bodyAt(): usize {
    return this.body.at
  }

  /** Size of the body in bytes; 0 outside on_request_body. */
  get bodySize(): i32 {
    return this.body.size
  }
}
