import { Buffer } from 'node:buffer'

/** Node hands header values over, and takes them, as Latin-1: a character for each byte. Ours are text. */

/** The text that bytes stand for: UTF-8, which is what is sent today, else Latin-1 (RFC 9110 §5.5 calls them opaque). */
export function fromLatin1(value: string): string {
  if (isAscii(value)) return value
  const bytes = Buffer.from(value, 'latin1')
  const text = bytes.toString('utf8')
  return text.includes('\ufffd') ? value : text
}

/** What is not ASCII, as its UTF-8 bytes. */
export function toLatin1(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

/** As many bytes of UTF-8 as characters: faster to ask than a regular expression. */
export function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length
}
