// generated from policy.proto, do not edit (npm run gen)
import { Span, Spans, broken, cursor, extent, has, skip, span, spanInto, startAt, tag, varint } from '../wire'
import { ByteWriter } from '../writer'

export enum HeaderEditOp {
  SET = 0,
  ADD = 1,
  REMOVE = 2,
  RENAME = 3
}

/** What on_configure gets: once for each instance, before any other hook. */
@unmanaged
@final
export class ConfigureInputReader {
  /** name of the plugin */
  readonly plugin: Span = new Span()
  /** where it is bound, e.g. "routes/orders/policies/0" */
  readonly binding: Span = new Span()
  /** the binding's settings, JSON, already checked against the manifest's schema */
  readonly settings: Span = new Span()

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.plugin.clear()
    this.binding.clear()
    this.settings.clear()
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // plugin
          if (!span(this.plugin, end)) return false
          break
        case 18: // binding
          if (!span(this.binding, end)) return false
          break
        case 26: // settings
          if (!span(this.settings, end)) return false
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** What on_configure gets: once for each instance, before any other hook. */
export class ConfigureInputWriter {
  /** name of the plugin */
  plugin: string = ''
  /** where it is bound, e.g. "routes/orders/policies/0" */
  binding: string = ''
  /** the binding's settings, JSON, already checked against the manifest's schema */
  settings: Uint8Array | null = null

  encode(writer: ByteWriter): void {
    const _plugin = this.plugin
    if (_plugin.length > 0) {
      writer.varint(10)
      writer.string(_plugin)
    }
    const _binding = this.binding
    if (_binding.length > 0) {
      writer.varint(18)
      writer.string(_binding)
    }
    const _settings = this.settings
    if (_settings !== null && _settings.length > 0) {
      writer.varint(26)
      writer.bytes(_settings)
    }
  }
}

/** What on_configure answers. A non-empty error refuses the settings: the message is for the operator. */
@unmanaged
@final
export class ConfigureResultReader {
  readonly error: Span = new Span()

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.error.clear()
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // error
          if (!span(this.error, end)) return false
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** What on_configure answers. A non-empty error refuses the settings: the message is for the operator. */
export class ConfigureResultWriter {
  error: string = ''

  encode(writer: ByteWriter): void {
    const _error = this.error
    if (_error.length > 0) {
      writer.varint(10)
      writer.string(_error)
    }
  }
}

/** Where the exchange stands. */
@unmanaged
@final
export class ContextReader {
  readonly exchangeId: Span = new Span()
  /** name of the matched route */
  readonly route: Span = new Span()
  /** name of the upstream it will go to */
  readonly upstream: Span = new Span()
  /** who is calling, once an auth policy has said so */
  readonly consumer: Span = new Span()
  /** path parameters, name, value, … */
  readonly params: Spans = new Spans()
  /** set by policies before this one, name, value, … */
  readonly tags: Spans = new Spans()
  /** what this binding stored in an earlier phase of the same exchange */
  readonly state: Span = new Span()
  /** wall clock when the phase began, Unix milliseconds */
  nowMs: u64 = 0

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.exchangeId.clear()
    this.route.clear()
    this.upstream.clear()
    this.consumer.clear()
    this.params.clear()
    this.tags.clear()
    this.state.clear()
    this.nowMs = 0
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // exchangeId
          if (!span(this.exchangeId, end)) return false
          break
        case 18: // route
          if (!span(this.route, end)) return false
          break
        case 26: // upstream
          if (!span(this.upstream, end)) return false
          break
        case 34: // consumer
          if (!span(this.consumer, end)) return false
          break
        case 42: // params
          if (!spanInto(this.params, end)) return false
          break
        case 50: // tags
          if (!spanInto(this.tags, end)) return false
          break
        case 58: // state
          if (!span(this.state, end)) return false
          break
        case 64: // nowMs
          this.nowMs = varint(end)
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** Where the exchange stands. */
export class ContextWriter {
  exchangeId: string = ''
  /** name of the matched route */
  route: string = ''
  /** name of the upstream it will go to */
  upstream: string = ''
  /** who is calling, once an auth policy has said so */
  consumer: string = ''
  /** path parameters, name, value, … */
  params: string[] | null = null
  /** set by policies before this one, name, value, … */
  tags: string[] | null = null
  /** what this binding stored in an earlier phase of the same exchange */
  state: Uint8Array | null = null
  /** wall clock when the phase began, Unix milliseconds */
  nowMs: u64 = 0

