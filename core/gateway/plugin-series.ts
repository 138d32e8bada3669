import type { Manifest, ResolvedLimits } from '../base/manifest.js'
import type { PluginMetric } from '../base/plugin-metric-schema.js'
import { exposedName, seriesOf } from '../base/plugin-metrics.js'
import { type Loaded, problemAt } from '../config/load.js'
import type { Problem } from '../config/problems.js'
import type { Binding } from '../plugin-host/binding.js'

/** Why the metrics that a plugin declares are more than it may have; undefined: they are not. */
export function tooManySeries({ name, metrics = [] }: Manifest, { metricSeries }: ResolvedLimits): string | undefined {
  const series = metrics.reduce((sum, metric) => sum + seriesOf(metric), 0)
  if (series <= metricSeries) return undefined
  return `plugin ${name} declares metrics of ${series} series; the limit metricSeries is ${metricSeries}`
}

/** Metrics of two plugins that would be scraped under one name: "a-b" with "c_total", "a" with "b_c_total". */
export function sameNames(loaded: Loaded, bindings: readonly Binding[]): Problem[] {
  const known = new Map<string, { readonly plugin: string; readonly metric: PluginMetric }>()
  const problems: Problem[] = []
  for (const { plugin, metrics = [] } of bindings) {
    for (const metric of metrics) {
      const name = exposedName(plugin, metric)
      const other = known.get(name)
      if (other === undefined) known.set(name, { plugin, metric })
      else if (other.plugin !== plugin) {
        const message = `plugins ${other.plugin} and ${plugin} both have a metric that is shown as ${name}; expected another name`
        problems.push(problemAt(loaded, ['plugins', plugin], message))
      }
    }
  }
  return problems
}
