import t from 'tap'
import { Compile } from 'typebox/compile'
import { PluginMetrics } from '../../core/base/plugin-metric-schema.js'
import { metricMistake, seriesOf } from '../../core/base/plugin-metrics.js'

const schema = Compile(PluginMetrics)

/** What is wrong with a metric that has these fields: a sentence, 'schema', or nothing. */
function mistake(...metrics: object[]): string | undefined {
  const whole: unknown = metrics.map(each => ({ name: 'seen_total', type: 'counter', help: 'Seen.', ...each }))
  return schema.Check(whole) ? metricMistake(whole) : 'schema'
}

t.test('a declaration that is right is taken', async t => {
  t.equal(mistake(), undefined)
  t.equal(mistake({ labels: [{ name: 'reason', values: ['a', 'b "quoted"'] }] }), undefined)
  t.equal(mistake({ name: 'size_bytes', type: 'histogram', buckets: [-1, 0, 1.5] }), undefined)
})

t.test('what nobody could scrape or bound is refused, saying which', async t => {
  const labels = (...names: string[]) => ({ labels: names.map(name => ({ name, values: ['v'] })) })
  const wrong: [object[], RegExp | string][] = [
    [[{ name: 'seen' }], /^metrics\[0\] \(seen\) is a counter; expected a name that ends in "_total"$/],
    [[{ type: 'gauge' }], /is a gauge; expected a name that does not end in "_total"/],
    [[{}, {}], /^metrics\[1\] \(seen_total\) is declared twice$/],
    [[{ name: 'a_count', type: 'gauge' }], /ends in what the parts of a histogram end in/],
    [[labels('le')], /the label "le", which Sluice sets/],
    [[labels('binding')], /the label "binding", which Sluice sets/],
    [[labels('a', 'a')], /the label "a" twice/],
    [[{ buckets: [1] }], /has buckets, but is a counter/],
    [[{ name: 'a', type: 'histogram', buckets: [1, 3, 3] }], /buckets that do not ascend/],
    [[{ name: 'Seen_total' }], 'schema'],
    [[{ name: 'a__b_total' }], 'schema'],
    [[{ help: '' }], 'schema'],
    [[labels('a', 'b', 'c', 'd')], 'schema'],
    [[{ labels: [{ name: 'a', values: [] }] }], 'schema'],
    [[{ labels: [{ name: 'a', values: ['x', 'x'] }] }], 'schema'],
    [[{ labels: [{ name: 'a', values: Array.from({ length: 65 }, (_, i) => `v${i}`) }] }], 'schema'],
    [Array.from({ length: 33 }, (_, i) => ({ name: `m${i}_total` })), 'schema']
  ]
  for (const [metrics, expected] of wrong) t.match(mistake(...metrics), expected)
})

t.test('series are counted as they are scraped', async t => {
  const labels = [
    { name: 'a', values: ['1', '2'] },
    { name: 'b', values: ['1', '2', '3'] }
  ]
  t.equal(seriesOf({ name: 'x_total', type: 'counter', help: 'X.' }), 1)
  t.equal(seriesOf({ name: 'x_total', type: 'counter', help: 'X.', labels }), 6)
  t.equal(seriesOf({ name: 'x', type: 'histogram', help: 'X.', labels, buckets: [1, 2] }), 6 * 5)
})
