import { Buffer } from 'node:buffer'
import { percentDecoded } from '../../../base/percent.js'
import type { Source } from '../../chat.js'
import { mediaType } from '../source.js'

const DATA_URL = /^data:([^,;]*)((?:;[^,;]*)*),/i

/** What an address stands for: bytes when it is a data URL (RFC 2397). */
export function sourceOf(url: string): Source {
  const match = DATA_URL.exec(url)
  if (match === null) return { kind: 'url', url }
  const media_type = match[1] === undefined || match[1] === '' ? 'text/plain' : mediaType(match[1])
  const rest = url.slice(match[0].length)
  if ((match[2] ?? '').toLowerCase().endsWith(';base64')) return { kind: 'base64', media_type, data: rest }
  return { kind: 'base64', media_type, data: Buffer.from(percentDecoded(rest)).toString('base64') }
}

/** The address of a source, as a data URL when it is bytes; undefined: it is known by a provider's id alone. */
export function urlOf(source: Source): string | undefined {
  if (source.kind === 'base64') return `data:${source.media_type};base64,${source.data}`
  return source.kind === 'url' ? source.url : undefined
}
