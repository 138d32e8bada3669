import { ByteWriter, isReservedHeader, lowerAscii, RequestView, Settings } from '@sluice/plugin-sdk/assembly'
import { SignatureHeaders } from './headers'

const LINE_FEED: u8 = 0x0a
const COLON: u8 = 0x3a

const writer = new ByteWriter(1024)

/** What a client signs: a line for each part, none of which can have a line break in it. */
@final
export class Canonical {
  private parts: string[] = []
  private readonly headers: string[] = []
  private sorts: bool = true

  /** Returns "" or what is wrong with the settings. */
  fill(settings: Settings): string {
    this.parts = settings.strings('sign')
    this.sorts = settings.string('query', 'sorted') == 'sorted'
    // What is not signed can be changed on the way, and then protects nobody.
    if (!this.parts.includes('timestamp')) return 'sign must have timestamp'
    if (settings.string('body', 'digest') == 'digest' && !this.parts.includes('digest')) {
      return 'sign must have digest, or body must be ignore'
    }
    if (settings.string('replay', 'signature') == 'nonce' && !this.parts.includes('nonce')) {
      return 'sign must have nonce when replay is nonce'
    }
    const names = settings.strings('headers')
    for (let i = 0; i < names.length; i++) {
      const name = lowerAscii(names[i])
      const where = 'headers[' + i.toString() + '] '
      if (isReservedHeader(name)) return where + 'belongs to the gateway; for the host there is the part host'
      if (this.headers.includes(name)) return where + 'stands there twice'
      this.headers.push(name)
    }
    return ''
  }

  /** Whether the request must have this part. */
  needs(part: string): bool {
    return this.parts.includes(part)
  }

  /** The bytes that the signature is of. */
  bytesOf(request: RequestView, sent: SignatureHeaders): Uint8Array {
    writer.clear()
    for (let i = 0; i < this.parts.length; i++) {
      if (i > 0) writer.byte(LINE_FEED)
      writer.text(this.part(unchecked(this.parts[i]), request, sent))
    }
    for (let i = 0; i < this.headers.length; i++) {
      const name = unchecked(this.headers[i])
      writer.byte(LINE_FEED)
      writer.text(name)
      writer.byte(COLON)
      writer.text(request.headers(name).join(', '))
    }
    return writer.toBytes()
  }

  private part(name: string, request: RequestView, sent: SignatureHeaders): string {
    if (name == 'method') return request.method
    if (name == 'scheme') return request.scheme
    if (name == 'host') return lowerAscii(request.host)
    if (name == 'path') return request.path
    if (name == 'query') return this.sorts ? sortedQuery(request.query) : request.query
    if (name == 'timestamp') return sent.timestamp
    return name == 'nonce' ? sent.nonce : sent.digest
  }
}

@final
class Parameter {
  constructor(
    readonly name: string,
    readonly text: string,
    readonly index: i32
  ) {}
}

/** By the names of parameters, as they are written. */
function sortedQuery(query: string): string {
  if (!query.includes('&')) return query
  const texts = query.split('&')
  const parameters: Parameter[] = []
  for (let i = 0; i < texts.length; i++) {
    const equals = texts[i].indexOf('=')
    parameters.push(new Parameter(equals < 0 ? texts[i] : texts[i].substring(0, equals), texts[i], i))
  }
  parameters.sort(compare)
  for (let i = 0; i < texts.length; i++) texts[i] = parameters[i].text
  return texts.join('&')
}

function compare(a: Parameter, b: Parameter): i32 {
  if (a.name == b.name) return a.index - b.index
  return a.name < b.name ? -1 : 1
}
