import t from 'tap'
import { buildSnapshot, readConfig } from '../../core/gateway/build.js'
import { createLog } from '../../core/observe/log.js'
import { finished, ROOT } from '../command.js'
import { pluginFolders } from '../support/plugins.js'
import { configFile, startSluice, toOne } from '../support/sluice.js'
import { httpUpstream } from '../support/upstream.js'
import { guest, says, when } from '../support/wat.js'
import { TEN_PLUGINS } from './churn.js'

t.setTimeout(240_000)

const policies = (plugins: readonly string[]) => [
  { name: 'all', match: { path: '/*' }, upstream: 'main', policies: plugins.map(plugin => ({ plugin })) }
]

// 23; a thousand of them: npm run test:soak
t.test('thirty snapshots with ten plugins, one after the other, leave no memory behind', async t => {
  const soak = `${ROOT}build/test/hostile/soak.js`
  const { code, stdout, stderr } = await finished([process.execPath, '--expose-gc', soak, '30', '30'])
  t.comment(stdout.trim())
  t.equal(code, 0, stderr)
})

// 23
t.test('many plugins on many routes: five hundred instances on each thread', async t => {
  const routes = Array.from({ length: 50 }, (_, i) => ({
    name: `route-${i}`,
    match: { path: `/${i}/*` },
    upstream: 'main',
    policies: Array.from({ length: 10 }, () => ({ plugin: 'marks' }))
  }))
  const { port } = await httpUpstream(t, (request, response) => response.end(String(request.headers['x-marked'])))
  const marks = says({ headers: [{ op: 1, name: 'x-marked', value: '1' }] })
  const sluice = await startSluice(t, toOne(port, { plugins: pluginFolders(t, { marks }), routes }))
  const replies = await Promise.all(
    routes.map(async (_, i) => (await fetch(`http://127.0.0.1:${sluice.port}/${i}/x`)).text())
  )
  t.strictSame(
    replies,
    routes.map(() => Array.from({ length: 10 }, () => '1').join(', '))
  )
})

// 37
t.test('a thread that is ended while another snapshot is built disturbs neither', async t => {
  const { port } = await httpUpstream(t, (_request, response) => response.end('ok'))
  const looper = guest({ hooks: { on_request: `${when('fail', '(call $forever)')} (i32.const 0)` } })
  const plugins = pluginFolders(t, { looper })
  const sluice = await startSluice(t, toOne(port, { plugins, routes: policies(['looper']) }))
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${sluice.port}/${path}`)).status
  t.equal(await get('warm'), 200)
  const other = configFile(t, TEN_PLUGINS) // the first is read already
  const building = buildSnapshot(readConfig(other), { log: createLog('silent') })
  t.strictSame(await Promise.all(['fail', 'a', 'b', 'fail', 'c'].map(get)), [500, 200, 200, 500, 200])
  const snapshot = await building
  t.teardown(() => snapshot.close())
  t.strictSame(await Promise.all(['fail', 'd'].map(get)), [500, 200])
  await snapshot.close()
  t.equal(await get('e'), 200, 'the first serves on when the second is gone')
})
