import type { PluginMetric } from '../base/plugin-metric-schema.js'
import { bucketsOf, combinations } from '../base/plugin-metrics.js'
import type { Binding } from './binding.js'

/**
 * What plugins did, in memory that all threads of a pool share and the scrape reads. Each thread adds to a row of its own, with
 * plain stores: nothing to lock, nothing to wait for; a figure is the sum of its column. Only what has one value for all
 * threads (a gauge) or happens rarely (an instance is made) lies in front of the rows and is changed with Atomics.
 *
 *   shared     per binding: instances made, then its gauges
 *   row 0      what threads do before their first batch
 *   row n      the thread of slot n - 1; per binding: calls by time, their sum, lines dropped, then its counters and histograms
 */

const CELL = 8
/** Calls up to 2, 4, 8 … microseconds. One more place is for those above. */
export const CALL_BUCKETS = 16
const SUM_MS = CALL_BUCKETS + 1
const DROPPED = SUM_MS + 1
const METRICS = DROPPED + 1

/** The upper bounds of the times of calls, seconds. */
export const CALL_BOUNDS: readonly number[] = Array.from({ length: CALL_BUCKETS }, (_, i) => 2 ** (i + 1) / 1e6)

interface MetricPlace {
  readonly metric: PluginMetric
  /** Of the first cell: of the shared ones for a gauge, else of each row. */
  readonly at: number
  /** Cells of one combination of labels: a histogram has its buckets, those above, and the sum. */
  readonly width: number
}

interface BindingPlace {
  /** In the shared part: instances made. */
  readonly made: number
  /** In each row. */
  readonly at: number
  readonly metrics: readonly MetricPlace[]
}

interface Layout {
  readonly places: readonly BindingPlace[]
  readonly sharedCells: number
  readonly rowCells: number
}

function layoutOf(bindings: readonly Binding[]): Layout {
  let sharedCells = 0
  let rowCells = 0
  const places = bindings.map(({ metrics = [] }): BindingPlace => {
    const made = sharedCells++
    const at = rowCells
    rowCells += METRICS
    return {
      made,
      at,
      metrics: metrics.map(metric => {
        const width = metric.type === 'histogram' ? bucketsOf(metric).length + 2 : 1
        const cells = combinations(metric) * width
        const first = metric.type === 'gauge' ? sharedCells : rowCells
        if (metric.type === 'gauge') sharedCells += cells
        else rowCells += cells
        return { metric, at: first, width }
      })
    }
  })
  return { places, sharedCells, rowCells }
}

/** Memory for the figures of these bindings. @param threads - slots of the pool */
export function figuresMemory(bindings: readonly Binding[], threads: number): SharedArrayBuffer {
  const { sharedCells, rowCells } = layoutOf(bindings)
  return new SharedArrayBuffer((sharedCells + (threads + 1) * rowCells) * CELL)
}

/** A thread's side. */
export class Figures {
  private readonly layout: Layout
  private readonly shared: Float64Array
  private readonly bits: BigInt64Array
  private readonly words: Int32Array
  private row: Float64Array
  /** To read a number as its bits. */
  private readonly number = new Float64Array(1)
  private readonly numberBits = new BigInt64Array(this.number.buffer)

  constructor(
    private readonly memory: SharedArrayBuffer,
    bindings: readonly Binding[]
  ) {
    this.layout = layoutOf(bindings)
    const { sharedCells } = this.layout
    this.shared = new Float64Array(memory, 0, sharedCells)
    this.bits = new BigInt64Array(memory, 0, sharedCells)
    this.words = new Int32Array(memory, 0, sharedCells * 2)
    this.row = this.rowAt(0)
  }

  /** From now on this thread has the row of that slot; one that takes over from another goes on with its figures. */
  useRow(row: number): void {
    this.row = this.rowAt(row)
  }

  private rowAt(row: number): Float64Array {
    const { sharedCells, rowCells } = this.layout
    return new Float64Array(this.memory, (sharedCells + row * rowCells) * CELL, rowCells)
  }

  /** A hook ran for so long. */
  called(binding: number, ms: number): void {
    const place = this.layout.places[binding]
    if (place === undefined) return
    this.bump(place.at + callBucket(ms), 1)
    this.bump(place.at + SUM_MS, ms)
  }

