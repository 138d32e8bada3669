import { buildSnapshot, readConfig } from '../../core/gateway/build.js'
import { createLog } from '../../core/observe/log.js'
import { sharedTableMemory } from '../../core/plugin-host/shared-table.js'
import type { SluiceConfig } from '../support/sluice.js'

/** Ten policies of built-in plugins, as a real route might have them. */
const TEN_POLICIES = [
  { plugin: 'ip-filter', settings: { deny: ['192.0.2.0/24'] } },
  { plugin: 'bot-filter' },
  { plugin: 'cors', settings: { origins: ['https://app.example'] } },
  { plugin: 'rate-limit', settings: { limits: [{ requests: 10, per: '1s' }] } },
  { plugin: 'transform-headers', settings: { request: { set: { 'x-a': 'b' } } } },
  { plugin: 'transform-path', settings: { addPrefix: '/v2' } },
  { plugin: 'waf' },
  { plugin: 'moderation-pii' },
  { plugin: 'moderation-injection' },
  { plugin: 'graphql-guard' }
]

/** A configuration of them. */
export const TEN_PLUGINS: SluiceConfig = {
  upstreams: { main: { targets: ['http://127.0.0.1:1'] } },
  routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', policies: TEN_POLICIES }]
}

const WARM_UP = 0.1

/**
 * Builds and closes the snapshot of a configuration `times` times in this process, as reloads do.
 * @returns RSS after the first tenth and at the end, bytes: what a first build leaves behind is there for good
 */
export async function churn(file: string, times: number): Promise<{ before: number; after: number }> {
  const log = createLog('silent')
  const shared = sharedTableMemory()
  const rss = (): number => {
    globalThis.gc?.()
    return process.memoryUsage.rss()
  }
  let before = 0
  for (let i = 0; i < times; i++) {
    if (i === Math.ceil(times * WARM_UP)) before = rss()
    const snapshot = await buildSnapshot(readConfig(file), { log, shared })
    await snapshot.close()
  }
  return { before, after: rss() }
}
