import { header } from '../../../base/headers.js'
import type { KeepBy } from '../../../config/resolve-ai-models.js'
import type { RoutingRequest } from '../request.js'

/** What a request is kept with others by; undefined: it has none of it. */
export function keepKey(by: KeepBy, request: RoutingRequest): string | undefined {
  switch (by.from) {
    case 'conversation':
      return request.conversation()
    case 'consumer':
      return request.consumer === '' ? undefined : request.consumer
    case 'header':
      return header(request.headers, by.name)
    case 'metadata':
      return request.metadata(by.name)
  }
}
