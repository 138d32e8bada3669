import { HeaderView } from './request'
import { lowerAscii } from './text'

/** A content type in lower case, without its parameters. */
export function mediaType(contentType: string): string {
  const semicolon = contentType.indexOf(';')
  return lowerAscii((semicolon < 0 ? contentType : contentType.substring(0, semicolon)).trim())
}

/**
 * Whether the message says that its body is one JSON text: application/json, text/json, or any type that ends in
 * "+json".
 */
export function hasJsonType(message: HeaderView): bool {
  // A second Content-Type line is malformed, but some servers read it all the same.
  const lines = message.headers('content-type')
  for (let i = 0; i < lines.length; i++) {
    const type = mediaType(lines[i])
    if (type == 'application/json' || type == 'text/json' || type.endsWith('+json')) return true
  }
  return false
}
