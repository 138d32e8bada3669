import { cookieValues } from '../base/cookies.js'
import { header } from '../base/headers.js'
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
      return cookieValues(request.headers, key.name)[0] // the most specific one comes first (RFC 6265 §5.4)
    case 'query':
      return new URLSearchParams(request.query).get(key.name) ?? undefined
  }
}
