import { Part } from './part'
import { RequestView } from './request'
import { ResponseView } from './response'
import { lowerAscii } from './text'

/** Why the last `Template.compile` failed. */
export let templateMistake = ''

/** Text with parts of the exchange in it, such as "/v2{path}", taken apart once. "{{" is a plain brace. */
// @ts-ignore: decorator
@final
export class Template {
  private constructor(readonly parts: Part[]) {}

  /**
   * null when `text` is not a template; `templateMistake` says why.
   * @param own - a family of parts that the policy itself knows the values of: with "body", {body./id} is one
   */
  static compile(text: string, own: string = ''): Template | null {
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
      const part = Part.of(name, own)
      if (part === null) return refuse('there is no part {' + name + '}')
      if (literal.length > 0) parts.push(Part.literal(literal))
      literal = ''
      parts.push(part)
      at = close + 1
    }
    if (literal.length > 0) parts.push(Part.literal(literal))
    return new Template(parts)
  }

  /** Whether it has no part of the exchange: its text is always the same. */
  get isConstant(): bool {
    for (let i = 0; i < this.parts.length; i++) if (!this.parts[i].isLiteral) return false
    return true
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

  /** The fields of the manifest's "input" it reads, for `readsOnly`. */
  inputFields(): string[] {
    const names: string[] = []
    for (let i = 0; i < this.parts.length; i++) {
      const name = this.parts[i].inputField
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

  /**
   * The text. Parts that are not there are empty, and so are those of the policy's own family: a policy that has one
   * goes through `parts` itself.
   * @param safe - makes what comes from the exchange fit to stand in the text
   */
  render(request: RequestView, response: ResponseView | null, safe: (value: string) => string): string {
    let text = ''
    for (let i = 0; i < this.parts.length; i++) {
      const part = unchecked(this.parts[i])
      const piece = part.isLiteral ? part.name : safe(part.value(request, response))
      text = i == 0 ? piece : text + piece // most have one part: no copy of it
    }
    return text
  }
}

/**
 * Says which of the headers that templates use is not named in the settings: what is read must be named, so that the
 * policy is shown those headers and no others. Returns "" when all are.
 * @param side - "request" or "response", for the message
 */
export function unnamedHeader(side: string, used: string[], named: string[]): string {
  for (let i = 0; i < used.length; i++) {
    let found = false
    for (let j = 0; j < named.length; j++) if (lowerAscii(named[j]) == used[i]) found = true
    if (!found) return 'a template uses the ' + side + ' header ' + used[i] + ': name it in read.' + side
  }
  return ''
}

function refuse(why: string): Template | null {
  templateMistake = why
  return null
}
