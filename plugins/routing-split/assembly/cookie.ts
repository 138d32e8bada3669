import { base64UrlEncode, randomBytes, RequestView, Settings } from '@sluice/plugin-sdk/assembly'

const MONTH: i32 = 2592000
/** What a client made up beyond this is not its cookie of ours. */
const MAX_VALUE: i32 = 128

/** The cookie that tells clients apart. */
@final
export class SplitCookie {
  private constructor(
    private readonly name: string,
    private readonly attributes: string
  ) {}

  static of(sticky: Settings): SplitCookie {
    let attributes = '; Path=' + sticky.string('path', '/')
    const maxAge = sticky.int('maxAge', MONTH)
    if (maxAge > 0) attributes += '; Max-Age=' + maxAge.toString()
    if (sticky.bool('httpOnly', true)) attributes += '; HttpOnly'
    if (sticky.bool('secure')) attributes += '; Secure'
    const sameSite = sticky.string('sameSite', 'lax')
    attributes += '; SameSite=' + (sameSite == 'strict' ? 'Strict' : sameSite == 'none' ? 'None' : 'Lax')
    return new SplitCookie(sticky.string('name'), attributes)
  }

  /** The client's value; "" when it has none that can be ours. */
  read(request: RequestView): string {
    const value = request.cookie(this.name)
    return value.length <= MAX_VALUE ? value : ''
  }

  /** A new value that no other client has. */
  draw(): string {
    return base64UrlEncode(randomBytes(15))
  }

  /** The Set-Cookie header for a value. */
  line(value: string): string {
    return this.name + '=' + value + this.attributes
  }
}
