import type { MetricsRegistry } from '../observe/registry.js'
import type { AdminPages } from './server.js'

/** What the admin listener needs to know of the gateway. */
export interface Gateway {
  readonly registry: MetricsRegistry
  /** Whether new exchanges are refused. */
  readonly draining: () => boolean
}

/** Everything the admin listener answers. */
export function adminPages({ registry, draining }: Gateway): AdminPages {
  return {
    '/metrics': async () => ({ status: 200, type: registry.contentType, body: await registry.text() }),
    // A load balancer in front takes a gateway that drains out of its rotation.
    '/healthz': () =>
      draining()
        ? { status: 503, type: 'text/plain; charset=utf-8', body: 'draining\n' }
        : { status: 200, type: 'text/plain; charset=utf-8', body: 'ok\n' }
  }
}
