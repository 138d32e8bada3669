import t from 'tap'
import { finished, ROOT } from '../command.js'
import { guest, says, when } from '../support/wat.js'
import { tenPolicies } from './churn.js'
import { field } from './harness.js'

t.setTimeout(240_000)

// 23; a thousand of them: npm run test:soak
t.test('thirty reloads with ten plugins, one after the other, leave no memory behind', async t => {
  const soak = `${ROOT}build/test/hostile/soak.js`
  const { code, stdout, stderr } = await finished([process.execPath, soak, '30', '30'])
  t.comment(stdout.trim())
  t.equal(code, 0, stderr)
})

// 23
t.test('many plugins on many routes: five hundred instances on each thread', async t => {
  const routes = Array.from({ length: 50 }, (_, i) => ({
    name: `route-${i}`,
    match: { path: `/route-${i}/*` },
    upstream: 'main',
    policies: Array.from({ length: 10 }, () => ({ plugin: 'marks' }))
  }))
  const marks = says({ headers: [{ op: 1, name: 'x-steady', value: '1' }] })
  const sluice = await field(t, { plugins: { marks }, routes: {} })
  const read = async () => t.equal((await sluice.reload({ routes })).msg, 'reloaded')
  await sluice.during(t, 'five hundred policies are read', read)
  await sluice.during(t, 'five hundred instances', async () => {
    const replies = await Promise.all(routes.map(async ({ name }) => (await sluice.get(`${name}/x`)).text))
    t.strictSame(
      replies,
      routes.map(({ name }) => `/${name}/x ${Array.from({ length: 10 }, () => '1').join(', ')}`)
    )
  })
})

// 37
t.test('a thread that is ended while another snapshot is built disturbs neither', async t => {
  const looper = guest({ hooks: { on_request: `${when('fail', '(call $forever)')} (i32.const 0)` } })
  const sluice = await field(t, { plugins: { looper }, routes: { looper: [{ plugin: 'looper' }] } })
  const get = async (path: string) => (await sluice.get(`looper/${path}`)).status
  const ten = { name: 'ten', match: { path: '/ten/*' }, upstream: 'main', policies: tenPolicies('b') }
  await sluice.during(t, 'threads ended while others are made', async () => {
    const reload = sluice.reload({ routes: [ten] })
    t.strictSame(await Promise.all(['fail', 'a', 'b', 'fail', 'c'].map(get)), [500, 200, 200, 500, 200])
    t.equal((await reload).msg, 'reloaded')
    t.strictSame(await Promise.all(['fail', 'd'].map(get)), [500, 200])
    t.equal((await sluice.reload({})).msg, 'reloaded')
    t.equal(await get('e'), 200, 'the first serves again when the second is gone')
  })
})