  encode(writer: ByteWriter): void {
    const _exchangeId = this.exchangeId
    if (_exchangeId.length > 0) {
      writer.varint(10)
      writer.string(_exchangeId)
    }
    const _route = this.route
    if (_route.length > 0) {
      writer.varint(18)
      writer.string(_route)
    }
    const _upstream = this.upstream
    if (_upstream.length > 0) {
      writer.varint(26)
      writer.string(_upstream)
    }
    const _consumer = this.consumer
    if (_consumer.length > 0) {
      writer.varint(34)
      writer.string(_consumer)
    }
    const _params = this.params
    if (_params !== null) {
      for (let i = 0; i < _params.length; i++) {
        writer.varint(42)
        writer.string(unchecked(_params[i]))
      }
    }
    const _tags = this.tags
    if (_tags !== null) {
      for (let i = 0; i < _tags.length; i++) {
        writer.varint(50)
        writer.string(unchecked(_tags[i]))
      }
    }
    const _state = this.state
    if (_state !== null && _state.length > 0) {
      writer.varint(58)
      writer.bytes(_state)
    }
    if (this.nowMs != 0) {
      writer.varint(64)
      writer.varint(this.nowMs)
    }
  }
}

@unmanaged
@final
export class RequestReader {
  readonly method: Span = new Span()
  /** "http" or "https" */
  readonly scheme: Span = new Span()
  /** authority, as the client sent it */
  readonly host: Span = new Span()
  /** without the query, percent-encoding as the client sent it */
  readonly path: Span = new Span()
  /** without the "?" */
  readonly query: Span = new Span()
  /** only those the plugin may read */
  readonly headers: Spans = new Spans()
  readonly clientIp: Span = new Span()

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.method.clear()
    this.scheme.clear()
    this.host.clear()
    this.path.clear()
    this.query.clear()
    this.headers.clear()
    this.clientIp.clear()
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // method
          if (!span(this.method, end)) return false
          break
        case 18: // scheme
          if (!span(this.scheme, end)) return false
          break
        case 26: // host
          if (!span(this.host, end)) return false
          break
        case 34: // path
          if (!span(this.path, end)) return false
          break
        case 42: // query
          if (!span(this.query, end)) return false
          break
        case 50: // headers
          if (!spanInto(this.headers, end)) return false
          break
        case 58: // clientIp
          if (!span(this.clientIp, end)) return false
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

export class RequestWriter {
  method: string = ''
  /** "http" or "https" */
  scheme: string = ''
  /** authority, as the client sent it */
  host: string = ''
  /** without the query, percent-encoding as the client sent it */
  path: string = ''
  /** without the "?" */
  query: string = ''
  /** only those the plugin may read */
  headers: string[] | null = null
  clientIp: string = ''

  encode(writer: ByteWriter): void {
    const _method = this.method
    if (_method.length > 0) {
      writer.varint(10)
      writer.string(_method)
    }
    const _scheme = this.scheme
    if (_scheme.length > 0) {
      writer.varint(18)
      writer.string(_scheme)
    }
    const _host = this.host
    if (_host.length > 0) {
      writer.varint(26)
      writer.string(_host)
    }
    const _path = this.path
    if (_path.length > 0) {
      writer.varint(34)
      writer.string(_path)
    }
    const _query = this.query
    if (_query.length > 0) {
      writer.varint(42)
      writer.string(_query)
    }
    const _headers = this.headers
    if (_headers !== null) {
      for (let i = 0; i < _headers.length; i++) {
        writer.varint(50)
        writer.string(unchecked(_headers[i]))
      }
    }
    const _clientIp = this.clientIp
    if (_clientIp.length > 0) {
      writer.varint(58)
      writer.string(_clientIp)
    }
  }
}

@unmanaged
@final
export class ResponseReader {
  status: u32 = 0
  /** only those the plugin may read */
  readonly headers: Spans = new Spans()

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.status = 0
    this.headers.clear()
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 8: // status
          this.status = <u32>varint(end)
          break
        case 18: // headers
          if (!spanInto(this.headers, end)) return false
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

export class ResponseWriter {
  status: u32 = 0
  /** only those the plugin may read */
  headers: string[] | null = null

