import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildPlugin } from '../../core/cli/plugin/build.js'
import { openSnapshot } from '../../core/gateway/build.js'
import { makePlan, type Plan } from '../../core/gateway/plan.js'
import { readConfig } from '../../core/gateway/read-config.js'
import { createLog } from '../../core/observe/log.js'
import { alone } from '../../core/server/entry.js'
import { Listener } from '../../core/server/listener.js'
import { ROOT } from '../plugin-sdk/guest.js'
import { pluginFolders } from '../support/plugins.js'
import { configFile, toOne } from '../support/sluice.js'

const folder = join(ROOT, 'test/fixtures/guests/host')
await buildPlugin(folder, { quiet: true })
const wasm = readFileSync(join(folder, 'build/host.wasm'))

t.test('what a plugin keeps outlives the configuration it was kept under', async t => {
  const plugins = pluginFolders(t, { keeper: { wasm, limits: { kvBytes: 65_536, memoryPages: 512 } } })
  const route = { name: 'all', match: { path: '/*' }, upstream: 'main', policies: [{ plugin: 'keeper' }] }
  const loaded = readConfig(configFile(t, toOne(9, { plugins, routes: [route] })))
  const serve = async (plan: Plan) => {
    const snapshot = await openSnapshot(plan, { log: createLog('silent') })
    const listener = await Listener.open(snapshot, { host: '127.0.0.1', port: 0, ...alone() })
    t.teardown(() => listener.drain(0).then(() => snapshot.close()))
    return async (path: string): Promise<string> => {
      const answer = await fetch(`http://127.0.0.1:${listener.port}${path}`, { method: 'POST', body: 'kept' })
      return answer.text()
    }
  }
  const first = await makePlan(loaded)
  const before = await serve(first)
  t.equal(await before('/kv/set?key&60000'), 'true')
  const after = await serve(await makePlan(loaded, { stores: first.stores, modules: first.bindings.modules }))
  t.equal(await after('/kv/get?key'), 'kept')
})
