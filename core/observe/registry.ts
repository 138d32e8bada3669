import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Labels of a series, by name. Every value is from a set that is known beforehand: routes, upstreams, error codes … */
export type Labels = Readonly<Record<string, string>>

export interface Reading {
  readonly labels: Labels
  readonly value: number
}

export interface HistogramReading {
  readonly labels: Labels
  /** Upper bounds, ascending. */
  readonly bounds: readonly number[]
  /** Observations of each bucket alone, those above the last bound at the end. */
  readonly counts: ArrayLike<number>
  readonly sum: number
}

/** How the readings of several event loops become one. */
export type Merging = 'sum' | 'min' | 'max'

/** What one event loop has counted: sent to the thread that is asked. */
export type MetricsPart = Awaited<ReturnType<Registry['getMetricsAsJSON']>>

/** What all event loops have counted, as one, in Prometheus' text format. */
export function mergedText(parts: readonly MetricsPart[]): Promise<string> {
  return AggregatorRegistry.aggregate([...parts]).metrics()
}

/**
 * Everything that can be scraped. The figures lie where they are counted, in plain numbers; a metric here is a name and a way to
 * read them, and nothing is done before somebody asks. The only importer of prom-client, which writes the text.
 */
export class MetricsRegistry {
  private readonly registry = new Registry()

  /** @throws Error for a name that is taken */
  counter(name: string, help: string, read: () => Iterable<Reading>): void {
    this.registry.registerMetric(new CounterOf(name, help, read))
  }

  gauge(name: string, help: string, read: () => Iterable<Reading>, merging: Merging = 'sum'): void {
    this.registry.registerMetric(new GaugeOf(name, help, read, merging))
  }

  histogram(name: string, help: string, read: () => Iterable<HistogramReading>): void {
    this.registry.registerMetric(new HistogramOf(name, help, read))
  }

  /** What Node knows of the process: processor time, memory, handles, delay of the event loop, garbage collection. */
  process(): void {
    collectDefaultMetrics({ register: this.registry })
  }

  forget(name: string): void {
    this.registry.removeSingleMetric(name)
  }

  get contentType(): string {
    return this.registry.contentType
  }

  /** Prometheus' text format, version 0.0.4. */
  text(): Promise<string> {
    return this.registry.metrics()
  }

  /** The same for another thread, which puts it together with others' (`mergedText`). */
  part(): Promise<MetricsPart> {
    return this.registry.getMetricsAsJSON()
  }
}

class CounterOf extends Counter {
  constructor(
    name: string,
    help: string,
    private readonly read: () => Iterable<Reading>
  ) {
    super({ name, help, registers: [] })
  }

  override async get() {
    return { ...(await super.get()), values: [...this.read()] }
  }
}

class GaugeOf extends Gauge {
  constructor(
    name: string,
    help: string,
    private readonly read: () => Iterable<Reading>,
    merging: Merging
  ) {
    super({ name, help, registers: [], aggregator: merging })
  }

  override async get() {
    return { ...(await super.get()), values: [...this.read()] }
  }
}

class HistogramOf extends Histogram {
  constructor(
    private readonly called: string,
    private readonly about: string,
    private readonly read: () => Iterable<HistogramReading>
  ) {
    super({ name: called, help: about, registers: [] })
  }

  /** What the registry calls for the text of a histogram, and `get` too, though its types do not know it. */
  getForPromString() {
    const values = [...this.read()].flatMap(reading => this.series(reading))
    return { name: this.called, help: this.about, type: 'histogram', aggregator: 'sum', values }
  }

  private series({ labels, bounds, counts, sum }: HistogramReading) {
    const line = (part: string, of: Labels, value: number) => ({
      metricName: `${this.called}_${part}`,
      labels: of,
      sharedLabels: {}, // prom-client adds them
      value
    })
    let count = 0
    const buckets = Array.from({ length: bounds.length + 1 }, (_, i) => {
      count += counts[i] ?? 0
      return line('bucket', { ...labels, le: String(bounds[i] ?? '+Inf') }, count)
    })
    return [...buckets, line('sum', { ...labels }, sum), line('count', { ...labels }, count)]
  }
}
