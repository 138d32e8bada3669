import type { AdminPages, AdminReply } from './server.js'

/** What the admin listener needs to know of the gateway. */
export interface Operated {
  readonly metrics: { readonly contentType: string; text(): Promise<string> }
  readonly state: () => 'starting' | 'ready' | 'draining'
  /** Whether every event loop turns. */
  readonly alive: () => Promise<boolean>
  /** Who still calls deprecated routes, as JSON shows it. */
  readonly deprecations: () => Promise<object>
}

/** Everything the admin listener answers. */
export function adminPages({ metrics, state, alive, deprecations }: Operated): AdminPages {
  return {
    '/metrics': async () => ({ status: 200, type: metrics.contentType, body: await metrics.text() }),
    // Who restarts a gateway asks this one: it fails when a restart would help.
    '/livez': async () => ((await alive()) ? said(200, 'ok') : said(503, 'an event loop hangs')),
    // Who sends it traffic asks this one: a gateway that drains is taken out of the rotation.
    '/readyz': () => (state() === 'ready' ? said(200, 'ok') : said(503, state())),
    '/deprecations': async () => json(await deprecations())
  }
}

function json(value: object): AdminReply {
  return { status: 200, type: 'application/json', body: `${JSON.stringify(value)}\n` }
}

function said(status: number, word: string): AdminReply {
  return { status, type: 'text/plain; charset=utf-8', body: `${word}\n` }
}
