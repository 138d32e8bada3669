import type { MetricsRegistry, Reading } from '../observe/registry.js'
import type { UpstreamReport } from './report.js'

/** What can be scraped of the targets. @param read - the reports of now, those of this event loop */
export function targetMetrics(registry: MetricsRegistry, read: () => readonly UpstreamReport[]): void {
  registry.gauge(
    'gateway_target_up',
    'Whether a target takes requests: 1, or 0 while it is out of service.',
    () => byTarget(read(), ({ state }) => (state === 'healthy' ? 1 : 0), Math.min),
    'min'
  )
  registry.gauge('gateway_target_in_flight', 'Requests under way to a target.', () =>
    byTarget(
      read(),
      ({ inFlight }) => inFlight,
      (a, b) => a + b
    )
  )
  registry.counter('gateway_target_ejections_total', 'Targets taken out of service for failing requests.', () =>
    byWord(read(), 'reason', ({ ejections }) => ejections)
  )
  registry.counter('gateway_probes_total', 'Active health checks.', () =>
    byWord(read(), 'result', ({ probes }) => probes)
  )
  registry.counter('gateway_discovery_lookups_total', 'Looks for targets in DNS or a file.', () =>
    byWord(read(), 'result', ({ lookups }) => lookups)
  )
}

/** One reading for each address: one that goes and one that comes may have the same. */
function byTarget(
  reports: readonly UpstreamReport[],
  value: (target: UpstreamReport['targets'][number]) => number,
  both: (a: number, b: number) => number
): Reading[] {
  return reports.flatMap(({ name: upstream, targets }) => {
    const values = new Map<string, number>()
    for (const target of targets) {
      const known = values.get(target.url)
      values.set(target.url, known === undefined ? value(target) : both(known, value(target)))
    }
    return [...values].map(([target, each]) => ({ labels: { upstream, target }, value: each }))
  })
}

function byWord(
  reports: readonly UpstreamReport[],
  label: string,
  counts: (report: UpstreamReport) => Readonly<Record<string, number>>
): Reading[] {
  return reports.flatMap(report =>
    Object.entries(counts(report)).map(([word, value]) => ({ labels: { upstream: report.name, [label]: word }, value }))
  )
}
