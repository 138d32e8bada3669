import { httpClient } from './http.js'
import { Target } from './target.js'

/** Where routes send their requests: a name, its targets, and whose turn it is. */
export interface Upstream {
  readonly name: string
  readonly preserveHost: boolean
  readonly targets: readonly Target[]
  /** The target for the next try; undefined when none can take it. */
  pick(wanted: Wanted): Target | undefined
  close(): Promise<void>
}

/** What a balancer may look at when it chooses. */
export interface Wanted {
  /** What consistent hashing hashes: part of the request, as the upstream's configuration says; undefined: nothing asked for it. */
  readonly key: string | undefined
  /** Targets that were tried already, in vain: another one is better. */
  readonly tried: readonly Target[]
}

/** Nothing is asked for: any target will do. */
export const ANY_TARGET: Wanted = { key: undefined, tried: [] }

export interface UpstreamOptions {
  readonly name: string
  /** Origins: scheme, host and port. At least one. */
  readonly targets: readonly string[]
  readonly preserveHost: boolean
  /** Connections to each target. */
  readonly connections: number
  readonly connectTimeoutMs: number
}

export function createUpstream(options: UpstreamOptions): Upstream {
  const { name, preserveHost, connections, connectTimeoutMs } = options
  const targets = options.targets.map(url => new Target(url, httpClient(url, connections, connectTimeoutMs)))
  let turn = 0
  return {
    name,
    preserveHost,
    targets,
    pick: () => {
      turn = (turn + 1) % targets.length
      return targets[turn]
    },
    close: async () => {
      await Promise.all(targets.map(target => target.client.close()))
    }
  }
}
