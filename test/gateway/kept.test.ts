import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { buildPlugin } from '../../core/cli/plugin/build.js'
import { ROOT } from '../plugin-sdk/guest.js'
import { pluginFolders } from '../support/plugins.js'
import { startSluice, toOne } from '../support/sluice.js'

const folder = join(ROOT, 'test/fixtures/guests/host')
await buildPlugin(folder, { quiet: true })
const wasm = readFileSync(join(folder, 'build/host.wasm'))

t.test('what a plugin keeps outlives the configuration it was kept under', async t => {
  const plugins = pluginFolders(t, { keeper: { wasm, limits: { kvBytes: 65_536, memoryPages: 512 } } })
  const route = { name: 'all', match: { path: '/*' }, upstream: 'main', policies: [{ plugin: 'keeper' }] }
  const open = () => startSluice(t, toOne(9, { plugins, routes: [route] }))
  const ask = async (port: number, path: string): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: 'kept' })
    return answer.text()
  }
  const before = await open()
  t.equal(await ask(before.port, '/kv/set?key&60000'), 'true')
  const after = await open()
  t.equal(await ask(after.port, '/kv/get?key'), 'kept')
})
