import { base64Decode, hexDecode, lowerAscii } from '@sluice/plugin-sdk/assembly'

const DIGEST_BYTES: i32 = 32
const HEX_DIGITS: i32 = 64
const NAME = 'sha-256='

/**
 * The SHA-256 that a digest header holds: "sha-256=:…:" (RFC 9530), "SHA-256=…" (RFC 3230), both perhaps in a list, or
 * plain hex or base64. null when it holds none, or two.
 */
export function digestOf(header: string): Uint8Array | null {
  const items = header.split(',')
  let found: Uint8Array | null = null
  for (let i = 0; i < items.length; i++) {
    const item = items[i].trim()
    if (lowerAscii(item.substring(0, NAME.length)) == NAME) {
      if (found !== null) return null
      found = plain(inner(item.substring(NAME.length)))
      if (found === null) return null
    }
  }
  return found === null && items.length == 1 ? plain(header) : found
}

function inner(text: string): string {
  return text.length > 1 && text.startsWith(':') && text.endsWith(':') ? text.substring(1, text.length - 1) : text
}

function plain(text: string): Uint8Array | null {
  const bytes = text.length == HEX_DIGITS ? hexDecode(text) : base64Decode(text)
  return bytes !== null && bytes.length == DIGEST_BYTES ? bytes : null
}
