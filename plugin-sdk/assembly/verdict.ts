import { Effect } from './effect'
import { HeaderEditOp, HeaderEditWriter, ReplyWriter, VerdictWriter } from './gen/policy'
import { Json } from './json'
import { lowerAscii } from './text'
import { utf8Bytes } from './utf8'
import { ByteWriter } from './writer'

/**
 * What a policy decides: go on, go on with changes, or answer at once. Begin with next(), reply() or deny(), then
 * chain: `Verdict.next().setHeader("x-a", "1").tag("seen", "yes")`. Names of headers may be in any case. What the manifest does not ask for, or the
 * operator did not grant, is refused by the host.
 */
@final
export class Verdict extends VerdictWriter {
  /** As keep() wrote it: four bytes of length, then the message; null: it is encoded when it is given. */
  private kept: Uint8Array | null = null

  /** Goes on; unchanged unless something is chained to it. */
  static next(): Verdict {
    return new Verdict()
  }

  /** Answers the client; nothing (more) goes upstream. */
  static reply(status: i32, body: string = '', contentType: string = 'text/plain; charset=utf-8'): Verdict {
    return Verdict.replyBytes(status, utf8Bytes(body), contentType)
  }

  /** As reply(), with a body of any bytes. */
  static replyBytes(status: i32, body: Uint8Array, contentType: string): Verdict {
    const reply = new ReplyWriter()
    reply.status = status
    reply.body = body
    if (body.length > 0) reply.headers = ['content-type', contentType]
    const verdict = new Verdict()
    verdict.reply = reply
    return verdict
  }

  /** Answers with a problem document (RFC 9457). `detail` is for the client: say what to do, and no secrets. */
  static deny(status: i32, detail: string): Verdict {
    const title = reason(status)
    let body = '{"type":"about:blank","title":' + Json.quote(title) + ',"status":' + status.toString()
    if (detail.length > 0) body += ',"detail":' + Json.quote(detail)
    return Verdict.reply(status, body + '}', 'application/problem+json')
  }

  /** Asks for I/O: on_effect is called with the answers, and the chain goes on after that. Chain ask() for more at once. */
  static ask(effect: Effect): Verdict {
    return new Verdict().ask(effect)
  }

  /** Adds a header line to the answer begun with reply() or deny(). */
  withHeader(name: string, value: string): Verdict {
    const reply = this.reply
    if (reply === null) return this
    let headers = reply.headers
    if (headers === null) reply.headers = headers = []
    headers.push(lowerAscii(name))
    headers.push(value)
    return this
  }

  /** Replaces every value of a header, or adds it: of the request in a request hook, of the response in a response hook. */
  setHeader(name: string, value: string): Verdict {
    return this.edit(HeaderEditOp.SET, name, value)
  }

  /** Adds one more value of a header. */
  addHeader(name: string, value: string): Verdict {
    return this.edit(HeaderEditOp.ADD, name, value)
  }

  /** Removes every value of a header. */
  removeHeader(name: string): Verdict {
    return this.edit(HeaderEditOp.REMOVE, name, '')
  }

  /** Keeps the values and changes the name. */
  renameHeader(name: string, newName: string): Verdict {
    return this.edit(HeaderEditOp.RENAME, name, lowerAscii(newName))
  }

  /** As setHeader, for the response to come; in a response hook the same as setHeader. */
  setResponseHeader(name: string, value: string): Verdict {
    return this.editResponse(HeaderEditOp.SET, name, value)
  }

  /** As addHeader, for the response to come. */
  addResponseHeader(name: string, value: string): Verdict {
    return this.editResponse(HeaderEditOp.ADD, name, value)
  }

  /** As removeHeader, for the response to come. */
  removeResponseHeader(name: string): Verdict {
    return this.editResponse(HeaderEditOp.REMOVE, name, '')
  }

  /** As renameHeader, for the response to come. */
  renameResponseHeader(name: string, newName: string): Verdict {
    return this.editResponse(HeaderEditOp.RENAME, name, lowerAscii(newName))
  }

