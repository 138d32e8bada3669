import { adminPages } from '../../admin/pages.js'
import { AdminServer } from '../../admin/server.js'
import { mergeKeys } from '../../ai/keys/report.js'
import type { Config } from '../../config/resolve.js'
import { mergeCalls } from '../../gateway/deprecation-report.js'
import { MetricsRegistry, mergedText } from '../../observe/registry.js'
import { mergeReports } from '../../upstream/report.js'
import type { AiShared } from './gateway.js'
import type { EventLoop } from './loop.js'

/** A loop that does not answer in this time does not turn. */
const PING_MS = 2_000

/** How the gateway as a whole is doing. */
export class Status {
  state: 'starting' | 'ready' | 'draining' = 'starting'
  /** How often a new configuration was read, by what came of it. */
  readonly reloads = { ok: 0, refused: 0 }
  /** Unix time of the configuration that is served, seconds. */
  since = Date.now() / 1_000

  reloaded(result: 'ok' | 'refused'): void {
    this.reloads[result]++
    if (result === 'ok') this.since = Date.now() / 1_000
  }
}

/** The operators' listener, where one is asked for: one view of all event loops. It answers until everything else has ended. */
export async function openOperators(
  { admin }: Config,
  loops: readonly EventLoop[],
  status: Status,
  { ledger, aiMemory }: AiShared
): Promise<AdminServer | undefined> {
  if (admin === undefined) return undefined
  const registry = new MetricsRegistry()
  registry.counter('gateway_reloads_total', 'Configurations read again, by result.', () =>
    Object.entries(status.reloads).map(([result, value]) => ({ labels: { result }, value }))
  )
  registry.gauge('gateway_config_loaded_seconds', 'Unix time at which what is served was taken over.', () => [
    { labels: {}, value: status.since }
  ])
  registry.gauge('gateway_event_loops', 'Event loops that serve.', () => [{ labels: {}, value: loops.length }])
  return AdminServer.open(
    admin,
    adminPages({
      metrics: {
        contentType: registry.contentType,
        text: async () => mergedText(await Promise.all([registry.part(), ...loops.map(loop => loop.measured())]))
      },
      state: () => status.state,
      alive: () => allTurn(loops),
      upstreams: {
        reports: async () => mergeReports(await Promise.all(loops.map(loop => loop.upstreams()))),
        change: async (upstream, url, change) => {
          await Promise.all(loops.map(loop => loop.changeTarget(upstream, url, change)))
        }
      },
      caches: loops,
      resilience: () => Promise.all(loops.map(loop => loop.resilience())),
      ai: {
        budgets: () => ledger.report(),
        keys: async () => mergeKeys(await Promise.all(loops.map(loop => loop.aiKeys()))),
        prompts: () => aiMemory.arms.report()
      },
      deprecations: async () => {
        const calls = await Promise.all(loops.map(loop => loop.deprecatedCalls()))
        return (await loops[0]?.deprecations(calls.reduce(mergeCalls))) ?? {}
      }
    })
  )
}

async function allTurn(loops: readonly EventLoop[]): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>(resolve => {
    timer = setTimeout(() => resolve(false), PING_MS)
  })
  const turning = Promise.all(loops.map(loop => loop.ping())).then(() => true)
  const alive = await Promise.race([turning, late])
  clearTimeout(timer)
  return alive
}
