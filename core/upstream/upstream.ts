import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import type { KeyFrom, UpstreamPolicy } from '../config/resolve-upstream.js'
import type { UpstreamTlsFiles } from '../config/tls-files.js'
import { type HttpClient, httpClient } from './http.js'
import { http2Client } from './http2.js'
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
  /** Left out: HTTP/1.1. */
  readonly http2?: boolean
  /** How https targets are spoken to; undefined: as Node does by default. */
  readonly tls?: UpstreamTlsFiles | undefined
  readonly log?: UpstreamLog
}

/**
 * @param kept - what is known from snapshots before; left out: nothing is, and nothing outlives this one
 */
export function createUpstream(options: UpstreamOptions, kept: KeptTargets = new KeptTargets()): Upstream {
  const { connections, connectTimeoutMs, http2, tls } = options
  return new LiveUpstream({
    ...options,
    kept,
    // Whatever is in here makes another client: a snapshot that changes it does not go on with the old connections.
    clientKey: JSON.stringify([connections, connectTimeoutMs, http2, tls]),
    openClient: (spec, limit = connections) => openClient(spec, { ...options, connections: limit })
  })
}

function openClient({ origin, address }: TargetSpec, options: ClientOptions): HttpClient {
  return clientFor(origin, options, address === undefined ? undefined : always(address))
}

type ClientOptions = Pick<UpstreamOptions, 'connections' | 'connectTimeoutMs' | 'http2' | 'tls'>

/**
 * How one target is reached.
 * @param lookup - finds the addresses of its host, instead of the system's resolver
 */
export function clientFor(url: string, options: ClientOptions, lookup?: LookupFunction): HttpClient {
  const { connections, connectTimeoutMs, http2, tls } = options
  if (http2 === true) return http2Client(url, { connections, connectTimeoutMs, lookup, tls })
  return httpClient(url, connections, connectTimeoutMs, lookup, tls)
}

/** A resolver that knows one address: the one that was discovered. */
function always(address: string): LookupFunction {
  const family = isIP(address)
  return (_, options, answer) => {
    if (options.all === true) answer(null, [{ address, family }])
    else answer(null, address, family)
  }
}
