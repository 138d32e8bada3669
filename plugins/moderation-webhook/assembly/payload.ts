import {
  base64Encode,
  BodyKind,
  bodyKind,
  Field,
  HeaderView,
  Json,
  lowerAscii,
  RequestView,
  Settings,
  utf8Bytes,
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
    const kind = bodyKind(message.header('content-type'), body, size, false)
    if (this.kind == 'texts') return utf8Bytes('{"input":' + this.texts(kind, body, size) + this.added())
    let text = '{"phase":' + (status == 0 ? '"request"' : '"response"')
    text += ',"method":' + Json.quote(request.method) + ',"path":' + Json.quote(request.path)
    text += ',"query":' + Json.quote(request.query)
    text += ',"consumer":' + Json.quote(message.consumer) + ',"route":' + Json.quote(message.route)
    if (status > 0) text += ',"status":' + status.toString()
    text += ',"headers":' + this.headersOf(message)
    if (this.fields !== null) text += ',"texts":' + this.texts(kind, body, size)
    else if (kind == BodyKind.BINARY || kind == BodyKind.UNREADABLE) text += ',"bodyBase64":"' + base64Encode(bytesAt(body, size)) + '"'
    else text += ',"body":' + Json.quote(utf8Decode(body, size))
    return utf8Bytes(text + this.added())
  }

  /** The texts of a JSON body; any other is one text. */
  private texts(kind: BodyKind, body: usize, size: i32): string {
    list = ''
    start = body
    if (size == 0) return '[]'
    const isJson = kind == BodyKind.JSON || kind == BodyKind.JSON_LIKE
    if (isJson && walkJson(body, size, this.fields, addText)) return '[' + list + ']'
    return '[' + Json.quote(utf8Decode(body, size)) + ']'
  }

  private headersOf(message: HeaderView): string {
    const headers = Json.object()
    for (let i = 0; i < this.headers.length; i++) {
      const name = this.headers[i]
      if (message.hasHeader(name)) headers.set(name, Json.string(message.headers(name).join(', ')))
    }
    return headers.toString()
  }

  /** The end of an object, with the members of the settings. */
  private added(): string {
    return this.extra.length == 0 ? '}' : ',' + this.extra.toString().substring(1)
  }
}

let list = ''
let start: usize = 0

/** A string of the body is one of the payload as it stands, quotes, escapes and all. */
function addText(from: i32, to: i32, _escaped: bool): bool {
  if (list.length > 0) list += ','
  list += utf8Decode(start + <usize>from - 1, to - from + 2)
  return true
}

function bytesAt(at: usize, size: i32): Uint8Array {
  const bytes = new Uint8Array(size)
  memory.copy(bytes.dataStart, at, <usize>size)
  return bytes
}
