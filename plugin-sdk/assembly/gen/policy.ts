// generated from policy.proto, do not edit (npm run gen)
import { Span, Spans, broken, cursor, extent, has, skip, span, spanInto, startAt, tag, varint } from '../wire'
import { ByteWriter } from '../writer'

export enum KvOperationKind {
  GET = 0,
  SET = 1,
  DELETE = 2,
  SWAP = 3,
  ADD = 4
}

export enum HeaderEditOp {
  SET = 0,
  ADD = 1,
  REMOVE = 2,
  RENAME = 3
}

export enum MessageEditOp {
  REPLACE = 0,
  INSERT = 1,
  REMOVE = 2
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
      writer.byte(10)
      writer.string(_plugin)
    }
    const _binding = this.binding
    if (_binding.length > 0) {
      writer.byte(18)
      writer.string(_binding)
    }
    const _settings = this.settings
    if (_settings !== null && _settings.length > 0) {
      writer.byte(26)
      writer.bytes(_settings)
    }
  }
}

/** What on_configure answers. A non-empty error refuses the settings: the message is for the operator. */
@unmanaged
@final
export class ConfigureResultReader {
  readonly error: Span = new Span()
  /**
   * With these settings the binding reads no more of an exchange than these fields (the manifest's names, "path", "consumer", …;
   * "none" when it reads none of them). Nothing here: what the manifest says.
   */
  readonly input: Spans = new Spans()

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.error.clear()
    this.input.clear()
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // error
          if (!span(this.error, end)) return false
          break
        case 18: // input
          if (!spanInto(this.input, end)) return false
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
  /**
   * With these settings the binding reads no more of an exchange than these fields (the manifest's names, "path", "consumer", …;
   * "none" when it reads none of them). Nothing here: what the manifest says.
   */
  input: string[] | null = null

