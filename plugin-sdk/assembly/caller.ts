import { IpAddress } from './ip-address'
import { RequestView } from './request'
import { Template, templateMistake, unnamedHeader } from './template'
import { Span } from './wire'
import { ByteWriter } from './writer'

/** Why the last `CallerKey.compile` failed. */
export let callerMistake = ''

/** Who is one caller, for policies that count: what a template of request parts says, or the consumer or client address. */
// @ts-ignore: decorator
@final
export class CallerKey {
  private constructor(private readonly template: Template | null) {}

  /** The consumer; the client's address when nobody has said who calls. */
  static consumer(): CallerKey {
    return new CallerKey(null)
  }

  /** null when `text` is no template of request parts; `callerMistake` says why. */
  static compile(text: string): CallerKey | null {
    const template = Template.compile(text)
    if (template === null) return refuse(templateMistake)
    if (template.needsResponse) return refuse('it uses the response, which is not there yet')
    return template.parts.length == 0 ? refuse('it is empty') : new CallerKey(template)
  }

  /** A request header it is made of that is not among `named`, which the policy is shown; "" when there is none. */
  unnamedHeader(named: string[]): string {
    const template = this.template
    if (template === null) return ''
    const used = template.requestHeaders()
    for (let i = 0; i < used.length; i++) if (unnamedHeader('request', [used[i]], named) != '') return used[i]
    return ''
  }

  /** The fields of the manifest's "input" it is made of, for `readsOnly`. */
  inputFields(): string[] {
    const template = this.template
    return template === null ? ['consumer', 'clientIp'] : template.inputFields()
  }

  /** The caller; "" when the request lacks what it is made of. No two callers have the same. */
  of(request: RequestView): string {
    const template = this.template
    if (template === null) {
      const consumer = request.consumer
      return consumer.length > 0 ? 'consumer ' + consumer : CallerKey.address(request)
    }
    let text = ''
    for (let i = 0; i < template.parts.length; i++) {
      const part = unchecked(template.parts[i])
      const value = part.isLiteral ? part.name : part.value(request, null)
      if (value.length == 0) return ''
      // The length before each part: "a" and "bc" are not "ab" and "c".
      text += value.length.toString() + ':' + value
    }
    return 'key ' + text
  }

  /** As of(), written behind what the writer has; false, and nothing is written, when the request lacks what it is made of. */
  write(request: RequestView, to: ByteWriter): bool {
    if (this.template === null) {
      const consumer = request.consumerSpan
      if (consumer.empty) {
        CallerKey.writeAddress(request, to)
        return true
      }
      to.text('consumer ')
      to.raw(consumer.at, consumer.size)
      return true
    }
    const caller = this.of(request)
    to.text(caller)
    return caller.length > 0
  }

  /** As address(), written behind what the writer has. */
  static writeAddress(request: RequestView, to: ByteWriter): void {
    const span = request.clientIpSpan
    if (hasColon(span)) {
      to.text(CallerKey.address(request))
      return
    }
    to.text('ip ')
    to.raw(span.at, span.size)
  }

  /** The caller by the client's address. Who has one of IPv6 mostly has all of its /64, so these are one caller. */
  static address(request: RequestView): string {
    const text = request.clientIp
    const address = text.includes(':') ? IpAddress.parse(text) : null
    if (address === null) return 'ip ' + text
    return 'ip ' + (address.isV4 ? address : new IpAddress(false, address.high, 0)).toString()
  }
}

function hasColon(span: Span): bool {
  for (let i = 0; i < span.size; i++) if (load<u8>(span.at + <usize>i) == 0x3a) return true
  return false
}

function refuse(why: string): CallerKey | null {
  callerMistake = why
  return null
}