  /** A log line was one too many for its call. */
  dropped(binding: number): void {
    const place = this.layout.places[binding]
    if (place !== undefined) this.bump(place.at + DROPPED, 1)
  }

  made(binding: number): void {
    const place = this.layout.places[binding]
    if (place !== undefined) Atomics.add(this.words, place.made * 2, 1)
  }

  /** @param series - which combination of label values */
  add(binding: number, metric: number, series: number, value: number): void {
    const place = this.layout.places[binding]?.metrics[metric]
    if (place === undefined) return
    if (place.metric.type === 'gauge') this.addShared(place.at + series, value)
    else this.bump(place.at + series, value)
  }

  /** Sets a gauge. */
  set(binding: number, metric: number, series: number, value: number): void {
    const place = this.layout.places[binding]?.metrics[metric]
    if (place !== undefined) this.shared[place.at + series] = value
  }

  observe(binding: number, metric: number, series: number, value: number): void {
    const place = this.layout.places[binding]?.metrics[metric]
    if (place === undefined) return
    const bounds = bucketsOf(place.metric)
    const first = place.at + series * place.width
    let bucket = 0
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket++
    this.bump(first + bucket, 1)
    this.bump(first + bounds.length + 1, value)
  }

  private bump(at: number, by: number): void {
    this.row[at] = (this.row[at] ?? 0) + by
  }

  private addShared(at: number, by: number): void {
    for (;;) {
      const before = Atomics.load(this.bits, at)
      this.numberBits[0] = before
      this.number[0] = (this.number[0] ?? 0) + by
      if (Atomics.compareExchange(this.bits, at, before, this.numberBits[0]) === before) return
    }
  }
}

/** The first bucket with a bound of at least `ms`; see CALL_BUCKETS. */
function callBucket(ms: number): number {
  const microseconds = Math.ceil(ms * 1_000)
  return microseconds <= 2 ? 0 : Math.min(31 - Math.clz32(microseconds - 1), CALL_BUCKETS)
}

/** Observations by bucket, those above the last bound at the end, and their sum. */
export interface Distribution {
  readonly counts: readonly number[]
  readonly sum: number
}

/** The scrape's side: what all threads did together. */
export class FiguresReader {
  private readonly layout: Layout
  private readonly shared: Float64Array
  private readonly words: Int32Array
  private readonly rows: readonly Float64Array[]

  constructor(memory: SharedArrayBuffer, bindings: readonly Binding[]) {
    this.layout = layoutOf(bindings)
    const { sharedCells, rowCells } = this.layout
    this.shared = new Float64Array(memory, 0, sharedCells)
    this.words = new Int32Array(memory, 0, sharedCells * 2)
    const rows = rowCells === 0 ? 0 : (memory.byteLength / CELL - sharedCells) / rowCells
    this.rows = Array.from(
      { length: rows },
      (_, row) => new Float64Array(memory, (sharedCells + row * rowCells) * CELL, rowCells)
    )
  }

  /** Times of the binding's hook calls, milliseconds. */
  calls(binding: number): Distribution {
    const at = this.layout.places[binding]?.at ?? 0
    return { counts: this.sums(at, CALL_BUCKETS + 1), sum: this.sum(at + SUM_MS) }
  }

  dropped(binding: number): number {
    return this.sum((this.layout.places[binding]?.at ?? 0) + DROPPED)
  }

  made(binding: number): number {
    return Atomics.load(this.words, (this.layout.places[binding]?.made ?? 0) * 2)
  }

  /** A counter or gauge. */
  value(binding: number, metric: number, series: number): number {
    const place = this.layout.places[binding]?.metrics[metric]
    if (place === undefined) return 0
    return place.metric.type === 'gauge' ? (this.shared[place.at + series] ?? 0) : this.sum(place.at + series)
  }

  distribution(binding: number, metric: number, series: number): Distribution {
    const place = this.layout.places[binding]?.metrics[metric]
    if (place === undefined) return { counts: [], sum: 0 }
    const first = place.at + series * place.width
    return { counts: this.sums(first, place.width - 1), sum: this.sum(first + place.width - 1) }
  }

  private sums(at: number, count: number): number[] {
    return Array.from({ length: count }, (_, i) => this.sum(at + i))
  }

  private sum(at: number): number {
    return this.rows.reduce((sum, row) => sum + (row[at] ?? 0), 0)
  }
}
