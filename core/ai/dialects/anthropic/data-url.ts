import type { Source } from '../../chat.js'
import { mediaType } from '../source.js'

/** A source whose address has the bytes in it is these bytes: no provider of this family takes such an address. */
export function inlined(source: Source): Source {
  if (source.kind !== 'url' || !source.url.startsWith('data:')) return source
  const found = DATA_URL.exec(source.url.slice(0, MAX_HEAD))
  if (found === null) return source
  const [head, type = ''] = found
  return {
    kind: 'base64',
    media_type: type === '' ? 'text/plain' : mediaType(type),
    data: source.url.slice(head.length)
  }
}

/** RFC 2397, with base64. */
const DATA_URL = /^data:([\w.+-]+\/[\w.+-]+)?(?:;[\w-]+=[^;,]*)*;base64,/i
const MAX_HEAD = 300
