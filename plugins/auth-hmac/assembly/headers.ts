import { lowerAscii, RequestView, Settings, Verdict } from '@sluice/plugin-sdk/assembly'

const MAX_VALUE: i32 = 1024

/** The headers that a signature travels in, and what a request has in them. */
@final
export class SignatureHeaders {
  private readonly names: string[] = []
  /** Set by read(). */
  key: string = ''
  signature: string = ''
  timestamp: string = ''
  nonce: string = ''
  digest: string = ''
  /** Whether one is there twice: the upstream might read the other. */
  ambiguous: bool = false

  /** Returns "" or what is wrong with the settings. */
  fill(settings: Settings): string {
    const own = ['keyHeader', 'signatureHeader', 'timestampHeader', 'nonceHeader', 'digestHeader']
    for (let i = 0; i < own.length; i++) {
      const name = lowerAscii(settings.string(own[i]))
      const other = this.names.indexOf(name)
      if (other >= 0) return own[i] + ' is the same header as ' + own[other]
      this.names.push(name)
    }
    return ''
  }

  read(request: RequestView): void {
    this.ambiguous = false
    this.key = this.one(request, 0)
    this.signature = this.one(request, 1)
    this.timestamp = this.one(request, 2)
    this.nonce = this.one(request, 3)
    this.digest = this.one(request, 4)
  }

  /** All but the digest, which may be of use upstream. */
  hide(request: RequestView, verdict: Verdict): void {
    for (let i = 0; i < 4; i++) if (request.hasHeader(this.names[i])) verdict.removeHeader(this.names[i])
  }

  private one(request: RequestView, index: i32): string {
    const name = unchecked(this.names[index])
    if (!request.hasHeader(name)) return ''
    const values = request.headers(name)
    if (values.length > 1 || values[0].length > MAX_VALUE) this.ambiguous = true
    return values[0]
  }
}

/** Unix milliseconds from seconds or milliseconds; -1 when `text` is neither. */
export function timeOf(text: string): i64 {
  if (text.length == 0 || text.length > 13) return -1
  let value: i64 = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (<u32>digit > 9) return -1
    value = value * 10 + digit
  }
  // Seconds have ten digits for the next 260 years.
  return text.length > 10 ? value : value * 1000
}