  encode(writer: ByteWriter): void {
    if (this.status != 0) {
      writer.varint(8)
      writer.varint(<u64>this.status)
    }
    const _headers = this.headers
    if (_headers !== null) {
      for (let i = 0; i < _headers.length; i++) {
        writer.varint(18)
        writer.string(unchecked(_headers[i]))
      }
    }
  }
}

/** What on_request and on_request_body get. body is set for on_request_body alone: whole, content codings removed. */
@unmanaged
@final
export class RequestInputReader {
  hasContext: bool = false
  readonly context: ContextReader = new ContextReader()
  hasRequest: bool = false
  readonly request: RequestReader = new RequestReader()
  readonly body: Span = new Span()

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.hasContext = false
    this.context.clear()
    this.hasRequest = false
    this.request.clear()
    this.body.clear()
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // context
          if (!this.context.merge(extent(end))) return false
          this.hasContext = true
          break
        case 18: // request
          if (!this.request.merge(extent(end))) return false
          this.hasRequest = true
          break
        case 26: // body
          if (!span(this.body, end)) return false
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** What on_request and on_request_body get. body is set for on_request_body alone: whole, content codings removed. */
export class RequestInputWriter {
  context: ContextWriter | null = null
  request: RequestWriter | null = null
  body: Uint8Array | null = null

  encode(writer: ByteWriter): void {
    const _context = this.context
    if (_context !== null) {
      writer.varint(10)
      { const at = writer.open(); _context.encode(writer); writer.close(at) }
    }
    const _request = this.request
    if (_request !== null) {
      writer.varint(18)
      { const at = writer.open(); _request.encode(writer); writer.close(at) }
    }
    const _body = this.body
    if (_body !== null && _body.length > 0) {
      writer.varint(26)
      writer.bytes(_body)
    }
  }
}

/** What on_response and on_response_body get. The request is the one that went upstream. */
@unmanaged
@final
export class ResponseInputReader {
  hasContext: bool = false
  readonly context: ContextReader = new ContextReader()
  hasRequest: bool = false
  readonly request: RequestReader = new RequestReader()
  readonly body: Span = new Span()
  hasResponse: bool = false
  readonly response: ResponseReader = new ResponseReader()

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.hasContext = false
    this.context.clear()
    this.hasRequest = false
    this.request.clear()
    this.body.clear()
    this.hasResponse = false
    this.response.clear()
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // context
          if (!this.context.merge(extent(end))) return false
          this.hasContext = true
          break
        case 18: // request
          if (!this.request.merge(extent(end))) return false
          this.hasRequest = true
          break
        case 26: // body
          if (!span(this.body, end)) return false
          break
        case 34: // response
          if (!this.response.merge(extent(end))) return false
          this.hasResponse = true
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** What on_response and on_response_body get. The request is the one that went upstream. */
export class ResponseInputWriter {
  context: ContextWriter | null = null
  request: RequestWriter | null = null
  body: Uint8Array | null = null
  response: ResponseWriter | null = null

  encode(writer: ByteWriter): void {
    const _context = this.context
    if (_context !== null) {
      writer.varint(10)
      { const at = writer.open(); _context.encode(writer); writer.close(at) }
    }
    const _request = this.request
    if (_request !== null) {
      writer.varint(18)
      { const at = writer.open(); _request.encode(writer); writer.close(at) }
    }
    const _body = this.body
    if (_body !== null && _body.length > 0) {
      writer.varint(26)
      writer.bytes(_body)
    }
    const _response = this.response
    if (_response !== null) {
      writer.varint(34)
      { const at = writer.open(); _response.encode(writer); writer.close(at) }
    }
  }
}

/** One change to a header list. Edits are applied in order. */
@unmanaged
@final
export class HeaderEditReader {
  op: i32 = 0
  readonly name: Span = new Span()
  readonly value: Span = new Span()

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.op = 0
    this.name.clear()
    this.value.clear()
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 8: // op
          this.op = <i32>varint(end)
          break
        case 18: // name
          if (!span(this.name, end)) return false
          break
        case 26: // value
          if (!span(this.value, end)) return false
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** One change to a header list. Edits are applied in order. */
export class HeaderEditWriter {
  op: i32 = 0
  name: string = ''
  value: string = ''

