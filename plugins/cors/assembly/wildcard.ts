import { hostEnd, isHost, isPort } from './origin-text'

/** An origin with wildcards: any name below a host, any port, or both. */
@final
export class Wildcard {
  private constructor(
    /** The scheme, with "://". */
    private readonly scheme: string,
    /** The host after "*", with its dot; or the whole host. With the port, unless any is right. */
    private readonly tail: string,
    private readonly anyName: bool,
    private readonly anyPort: bool
  ) {}

  /** `text` has passed `wrongOrigin`. */
  static of(text: string): Wildcard {
    const from = text.indexOf('://') + 3
    const anyName = text.charAt(from) == '*'
    const anyPort = text.endsWith(':*')
    const tail = text.substring(anyName ? from + 1 : from, anyPort ? text.length - 2 : text.length)
    return new Wildcard(text.substring(0, from), tail, anyName, anyPort)
  }

  match(origin: string): bool {
    if (!origin.startsWith(this.scheme)) return false
    let end = origin.length
    if (this.anyPort) {
      end = hostEnd(origin)
      // The colon of the scheme is no port's.
      if (end < this.scheme.length) end = origin.length
      if (end < origin.length && !isPort(origin, end + 1)) return false
    }
    const from = end - this.tail.length
    if (from < this.scheme.length || !hasAt(origin, from, this.tail)) return false
    // Nothing but a name may stand for the "*": "https://evil.test#.example.com" ends as it should, too.
    return this.anyName ? isHost(origin, this.scheme.length, from) : from == this.scheme.length
  }
}

function hasAt(text: string, at: i32, part: string): bool {
  for (let i = 0; i < part.length; i++) if (text.charCodeAt(at + i) != part.charCodeAt(i)) return false
  return true
}
