import { Buffer } from 'node:buffer'

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is the range that matters
const NOT_ASCII = /[^\x00-\x7f]/

/** Text for uWebSockets.js to send as UTF-8: in its build for Node 24, strings without a character above U+00FF go out as Latin-1. */
export function wireText(text: string): string | Buffer {
  return NOT_ASCII.test(text) ? Buffer.from(text) : text
}