  encode(writer: ByteWriter): void {
    if (this.op != 0) {
      writer.varint(8)
      writer.varint(<u64>(<i64>this.op))
    }
    const _name = this.name
    if (_name.length > 0) {
      writer.varint(18)
      writer.string(_name)
    }
    const _value = this.value
    if (_value.length > 0) {
      writer.varint(26)
      writer.string(_value)
    }
  }
}

/** An answer made by the plugin: the exchange ends with it, nothing (more) is sent upstream. */
@unmanaged
@final
export class ReplyReader {
  status: u32 = 0
  /** name, value, … */
  readonly headers: Spans = new Spans()
  readonly body: Span = new Span()

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.status = 0
    this.headers.clear()
    this.body.clear()
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 8: // status
          this.status = <u32>varint(end)
          break
        case 18: // headers
          if (!spanInto(this.headers, end)) return false
          break
        case 26: // body
          if (!span(this.body, end)) return false
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** An answer made by the plugin: the exchange ends with it, nothing (more) is sent upstream. */
export class ReplyWriter {
  status: u32 = 0
  /** name, value, … */
  headers: string[] | null = null
  body: Uint8Array | null = null

  encode(writer: ByteWriter): void {
    if (this.status != 0) {
      writer.varint(8)
      writer.varint(<u64>this.status)
    }
    const _headers = this.headers
    if (_headers !== null) {
      for (let i = 0; i < _headers.length; i++) {
        writer.varint(18)
        writer.string(unchecked(_headers[i]))
      }
    }
    const _body = this.body
    if (_body !== null && _body.length > 0) {
      writer.varint(26)
      writer.bytes(_body)
    }
  }
}

/** What a hook answers. Every field is optional: an empty Verdict lets the exchange go on unchanged. */
@unmanaged
@final
export class VerdictReader {
  hasReply: bool = false
  readonly reply: ReplyReader = new ReplyReader()
  /** to the request in a request hook, to the response in a response hook */
  readonly headers: Spans = new Spans()
  /** request hooks only: applied to the reply when it comes */
  readonly responseHeaders: Spans = new Spans()
  /** request hooks */
  hasMethod: bool = false
  readonly method: Span = new Span()
  /** request hooks; begins with "/" */
  hasPath: bool = false
  readonly path: Span = new Span()
  /** request hooks */
  hasQuery: bool = false
  readonly query: Span = new Span()
  /** request hooks: another upstream of the configuration, by name */
  hasUpstream: bool = false
  readonly upstream: Span = new Span()
  /** response hooks */
  hasStatus: bool = false
  status: u32 = 0
  /** the *_body hooks: replaces the body */
  hasBody: bool = false
  readonly body: Span = new Span()
  /** request hooks: who is calling */
  hasConsumer: bool = false
  readonly consumer: Span = new Span()
  /** name, value, …: for the log and for later policies */
  readonly tags: Spans = new Spans()
  /** comes back to this binding in later phases of the exchange */
  hasState: bool = false
  readonly state: Span = new Span()

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.hasReply = false
    this.reply.clear()
    this.headers.clear()
    this.responseHeaders.clear()
    this.hasMethod = false
    this.method.clear()
    this.hasPath = false
    this.path.clear()
    this.hasQuery = false
    this.query.clear()
    this.hasUpstream = false
    this.upstream.clear()
    this.hasStatus = false
    this.status = 0
    this.hasBody = false
    this.body.clear()
    this.hasConsumer = false
    this.consumer.clear()
    this.tags.clear()
    this.hasState = false
    this.state.clear()
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // reply
          if (!this.reply.merge(extent(end))) return false
          this.hasReply = true
          break
        case 18: // headers
          if (!spanInto(this.headers, end)) return false
          break
        case 26: // responseHeaders
          if (!spanInto(this.responseHeaders, end)) return false
          break
        case 34: // method
          if (!span(this.method, end)) return false
          this.hasMethod = true
          break
        case 42: // path
          if (!span(this.path, end)) return false
          this.hasPath = true
          break
        case 50: // query
          if (!span(this.query, end)) return false
          this.hasQuery = true
          break
        case 58: // upstream
          if (!span(this.upstream, end)) return false
          this.hasUpstream = true
          break
        case 64: // status
          this.status = <u32>varint(end)
          this.hasStatus = true
          break
        case 74: // body
          if (!span(this.body, end)) return false
          this.hasBody = true
          break
        case 82: // consumer
          if (!span(this.consumer, end)) return false
          this.hasConsumer = true
          break
        case 90: // tags
          if (!spanInto(this.tags, end)) return false
          break
        case 98: // state
          if (!span(this.state, end)) return false
          this.hasState = true
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** What a hook answers. Every field is optional: an empty Verdict lets the exchange go on unchanged. */
export class VerdictWriter {
  reply: ReplyWriter | null = null
  /** to the request in a request hook, to the response in a response hook */
  headers: HeaderEditWriter[] | null = null
  /** request hooks only: applied to the reply when it comes */
  responseHeaders: HeaderEditWriter[] | null = null
  /** request hooks */
  method: string | null = null
  /** request hooks; begins with "/" */
  path: string | null = null
  /** request hooks */
  query: string | null = null
  /** request hooks: another upstream of the configuration, by name */
  upstream: string | null = null
  /** response hooks */
  hasStatus: bool = false
  status: u32 = 0
  /** the *_body hooks: replaces the body */
  body: Uint8Array | null = null
  /** request hooks: who is calling */
  consumer: string | null = null
  /** name, value, …: for the log and for later policies */
  tags: string[] | null = null
  /** comes back to this binding in later phases of the exchange */
  state: Uint8Array | null = null

