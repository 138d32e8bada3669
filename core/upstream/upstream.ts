import { type HttpClient, httpClient } from './http.js'

/** One address of an upstream. */
export interface Target {
  readonly url: string
  readonly client: HttpClient
}

/** Where routes send their requests: a name, its targets, and whose turn it is. */
export interface Upstream {
  readonly name: string
  readonly preserveHost: boolean
  /** The next target, in turn. */
  pick(): Target
  close(): Promise<void>
}

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
  const targets = options.targets.map(url => ({ url, client: httpClient(url, connections, connectTimeoutMs) }))
  const [first] = targets
  if (first === undefined) throw new RangeError(`upstream ${name} has no targets`)
  let turn = 0
  return {
    name,
    preserveHost,
    pick: () => {
      turn = (turn + 1) % targets.length
      return targets[turn] ?? first
    },
    close: async () => {
      await Promise.all(targets.map(target => target.client.close()))
    }
  }
}
