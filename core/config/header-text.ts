import { HOP_BY_HOP, isFieldValue } from '../base/headers.js'

/** Written by the gateway itself, or about one connection only: never taken from a configuration. */
const OWN: ReadonlySet<string> = new Set([...HOP_BY_HOP, 'content-length', 'date', 'via'])

/** Whether the gateway writes this header of a reply itself. */
export function isOwnHeader(name: string): boolean {
  return OWN.has(name.toLowerCase())
}

/** What is wrong with a header value, or undefined. */
export function wrongHeaderValue(text: string): string | undefined {
  if (!isFieldValue(text)) return 'has a control character; expected one line of text'
  return text.trim() === text ? undefined : 'has space around it; expected it without'
}
