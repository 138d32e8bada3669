import { Buffer } from 'node:buffer'
import { answerAt, copyAt, type GuestBytes, memoryAt, type Run } from '../guest-bytes.js'

const NO_BASE64 = -1

/** Base64 for URLs (RFC 4648 section 5), for plugins whose language has none. Answers: the size of what is at `out`, as `answerAt` says. */
export function base64Functions(guest: GuestBytes): Record<string, Run> {
  return {
    base64url_encode: (ptr = 0, length = 0, out = 0, room = 0) => {
      const text = memoryAt(guest, ptr, length >>> 0).toString('base64url')
      return answerAt(guest, out, room, Buffer.from(text, 'latin1'))
    },
    base64url_decode: (ptr = 0, length = 0, out = 0, room = 0) => {
      const text = copyAt(guest, ptr, length >>> 0).toString('latin1')
      const bytes = isBase64(text) ? Buffer.from(text, 'base64url') : undefined
      memoryAt(guest, out, room)
      return bytes === undefined ? NO_BASE64 : answerAt(guest, out, room, bytes)
    }
  }
}

/** Either alphabet, padded or not. */
function isBase64(text: string): boolean {
  const digits = text.replace(/={1,2}$/, '')
  if (digits.length !== text.length && text.length % 4 !== 0) return false
  return digits.length % 4 !== 1 && /^[A-Za-z0-9+/_-]*$/.test(digits)
}
