import type { EjectionReason } from './health/ejections.js'

/** What happened to the targets of one upstream since the process began, whatever snapshots came and went. */
export class UpstreamCounts {
  readonly ejections: Record<EjectionReason, number> = { consecutive: 0, rate: 0, latency: 0 }
  readonly probes = { passed: 0, failed: 0 }
  readonly lookups = { found: 0, failed: 0 }
}
