import Type, { type Static } from 'typebox'

/**
 * The metrics a plugin counts for itself, as its manifest declares them. Every value a label can have is declared too: what a
 * plugin does at run time cannot make a series that was not there before.
 */

const closed = { additionalProperties: false } as const

/** What a hook has room for: a metric's labels are arguments of the host's functions. */
export const MAX_LABELS = 3

const MetricLabel = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][a-z0-9_]{0,31}$', description: 'Name of the label.' }),
    values: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
      minItems: 1,
      maxItems: 64,
      uniqueItems: true,
      description: 'Every value it can have; the plugin names one by its place.'
    })
  },
  closed
)

export const PluginMetric = Type.Object(
  {
    name: Type.String({
      pattern: '^[a-z][a-z0-9]*(_[a-z0-9]+)*$',
      maxLength: 64,
      description: 'Shown as plugin_<plugin>_<name>; that of a counter, and no other, ends in "_total".'
    }),
    type: Type.Enum(['counter', 'gauge', 'histogram'], { description: 'What it is.' }),
    help: Type.String({ minLength: 1, maxLength: 200, description: 'One sentence: what is counted, in which unit.' }),
    labels: Type.Optional(
      Type.Array(MetricLabel, { maxItems: MAX_LABELS, description: 'What it is counted by; at most three.' })
    ),
    buckets: Type.Optional(
      Type.Array(Type.Number(), { minItems: 1, maxItems: 20, description: 'Upper bounds of a histogram, ascending.' })
    )
  },
  closed
)
export type PluginMetric = Static<typeof PluginMetric>

export const PluginMetrics = Type.Array(PluginMetric, {
  maxItems: 32,
  description: 'Metrics the plugin counts for itself, by their place in this list.'
})
