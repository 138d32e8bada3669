import { type AiAdmin, aiPages } from './ai.js'
import { type Purgeable, purgePage } from './purge.js'
import { type AdminPages, json, text } from './server.js'
import { type UpstreamsAdmin, upstreamsPage } from './upstreams.js'

/** What the admin listener needs to know of the gateway: of all its event loops together. */
export interface Operated {
  readonly metrics: { readonly contentType: string; text(): Promise<string> }
  readonly state: () => 'starting' | 'ready' | 'draining'
  /** Whether every event loop turns. */
  readonly alive: () => Promise<boolean>
  /** Who still calls deprecated routes, as JSON shows it. */
  readonly deprecations: () => Promise<object>
  readonly upstreams: UpstreamsAdmin
  /** What AI traffic costs, and how keys and prompts do. */
  readonly ai: AiAdmin
  /** Stored replies, those of each event loop. */
  readonly caches: readonly Purgeable[]
  /** How breakers, limits and retry budgets are doing, by event loop: each has its own. */
  readonly resilience: () => Promise<readonly object[]>
}

/** Everything the admin listener answers. */
export function adminPages({
  metrics,
  state,
  alive,
  deprecations,
  upstreams,
  resilience,
  caches,
  ai
}: Operated): AdminPages {
  return {
    '/metrics': async () => ({ status: 200, type: metrics.contentType, body: await metrics.text() }),
    // Who restarts a gateway asks this one: it fails when a restart would help.
    '/livez': async () => ((await alive()) ? text(200, 'ok') : text(503, 'an event loop hangs')),
    // Who sends it traffic asks this one: a gateway that drains is taken out of the rotation.
    '/readyz': () => (state() === 'ready' ? text(200, 'ok') : text(503, state())),
    '/deprecations': async () => json(200, await deprecations()),
    '/upstreams': upstreamsPage(upstreams),
    ...aiPages(ai),
    '/cache/purge': purgePage(caches),
    '/resilience': async () => json(200, { loops: await resilience() })
  }
}
