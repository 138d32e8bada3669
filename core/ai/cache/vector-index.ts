import { setImmediate as nextTurn } from 'node:timers/promises'
import { Sketcher, withinBits } from './sketch.js'

/** What a search found. */
export interface Nearest<Item> {
  readonly item: Item
  /** Cosine, 1 for the same direction. */
  readonly similarity: number
}

/** Shorter vectors are compared at once: a sketch of them tells too little. */
const SKETCHED_DIMENSIONS = 256
/** Multiplications, or bits counted by the word, between two turns of the event loop: well under a millisecond. */
const SLICE = 150_000
/** What a vector takes beside its numbers, bytes. */
const OVERHEAD_BYTES = 256

/**
 * Vectors in partitions that know nothing of each other. A search looks at all of one partition, exactly, in slices between which the
 * event loop turns: first at the sketches, then at the vectors that may be near enough. Bounded: the vector added first goes first.
 */
export class VectorIndex<Item extends object> {
  private readonly partitions = new Map<string, Partition<Item>>()
  private readonly rows = new Map<Item, { readonly key: string; readonly row: Row<Item> }>()
  private readonly sketchers = new Map<number, Sketcher>()

  get size(): number {
    return this.rows.size
  }

  /** What a vector of that many numbers takes, bytes. */
  static bytesOf(dimensions: number): number {
    return dimensions * 4 + (dimensions < SKETCHED_DIMENSIONS ? 0 : dimensions / 4) + OVERHEAD_BYTES
  }

  /**
   * @param maxSize - of all partitions together
   * @returns false when the vector points nowhere
   */
  add(key: string, vector: Float32Array, item: Item, maxSize: number): boolean {
    const unit = normalised(vector)
    if (unit === undefined) return false
    this.remove(item)
    while (this.rows.size >= maxSize) {
      const [oldest] = this.rows.keys()
      if (oldest === undefined) break
      this.remove(oldest)
    }
    const full = `${key} ${unit.length}`
    let partition = this.partitions.get(full)
    if (partition === undefined) {
      partition = new Partition(this.sketcher(unit.length))
      this.partitions.set(full, partition)
    }
    this.rows.set(item, { key: full, row: partition.add(unit, item) })
    return true
  }

  remove(item: Item): void {
    const known = this.rows.get(item)
    if (known === undefined) return
    this.rows.delete(item)
    const partition = this.partitions.get(known.key)
    partition?.remove(known.row)
    if (partition?.size === 0) this.partitions.delete(known.key)
  }

  /** The nearest one that is at least as similar as `threshold`, and `fits`. Vectors that come during a search may be missed. */
  async nearest(
    key: string,
    vector: Float32Array,
    threshold: number,
    fits: (item: Item) => boolean
  ): Promise<Nearest<Item> | undefined> {
    const unit = normalised(vector)
    const partition = unit && this.partitions.get(`${key} ${unit.length}`)
    return partition && (await partition.nearest(unit, threshold, fits))
  }

  /** Sketchers are made once for each length of vectors: there are as many as embedding models. */
  private sketcher(dimensions: number): Sketcher | undefined {
    if (dimensions < SKETCHED_DIMENSIONS) return undefined
    const known = this.sketchers.get(dimensions)
    if (known !== undefined) return known
    const made = new Sketcher(dimensions)
    this.sketchers.set(dimensions, made)
    return made
  }
}

interface Row<Item> {
  /** Its place; −1: it was taken out. */
  at: number
  readonly unit: Float32Array
  readonly item: Item
}

class Partition<Item> {
  private readonly rows: Row<Item>[] = []
  /** The sketches of all rows, one after the other. */
  private sketches = new Int32Array(0)

  constructor(private readonly sketcher: Sketcher | undefined) {}

  get size(): number {
    return this.rows.length
  }

  add(unit: Float32Array, item: Item): Row<Item> {
    const row = { at: this.rows.length, unit, item }
    this.rows.push(row)
    if (this.sketcher !== undefined) {
      const { words } = this.sketcher
      if (this.sketches.length < this.rows.length * words) {
        const larger = new Int32Array(Math.max(4, this.rows.length * 2) * words)
        larger.set(this.sketches)
        this.sketches = larger
      }
      this.sketches.set(this.sketcher.sketch(unit), row.at * words)
    }
    return row
  }

  /** The last row takes its place. */
  remove(row: Row<Item>): void {
    const last = this.rows.pop()
    if (last === undefined || row.at < 0) return
    if (last !== row) {
      const words = this.sketcher?.words ?? 0
      this.sketches.copyWithin(row.at * words, last.at * words, (last.at + 1) * words)
      last.at = row.at
      this.rows[row.at] = last
    }
    row.at = -1
  }

  async nearest(
    unit: Float32Array,
    threshold: number,
    fits: (item: Item) => boolean
  ): Promise<Nearest<Item> | undefined> {
    const { sketcher } = this
    const sketch = sketcher?.sketch(unit)
    const mostBits = sketcher?.mostBits(threshold) ?? 0
    let best: Row<Item> | undefined
    let least = threshold
    let work = 0
    for (let i = 0; i < this.rows.length; i++) {
      const row = this.rows[i]
      if (row === undefined) break
      work += sketch === undefined ? unit.length : sketch.length
      if (sketch === undefined || withinBits(sketch, this.sketches, i * sketch.length, mostBits)) {
        work += sketch === undefined ? 0 : unit.length
        const similarity = dot(unit, row.unit)
        if (similarity >= least && fits(row.item)) {
          best = row
          least = similarity
        }
      }
      if (work < SLICE) continue
      work = 0
      await nextTurn()
    }
    // It may have gone while others were looked at.
    return best === undefined || best.at < 0 || !fits(best.item) ? undefined : { item: best.item, similarity: least }
  }
}

function dot(a: Float32Array, b: Float32Array): number {
  // Four sums side by side: the processor need not wait for one addition to begin the next.
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let i = 0
  for (; i + 3 < a.length; i += 4) {
    s0 += (a[i] ?? 0) * (b[i] ?? 0)
    s1 += (a[i + 1] ?? 0) * (b[i + 1] ?? 0)
    s2 += (a[i + 2] ?? 0) * (b[i + 2] ?? 0)
    s3 += (a[i + 3] ?? 0) * (b[i + 3] ?? 0)
  }
  for (; i < a.length; i++) s0 += (a[i] ?? 0) * (b[i] ?? 0)
  return s0 + s1 + s2 + s3
}

/** The vector at length 1; undefined when it has no direction. */
function normalised(vector: Float32Array): Float32Array | undefined {
  const length = Math.sqrt(dot(vector, vector))
  if (!Number.isFinite(length) || length === 0) return undefined
  return vector.map(value => value / length)
}
