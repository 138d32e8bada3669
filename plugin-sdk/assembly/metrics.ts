import { metricAdd, metricObserve, metricSet } from './imports'

/**
 * Metrics of the plugin's own. Each is declared in plugin.json under `metrics`, with every value its labels can have, and named here by
 * its place in that list. A label's value is named by its place in `values`, in the order of the labels; enums make good names for
 * them. What is not declared ends the call, so `sluice plugin test` finds it. All threads count together, and nothing is allocated.
 * Numbers that are not finite are passed over.
 *
 *     enum Reason { Missing, Expired }
 *     const refused = new Counter(0)
 *     …
 *     refused.count(Reason.Expired)
 */

/** A number that only grows. */
@final
export class Counter {
  /** @param metric - place in the manifest's `metrics` */
  constructor(private readonly metric: i32) {}

  /** One more. */
  count(a: i32 = 0, b: i32 = 0, c: i32 = 0): void {
    metricAdd(this.metric, a, b, c, 1)
  }

  /** So much more; less than nothing is passed over. */
  add(value: f64, a: i32 = 0, b: i32 = 0, c: i32 = 0): void {
    metricAdd(this.metric, a, b, c, value)
  }
}

/** A number that rises and falls. There is one for all threads: the last to set it is right. */
@final
export class Gauge {
  /** @param metric - place in the manifest's `metrics` */
  constructor(private readonly metric: i32) {}

  set(value: f64, a: i32 = 0, b: i32 = 0, c: i32 = 0): void {
    metricSet(this.metric, a, b, c, value)
  }

  /** So much more, or less. */
  add(value: f64, a: i32 = 0, b: i32 = 0, c: i32 = 0): void {
    metricAdd(this.metric, a, b, c, value)
  }
}

/** How values are spread: counted by the manifest's `buckets`, and summed. */
@final
export class Histogram {
  /** @param metric - place in the manifest's `metrics` */
  constructor(private readonly metric: i32) {}

  observe(value: f64, a: i32 = 0, b: i32 = 0, c: i32 = 0): void {
    metricObserve(this.metric, a, b, c, value)
  }
}
