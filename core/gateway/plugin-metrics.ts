import type { PluginMetric } from '../base/plugin-metric-schema.js'
import { bucketsOf, combinations, exposedName } from '../base/plugin-metrics.js'
import type { PluginCounts } from '../observe/metered-log.js'
import type { HistogramReading, Labels, MetricsRegistry, Reading } from '../observe/registry.js'
import type { Binding } from '../plugin-host/binding.js'
import { FAULT_REASONS } from '../plugin-host/fault.js'
import { CALL_BOUNDS, type Distribution, FiguresReader } from '../plugin-host/figures.js'
import type { PluginPool } from '../plugin-host/pool.js'

/** A snapshot's plugins, as far as they are counted. */
export interface PluginSource {
  readonly bindings: readonly Binding[]
  /** Memory of the figures (figures.ts). */
  readonly figures: SharedArrayBuffer
  readonly pool: Pick<PluginPool, 'queued' | 'batches' | 'threadsEnded'>
  readonly counts: PluginCounts
}

type Source = PluginSource & { readonly reader: FiguresReader }

/** The metrics of plugins: what Sluice sees of them, and what they count themselves. */
export class PluginMetrics {
  /** One snapshot's, or for the time of a change two: those of the newest come last. */
  private readonly sources = new Set<Source>()
  private readonly declared = new Set<string>()

  constructor(private readonly registry: MetricsRegistry) {
    const each = (read: (source: Source, binding: Binding) => number) => () => this.perBinding(read)
    const pools = (read: (source: Source) => number) => () => [
      { labels: {}, value: [...this.sources].reduce((sum, source) => sum + read(source), 0) }
    ]
    registry.counter('gateway_plugin_calls_total', 'Hook calls by binding.', each(callsOf))
    registry.histogram('gateway_plugin_seconds', 'Time of a hook call, in the plugin.', () => this.callTimes())
    registry.counter('gateway_plugin_faults_total', 'Failed hook calls by binding and reason.', () => this.faults())
    registry.counter(
      'gateway_plugin_dropped_lines_total',
      'Log lines of plugins that were over a limit, and left out.',
      each(({ reader, counts }, { index, where }) => reader.dropped(index) + counts.droppedLines(where))
    )
    registry.counter(
      'gateway_plugin_instances_total',
      'Instances made, on all threads.',
      each(({ reader }, { index }) => reader.made(index))
    )
    registry.counter(
      'gateway_plugin_ended_threads_total',
      'Threads that were ended to stop a plugin, or died.',
      pools(({ pool }) => pool.threadsEnded)
    )
    registry.counter(
      'gateway_plugin_batches_total',
      'Batches of calls handed to a thread.',
      pools(({ pool }) => pool.batches)
    )
    registry.gauge(
      'gateway_plugin_waiting_calls',
      'Calls that wait for a thread.',
      pools(({ pool }) => pool.queued)
    )
  }

  /** Shows a snapshot's plugins from now on. @returns the end of it */
  add(source: PluginSource): () => void {
    const added = { ...source, reader: new FiguresReader(source.figures, source.bindings) }
    this.sources.add(added)
    for (const { plugin, metrics = [] } of source.bindings) {
      for (const metric of metrics) this.declare(exposedName(plugin, metric), metric)
    }
    return () => {
      this.sources.delete(added)
      for (const name of this.declared) if (!this.isDeclared(name)) this.undeclare(name)
    }
  }

  private declare(name: string, { type, help }: PluginMetric): void {
    if (this.declared.has(name)) return
    this.declared.add(name)
    if (type === 'histogram') this.registry.histogram(name, help, () => this.distributions(name))
    else this.registry[type](name, help, () => this.values(name))
  }

  private undeclare(name: string): void {
    this.declared.delete(name)
    this.registry.forget(name)
  }

  private isDeclared(name: string): boolean {
    for (const { bindings } of this.sources) if (bindings.some(binding => indexOf(binding, name) !== -1)) return true
    return false
  }

  private perBinding(read: (source: Source, binding: Binding) => number): Iterable<Reading> {
    const sums = new Sums()
    for (const source of this.sources) {
      for (const binding of source.bindings) sums.add(labelsOf(binding), read(source, binding))
    }
    return sums.readings()
  }

