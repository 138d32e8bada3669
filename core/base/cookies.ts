import type { HeaderList } from './headers.js'

/** The pairs of all Cookie headers, in their order, with no blanks around them. */
export function cookiePairs(headers: HeaderList): string[] {
  const pairs: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] !== 'cookie') continue
    for (const pair of (headers[i + 1] ?? '').split(';')) pairs.push(pair.trim())
  }
  return pairs
}

/** The values of a cookie (RFC 6265 §5.4), without the quotes some put around them. */
export function cookieValues(headers: HeaderList, name: string): string[] {
  return cookiePairs(headers).flatMap(pair => {
    const at = pair.indexOf('=')
    if (at === -1 || pair.slice(0, at).trim() !== name) return []
    return [
      pair
        .slice(at + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1')
    ]
  })
}
