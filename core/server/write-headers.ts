import type { HttpResponse } from 'uWebSockets.js'
import type { Buffer } from 'node:buffer'
import type { HeaderList } from '../base/headers.js'
import { RecentLists } from '../base/recent-lists.js'
import { wireText } from './wire-text.js'

/**
 * Writes them all as if they were one: a call into uWebSockets.js takes longer than putting a header's text together. Names and values
 * have been looked at before: none has an end of line in it.
 */
export function writeHeaders(response: HttpResponse, headers: HeaderList): void {
  const [name] = headers
  if (name !== undefined) response.writeHeader(name, textBehindName(headers))
}

/** What was written last: what a cache serves has the same headers for a second. */
const written = new RecentLists<string | Buffer>(2_048)

function textBehindName(headers: HeaderList): string | Buffer {
  const before = written.get(headers)
  if (before !== undefined) return before
  let text = headers[1] ?? ''
  for (let i = 2; i + 1 < headers.length; i += 2) text += `\r\n${headers[i]}: ${headers[i + 1]}`
  const wire = wireText(text)
  written.set(headers, () => wire)
  return wire
}
