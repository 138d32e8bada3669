import type { HttpResponse } from 'uWebSockets.js'
import type { Buffer } from 'node:buffer'
import type { HeaderList } from '../base/headers.js'
import { sameTexts } from '../base/same-texts.js'
import { wireText } from './wire-text.js'

/**
 * Writes them all as if they were one: a call into uWebSockets.js takes longer than putting a header's text together. Names and values
 * have been looked at before: none has an end of line in it.
 */
export function writeHeaders(response: HttpResponse, headers: HeaderList): void {
  const [name] = headers
  if (name !== undefined) response.writeHeader(name, textBehindName(headers))
}

interface Written {
  readonly headers: HeaderList
  readonly text: string | Buffer
}

/** What was written last, by how many characters it has: what a cache serves has the same headers for a second. */
const SLOTS = 64
const written: (Written | undefined)[] = Array.from({ length: SLOTS })
/** Longer ones are not kept. */
const MAX_CHARACTERS = 2_048

function textBehindName(headers: HeaderList): string | Buffer {
  let characters = 0
  for (const text of headers) characters += text.length
  const slot = characters % SLOTS
  const before = written[slot]
  if (before !== undefined && sameTexts(before.headers, headers)) return before.text
  let text = headers[1] ?? ''
  for (let i = 2; i + 1 < headers.length; i += 2) text += `\r\n${headers[i]}: ${headers[i + 1]}`
  const wire = wireText(text)
  // A copy: the list is its owner's to change.
  if (characters <= MAX_CHARACTERS) written[slot] = { headers: headers.slice(), text: wire }
  return wire
}