  encode(writer: ByteWriter): void {
    const _error = this.error
    if (_error.length > 0) {
      writer.byte(10)
      writer.string(_error)
    }
    const _input = this.input
    if (_input !== null) {
      for (let i = 0; i < _input.length; i++) {
        writer.byte(18)
        writer.string(unchecked(_input[i]))
      }
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
  /** what other policies of the chain left in the bag and this one may read: "plugin.name", value, … */
  readonly bag: Spans = new Spans()

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
    this.bag.clear()
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
        case 74: // bag
          if (!spanInto(this.bag, end)) return false
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
  /** what other policies of the chain left in the bag and this one may read: "plugin.name", value, … */
  bag: string[] | null = null

  encode(writer: ByteWriter): void {
    const _exchangeId = this.exchangeId
    if (_exchangeId.length > 0) {
      writer.byte(10)
      writer.string(_exchangeId)
    }
    const _route = this.route
    if (_route.length > 0) {
      writer.byte(18)
      writer.string(_route)
    }
    const _upstream = this.upstream
    if (_upstream.length > 0) {
      writer.byte(26)
      writer.string(_upstream)
    }
    const _consumer = this.consumer
    if (_consumer.length > 0) {
      writer.byte(34)
      writer.string(_consumer)
    }
    const _params = this.params
    if (_params !== null) {
      for (let i = 0; i < _params.length; i++) {
        writer.byte(42)
        writer.string(unchecked(_params[i]))
      }
    }
    const _tags = this.tags
    if (_tags !== null) {
      for (let i = 0; i < _tags.length; i++) {
        writer.byte(50)
        writer.string(unchecked(_tags[i]))
      }
    }
    const _state = this.state
    if (_state !== null && _state.length > 0) {
      writer.byte(58)
      writer.bytes(_state)
    }
    if (this.nowMs != 0) {
      writer.byte(64)
      writer.varint(this.nowMs)
    }
    const _bag = this.bag
    if (_bag !== null) {
      for (let i = 0; i < _bag.length; i++) {
        writer.byte(74)
        writer.string(unchecked(_bag[i]))
      }
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
  /** without the query, percent-encoding in normal form (RFC 3986 section 6.2.2): "/%61%2fb" is "/a%2Fb" */
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
  /** without the query, percent-encoding in normal form (RFC 3986 section 6.2.2): "/%61%2fb" is "/a%2Fb" */
  path: string = ''
  /** without the "?" */
  query: string = ''
  /** only those the plugin may read */
  headers: string[] | null = null
  clientIp: string = ''

  encode(writer: ByteWriter): void {
    const _method = this.method
    if (_method.length > 0) {
      writer.byte(10)
      writer.string(_method)
    }
    const _scheme = this.scheme
    if (_scheme.length > 0) {
      writer.byte(18)
      writer.string(_scheme)
    }
    const _host = this.host
    if (_host.length > 0) {
      writer.byte(26)
      writer.string(_host)
    }
    const _path = this.path
    if (_path.length > 0) {
      writer.byte(34)
      writer.string(_path)
    }
    const _query = this.query
    if (_query.length > 0) {
      writer.byte(42)
      writer.string(_query)
    }
    const _headers = this.headers
    if (_headers !== null) {
      for (let i = 0; i < _headers.length; i++) {
        writer.byte(50)
        writer.string(unchecked(_headers[i]))
      }
    }
    const _clientIp = this.clientIp
    if (_clientIp.length > 0) {
      writer.byte(58)
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
      writer.byte(8)
      writer.varint(<u64>this.status)
    }
    const _headers = this.headers
    if (_headers !== null) {
      for (let i = 0; i < _headers.length; i++) {
        writer.byte(18)
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
      writer.byte(10)
      { const at = writer.open(); _context.encode(writer); writer.close(at) }
    }
    const _request = this.request
    if (_request !== null) {
      writer.byte(18)
      { const at = writer.open(); _request.encode(writer); writer.close(at) }
    }
    const _body = this.body
    if (_body !== null && _body.length > 0) {
      writer.byte(26)
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
      writer.byte(10)
      { const at = writer.open(); _context.encode(writer); writer.close(at) }
    }
    const _request = this.request
    if (_request !== null) {
      writer.byte(18)
      { const at = writer.open(); _request.encode(writer); writer.close(at) }
    }
    const _body = this.body
    if (_body !== null && _body.length > 0) {
      writer.byte(26)
      writer.bytes(_body)
    }
    const _response = this.response
    if (_response !== null) {
      writer.byte(34)
      { const at = writer.open(); _response.encode(writer); writer.close(at) }
    }
  }
}

/**
 * What on_error gets: the exchange failed, and this is the reply the client is about to get. Not sent for a failure after the
 * head of a reply has gone out.
 */
@unmanaged
@final
export class ErrorInputReader {
  hasContext: bool = false
  readonly context: ContextReader = new ContextReader()
  hasRequest: bool = false
  readonly request: RequestReader = new RequestReader()
  /** the gateway's problem document: its status and headers */
  hasResponse: bool = false
  readonly response: ResponseReader = new ResponseReader()
  /** of the error table, e.g. "GW_UPSTREAM_TIMEOUT" */
  readonly code: Span = new Span()
  /** whose fault it is: client, upstream, plugin, gateway */
  readonly blame: Span = new Span()
  /** whether the same request, sent again, may succeed */
  retryable: bool = false

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
    this.hasResponse = false
    this.response.clear()
    this.code.clear()
    this.blame.clear()
    this.retryable = false
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
        case 34: // response
          if (!this.response.merge(extent(end))) return false
          this.hasResponse = true
          break
        case 42: // code
          if (!span(this.code, end)) return false
          break
        case 50: // blame
          if (!span(this.blame, end)) return false
          break
        case 56: // retryable
          this.retryable = varint(end) != 0
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/**
 * What on_error gets: the exchange failed, and this is the reply the client is about to get. Not sent for a failure after the
 * head of a reply has gone out.
 */
export class ErrorInputWriter {
  context: ContextWriter | null = null
  request: RequestWriter | null = null
  /** the gateway's problem document: its status and headers */
  response: ResponseWriter | null = null
  /** of the error table, e.g. "GW_UPSTREAM_TIMEOUT" */
  code: string = ''
  /** whose fault it is: client, upstream, plugin, gateway */
  blame: string = ''
  /** whether the same request, sent again, may succeed */
  retryable: bool = false

  encode(writer: ByteWriter): void {
    const _context = this.context
    if (_context !== null) {
      writer.byte(10)
      { const at = writer.open(); _context.encode(writer); writer.close(at) }
    }
    const _request = this.request
    if (_request !== null) {
      writer.byte(18)
      { const at = writer.open(); _request.encode(writer); writer.close(at) }
    }
    const _response = this.response
    if (_response !== null) {
      writer.byte(34)
      { const at = writer.open(); _response.encode(writer); writer.close(at) }
    }
    const _code = this.code
    if (_code.length > 0) {
      writer.byte(42)
      writer.string(_code)
    }
    const _blame = this.blame
    if (_blame.length > 0) {
      writer.byte(50)
      writer.string(_blame)
    }
    if (this.retryable) {
      writer.byte(56)
      writer.varint(<u64>this.retryable)
    }
  }
}

/** What on_log gets, when the exchange is over. */
@unmanaged
@final
export class LogInputReader {
  hasContext: bool = false
  readonly context: ContextReader = new ContextReader()
  hasRequest: bool = false
  readonly request: RequestReader = new RequestReader()
  hasResponse: bool = false
  readonly response: ResponseReader = new ResponseReader()
  /** the error the exchange ended with; empty when there was none */
  readonly code: Span = new Span()
  /** from accept to the last byte */
  durationUs: u64 = 0
  /** of the request's body, as received */
  bytesIn: u64 = 0
  /** of the reply's body, as sent */
  bytesOut: u64 = 0
  /** address of the upstream's target it went to */
  readonly target: Span = new Span()

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
    this.hasResponse = false
    this.response.clear()
    this.code.clear()
    this.durationUs = 0
    this.bytesIn = 0
    this.bytesOut = 0
    this.target.clear()
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
        case 34: // response
          if (!this.response.merge(extent(end))) return false
          this.hasResponse = true
          break
        case 42: // code
          if (!span(this.code, end)) return false
          break
        case 48: // durationUs
          this.durationUs = varint(end)
          break
        case 56: // bytesIn
          this.bytesIn = varint(end)
          break
        case 64: // bytesOut
          this.bytesOut = varint(end)
          break
        case 74: // target
          if (!span(this.target, end)) return false
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** What on_log gets, when the exchange is over. */
export class LogInputWriter {
  context: ContextWriter | null = null
  request: RequestWriter | null = null
  response: ResponseWriter | null = null
  /** the error the exchange ended with; empty when there was none */
  code: string = ''
  /** from accept to the last byte */
  durationUs: u64 = 0
  /** of the request's body, as received */
  bytesIn: u64 = 0
  /** of the reply's body, as sent */
  bytesOut: u64 = 0
  /** address of the upstream's target it went to */
  target: string = ''

  encode(writer: ByteWriter): void {
    const _context = this.context
    if (_context !== null) {
      writer.byte(10)
      { const at = writer.open(); _context.encode(writer); writer.close(at) }
    }
    const _request = this.request
    if (_request !== null) {
      writer.byte(18)
      { const at = writer.open(); _request.encode(writer); writer.close(at) }
    }
    const _response = this.response
    if (_response !== null) {
      writer.byte(34)
      { const at = writer.open(); _response.encode(writer); writer.close(at) }
    }
    const _code = this.code
    if (_code.length > 0) {
      writer.byte(42)
      writer.string(_code)
    }
    if (this.durationUs != 0) {
      writer.byte(48)
      writer.varint(this.durationUs)
    }
    if (this.bytesIn != 0) {
      writer.byte(56)
      writer.varint(this.bytesIn)
    }
    if (this.bytesOut != 0) {
      writer.byte(64)
      writer.varint(this.bytesOut)
    }
    const _target = this.target
    if (_target.length > 0) {
      writer.byte(74)
      writer.string(_target)
    }
  }
}

/** What on_tick gets, every so often (the manifest's tickMs), on one thread at a time. */
@unmanaged
@final
export class TickInputReader {
  /** now_ms, and the state the tick before left */
  hasContext: bool = false
  readonly context: ContextReader = new ContextReader()
  /** how many came before it */
  tick: u64 = 0

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.hasContext = false
    this.context.clear()
    this.tick = 0
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // context
          if (!this.context.merge(extent(end))) return false
          this.hasContext = true
          break
        case 16: // tick
          this.tick = varint(end)
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** What on_tick gets, every so often (the manifest's tickMs), on one thread at a time. */
export class TickInputWriter {
  /** now_ms, and the state the tick before left */
  context: ContextWriter | null = null
  /** how many came before it */
  tick: u64 = 0

  encode(writer: ByteWriter): void {
    const _context = this.context
    if (_context !== null) {
      writer.byte(10)
      { const at = writer.open(); _context.encode(writer); writer.close(at) }
    }
    if (this.tick != 0) {
      writer.byte(16)
      writer.varint(this.tick)
    }
  }
}

/**
 * What on_effect gets: the answers to everything a hook asked for, together, in the order it asked. The rest is what that hook
 * got, as it is now.
 */
@unmanaged
@final
export class EffectInputReader {
  hasContext: bool = false
  readonly context: ContextReader = new ContextReader()
  hasRequest: bool = false
  readonly request: RequestReader = new RequestReader()
  readonly body: Span = new Span()
  /** when a response hook asked */
  hasResponse: bool = false
  readonly response: ResponseReader = new ResponseReader()
  /** the hook that asked, e.g. "on_request" */
  readonly hook: Span = new Span()
  readonly answers: Spans = new Spans()

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
    this.hook.clear()
    this.answers.clear()
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
        case 42: // hook
          if (!span(this.hook, end)) return false
          break
        case 50: // answers
          if (!spanInto(this.answers, end)) return false
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/**
 * What on_effect gets: the answers to everything a hook asked for, together, in the order it asked. The rest is what that hook
 * got, as it is now.
 */
export class EffectInputWriter {
  context: ContextWriter | null = null
  request: RequestWriter | null = null
  body: Uint8Array | null = null
  /** when a response hook asked */
  response: ResponseWriter | null = null
  /** the hook that asked, e.g. "on_request" */
  hook: string = ''
  answers: EffectAnswerWriter[] | null = null

  encode(writer: ByteWriter): void {
    const _context = this.context
    if (_context !== null) {
      writer.byte(10)
      { const at = writer.open(); _context.encode(writer); writer.close(at) }
    }
    const _request = this.request
    if (_request !== null) {
      writer.byte(18)
      { const at = writer.open(); _request.encode(writer); writer.close(at) }
    }
    const _body = this.body
    if (_body !== null && _body.length > 0) {
      writer.byte(26)
      writer.bytes(_body)
    }
    const _response = this.response
    if (_response !== null) {
      writer.byte(34)
      { const at = writer.open(); _response.encode(writer); writer.close(at) }
    }
    const _hook = this.hook
    if (_hook.length > 0) {
      writer.byte(42)
      writer.string(_hook)
    }
    const _answers = this.answers
    if (_answers !== null) {
      for (let i = 0; i < _answers.length; i++) {
        writer.byte(50)
        { const at = writer.open(); unchecked(_answers[i]).encode(writer); writer.close(at) }
      }
    }
  }
}

/**
 * Something that takes I/O: the host does it and calls on_effect with the answer. Exactly one of http, kv, secret and jwks is
 * set. (No oneof: a decoder that knows only some of them must still tell that there is another.)
 */
@unmanaged
@final
export class EffectReader {
  /** the plugin's name for it, unlike any other of the verdict; comes back in the answer */
  readonly id: Span = new Span()
  hasHttp: bool = false
  readonly http: HttpCalloutReader = new HttpCalloutReader()
  hasKv: bool = false
  readonly kv: KvOperationReader = new KvOperationReader()
  /** name of a secret of the configuration */
  readonly secret: Span = new Span()
  /** URL of a key set (RFC 7517), from the host's cache */
  readonly jwks: Span = new Span()
  /** with jwks: a key was not there, look again (at most every so often) */
  refresh: bool = false
  /** nobody waits for it: the chain goes on at once, and no answer comes */
  detached: bool = false

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.id.clear()
    this.hasHttp = false
    this.http.clear()
    this.hasKv = false
    this.kv.clear()
    this.secret.clear()
    this.jwks.clear()
    this.refresh = false
    this.detached = false
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // id
          if (!span(this.id, end)) return false
          break
        case 18: // http
          if (!this.http.merge(extent(end))) return false
          this.hasHttp = true
          break
        case 26: // kv
          if (!this.kv.merge(extent(end))) return false
          this.hasKv = true
          break
        case 34: // secret
          if (!span(this.secret, end)) return false
          break
        case 42: // jwks
          if (!span(this.jwks, end)) return false
          break
        case 48: // refresh
          this.refresh = varint(end) != 0
          break
        case 56: // detached
          this.detached = varint(end) != 0
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/**
 * Something that takes I/O: the host does it and calls on_effect with the answer. Exactly one of http, kv, secret and jwks is
 * set. (No oneof: a decoder that knows only some of them must still tell that there is another.)
 */
export class EffectWriter {
  /** the plugin's name for it, unlike any other of the verdict; comes back in the answer */
  id: string = ''
  http: HttpCalloutWriter | null = null
  kv: KvOperationWriter | null = null
  /** name of a secret of the configuration */
  secret: string = ''
  /** URL of a key set (RFC 7517), from the host's cache */
  jwks: string = ''
  /** with jwks: a key was not there, look again (at most every so often) */
  refresh: bool = false
  /** nobody waits for it: the chain goes on at once, and no answer comes */
  detached: bool = false

  encode(writer: ByteWriter): void {
    const _id = this.id
    if (_id.length > 0) {
      writer.byte(10)
      writer.string(_id)
    }
    const _http = this.http
    if (_http !== null) {
      writer.byte(18)
      { const at = writer.open(); _http.encode(writer); writer.close(at) }
    }
    const _kv = this.kv
    if (_kv !== null) {
      writer.byte(26)
      { const at = writer.open(); _kv.encode(writer); writer.close(at) }
    }
    const _secret = this.secret
    if (_secret.length > 0) {
      writer.byte(34)
      writer.string(_secret)
    }
    const _jwks = this.jwks
    if (_jwks.length > 0) {
      writer.byte(42)
      writer.string(_jwks)
    }
    if (this.refresh) {
      writer.byte(48)
      writer.varint(<u64>this.refresh)
    }
    if (this.detached) {
      writer.byte(56)
      writer.varint(<u64>this.detached)
    }
  }
}

@unmanaged
@final
export class HttpCalloutReader {
  /** name of an upstream, or empty: */
  readonly upstream: Span = new Span()
  /** path and query on that upstream; without one, an absolute http or https URL */
  readonly url: Span = new Span()
  /** empty: GET */
  readonly method: Span = new Span()
  /** name, value, … */
  readonly headers: Spans = new Spans()
  readonly body: Span = new Span()
  /** for all of it; 0: 5,000 */
  timeoutMs: u32 = 0
  /** of the answer's body; 0: 65,536 */
  maxBytes: u32 = 0

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.upstream.clear()
    this.url.clear()
    this.method.clear()
    this.headers.clear()
    this.body.clear()
    this.timeoutMs = 0
    this.maxBytes = 0
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // upstream
          if (!span(this.upstream, end)) return false
          break
        case 18: // url
          if (!span(this.url, end)) return false
          break
        case 26: // method
          if (!span(this.method, end)) return false
          break
        case 34: // headers
          if (!spanInto(this.headers, end)) return false
          break
        case 42: // body
          if (!span(this.body, end)) return false
          break
        case 48: // timeoutMs
          this.timeoutMs = <u32>varint(end)
          break
        case 56: // maxBytes
          this.maxBytes = <u32>varint(end)
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

export class HttpCalloutWriter {
  /** name of an upstream, or empty: */
  upstream: string = ''
  /** path and query on that upstream; without one, an absolute http or https URL */
  url: string = ''
  /** empty: GET */
  method: string = ''
  /** name, value, … */
  headers: string[] | null = null
  body: Uint8Array | null = null
  /** for all of it; 0: 5,000 */
  timeoutMs: u32 = 0
  /** of the answer's body; 0: 65,536 */
  maxBytes: u32 = 0

  encode(writer: ByteWriter): void {
    const _upstream = this.upstream
    if (_upstream.length > 0) {
      writer.byte(10)
      writer.string(_upstream)
    }
    const _url = this.url
    if (_url.length > 0) {
      writer.byte(18)
      writer.string(_url)
    }
    const _method = this.method
    if (_method.length > 0) {
      writer.byte(26)
      writer.string(_method)
    }
    const _headers = this.headers
    if (_headers !== null) {
      for (let i = 0; i < _headers.length; i++) {
        writer.byte(34)
        writer.string(unchecked(_headers[i]))
      }
    }
    const _body = this.body
    if (_body !== null && _body.length > 0) {
      writer.byte(42)
      writer.bytes(_body)
    }
    if (this.timeoutMs != 0) {
      writer.byte(48)
      writer.varint(<u64>this.timeoutMs)
    }
    if (this.maxBytes != 0) {
      writer.byte(56)
      writer.varint(<u64>this.maxBytes)
    }
  }
}

/** An operation on the remote key-value store of the configuration. Keys belong to the plugin. */
@unmanaged
@final
export class KvOperationReader {
  kind: i32 = 0
  readonly key: Span = new Span()
  readonly value: Span = new Span()
  readonly expected: Span = new Span()
  /** 0: kept until deleted */
  ttlMs: u32 = 0
  delta: i64 = 0

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.kind = 0
    this.key.clear()
    this.value.clear()
    this.expected.clear()
    this.ttlMs = 0
    this.delta = 0
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 8: // kind
          this.kind = <i32>varint(end)
          break
        case 18: // key
          if (!span(this.key, end)) return false
          break
        case 26: // value
          if (!span(this.value, end)) return false
          break
        case 34: // expected
          if (!span(this.expected, end)) return false
          break
        case 40: // ttlMs
          this.ttlMs = <u32>varint(end)
          break
        case 48: // delta
          this.delta = <i64>varint(end)
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** An operation on the remote key-value store of the configuration. Keys belong to the plugin. */
export class KvOperationWriter {
  kind: i32 = 0
  key: string = ''
  value: Uint8Array | null = null
  expected: Uint8Array | null = null
  /** 0: kept until deleted */
  ttlMs: u32 = 0
  delta: i64 = 0

  encode(writer: ByteWriter): void {
    if (this.kind != 0) {
      writer.byte(8)
      writer.varint(<u64>(<i64>this.kind))
    }
    const _key = this.key
    if (_key.length > 0) {
      writer.byte(18)
      writer.string(_key)
    }
    const _value = this.value
    if (_value !== null && _value.length > 0) {
      writer.byte(26)
      writer.bytes(_value)
    }
    const _expected = this.expected
    if (_expected !== null && _expected.length > 0) {
      writer.byte(34)
      writer.bytes(_expected)
    }
    if (this.ttlMs != 0) {
      writer.byte(40)
      writer.varint(<u64>this.ttlMs)
    }
    if (this.delta != 0) {
      writer.byte(48)
      writer.varint(<u64>this.delta)
    }
  }
}

@unmanaged
@final
export class EffectAnswerReader {
  readonly id: Span = new Span()
  /** empty when it worked: "timeout", "too-large", "denied", "loop", "unreachable", "not-found", "failed" */
  readonly error: Span = new Span()
  /** http */
  status: u32 = 0
  /** http */
  readonly headers: Spans = new Spans()
  /** http: the body. kv: the value. secret, jwks: the text */
  readonly body: Span = new Span()
  /** kv: the key is there. kv SWAP: it was set */
  found: bool = false
  /** kv ADD: the new number */
  number: i64 = 0

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.id.clear()
    this.error.clear()
    this.status = 0
    this.headers.clear()
    this.body.clear()
    this.found = false
    this.number = 0
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // id
          if (!span(this.id, end)) return false
          break
        case 18: // error
          if (!span(this.error, end)) return false
          break
        case 24: // status
          this.status = <u32>varint(end)
          break
        case 34: // headers
          if (!spanInto(this.headers, end)) return false
          break
        case 42: // body
          if (!span(this.body, end)) return false
          break
        case 48: // found
          this.found = varint(end) != 0
          break
        case 56: // number
          this.number = <i64>varint(end)
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

export class EffectAnswerWriter {
  id: string = ''
  /** empty when it worked: "timeout", "too-large", "denied", "loop", "unreachable", "not-found", "failed" */
  error: string = ''
  /** http */
  status: u32 = 0
  /** http */
  headers: string[] | null = null
  /** http: the body. kv: the value. secret, jwks: the text */
  body: Uint8Array | null = null
  /** kv: the key is there. kv SWAP: it was set */
  found: bool = false
  /** kv ADD: the new number */
  number: i64 = 0

  encode(writer: ByteWriter): void {
    const _id = this.id
    if (_id.length > 0) {
      writer.byte(10)
      writer.string(_id)
    }
    const _error = this.error
    if (_error.length > 0) {
      writer.byte(18)
      writer.string(_error)
    }
    if (this.status != 0) {
      writer.byte(24)
      writer.varint(<u64>this.status)
    }
    const _headers = this.headers
    if (_headers !== null) {
      for (let i = 0; i < _headers.length; i++) {
        writer.byte(34)
        writer.string(unchecked(_headers[i]))
      }
    }
    const _body = this.body
    if (_body !== null && _body.length > 0) {
      writer.byte(42)
      writer.bytes(_body)
    }
    if (this.found) {
      writer.byte(48)
      writer.varint(<u64>this.found)
    }
    if (this.number != 0) {
      writer.byte(56)
      writer.varint(<u64>this.number)
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
      writer.byte(8)
      writer.varint(<u64>(<i64>this.op))
    }
    const _name = this.name
    if (_name.length > 0) {
      writer.byte(18)
      writer.string(_name)
    }
    const _value = this.value
    if (_value.length > 0) {
      writer.byte(26)
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
      writer.byte(8)
      writer.varint(<u64>this.status)
    }
    const _headers = this.headers
    if (_headers !== null) {
      for (let i = 0; i < _headers.length; i++) {
        writer.byte(18)
        writer.string(unchecked(_headers[i]))
      }
    }
    const _body = this.body
    if (_body !== null && _body.length > 0) {
      writer.byte(26)
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
  /** asks for I/O: on_effect is called with the answers, then the chain goes on */
  readonly effects: Spans = new Spans()
  /** name, value, …: for later policies that may read it, as "plugin.name" */
  readonly bag: Spans = new Spans()

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
    this.effects.clear()
    this.bag.clear()
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
        case 106: // effects
          if (!spanInto(this.effects, end)) return false
          break
        case 114: // bag
          if (!spanInto(this.bag, end)) return false
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
  /** asks for I/O: on_effect is called with the answers, then the chain goes on */
  effects: EffectWriter[] | null = null
  /** name, value, …: for later policies that may read it, as "plugin.name" */
  bag: string[] | null = null

  encode(writer: ByteWriter): void {
    const _reply = this.reply
    if (_reply !== null) {
      writer.byte(10)
      { const at = writer.open(); _reply.encode(writer); writer.close(at) }
    }
    const _headers = this.headers
    if (_headers !== null) {
      for (let i = 0; i < _headers.length; i++) {
        writer.byte(18)
        { const at = writer.open(); unchecked(_headers[i]).encode(writer); writer.close(at) }
      }
    }
    const _responseHeaders = this.responseHeaders
    if (_responseHeaders !== null) {
      for (let i = 0; i < _responseHeaders.length; i++) {
        writer.byte(26)
        { const at = writer.open(); unchecked(_responseHeaders[i]).encode(writer); writer.close(at) }
      }
    }
    const _method = this.method
    if (_method !== null) {
      writer.byte(34)
      writer.string(_method)
    }
    const _path = this.path
    if (_path !== null) {
      writer.byte(42)
      writer.string(_path)
    }
    const _query = this.query
    if (_query !== null) {
      writer.byte(50)
      writer.string(_query)
    }
    const _upstream = this.upstream
    if (_upstream !== null) {
      writer.byte(58)
      writer.string(_upstream)
    }
    if (this.hasStatus) {
      writer.byte(64)
      writer.varint(<u64>this.status)
    }
    const _body = this.body
    if (_body !== null) {
      writer.byte(74)
      writer.bytes(_body)
    }
    const _consumer = this.consumer
    if (_consumer !== null) {
      writer.byte(82)
      writer.string(_consumer)
    }
    const _tags = this.tags
    if (_tags !== null) {
      for (let i = 0; i < _tags.length; i++) {
        writer.byte(90)
        writer.string(unchecked(_tags[i]))
      }
    }
    const _state = this.state
    if (_state !== null) {
      writer.byte(98)
      writer.bytes(_state)
    }
    const _effects = this.effects
    if (_effects !== null) {
      for (let i = 0; i < _effects.length; i++) {
        writer.byte(106)
        { const at = writer.open(); unchecked(_effects[i]).encode(writer); writer.close(at) }
      }
    }
    const _bag = this.bag
    if (_bag !== null) {
      for (let i = 0; i < _bag.length; i++) {
        writer.byte(114)
        writer.string(unchecked(_bag[i]))
      }
    }
  }
}

/** One part of a message's content. */
@unmanaged
@final
export class ContentPartReader {
  /** "text", "image", "audio", "file", "thinking", "refusal" */
  readonly type: Span = new Span()
  /** of a file: its name */
  readonly text: Span = new Span()
  /** image, audio, file: where it is (a data: URL is cut to its media type) */
  readonly url: Span = new Span()
  readonly mediaType: Span = new Span()

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.type.clear()
    this.text.clear()
    this.url.clear()
    this.mediaType.clear()
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // type
          if (!span(this.type, end)) return false
          break
        case 18: // text
          if (!span(this.text, end)) return false
          break
        case 26: // url
          if (!span(this.url, end)) return false
          break
        case 34: // mediaType
          if (!span(this.mediaType, end)) return false
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** One part of a message's content. */
export class ContentPartWriter {
  /** "text", "image", "audio", "file", "thinking", "refusal" */
  type: string = ''
  /** of a file: its name */
  text: string = ''
  /** image, audio, file: where it is (a data: URL is cut to its media type) */
  url: string = ''
  mediaType: string = ''

  encode(writer: ByteWriter): void {
    const _type = this.type
    if (_type.length > 0) {
      writer.byte(10)
      writer.string(_type)
    }
    const _text = this.text
    if (_text.length > 0) {
      writer.byte(18)
      writer.string(_text)
    }
    const _url = this.url
    if (_url.length > 0) {
      writer.byte(26)
      writer.string(_url)
    }
    const _mediaType = this.mediaType
    if (_mediaType.length > 0) {
      writer.byte(34)
      writer.string(_mediaType)
    }
  }
}

@unmanaged
@final
export class ToolCallReader {
  readonly id: Span = new Span()
  readonly name: Span = new Span()
  /** JSON, as the model wrote it: it may be malformed */
  readonly arguments: Span = new Span()

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.id.clear()
    this.name.clear()
    this.arguments.clear()
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // id
          if (!span(this.id, end)) return false
          break
        case 18: // name
          if (!span(this.name, end)) return false
          break
        case 26: // arguments
          if (!span(this.arguments, end)) return false
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

export class ToolCallWriter {
  id: string = ''
  name: string = ''
  /** JSON, as the model wrote it: it may be malformed */
  arguments: string = ''

  encode(writer: ByteWriter): void {
    const _id = this.id
    if (_id.length > 0) {
      writer.byte(10)
      writer.string(_id)
    }
    const _name = this.name
    if (_name.length > 0) {
      writer.byte(18)
      writer.string(_name)
    }
    const _arguments = this.arguments
    if (_arguments.length > 0) {
      writer.byte(26)
      writer.string(_arguments)
    }
  }
}

@unmanaged
@final
export class MessageReader {
  /** "system", "developer", "user", "assistant", "tool" */
  readonly role: Span = new Span()
  readonly content: Spans = new Spans()
  readonly name: Span = new Span()
  readonly toolCalls: Spans = new Spans()
  /** role "tool": the call it answers */
  readonly toolCallId: Span = new Span()

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.role.clear()
    this.content.clear()
    this.name.clear()
    this.toolCalls.clear()
    this.toolCallId.clear()
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // role
          if (!span(this.role, end)) return false
          break
        case 18: // content
          if (!spanInto(this.content, end)) return false
          break
        case 26: // name
          if (!span(this.name, end)) return false
          break
        case 34: // toolCalls
          if (!spanInto(this.toolCalls, end)) return false
          break
        case 42: // toolCallId
          if (!span(this.toolCallId, end)) return false
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

export class MessageWriter {
  /** "system", "developer", "user", "assistant", "tool" */
  role: string = ''
  content: ContentPartWriter[] | null = null
  name: string = ''
  toolCalls: ToolCallWriter[] | null = null
  /** role "tool": the call it answers */
  toolCallId: string = ''

  encode(writer: ByteWriter): void {
    const _role = this.role
    if (_role.length > 0) {
      writer.byte(10)
      writer.string(_role)
    }
    const _content = this.content
    if (_content !== null) {
      for (let i = 0; i < _content.length; i++) {
        writer.byte(18)
        { const at = writer.open(); unchecked(_content[i]).encode(writer); writer.close(at) }
      }
    }
    const _name = this.name
    if (_name.length > 0) {
      writer.byte(26)
      writer.string(_name)
    }
    const _toolCalls = this.toolCalls
    if (_toolCalls !== null) {
      for (let i = 0; i < _toolCalls.length; i++) {
        writer.byte(34)
        { const at = writer.open(); unchecked(_toolCalls[i]).encode(writer); writer.close(at) }
      }
    }
    const _toolCallId = this.toolCallId
    if (_toolCallId.length > 0) {
      writer.byte(42)
      writer.string(_toolCallId)
    }
  }
}

@unmanaged
@final
export class ToolReader {
  readonly name: Span = new Span()
  readonly description: Span = new Span()
  /** JSON Schema, as text */
  readonly parameters: Span = new Span()

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.name.clear()
    this.description.clear()
    this.parameters.clear()
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // name
          if (!span(this.name, end)) return false
          break
        case 18: // description
          if (!span(this.description, end)) return false
          break
        case 26: // parameters
          if (!span(this.parameters, end)) return false
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

export class ToolWriter {
  name: string = ''
  description: string = ''
  /** JSON Schema, as text */
  parameters: string = ''

  encode(writer: ByteWriter): void {
    const _name = this.name
    if (_name.length > 0) {
      writer.byte(10)
      writer.string(_name)
    }
    const _description = this.description
    if (_description.length > 0) {
      writer.byte(18)
      writer.string(_description)
    }
    const _parameters = this.parameters
    if (_parameters.length > 0) {
      writer.byte(26)
      writer.string(_parameters)
    }
  }
}

/** What the client asked of the model. */
@unmanaged
@final
export class PromptReader {
  /** "chat", "completion", "embedding", "image", "speech", "transcription", "rerank", "moderation" */
  readonly operation: Span = new Span()
  /** as the client named it; may be virtual */
  readonly model: Span = new Span()
  /** of what is no chat each text, as a user's, in order: they can be replaced, and nothing be added; of a large batch so many at once */
  readonly messages: Spans = new Spans()
  readonly tools: Spans = new Spans()
  /** JSON object: temperature, max_tokens, … everything else of the request */
  readonly parameters: Span = new Span()
  stream: bool = false
  /** of the input, counted by the host; 0: not counted */
  estimatedTokens: u32 = 0

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.operation.clear()
    this.model.clear()
    this.messages.clear()
    this.tools.clear()
    this.parameters.clear()
    this.stream = false
    this.estimatedTokens = 0
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // operation
          if (!span(this.operation, end)) return false
          break
        case 18: // model
          if (!span(this.model, end)) return false
          break
        case 26: // messages
          if (!spanInto(this.messages, end)) return false
          break
        case 34: // tools
          if (!spanInto(this.tools, end)) return false
          break
        case 42: // parameters
          if (!span(this.parameters, end)) return false
          break
        case 48: // stream
          this.stream = varint(end) != 0
          break
        case 56: // estimatedTokens
          this.estimatedTokens = <u32>varint(end)
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** What the client asked of the model. */
export class PromptWriter {
  /** "chat", "completion", "embedding", "image", "speech", "transcription", "rerank", "moderation" */
  operation: string = ''
  /** as the client named it; may be virtual */
  model: string = ''
  /** of what is no chat each text, as a user's, in order: they can be replaced, and nothing be added; of a large batch so many at once */
  messages: MessageWriter[] | null = null
  tools: ToolWriter[] | null = null
  /** JSON object: temperature, max_tokens, … everything else of the request */
  parameters: string = ''
  stream: bool = false
  /** of the input, counted by the host; 0: not counted */
  estimatedTokens: u32 = 0

  encode(writer: ByteWriter): void {
    const _operation = this.operation
    if (_operation.length > 0) {
      writer.byte(10)
      writer.string(_operation)
    }
    const _model = this.model
    if (_model.length > 0) {
      writer.byte(18)
      writer.string(_model)
    }
    const _messages = this.messages
    if (_messages !== null) {
      for (let i = 0; i < _messages.length; i++) {
        writer.byte(26)
        { const at = writer.open(); unchecked(_messages[i]).encode(writer); writer.close(at) }
      }
    }
    const _tools = this.tools
    if (_tools !== null) {
      for (let i = 0; i < _tools.length; i++) {
        writer.byte(34)
        { const at = writer.open(); unchecked(_tools[i]).encode(writer); writer.close(at) }
      }
    }
    const _parameters = this.parameters
    if (_parameters.length > 0) {
      writer.byte(42)
      writer.string(_parameters)
    }
    if (this.stream) {
      writer.byte(48)
      writer.varint(<u64>this.stream)
    }
    if (this.estimatedTokens != 0) {
      writer.byte(56)
      writer.varint(<u64>this.estimatedTokens)
    }
  }
}

/** on_prompt: before a target is chosen. Nothing is sent to a provider before it ends. */
@unmanaged
@final
export class PromptInputReader {
  hasContext: bool = false
  readonly context: ContextReader = new ContextReader()
  hasRequest: bool = false
  readonly request: RequestReader = new RequestReader()
  hasPrompt: bool = false
  readonly prompt: PromptReader = new PromptReader()

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
    this.hasPrompt = false
    this.prompt.clear()
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
        case 26: // prompt
          if (!this.prompt.merge(extent(end))) return false
          this.hasPrompt = true
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** on_prompt: before a target is chosen. Nothing is sent to a provider before it ends. */
export class PromptInputWriter {
  context: ContextWriter | null = null
  request: RequestWriter | null = null
  prompt: PromptWriter | null = null

  encode(writer: ByteWriter): void {
    const _context = this.context
    if (_context !== null) {
      writer.byte(10)
      { const at = writer.open(); _context.encode(writer); writer.close(at) }
    }
    const _request = this.request
    if (_request !== null) {
      writer.byte(18)
      { const at = writer.open(); _request.encode(writer); writer.close(at) }
    }
    const _prompt = this.prompt
    if (_prompt !== null) {
      writer.byte(26)
      { const at = writer.open(); _prompt.encode(writer); writer.close(at) }
    }
  }
}

/** on_delta: one framed event of a stream, whole. The host parses the provider's framing; chunks are never seen. */
@unmanaged
@final
export class DeltaInputReader {
  hasContext: bool = false
  readonly context: ContextReader = new ContextReader()
  /** of the choice */
  index: u32 = 0
  /** of the event in its stream, from 0 */
  sequence: u32 = 0
  /** new text of the answer */
  readonly text: Span = new Span()
  /** new text of the reasoning */
  readonly thinking: Span = new Span()
  readonly refusal: Span = new Span()
  /** text this plugin holds back from earlier events */
  readonly held: Span = new Span()
  /** no more text comes for this choice: what is held must go out or be dropped */
  last: bool = false
  /** nothing came: so long was held back as the verdict's hold_ms said */
  late: bool = false
  /** with last: why the answer ended, as in Choice */
  readonly finishReason: Span = new Span()

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.hasContext = false
    this.context.clear()
    this.index = 0
    this.sequence = 0
    this.text.clear()
    this.thinking.clear()
    this.refusal.clear()
    this.held.clear()
    this.last = false
    this.late = false
    this.finishReason.clear()
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // context
          if (!this.context.merge(extent(end))) return false
          this.hasContext = true
          break
        case 16: // index
          this.index = <u32>varint(end)
          break
        case 24: // sequence
          this.sequence = <u32>varint(end)
          break
        case 34: // text
          if (!span(this.text, end)) return false
          break
        case 42: // thinking
          if (!span(this.thinking, end)) return false
          break
        case 50: // refusal
          if (!span(this.refusal, end)) return false
          break
        case 58: // held
          if (!span(this.held, end)) return false
          break
        case 64: // last
          this.last = varint(end) != 0
          break
        case 72: // late
          this.late = varint(end) != 0
          break
        case 82: // finishReason
          if (!span(this.finishReason, end)) return false
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** on_delta: one framed event of a stream, whole. The host parses the provider's framing; chunks are never seen. */
export class DeltaInputWriter {
  context: ContextWriter | null = null
  /** of the choice */
  index: u32 = 0
  /** of the event in its stream, from 0 */
  sequence: u32 = 0
  /** new text of the answer */
  text: string = ''
  /** new text of the reasoning */
  thinking: string = ''
  refusal: string = ''
  /** text this plugin holds back from earlier events */
  held: string = ''
  /** no more text comes for this choice: what is held must go out or be dropped */
  last: bool = false
  /** nothing came: so long was held back as the verdict's hold_ms said */
  late: bool = false
  /** with last: why the answer ended, as in Choice */
  finishReason: string = ''

  encode(writer: ByteWriter): void {
    const _context = this.context
    if (_context !== null) {
      writer.byte(10)
      { const at = writer.open(); _context.encode(writer); writer.close(at) }
    }
    if (this.index != 0) {
      writer.byte(16)
      writer.varint(<u64>this.index)
    }
    if (this.sequence != 0) {
      writer.byte(24)
      writer.varint(<u64>this.sequence)
    }
    const _text = this.text
    if (_text.length > 0) {
      writer.byte(34)
      writer.string(_text)
    }
    const _thinking = this.thinking
    if (_thinking.length > 0) {
      writer.byte(42)
      writer.string(_thinking)
    }
    const _refusal = this.refusal
    if (_refusal.length > 0) {
      writer.byte(50)
      writer.string(_refusal)
    }
    const _held = this.held
    if (_held.length > 0) {
      writer.byte(58)
      writer.string(_held)
    }
    if (this.last) {
      writer.byte(64)
      writer.varint(<u64>this.last)
    }
    if (this.late) {
      writer.byte(72)
      writer.varint(<u64>this.late)
    }
    const _finishReason = this.finishReason
    if (_finishReason.length > 0) {
      writer.byte(82)
      writer.string(_finishReason)
    }
  }
}

/** on_tool_call: a tool call of the model, whole, before the client gets it. */
@unmanaged
@final
export class ToolCallInputReader {
  hasContext: bool = false
  readonly context: ContextReader = new ContextReader()
  index: u32 = 0
  hasCall: bool = false
  readonly call: ToolCallReader = new ToolCallReader()

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.hasContext = false
    this.context.clear()
    this.index = 0
    this.hasCall = false
    this.call.clear()
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // context
          if (!this.context.merge(extent(end))) return false
          this.hasContext = true
          break
        case 16: // index
          this.index = <u32>varint(end)
          break
        case 26: // call
          if (!this.call.merge(extent(end))) return false
          this.hasCall = true
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** on_tool_call: a tool call of the model, whole, before the client gets it. */
export class ToolCallInputWriter {
  context: ContextWriter | null = null
  index: u32 = 0
  call: ToolCallWriter | null = null

  encode(writer: ByteWriter): void {
    const _context = this.context
    if (_context !== null) {
      writer.byte(10)
      { const at = writer.open(); _context.encode(writer); writer.close(at) }
    }
    if (this.index != 0) {
      writer.byte(16)
      writer.varint(<u64>this.index)
    }
    const _call = this.call
    if (_call !== null) {
      writer.byte(26)
      { const at = writer.open(); _call.encode(writer); writer.close(at) }
    }
  }
}

@unmanaged
@final
export class UsageReader {
  /** all of the input, with what was read from and written to a cache */
  inputTokens: u64 = 0
  /** all of the output, with reasoning */
  outputTokens: u64 = 0
  cacheReadTokens: u64 = 0
  cacheWriteTokens: u64 = 0
  reasoningTokens: u64 = 0
  /** 0: no price is known */
  costMicroDollars: u64 = 0
  /** counted by the gateway: the provider did not say */
  estimated: bool = false

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.inputTokens = 0
    this.outputTokens = 0
    this.cacheReadTokens = 0
    this.cacheWriteTokens = 0
    this.reasoningTokens = 0
    this.costMicroDollars = 0
    this.estimated = false
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 8: // inputTokens
          this.inputTokens = varint(end)
          break
        case 16: // outputTokens
          this.outputTokens = varint(end)
          break
        case 24: // cacheReadTokens
          this.cacheReadTokens = varint(end)
          break
        case 32: // cacheWriteTokens
          this.cacheWriteTokens = varint(end)
          break
        case 40: // reasoningTokens
          this.reasoningTokens = varint(end)
          break
        case 48: // costMicroDollars
          this.costMicroDollars = varint(end)
          break
        case 56: // estimated
          this.estimated = varint(end) != 0
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

export class UsageWriter {
  /** all of the input, with what was read from and written to a cache */
  inputTokens: u64 = 0
  /** all of the output, with reasoning */
  outputTokens: u64 = 0
  cacheReadTokens: u64 = 0
  cacheWriteTokens: u64 = 0
  reasoningTokens: u64 = 0
  /** 0: no price is known */
  costMicroDollars: u64 = 0
  /** counted by the gateway: the provider did not say */
  estimated: bool = false

  encode(writer: ByteWriter): void {
    if (this.inputTokens != 0) {
      writer.byte(8)
      writer.varint(this.inputTokens)
    }
    if (this.outputTokens != 0) {
      writer.byte(16)
      writer.varint(this.outputTokens)
    }
    if (this.cacheReadTokens != 0) {
      writer.byte(24)
      writer.varint(this.cacheReadTokens)
    }
    if (this.cacheWriteTokens != 0) {
      writer.byte(32)
      writer.varint(this.cacheWriteTokens)
    }
    if (this.reasoningTokens != 0) {
      writer.byte(40)
      writer.varint(this.reasoningTokens)
    }
    if (this.costMicroDollars != 0) {
      writer.byte(48)
      writer.varint(this.costMicroDollars)
    }
    if (this.estimated) {
      writer.byte(56)
      writer.varint(<u64>this.estimated)
    }
  }
}

/** on_completion: the whole answer, of a stream when it has ended. */
@unmanaged
@final
export class CompletionInputReader {
  hasContext: bool = false
  readonly context: ContextReader = new ContextReader()
  readonly provider: Span = new Span()
  /** that answered */
  readonly model: Span = new Span()
  readonly choices: Spans = new Spans()
  hasUsage: bool = false
  readonly usage: UsageReader = new UsageReader()
  /** it has gone out already: a verdict can only tag and log */
  streamed: bool = false

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.hasContext = false
    this.context.clear()
    this.provider.clear()
    this.model.clear()
    this.choices.clear()
    this.hasUsage = false
    this.usage.clear()
    this.streamed = false
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // context
          if (!this.context.merge(extent(end))) return false
          this.hasContext = true
          break
        case 18: // provider
          if (!span(this.provider, end)) return false
          break
        case 26: // model
          if (!span(this.model, end)) return false
          break
        case 34: // choices
          if (!spanInto(this.choices, end)) return false
          break
        case 42: // usage
          if (!this.usage.merge(extent(end))) return false
          this.hasUsage = true
          break
        case 48: // streamed
          this.streamed = varint(end) != 0
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** on_completion: the whole answer, of a stream when it has ended. */
export class CompletionInputWriter {
  context: ContextWriter | null = null
  provider: string = ''
  /** that answered */
  model: string = ''
  choices: ChoiceWriter[] | null = null
  usage: UsageWriter | null = null
  /** it has gone out already: a verdict can only tag and log */
  streamed: bool = false

  encode(writer: ByteWriter): void {
    const _context = this.context
    if (_context !== null) {
      writer.byte(10)
      { const at = writer.open(); _context.encode(writer); writer.close(at) }
    }
    const _provider = this.provider
    if (_provider.length > 0) {
      writer.byte(18)
      writer.string(_provider)
    }
    const _model = this.model
    if (_model.length > 0) {
      writer.byte(26)
      writer.string(_model)
    }
    const _choices = this.choices
    if (_choices !== null) {
      for (let i = 0; i < _choices.length; i++) {
        writer.byte(34)
        { const at = writer.open(); unchecked(_choices[i]).encode(writer); writer.close(at) }
      }
    }
    const _usage = this.usage
    if (_usage !== null) {
      writer.byte(42)
      { const at = writer.open(); _usage.encode(writer); writer.close(at) }
    }
    if (this.streamed) {
      writer.byte(48)
      writer.varint(<u64>this.streamed)
    }
  }
}

@unmanaged
@final
export class ChoiceReader {
  hasMessage: bool = false
  readonly message: MessageReader = new MessageReader()
  /** "stop", "length", "tool_calls", "content_filter", "error" */
  readonly finishReason: Span = new Span()

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.hasMessage = false
    this.message.clear()
    this.finishReason.clear()
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // message
          if (!this.message.merge(extent(end))) return false
          this.hasMessage = true
          break
        case 18: // finishReason
          if (!span(this.finishReason, end)) return false
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

export class ChoiceWriter {
  message: MessageWriter | null = null
  /** "stop", "length", "tool_calls", "content_filter", "error" */
  finishReason: string = ''

  encode(writer: ByteWriter): void {
    const _message = this.message
    if (_message !== null) {
      writer.byte(10)
      { const at = writer.open(); _message.encode(writer); writer.close(at) }
    }
    const _finishReason = this.finishReason
    if (_finishReason.length > 0) {
      writer.byte(18)
      writer.string(_finishReason)
    }
  }
}

/** on_usage: what the exchange used, once, when it is known. */
@unmanaged
@final
export class UsageInputReader {
  hasContext: bool = false
  readonly context: ContextReader = new ContextReader()
  readonly provider: Span = new Span()
  readonly model: Span = new Span()
  hasUsage: bool = false
  readonly usage: UsageReader = new UsageReader()

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.hasContext = false
    this.context.clear()
    this.provider.clear()
    this.model.clear()
    this.hasUsage = false
    this.usage.clear()
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // context
          if (!this.context.merge(extent(end))) return false
          this.hasContext = true
          break
        case 18: // provider
          if (!span(this.provider, end)) return false
          break
        case 26: // model
          if (!span(this.model, end)) return false
          break
        case 34: // usage
          if (!this.usage.merge(extent(end))) return false
          this.hasUsage = true
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** on_usage: what the exchange used, once, when it is known. */
export class UsageInputWriter {
  context: ContextWriter | null = null
  provider: string = ''
  model: string = ''
  usage: UsageWriter | null = null

  encode(writer: ByteWriter): void {
    const _context = this.context
    if (_context !== null) {
      writer.byte(10)
      { const at = writer.open(); _context.encode(writer); writer.close(at) }
    }
    const _provider = this.provider
    if (_provider.length > 0) {
      writer.byte(18)
      writer.string(_provider)
    }
    const _model = this.model
    if (_model.length > 0) {
      writer.byte(26)
      writer.string(_model)
    }
    const _usage = this.usage
    if (_usage !== null) {
      writer.byte(34)
      { const at = writer.open(); _usage.encode(writer); writer.close(at) }
    }
  }
}

/** on_ai_effect: the answers to everything an AI hook asked for, together, in the order it asked, and what that hook got, as it is now. */
@unmanaged
@final
export class AiEffectInputReader {
  /** the hook that asked, e.g. "on_prompt"; its input, context and all, is in the field named like it */
  readonly hook: Span = new Span()
  readonly answers: Spans = new Spans()
  hasPrompt: bool = false
  readonly prompt: PromptInputReader = new PromptInputReader()
  hasDelta: bool = false
  readonly delta: DeltaInputReader = new DeltaInputReader()
  hasToolCall: bool = false
  readonly toolCall: ToolCallInputReader = new ToolCallInputReader()
  hasCompletion: bool = false
  readonly completion: CompletionInputReader = new CompletionInputReader()

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.hook.clear()
    this.answers.clear()
    this.hasPrompt = false
    this.prompt.clear()
    this.hasDelta = false
    this.delta.clear()
    this.hasToolCall = false
    this.toolCall.clear()
    this.hasCompletion = false
    this.completion.clear()
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // hook
          if (!span(this.hook, end)) return false
          break
        case 18: // answers
          if (!spanInto(this.answers, end)) return false
          break
        case 26: // prompt
          if (!this.prompt.merge(extent(end))) return false
          this.hasPrompt = true
          break
        case 34: // delta
          if (!this.delta.merge(extent(end))) return false
          this.hasDelta = true
          break
        case 42: // toolCall
          if (!this.toolCall.merge(extent(end))) return false
          this.hasToolCall = true
          break
        case 50: // completion
          if (!this.completion.merge(extent(end))) return false
          this.hasCompletion = true
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** on_ai_effect: the answers to everything an AI hook asked for, together, in the order it asked, and what that hook got, as it is now. */
export class AiEffectInputWriter {
  /** the hook that asked, e.g. "on_prompt"; its input, context and all, is in the field named like it */
  hook: string = ''
  answers: EffectAnswerWriter[] | null = null
  prompt: PromptInputWriter | null = null
  delta: DeltaInputWriter | null = null
  toolCall: ToolCallInputWriter | null = null
  completion: CompletionInputWriter | null = null

  encode(writer: ByteWriter): void {
    const _hook = this.hook
    if (_hook.length > 0) {
      writer.byte(10)
      writer.string(_hook)
    }
    const _answers = this.answers
    if (_answers !== null) {
      for (let i = 0; i < _answers.length; i++) {
        writer.byte(18)
        { const at = writer.open(); unchecked(_answers[i]).encode(writer); writer.close(at) }
      }
    }
    const _prompt = this.prompt
    if (_prompt !== null) {
      writer.byte(26)
      { const at = writer.open(); _prompt.encode(writer); writer.close(at) }
    }
    const _delta = this.delta
    if (_delta !== null) {
      writer.byte(34)
      { const at = writer.open(); _delta.encode(writer); writer.close(at) }
    }
    const _toolCall = this.toolCall
    if (_toolCall !== null) {
      writer.byte(42)
      { const at = writer.open(); _toolCall.encode(writer); writer.close(at) }
    }
    const _completion = this.completion
    if (_completion !== null) {
      writer.byte(50)
      { const at = writer.open(); _completion.encode(writer); writer.close(at) }
    }
  }
}

/** What an AI hook answers. Every field is optional. */
@unmanaged
@final
export class AiVerdictReader {
  /** reply, tags, consumer, state, bag and effects, as in the HTTP hooks */
  hasVerdict: bool = false
  readonly verdict: VerdictReader = new VerdictReader()
  /** on_prompt: another model, or a virtual one */
  hasModel: bool = false
  readonly model: Span = new Span()
  /** on_prompt, on_completion */
  readonly messages: Spans = new Spans()
  /** on_prompt: JSON object merged over the parameters (RFC 7396) */
  hasParameters: bool = false
  readonly parameters: Span = new Span()
  /** on_prompt: by name */
  readonly removeTools: Spans = new Spans()
  /** on_prompt */
  readonly addTools: Spans = new Spans()
  /** on_delta: replaces the event's text together with what was held */
  hasText: bool = false
  readonly text: Span = new Span()
  /** on_delta: held back, comes again with the next event */
  hasHold: bool = false
  readonly hold: Span = new Span()
  /** on_tool_call: replaces the arguments */
  hasArguments: bool = false
  readonly arguments: Span = new Span()
  /** on_delta, on_tool_call: the client does not get it */
  drop: bool = false
  /** on_delta: ends the choice with finish_reason "content_filter", and the stream where no other goes on; on_completion: all replaced choices have it (one alone: MessageEdit.stop) */
  stop: bool = false
  /** on_delta, with hold: on_delta is called again after so long in which nothing came; 0: only with the next event */
  holdMs: u32 = 0

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.hasVerdict = false
    this.verdict.clear()
    this.hasModel = false
    this.model.clear()
    this.messages.clear()
    this.hasParameters = false
    this.parameters.clear()
    this.removeTools.clear()
    this.addTools.clear()
    this.hasText = false
    this.text.clear()
    this.hasHold = false
    this.hold.clear()
    this.hasArguments = false
    this.arguments.clear()
    this.drop = false
    this.stop = false
    this.holdMs = 0
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 10: // verdict
          if (!this.verdict.merge(extent(end))) return false
          this.hasVerdict = true
          break
        case 18: // model
          if (!span(this.model, end)) return false
          this.hasModel = true
          break
        case 26: // messages
          if (!spanInto(this.messages, end)) return false
          break
        case 34: // parameters
          if (!span(this.parameters, end)) return false
          this.hasParameters = true
          break
        case 42: // removeTools
          if (!spanInto(this.removeTools, end)) return false
          break
        case 50: // addTools
          if (!spanInto(this.addTools, end)) return false
          break
        case 58: // text
          if (!span(this.text, end)) return false
          this.hasText = true
          break
        case 66: // hold
          if (!span(this.hold, end)) return false
          this.hasHold = true
          break
        case 74: // arguments
          if (!span(this.arguments, end)) return false
          this.hasArguments = true
          break
        case 80: // drop
          this.drop = varint(end) != 0
          break
        case 88: // stop
          this.stop = varint(end) != 0
          break
        case 96: // holdMs
          this.holdMs = <u32>varint(end)
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** What an AI hook answers. Every field is optional. */
export class AiVerdictWriter {
  /** reply, tags, consumer, state, bag and effects, as in the HTTP hooks */
  verdict: VerdictWriter | null = null
  /** on_prompt: another model, or a virtual one */
  model: string | null = null
  /** on_prompt, on_completion */
  messages: MessageEditWriter[] | null = null
  /** on_prompt: JSON object merged over the parameters (RFC 7396) */
  parameters: string | null = null
  /** on_prompt: by name */
  removeTools: string[] | null = null
  /** on_prompt */
  addTools: ToolWriter[] | null = null
  /** on_delta: replaces the event's text together with what was held */
  text: string | null = null
  /** on_delta: held back, comes again with the next event */
  hold: string | null = null
  /** on_tool_call: replaces the arguments */
  arguments: string | null = null
  /** on_delta, on_tool_call: the client does not get it */
  drop: bool = false
  /** on_delta: ends the choice with finish_reason "content_filter", and the stream where no other goes on; on_completion: all replaced choices have it (one alone: MessageEdit.stop) */
  stop: bool = false
  /** on_delta, with hold: on_delta is called again after so long in which nothing came; 0: only with the next event */
  holdMs: u32 = 0

  encode(writer: ByteWriter): void {
    const _verdict = this.verdict
    if (_verdict !== null) {
      writer.byte(10)
      { const at = writer.open(); _verdict.encode(writer); writer.close(at) }
    }
    const _model = this.model
    if (_model !== null) {
      writer.byte(18)
      writer.string(_model)
    }
    const _messages = this.messages
    if (_messages !== null) {
      for (let i = 0; i < _messages.length; i++) {
        writer.byte(26)
        { const at = writer.open(); unchecked(_messages[i]).encode(writer); writer.close(at) }
      }
    }
    const _parameters = this.parameters
    if (_parameters !== null) {
      writer.byte(34)
      writer.string(_parameters)
    }
    const _removeTools = this.removeTools
    if (_removeTools !== null) {
      for (let i = 0; i < _removeTools.length; i++) {
        writer.byte(42)
        writer.string(unchecked(_removeTools[i]))
      }
    }
    const _addTools = this.addTools
    if (_addTools !== null) {
      for (let i = 0; i < _addTools.length; i++) {
        writer.byte(50)
        { const at = writer.open(); unchecked(_addTools[i]).encode(writer); writer.close(at) }
      }
    }
    const _text = this.text
    if (_text !== null) {
      writer.byte(58)
      writer.string(_text)
    }
    const _hold = this.hold
    if (_hold !== null) {
      writer.byte(66)
      writer.string(_hold)
    }
    const _arguments = this.arguments
    if (_arguments !== null) {
      writer.byte(74)
      writer.string(_arguments)
    }
    if (this.drop) {
      writer.byte(80)
      writer.varint(<u64>this.drop)
    }
    if (this.stop) {
      writer.byte(88)
      writer.varint(<u64>this.stop)
    }
    if (this.holdMs != 0) {
      writer.byte(96)
      writer.varint(<u64>this.holdMs)
    }
  }
}

/** Replaces, inserts or removes one message of a list. */
@unmanaged
@final
export class MessageEditReader {
  op: i32 = 0
  at: u32 = 0
  hasMessage: bool = false
  readonly message: MessageReader = new MessageReader()
  /** on_completion, REPLACE: this choice ends with finish_reason "content_filter", whatever becomes of the others */
  stop: bool = false

  /** Reads the message at `at`; false when it is malformed. */
  decode(at: usize, size: i32): bool {
    startAt(at)
    this.clear()
    return this.merge(at + <usize>size)
  }

  clear(): void {
    this.op = 0
    this.at = 0
    this.hasMessage = false
    this.message.clear()
    this.stop = false
  }

  merge(end: usize): bool {
    while (cursor < end) {
      const next = tag(end)
      switch (next) {
        case 8: // op
          this.op = <i32>varint(end)
          break
        case 16: // at
          this.at = <u32>varint(end)
          break
        case 26: // message
          if (!this.message.merge(extent(end))) return false
          this.hasMessage = true
          break
        case 32: // stop
          this.stop = varint(end) != 0
          break
        default:
          if (next == 0 || !skip(next, end)) return false
      }
    }
    return !broken && cursor == end
  }
}

/** Replaces, inserts or removes one message of a list. */
export class MessageEditWriter {
  op: i32 = 0
  at: u32 = 0
  message: MessageWriter | null = null
  /** on_completion, REPLACE: this choice ends with finish_reason "content_filter", whatever becomes of the others */
  stop: bool = false

  encode(writer: ByteWriter): void {
    if (this.op != 0) {
      writer.byte(8)
      writer.varint(<u64>(<i64>this.op))
    }
    if (this.at != 0) {
      writer.byte(16)
      writer.varint(<u64>this.at)
    }
    const _message = this.message
    if (_message !== null) {
      writer.byte(26)
      { const at = writer.open(); _message.encode(writer); writer.close(at) }
    }
    if (this.stop) {
      writer.byte(32)
      writer.varint(<u64>this.stop)
    }
  }
}
