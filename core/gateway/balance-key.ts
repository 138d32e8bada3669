import { type HeaderList, header } from '../base/headers.js'
import type { KeyFrom } from '../config/resolve-upstream.js'
import type { Exchange } from './exchange.js'

/** What consistent hashing hashes of this exchange; undefined when the request has none of it. */
export function balanceKey(
  { request, clientIp, consumer }: Pick<Exchange, 'request' | 'clientIp' | 'consumer'>,
  key: KeyFrom
): string | undefined {
  switch (key.from) {
    case 'ip':
      return clientIp === '' ? undefined : clientIp
    case 'path':
      return request.path
    case 'consumer':
      return consumer === '' ? undefined : consumer
    case 'header':
      return header(request.headers, key.name)
    case 'cookie':
      return cookie(request.headers, key.name)
    case 'query':
      return new URLSearchParams(request.query).get(key.name) ?? undefined
  }
}

/** RFC 6265 §4.2: pairs of one header or several; the first of a name counts. */
function cookie(headers: HeaderList, name: string): string | undefined {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] !== 'cookie') continue
    for (const pair of headers[i + 1]?.split(';') ?? []) {
      const at = pair.indexOf('=')
      if (at !== -1 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
    }
  }
  return undefined
}
