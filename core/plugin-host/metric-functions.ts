import type { PluginMetric } from '../base/plugin-metric-schema.js'
import type { Binding } from './binding.js'
import { PluginFault } from './fault.js'
import type { Figures } from './figures.js'

/** A metric by its place in the manifest, each label's value by its place, and a number. */
export type MetricFunction = (metric: number, a: number, b: number, c: number, value: number) => undefined

/** The host functions with which a plugin counts what its manifest declares. */
export interface MetricFunctions {
  readonly add: MetricFunction
  readonly set: MetricFunction
  readonly observe: MetricFunction
}

/**
 * What is not declared ends the call: there is no series that could be made. Numbers that say nothing (NaN, infinite, less than
 * nothing for a counter) are passed over. Without figures, when nobody scrapes, all that happens are the checks.
 */
export function metricFunctions({ index, metrics = [] }: Binding, figures: Figures | undefined): MetricFunctions {
  const seriesOf = (place: number, types: readonly PluginMetric['type'][], labels: readonly number[]): number => {
    const metric = metrics[place >>> 0]
    if (metric === undefined) {
      throw new PluginFault('trap', `counts metric ${place}; its manifest declares ${metrics.length}`)
    }
    if (!types.includes(metric.type)) {
      throw new PluginFault('trap', `uses the ${metric.type} ${metric.name} as if it were a ${types.join(' or ')}`)
    }
    return seriesAt(metric, labels)
  }
  return {
    add: (metric, a, b, c, value) => {
      const series = seriesOf(metric, ['counter', 'gauge'], [a, b, c])
      if (!Number.isFinite(value) || (value < 0 && metrics[metric]?.type === 'counter')) return undefined
      figures?.add(index, metric, series, value)
      return undefined
    },
    set: (metric, a, b, c, value) => {
      const series = seriesOf(metric, ['gauge'], [a, b, c])
      if (Number.isFinite(value)) figures?.set(index, metric, series, value)
      return undefined
    },
    observe: (metric, a, b, c, value) => {
      const series = seriesOf(metric, ['histogram'], [a, b, c])
      if (Number.isFinite(value)) figures?.observe(index, metric, series, value)
      return undefined
    }
  }
}

/** Which combination of label values it is: the last label counts fastest. */
function seriesAt({ name, labels = [] }: PluginMetric, places: readonly number[]): number {
  let series = 0
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]
    const place = (places[i] ?? 0) >>> 0
    if (label === undefined || place >= label.values.length) {
      const known = label?.values.length ?? 0
      throw new PluginFault('trap', `gives the label ${label?.name} of ${name} its value ${place}; there are ${known}`)
    }
    series = series * label.values.length + place
  }
  return series
}
