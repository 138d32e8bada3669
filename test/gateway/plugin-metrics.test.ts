import t, { type Test } from 'tap'
import type { PluginMetric } from '../../core/base/plugin-metric-schema.js'
import { buildSnapshot } from '../../core/gateway/build.js'
import { createMetrics } from '../../core/gateway/metrics.js'
import { readConfig } from '../../core/gateway/read-config.js'
import { createLog } from '../../core/observe/log.js'
import { pluginFolders } from '../support/plugins.js'
import { Scrape } from '../support/scrape.js'
import { configFile, type SluiceConfig } from '../support/sluice.js'
import { guest, says } from '../support/wat.js'

const metric = (name: string, values: number): PluginMetric => ({
  name,
  type: 'counter',
  help: 'A test.',
  labels: [{ name: 'value', values: Array.from({ length: values }, (_, i) => `v${i}`) }]
})

/** A configuration with one policy for each of these plugins. */
function using(names: readonly string[], plugins: SluiceConfig['plugins'], limits?: object): SluiceConfig {
  const policies = names.map(plugin => ({ plugin, ...(limits !== undefined && { limits }) }))
  return {
    upstreams: { main: { targets: ['http://127.0.0.1:1'] } },
    plugins,
    routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', policies }]
  }
}

async function problemOf(t: Test, config: SluiceConfig): Promise<string> {
  try {
    const snapshot = await buildSnapshot(readConfig(configFile(t, config)), { log: createLog('silent') })
    await snapshot.close()
    return ''
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}

t.test('a plugin has as many series as its limit, and the operator can lower it', async t => {
  const plugins = pluginFolders(t, {
    few: { wasm: says({}), metrics: [metric('a_total', 60)] },
    many: { wasm: says({}), metrics: Array.from({ length: 10 }, (_, i) => metric(`m${i}_total`, 60)) },
    asks: {
      wasm: says({}),
      metrics: Array.from({ length: 10 }, (_, i) => metric(`m${i}_total`, 60)),
      limits: { metricSeries: 600 }
    }
  })
  t.equal(await problemOf(t, using(['few', 'asks'], plugins)), '')
  t.match(
    await problemOf(t, using(['many'], plugins)),
    /plugin many declares metrics of 600 series; the limit metricSeries is 500/
  )
  t.match(
    await problemOf(t, using(['few'], plugins, { metricSeries: 59 })),
    /routes\[0\]\.policies\[0\]\.plugin .*plugin few declares metrics of 60 series; the limit metricSeries is 59/
  )
})

t.test('two plugins cannot have one metric', async t => {
  const plugins = pluginFolders(t, {
    a: { wasm: says({}), metrics: [metric('b_c_total', 1)] },
    'a-b': { wasm: says({}), metrics: [metric('c_total', 1)] }
  })
  t.match(
    await problemOf(t, using(['a', 'a-b'], plugins)),
    /plugins a and a-b both have a metric that is shown as plugin_a_b_c_total/
  )
  t.equal(await problemOf(t, using(['a', 'a', 'a'], plugins)), '', 'one plugin in several places is one')
})

t.test('while one snapshot takes over from another both are counted, in one series each', async t => {
  const counts = guest({
    imports: '(import "sluice" "metric_add" (func $add (param i32 i32 i32 i32 f64)))',
    hooks: {
      on_configure: '(call $add (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0) (f64.const 2)) (i32.const 0)',
      on_request: '(i32.const 0)'
    }
  })
  const plugins = pluginFolders(t, { counts: { wasm: counts, metrics: [metric('a_total', 2)] } })
  const loaded = readConfig(configFile(t, using(['counts'], plugins)))
  const metrics = createMetrics()
  const scrape = async () => new Scrape(await metrics.registry.text())
  const first = await buildSnapshot(loaded, { log: createLog('silent'), metrics })
  const value = async () => (await scrape()).value('plugin_counts_a_total', { value: 'v1' })
  t.equal(await value(), 4, 'configured on two threads, the spare one included')
  const second = await buildSnapshot(loaded, { log: createLog('silent'), metrics })
  t.equal(await value(), 8)
  await first.close()
  t.equal(await value(), 4)
  await second.close()
  t.equal(await value(), undefined, 'what nobody declares any more is not scraped')
  t.equal((await scrape()).families.has('plugin_counts_a_total'), false)
})
