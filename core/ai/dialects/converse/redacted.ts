import { Buffer } from 'node:buffer'

/**
 * Bedrock's redacted reasoning is bytes, in base64. What another provider gave may be any text: it goes as the bytes of that text, behind a
 * mark by which it is known when it comes back.
 */
export function blobOf(data: string): string {
  return BASE64.test(data) && data.length % 4 === 0 ? data : Buffer.from(MARK + data).toString('base64')
}

export function dataOf(blob: string): string {
  if (!blob.startsWith(MARK_IN_BASE64)) return blob
  return Buffer.from(blob, 'base64').toString().slice(MARK.length)
}

/** Nine bytes: its base64 is the same whatever follows. */
const MARK = 'slc-text:'
const MARK_IN_BASE64 = Buffer.from(MARK).toString('base64')
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/