  private faults(): Iterable<Reading> {
    const sums = new Sums()
    for (const { bindings, counts } of this.sources) {
      for (const binding of bindings) {
        for (const reason of FAULT_REASONS) {
          sums.add({ ...labelsOf(binding), reason }, counts.faultsOf(binding.where, reason))
        }
      }
    }
    return sums.readings()
  }

  private callTimes(): Iterable<HistogramReading> {
    const sums = new Distributions(CALL_BOUNDS)
    for (const { bindings, reader } of this.sources) {
      for (const binding of bindings) {
        const { counts, sum } = reader.calls(binding.index)
        sums.add(labelsOf(binding), { counts, sum: sum / 1_000 })
      }
    }
    return sums.readings()
  }

  /** Every series of a plugin's counter or gauge. */
  private values(name: string): Iterable<Reading> {
    const sums = new Sums()
    for (const { bindings, reader } of this.sources) {
      for (const binding of bindings) {
        const at = indexOf(binding, name)
        const metric = binding.metrics?.[at]
        if (metric === undefined) continue
        for (let series = 0; series < combinations(metric); series++) {
          const value = reader.value(binding.index, at, series)
          const labels = seriesLabels(binding, metric, series)
          if (metric.type === 'gauge') sums.set(labels, value)
          else sums.add(labels, value)
        }
      }
    }
    return sums.readings()
  }

  private distributions(name: string): Iterable<HistogramReading> {
    let sums: Distributions | undefined
    for (const { bindings, reader } of this.sources) {
      for (const binding of bindings) {
        const at = indexOf(binding, name)
        const metric = binding.metrics?.[at]
        if (metric === undefined) continue
        sums ??= new Distributions(bucketsOf(metric))
        for (let series = 0; series < combinations(metric); series++) {
          sums.add(seriesLabels(binding, metric, series), reader.distribution(binding.index, at, series))
        }
      }
    }
    return sums?.readings() ?? []
  }
}

function callsOf({ reader }: Source, { index }: Binding): number {
  return reader.calls(index).counts.reduce((sum, count) => sum + count, 0)
}

function indexOf({ plugin, metrics = [] }: Binding, name: string): number {
  return metrics.findIndex(metric => exposedName(plugin, metric) === name)
}

function labelsOf({ plugin, where }: Binding): Labels {
  return { plugin, binding: where }
}

/** The other way round of metric-functions.ts: the last label counts fastest. */
function seriesLabels({ where }: Binding, { labels = [] }: PluginMetric, series: number): Labels {
  let rest = series
  const found = [...labels].reverse().map(({ name, values }) => {
    const value = values[rest % values.length] ?? ''
    rest = Math.floor(rest / values.length)
    return [name, value] as const
  })
  return { binding: where, ...Object.fromEntries(found.reverse()) }
}

/** Readings of two snapshots under the same labels are one series. */
class Sums {
  private readonly known = new Map<string, { readonly labels: Labels; value: number }>()

  add(labels: Labels, value: number): void {
    this.entry(labels).value += value
  }

  set(labels: Labels, value: number): void {
    this.entry(labels).value = value
  }

  readings(): Iterable<Reading> {
    return this.known.values()
  }

  private entry(labels: Labels): { value: number } {
    const key = JSON.stringify(labels)
    let entry = this.known.get(key)
    if (entry === undefined) {
      entry = { labels, value: 0 }
      this.known.set(key, entry)
    }
    return entry
  }
}

class Distributions {
  private readonly known = new Map<
    string,
    { labels: Labels; bounds: readonly number[]; counts: number[]; sum: number }
  >()

  constructor(private readonly bounds: readonly number[]) {}

  add(labels: Labels, { counts, sum }: Distribution): void {
    const key = JSON.stringify(labels)
    const known = this.known.get(key)
    if (known === undefined) this.known.set(key, { labels, bounds: this.bounds, counts: [...counts], sum })
    else if (known.counts.length === counts.length) {
      known.sum += sum
      known.counts = known.counts.map((count, i) => count + (counts[i] ?? 0))
    }
  }

  readings(): Iterable<HistogramReading> {
    return this.known.values()
  }
}
