import type { PluginMetric } from './plugin-metric-schema.js'

const DEFAULT_BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function bucketsOf({ buckets }: PluginMetric): readonly number[] {
  return buckets ?? DEFAULT_BUCKETS
}

/** How many combinations of label values there are. */
export function combinations({ labels = [] }: PluginMetric): number {
  return labels.reduce((product, { values }) => product * values.length, 1)
}

/** Lines the metric adds to a scrape: for a histogram one for each bucket, "+Inf", sum and count. */
export function seriesOf(metric: PluginMetric): number {
  return combinations(metric) * (metric.type === 'histogram' ? bucketsOf(metric).length + 3 : 1)
}

/** The name under which it is scraped. */
export function exposedName(plugin: string, { name }: PluginMetric): string {
  return `plugin_${plugin.replaceAll('-', '_')}_${name}`
}

/** What is wrong with the declarations beyond their schema, a sentence; undefined: nothing. */
export function metricMistake(metrics: readonly PluginMetric[]): string | undefined {
  for (const [index, metric] of metrics.entries()) {
    const wrong = mistakeOf(metric, metrics.slice(0, index))
    if (wrong !== undefined) return `metrics[${index}] (${metric.name}) ${wrong}`
  }
  return undefined
}

/** Labels that Sluice, or the format of a histogram, sets. */
const RESERVED_LABELS: readonly string[] = ['binding', 'plugin', 'le']

function mistakeOf(metric: PluginMetric, before: readonly PluginMetric[]): string | undefined {
  const { name, type, labels = [], buckets } = metric
  if (before.some(other => other.name === name)) return 'is declared twice'
  const total = name.endsWith('_total')
  if (type === 'counter' && !total) return 'is a counter; expected a name that ends in "_total"'
  if (type !== 'counter' && total) return `is a ${type}; expected a name that does not end in "_total"`
  if (/_(?:sum|count|bucket)$/.test(name)) return 'ends in what the parts of a histogram end in'
  for (const [index, label] of labels.entries()) {
    if (RESERVED_LABELS.includes(label.name)) return `has the label "${label.name}", which Sluice sets`
    if (label.name.startsWith('__')) return `has the label "${label.name}"; expected no "__" in front`
    if (labels.findIndex(other => other.name === label.name) < index) return `has the label "${label.name}" twice`
  }
  if (buckets !== undefined && type !== 'histogram') return `has buckets, but is a ${type}`
  if (buckets?.some((bound, i) => i > 0 && bound <= (buckets[i - 1] ?? bound))) return 'has buckets that do not ascend'
  return undefined
}
