import t from 'tap'
import { pluginFolders } from '../../support/plugins.js'
import { otherSnapshot, startSluice } from '../../support/sluice.js'
import { recordingUpstream } from '../../support/upstream.js'
import { guest, when } from '../../support/wat.js'

const broken = guest({ hooks: { on_request: `${when('fail', 'unreachable')} (i32.const 0)` } })

async function serve(t: Parameters<typeof startSluice>[0], failure: 'open' | 'closed', open = '60s') {
  const upstream = await recordingUpstream(t)
  const config = (failures: number, main: object = {}) => ({
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`], ...main } },
    plugins,
    routes: [
      {
        name: 'all',
        match: { path: '/*' },
        upstream: 'main',
        policies: [{ plugin: 'broken', failure, breaker: { failures, window: '60s', open } }]
      }
    ]
  })
  const plugins = pluginFolders(t, { broken })
  const sluice = await startSluice(t, config(3))
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${sluice.port}/${path}`)).status
  return { sluice, upstream, status, config }
}

const breakers = (lines: readonly Record<string, unknown>[]) =>
  lines.filter(({ msg }) => msg === 'breaker of a plugin').map(({ state }) => state)

t.test('a plugin that fails closed again and again answers 503 at once, and the log says so once', async t => {
  const { sluice, upstream, status } = await serve(t, 'closed')
  for (let i = 0; i < 3; i++) t.equal(await status('fail'), 500)
  for (let i = 0; i < 5; i++) t.equal(await status('fine'), 503)
  t.equal(upstream.seen.length, 0)
  t.strictSame(breakers(sluice.others), ['open'])
  t.match(
    sluice.others.find(({ state }) => state === 'open'),
    { plugin: 'broken', reason: /trap/ }
  )
})

t.test('a plugin that fails open again and again is passed over without being called', async t => {
  const { sluice, upstream, status } = await serve(t, 'open')
  for (let i = 0; i < 10; i++) t.equal(await status('fail'), 200)
  t.equal(upstream.seen.length, 10)
  t.equal(sluice.others.filter(({ reason }) => reason === 'trap').length, 3, 'it was called three times')
})

t.test('once its time is over one exchange tries it, and it is back', async t => {
  const { sluice, status } = await serve(t, 'closed', '50ms')
  for (let i = 0; i < 3; i++) await status('fail')
  while ((await status('fine')) === 503) await new Promise(setImmediate)
  t.equal(await status('fine'), 200)
  t.strictSame(breakers(sluice.others), ['open', 'half-open', 'closed'])
})

t.test('a plugin that is out of its route stays out when a reload changes something else', async t => {
  const { sluice, status, config } = await serve(t, 'closed')
  for (let i = 0; i < 3; i++) await status('fail')
  const same = await otherSnapshot(t, config(3, { retries: { attempts: 2 } }), { former: sluice.snapshot })
  void sluice.listener.swap(same)
  t.equal(await status('fine'), 503)
  void sluice.listener.swap(await otherSnapshot(t, config(4), { former: same }))
  t.equal(await status('fine'), 200, 'another breaker')
})