  /**
   * Takes these lists for its edits, of the message at hand and of the response to come, in place of what it has. They stay the
   * policy's: what is in them when the verdict is given counts.
   */
  setEdits(edits: HeaderEdit[] | null, responseEdits: HeaderEdit[] | null = null): Verdict {
    // A list of edits is a list of what they are written by: only the compiler sees two types.
    this.headers = edits === null ? null : changetype<HeaderEditWriter[]>(edits)
    this.responseHeaders = responseEdits === null ? null : changetype<HeaderEditWriter[]>(responseEdits)
    return this
  }

  /** Request hooks. Needs the permission "rewrite". */
  setMethod(method: string): Verdict {
    this.method = method
    return this
  }

  /** Request hooks; the path begins with "/" and is percent-encoded. Needs the permission "rewrite". */
  setPath(path: string): Verdict {
    this.path = path
    return this
  }

  /** Request hooks; without the "?", percent-encoded; "" removes the query. Needs the permission "rewrite". */
  setQuery(query: string): Verdict {
    this.query = query
    return this
  }

  /** Request hooks: sends the request to another upstream of the configuration. Needs the permission "route". */
  setUpstream(name: string): Verdict {
    this.upstream = name
    return this
  }

  /** Response hooks. Needs the permission "rewrite". */
  setStatus(status: i32): Verdict {
    this.status = status
    this.hasStatus = true
    return this
  }

  /** The *_body hooks: replaces the body. Needs the body permission "write". */
  setBody(body: Uint8Array): Verdict {
    this.body = body
    return this
  }

  /** The *_body hooks: replaces the body with text in UTF-8. Needs the body permission "write". */
  setBodyText(body: string): Verdict {
    return this.setBody(utf8Bytes(body))
  }

  /** Request hooks: says who is calling. Needs the permission "consumer". */
  setConsumer(name: string): Verdict {
    this.consumer = name
    return this
  }

  /** Leaves a note for the log and for the policies after this one. */
  tag(name: string, value: string): Verdict {
    let tags = this.tags
    if (tags === null) this.tags = tags = []
    tags.push(name)
    tags.push(value)
    return this
  }

  /**
   * Asks for one more effect; all of a verdict are done at the same time. What else the verdict says is done before, so state
   * kept here is there in on_effect. An exchange has at most 4 such rounds for a policy.
   */
  ask(effect: Effect): Verdict {
    let effects = this.effects
    if (effects === null) this.effects = effects = []
    effects.push(effect)
    return this
  }

  /** Puts a text into the bag, for later policies of the chain that may read it: they know it as "plugin.name". */
  put(name: string, value: string): Verdict {
    let bag = this.bag
    if (bag === null) this.bag = bag = []
    bag.push(name)
    bag.push(value)
    return this
  }

  /** Keeps bytes for this policy's later phases of the same exchange. */
  setState(state: Uint8Array): Verdict {
    this.state = state
    return this
  }

  /** Keeps text for this policy's later phases of the same exchange. */
  setStateText(state: string): Verdict {
    return this.setState(utf8Bytes(state))
  }

  /**
   * Ends the chaining of a verdict that is made once and given many times: it is encoded now, and giving it costs nothing. What is
   * changed afterwards is not told.
   */
  keep(): Verdict {
    const writer = new ByteWriter()
    writer.fixed<u32>(0)
    this.encode(writer)
    store<u32>(writer.start, <u32>(writer.size - 4))
    // Without a byte it says nothing, and saying nothing has no address.
    this.kept = writer.size > 4 ? writer.toBytes() : null
    return this
  }

  /** @internal Where the bytes of a kept verdict lie, behind their length; 0 for any other. */
  get keptAt(): usize {
    const kept = this.kept
    return kept === null ? 0 : kept.dataStart
  }

  /** @internal In a response hook there is one list of response headers: what was meant for "the response to come" is it. */
  joinResponseHeaders(): void {
    const later = this.responseHeaders
    if (later === null) return
    this.kept = null
    const headers = this.headers
    this.headers = headers === null ? later : headers.concat(later)
    this.responseHeaders = null
  }

