import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import type { KeyFrom, UpstreamPolicy } from '../config/resolve-upstream.js'
import { type HttpClient, httpClient } from './http.js'
import { KeptTargets } from './kept-targets.js'
import { LiveUpstream } from './live-upstream.js'
import type { UpstreamReport } from './report.js'
import type { TargetSpec } from './spec.js'
import type { Target, TargetChange } from './target.js'
import type { Wanted } from './wanted.js'

export { ANY_TARGET, type Wanted } from './wanted.js'

/** Where routes send their requests: a name, its targets, and whose turn it is. */
export interface Upstream {
  readonly name: string
  readonly preserveHost: boolean
  /** Where `Wanted.key` comes from; undefined: no key is asked for. */
  readonly keyFrom: KeyFrom | undefined
  /** Those it has now. */
  readonly targets: readonly Target[]
  /** The target for the next try; undefined when none can take it. */
  pick(wanted: Wanted): Target | undefined
  /** Resolves when its first targets are there, or could not be found for now. */
  readonly ready: Promise<void>
  report(): UpstreamReport
  /** Changes a target at run time. @returns false: there is none of that url */
  change(url: string, change: TargetChange): boolean
  close(): Promise<void>
}

/** Who hears of what happens to targets. */
export interface UpstreamLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface UpstreamOptions {
  readonly name: string
  readonly policy: UpstreamPolicy
  readonly preserveHost: boolean
  /** Connections to each target. */
  readonly connections: number
  readonly connectTimeoutMs: number
  readonly log?: UpstreamLog
}

/**
 * @param kept - what is known from snapshots before; left out: nothing is, and nothing outlives this one
 */
export function createUpstream(options: UpstreamOptions, kept: KeptTargets = new KeptTargets()): Upstream {
  const { connections, connectTimeoutMs } = options
  return new LiveUpstream({
    ...options,
    kept,
    // Whatever is in here makes another client: a snapshot that changes it does not go on with the old connections.
    clientKey: JSON.stringify([connections, connectTimeoutMs]),
    openClient: (spec, limit = connections) => openClient(spec, limit, connectTimeoutMs)
  })
}

function openClient({ origin, address }: TargetSpec, connections: number, connectTimeoutMs: number): HttpClient {
  return httpClient(origin, connections, connectTimeoutMs, address === undefined ? undefined : always(address))
}

/** A resolver that knows one address: the one that was discovered. */
function always(address: string): LookupFunction {
  const family = isIP(address)
  return (_, options, answer) => {
    if (options.all === true) answer(null, [{ address, family }])
    else answer(null, address, family)
  }
}
