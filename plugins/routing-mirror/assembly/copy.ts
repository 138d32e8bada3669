import { Effect, isFieldText, isReservedHeader, lowerAscii, RequestView, Settings } from '@sluice/plugin-sdk/assembly'

const CREDENTIALS: string[] = ['authorization', 'proxy-authorization', 'cookie']
/** The host says these of every callout by itself. */
const OWN: string[] = ['cdn-loop', 'accept-encoding']
/** What the host lets a callout have, less those that are added here. */
const MAX_HEADERS: i32 = 60
const MAX_VALUE: i32 = 16384
const MAX_URL: i32 = 8192

/** How a copy is made. */
@final
export class Copy {
  markName: string = ''
  maxBytes: i32 = 0
  private markValue: string = ''
  private upstream: string = ''
  private path: string = ''
  private timeoutMs: u32 = 0
  private removed: string[] = []

  /** Returns "" or what is wrong with the settings. */
  fill(settings: Settings): string {
    const mark = settings.object('mark')
    this.markName = lowerAscii(mark.string('name', 'x-mirrored'))
    this.markValue = mark.string('value', '1')
    if (isReservedHeader(this.markName)) return 'mark.name is a header that belongs to the gateway'
    this.upstream = settings.string('upstream')
    this.path = settings.string('path')
    this.timeoutMs = settings.int('timeoutMs', 5000)
    this.maxBytes = settings.int('maxBytes', 262144)
    this.removed = OWN.slice(0)
    if (!settings.bool('credentials')) this.removed = this.removed.concat(CREDENTIALS)
    const remove = settings.strings('remove')
    for (let i = 0; i < remove.length; i++) this.removed.push(lowerAscii(remove[i]))
    return ''
  }

  /** null: the request is larger than a copy may be. */
  of(request: RequestView): Effect | null {
    const query = request.query
    const path = this.path == '' ? request.path : this.path
    const url = query == '' ? path : path + '?' + query
    if (url.length > MAX_URL || request.bodySize > this.maxBytes) return null
    const effect = Effect.http(this.upstream, url).named('copy').method(request.method).timeoutMs(this.timeoutMs)
    if (!this.copyHeaders(request, effect)) return null
    effect.header(this.markName, this.markValue).header('x-forwarded-host', request.host)
    if (request.bodySize > 0) effect.bodyBytes(request.bodyBytes())
    return effect.withoutAnswer()
  }

  private copyHeaders(request: RequestView, effect: Effect): bool {
    let copied = 0
    for (let i = 0; i < request.headerCount; i++) {
      const name = request.headerName(i)
      // A body comes to the policy without its content codings; x-forwarded-host is the copy's own.
      if (isReservedHeader(name) || name == 'content-encoding' || name == 'x-forwarded-host') continue
      if (this.removed.includes(name)) continue
      const value = request.headerValue(i)
      if (!isFieldText(value) || value.length > MAX_VALUE || ++copied > MAX_HEADERS) return false
      effect.header(name, value)
    }
    return true
  }
}
