import type { BalanceConfig, UpstreamPolicy } from '../../core/config/resolve-upstream.js'
import type { HttpClient } from '../../core/upstream/http.js'
import { KeptTargets } from '../../core/upstream/kept-targets.js'
import { LiveUpstream } from '../../core/upstream/live-upstream.js'
import { Target } from '../../core/upstream/target.js'
import { UPSTREAM_DEFAULTS } from '../config/helpers.js'
import { FakeClock, seeded } from '../support/fake-clock.js'

/** A client that sends nothing and says whether it is closed. */
export class IdleClient implements HttpClient {
  closed = 0

  ask(): never {
    throw new Error('nothing is sent')
  }

  async close(): Promise<void> {
    this.closed++
  }
}

/** A target of its own, for balancers. */
export function target(name: string, what: { weight?: number; priority?: number; inFlight?: number } = {}): Target {
  const made = new Target(`http://${name}`, new IdleClient())
  made.configure({ weight: what.weight ?? 1, priority: what.priority ?? 0 })
  made.effectiveWeight = made.weight
  made.inFlight = what.inFlight ?? 0
  return made
}

export const BALANCE: BalanceConfig = UPSTREAM_DEFAULTS.balance

type Written = { readonly url: string; readonly weight?: number; readonly priority?: number }

export function policy(targets: readonly Written[], more: Partial<UpstreamPolicy> = {}): UpstreamPolicy {
  return {
    ...UPSTREAM_DEFAULTS,
    targets: targets.map(({ url, weight = 1, priority = 0 }) => {
      return { origin: url, secure: false, host: new URL(url).hostname, port: 80, weight, priority }
    }),
    ...more
  }
}

export interface Opened {
  readonly upstream: LiveUpstream
  readonly clients: Map<string, IdleClient>
  readonly lines: { readonly level: string; readonly msg: string; readonly [field: string]: unknown }[]
}

/** What a gateway has that opens upstreams on a clock of the test's. */
export function keeper(): { clock: FakeClock; kept: KeptTargets } {
  const clock = new FakeClock()
  return { clock, kept: new KeptTargets({ clock, random: seeded(7) }) }
}

/** An upstream whose clients send nothing. */
export function open(
  kept: KeptTargets,
  wanted: UpstreamPolicy,
  more: { clientKey?: string; name?: string } = {}
): Opened {
  const clients = new Map<string, IdleClient>()
  const lines: Opened['lines'] = []
  const note = (level: string) => (fields: object, msg: string) => void lines.push({ level, msg, ...fields })
  const upstream = new LiveUpstream({
    name: more.name ?? 'main',
    policy: wanted,
    preserveHost: false,
    kept,
    clientKey: more.clientKey ?? '',
    openClient: spec => {
      const client = new IdleClient()
      clients.set(spec.url, client)
      return client
    },
    log: { info: note('info'), warn: note('warn') }
  })
  return { upstream, clients, lines }
}

/** One try at a target that fails, or works. */
export function tryOnce(at: Target, ok: boolean, ms = 1): void {
  at.begin()
  at.report(ok ? { status: 200, code: undefined, ms } : { status: 0, code: 'GW_UPSTREAM_REFUSED', ms })
  at.done()
}

/** How often each was picked, by url. */
export function tally(picks: readonly (Target | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const each of picks) {
    const name = each?.url ?? 'none'
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

export function repeat<T>(times: number, make: (i: number) => T): T[] {
  return Array.from({ length: times }, (_, i) => make(i))
}
