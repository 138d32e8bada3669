import { RequestView, ResponseView } from '@sluice/plugin-sdk/assembly'
import { fieldText, isFieldText } from './field-text'
import { Part, partOf } from './parts'

/** Why the last `Template.compile` failed. */
export let mistake = ''

/** A header value with parts of the exchange in it, taken apart once. */
@final
export class Template {
  private constructor(private readonly parts: Part[]) {}

  /** null when `text` is not a template; `mistake` says why. */
  static compile(text: string): Template | null {
    if (!isFieldText(text)) return refuse('it may hold printable ASCII only')
    const parts: Part[] = []
    let literal = ''
    for (let at = 0; at < text.length; ) {
      if (text.charCodeAt(at) != 0x7b) {
        literal += text.charAt(at++)
        continue
      }
      if (at + 1 < text.length && text.charCodeAt(at + 1) == 0x7b) {
        literal += '{'
        at += 2
        continue
      }
      const close = text.indexOf('}', at)
      if (close < 0) return refuse('"{" has no "}"; a plain "{" is written "{{"')
      const name = text.substring(at + 1, close)
      const part = partOf(name)
      if (part === null) return refuse('there is no part {' + name + '}')
      if (literal.length > 0) parts.push(Part.literal(literal))
      literal = ''
      parts.push(part)
      at = close + 1
    }
    if (literal.length > 0) parts.push(Part.literal(literal))
    return new Template(parts)
  }

  /** Whether only the reply has what it needs. */
  get needsResponse(): bool {
    for (let i = 0; i < this.parts.length; i++) if (this.parts[i].needsResponse) return true
    return false
  }

  /** The request headers it reads. */
  requestHeaders(): string[] {
    const names: string[] = []
    for (let i = 0; i < this.parts.length; i++) {
      const name = this.parts[i].requestHeader
      if (name.length > 0) names.push(name)
    }
    return names
  }

  /** The response headers it reads. */
  responseHeaders(): string[] {
    const names: string[] = []
    for (let i = 0; i < this.parts.length; i++) {
      const name = this.parts[i].responseHeader
      if (name.length > 0) names.push(name)
    }
    return names
  }

  /** The value. What comes from the exchange is made safe to stand in a header. */
  render(request: RequestView, response: ResponseView | null): string {
    let text = ''
    for (let i = 0; i < this.parts.length; i++) {
      const part = unchecked(this.parts[i])
      text += part.isLiteral ? part.name : fieldText(part.value(request, response))
    }
    return text
  }
}

function refuse(why: string): Template | null {
  mistake = why
  return null
}
