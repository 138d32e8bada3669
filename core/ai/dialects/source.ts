import type { Source } from '../chat.js'

/** An address as clients give it: a data URL is the bytes themselves. */
export function sourceOf(url: string): Source {
  const found = /^data:([^;,]*)(?:;[^,]*)?;base64,/.exec(url)
  if (found === null) return { kind: 'url', url }
  const type = found[1] === undefined || found[1] === '' ? 'application/octet-stream' : mediaType(found[1])
  return { kind: 'base64', media_type: type, data: url.slice(found[0].length) }
}

/** As it is registered: types have no case (RFC 2045 §5.1), and many write "image/jpg". */
export function mediaType(written: string): string {
  const type = written.toLowerCase()
  return type === 'image/jpg' ? 'image/jpeg' : type
}

/** The address of bytes, as a data URL; undefined: it is known by a provider's own name only. */
export function urlOf(source: Source): string | undefined {
  switch (source.kind) {
    case 'base64':
      return `data:${source.media_type};base64,${source.data}`
    case 'url':
      return source.url
    case 'id':
      return undefined
  }
}

/** The media type of an image by its first bytes, for dialects that send images without one. */
export function imageType(base64: string): string {
  if (base64.startsWith('/9j/')) return 'image/jpeg'
  if (base64.startsWith('R0lG')) return 'image/gif'
  return base64.startsWith('UklG') ? 'image/webp' : 'image/png'
}
