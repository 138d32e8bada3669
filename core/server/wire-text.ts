import { Buffer } from 'node:buffer'
import { isAscii } from '../base/header-text.js'

/** Text for uWebSockets.js to send as UTF-8: in its build for Node 24, strings without a character above U+00FF go out as Latin-1. */
export function wireText(text: string): string | Buffer {
  return isAscii(text) ? text : Buffer.from(text)
}