  private edit(op: HeaderEditOp, name: string, value: string): Verdict {
    let edits = this.headers
    if (edits === null) this.headers = edits = []
    edits.push(headerEdit(op, name, value))
    return this
  }

  private editResponse(op: HeaderEditOp, name: string, value: string): Verdict {
    let edits = this.responseHeaders
    if (edits === null) this.responseHeaders = edits = []
    edits.push(headerEdit(op, name, value))
    return this
  }
}

/** The field HeaderEdit.value: of two in a message, the last counts. */
const VALUE_TAG: u8 = (3 << 3) | 2

/**
 * One edit of a header, for policies whose edits are the same for every request but for their values: made once, and given to the same
 * verdict again and again with Verdict.setEdits.
 */
@final
export class HeaderEdit extends HeaderEditWriter {
  /** In the place of `value`: what is written there, in UTF-8, when the verdict is given. Makes no string. */
  source: ByteWriter | null = null

  private static of(op: HeaderEditOp, name: string, value: string): HeaderEdit {
    const edit = new HeaderEdit()
    edit.op = op
    edit.name = lowerAscii(name)
    edit.value = value
    return edit
  }

  /** Replaces every value of a header, or adds it. */
  static set(name: string, value: string = ''): HeaderEdit {
    return HeaderEdit.of(HeaderEditOp.SET, name, value)
  }

  /** Adds one more value of a header. */
  static add(name: string, value: string = ''): HeaderEdit {
    return HeaderEdit.of(HeaderEditOp.ADD, name, value)
  }

  /** Removes every value of a header. */
  static remove(name: string): HeaderEdit {
    return HeaderEdit.of(HeaderEditOp.REMOVE, name, '')
  }

  /** Keeps the values and changes the name. */
  static rename(name: string, newName: string): HeaderEdit {
    return HeaderEdit.of(HeaderEditOp.RENAME, name, lowerAscii(newName))
  }

  /** @internal */
  encode(writer: ByteWriter): void {
    super.encode(writer)
    const source = this.source
    if (source === null || source.size == 0) return
    writer.byte(VALUE_TAG)
    writer.varint(source.size)
    writer.raw(source.start, source.size)
  }

  /** Makes it one that sets the header to `value`, or removes it when that is empty. */
  setOrRemove(value: string): void {
    this.op = value.length == 0 ? HeaderEditOp.REMOVE : HeaderEditOp.SET
    this.value = value
  }
}

function headerEdit(op: HeaderEditOp, name: string, value: string): HeaderEditWriter {
  const edit = new HeaderEditWriter()
  edit.op = op
  edit.name = lowerAscii(name)
  edit.value = value
  return edit
}

/** Reason phrases of RFC 9110 section 15 for the statuses a policy answers with. */
function reason(status: i32): string {
  switch (status) {
    case 400:
      return 'Bad Request'
    case 401:
      return 'Unauthorized'
    case 402:
      return 'Payment Required'
    case 403:
      return 'Forbidden'
    case 404:
      return 'Not Found'
    case 405:
      return 'Method Not Allowed'
    case 406:
      return 'Not Acceptable'
    case 409:
      return 'Conflict'
    case 410:
      return 'Gone'
    case 411:
      return 'Length Required'
    case 412:
      return 'Precondition Failed'
    case 413:
      return 'Content Too Large'
    case 414:
      return 'URI Too Long'
    case 415:
      return 'Unsupported Media Type'
    case 422:
      return 'Unprocessable Content'
    case 426:
      return 'Upgrade Required'
    case 428:
      return 'Precondition Required'
    case 429:
      return 'Too Many Requests'
    case 431:
      return 'Request Header Fields Too Large'
    case 451:
      return 'Unavailable For Legal Reasons'
    case 500:
      return 'Internal Server Error'
    case 501:
      return 'Not Implemented'
    case 502:
      return 'Bad Gateway'
    case 503:
      return 'Service Unavailable'
    case 504:
      return 'Gateway Timeout'
    default:
      return status >= 500 ? 'Server Error' : 'Request Refused'
  }
}
