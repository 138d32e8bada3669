import {
  base64Encode,
  BodyKind,
  bodyKindOf,
  ByteWriter,
  Field,
  HeaderView,
  Json,
  lowerAscii,
  RequestView,
  Settings,
  walkJson
} from '@sluice/plugin-sdk/assembly'
import { utf8Decode } from '@sluice/plugin-sdk/assembly/utf8'

/** What the judge gets. */
@final
export class Payload {
  private kind: string = ''
  private fields: Field | null = null
  private headers: string[] = []
  private extra: Json = Json.object()

  fill(settings: Settings): void {
    this.kind = settings.string('payload', 'describe')
    if (settings.has('fields')) this.fields = Field.of(settings.strings('fields'))
    const names = settings.strings('headers')
    for (let i = 0; i < names.length; i++) this.headers.push(lowerAscii(names[i]))
    this.extra = settings.object('extra').json
  }

  /** Whether a message without a body says nothing to the judge. */
  get needsBody(): bool {
    return this.kind != 'describe'
  }

  /** @param contentType - of the message */
  type(contentType: string): string {
    if (this.kind != 'body') return 'application/json'
    return contentType == '' ? 'application/octet-stream' : contentType
  }

  /** @param status - 0 for a request */
  of(request: RequestView, message: HeaderView, status: i32, body: usize, size: i32): Uint8Array {
    if (this.kind == 'body') return bytesAt(body, size)
    const kind = this.kindOf(message, body, size)
    const out = new ByteWriter(size + 256)
    if (this.kind == 'texts') {
      out.text('{"input":')
      this.writeTexts(out, kind, body, size)
    } else {
      this.describe(out, request, message, status)
      this.writeBody(out, kind, body, size)
    }
    out.text(this.extra.length == 0 ? '}' : ',' + this.extra.toString().substring(1))
    return out.toBytes()
  }

  /** Whether the judge gets texts, and this body has none that can be told: UTF-16, two content types. */
  cannotRead(message: HeaderView, body: usize, size: i32): bool {
    return this.sendsTexts && size > 0 && this.kindOf(message, body, size) == BodyKind.UNREADABLE
  }

  private get sendsTexts(): bool {
    return this.kind == 'texts' || (this.kind == 'describe' && this.fields !== null)
  }

  /** JSON is JSON whatever its content type says, where texts are taken out of it. */
  private kindOf(message: HeaderView, body: usize, size: i32): BodyKind {
    return bodyKindOf(message, body, size, this.sendsTexts)
  }

  private describe(out: ByteWriter, request: RequestView, message: HeaderView, status: i32): void {
    out.text(status == 0 ? '{"phase":"request"' : '{"phase":"response"')
    out.text(',"method":' + Json.quote(request.method) + ',"path":' + Json.quote(request.path))
    out.text(',"query":' + Json.quote(request.query))
    out.text(',"consumer":' + Json.quote(message.consumer) + ',"route":' + Json.quote(message.route))
    if (status > 0) out.text(',"status":' + status.toString())
    out.text(',"headers":' + this.headersOf(message))
  }

  private writeBody(out: ByteWriter, kind: BodyKind, body: usize, size: i32): void {
    if (this.fields !== null) {
      out.text(',"texts":')
      this.writeTexts(out, kind, body, size)
    } else if (kind == BodyKind.BINARY || kind == BodyKind.UNREADABLE) {
      out.text(',"bodyBase64":"' + base64Encode(bytesAt(body, size)) + '"')
    } else {
      out.text(',"body":' + Json.quote(utf8Decode(body, size)))
    }
  }

  /** The texts of a JSON body; any other is one text. */
  private writeTexts(out: ByteWriter, kind: BodyKind, body: usize, size: i32): void {
    texts = new ByteWriter(size)
    start = body
    const isJson = kind == BodyKind.JSON || kind == BodyKind.JSON_LIKE
    out.byte(0x5b)
    if (isJson && walkJson(body, size, this.fields, addText)) out.raw(texts.start, texts.size)
    else if (size > 0) out.text(Json.quote(utf8Decode(body, size)))
    out.byte(0x5d)
  }

  private headersOf(message: HeaderView): string {
    const headers = Json.object()
    for (let i = 0; i < this.headers.length; i++) {
      const name = this.headers[i]
      if (message.hasHeader(name)) headers.set(name, Json.string(message.headers(name).join(', ')))
    }
    return headers.toString()
  }
}

let texts = new ByteWriter()
let start: usize = 0

/** A string of the body is one of the payload as it stands, quotes, escapes and all. */
function addText(from: i32, to: i32, _escaped: bool): bool {
  if (texts.size > 0) texts.byte(0x2c)
  texts.text(utf8Decode(start + <usize>from - 1, to - from + 2))
  return true
}

function bytesAt(at: usize, size: i32): Uint8Array {
  const bytes = new Uint8Array(size)
  memory.copy(bytes.dataStart, at, <usize>size)
  return bytes
}
