import type { Config } from '../config/resolve.js'
import { readUpstreamTls } from '../config/tls-files.js'
import type { Logger } from '../observe/log.js'
import type { KeptTargets } from '../upstream/kept-targets.js'
import { createUpstream, type Upstream } from '../upstream/upstream.js'

/** The upstreams of a configuration, by name, once their first targets are known. */
export async function openUpstreams(
  { upstreams }: Config,
  kept: KeptTargets,
  log: Logger
): Promise<ReadonlyMap<string, Upstream>> {
  const open = upstreams.map(config =>
    createUpstream(
      {
        name: config.name,
        policy: config,
        preserveHost: config.preserveHost,
        connections: config.connections,
        connectTimeoutMs: config.timeouts.connectMs,
        http2: config.http2,
        tls: config.tls && readUpstreamTls(config.tls),
        log
      },
      kept
    )
  )
  await Promise.all(open.map(({ ready }) => ready))
  return new Map(open.map(upstream => [upstream.name, upstream]))
}