  encode(writer: ByteWriter): void {
    const _reply = this.reply
    if (_reply !== null) {
      writer.varint(10)
      { const at = writer.open(); _reply.encode(writer); writer.close(at) }
    }
    const _headers = this.headers
    if (_headers !== null) {
      for (let i = 0; i < _headers.length; i++) {
        writer.varint(18)
        { const at = writer.open(); unchecked(_headers[i]).encode(writer); writer.close(at) }
      }
    }
    const _responseHeaders = this.responseHeaders
    if (_responseHeaders !== null) {
      for (let i = 0; i < _responseHeaders.length; i++) {
        writer.varint(26)
        { const at = writer.open(); unchecked(_responseHeaders[i]).encode(writer); writer.close(at) }
      }
    }
    const _method = this.method
    if (_method !== null) {
      writer.varint(34)
      writer.string(_method)
    }
    const _path = this.path
    if (_path !== null) {
      writer.varint(42)
      writer.string(_path)
    }
    const _query = this.query
    if (_query !== null) {
      writer.varint(50)
      writer.string(_query)
    }
    const _upstream = this.upstream
    if (_upstream !== null) {
      writer.varint(58)
      writer.string(_upstream)
    }
    if (this.hasStatus) {
      writer.varint(64)
      writer.varint(<u64>this.status)
    }
    const _body = this.body
    if (_body !== null) {
      writer.varint(74)
      writer.bytes(_body)
    }
    const _consumer = this.consumer
    if (_consumer !== null) {
      writer.varint(82)
      writer.string(_consumer)
    }
    const _tags = this.tags
    if (_tags !== null) {
      for (let i = 0; i < _tags.length; i++) {
        writer.varint(90)
        writer.string(unchecked(_tags[i]))
      }
    }
    const _state = this.state
    if (_state !== null) {
      writer.varint(98)
      writer.bytes(_state)
    }
  }
}
