import t from 'tap'
import { guest, says, when } from '../support/wat.js'
import { field } from './harness.js'

t.setTimeout(120_000)

const sometimes = (body: string) => guest({ hooks: { on_request: `${when('fail', body)} (i32.const 0)` } })
const BREAKER = { breaker: { failures: 3, window: '60s', open: '1s' } }

t.test('plugins that fail', async t => {
  const sluice = await field(t, {
    plugins: {
      traps: sometimes('unreachable'),
      loops: sometimes('(call $forever)'),
      overflows: guest({
        hooks: { on_request: `${when('fail', '(return (call $deeper))')} (i32.const 0)` },
        more: '(func $deeper (result i32) (i32.add (call $deeper) (i32.const 1)))'
      }),
      shows: guest({ hooks: { on_response: '(call $show (local.get $ptr) (local.get $len))' } }),
      after: says({ headers: [{ op: 0, name: 'x-after', value: 'ran' }] })
    },
    routes: {
      closed: [{ plugin: 'traps' }],
      open: [{ plugin: 'traps', failure: 'open' }, { plugin: 'shows' }],
      loops: [{ plugin: 'loops' }, { plugin: 'after' }],
      overflows: [{ plugin: 'overflows' }],
      'breaker-closed': [{ plugin: 'traps', ...BREAKER }],
      'breaker-open': [{ plugin: 'traps', failure: 'open', ...BREAKER }, { plugin: 'shows' }]
    }
  })

  t.test('a trap of a policy that fails closed is 500, reaches no upstream, and the next request works', async t => {
    await sluice.during(t, 'traps', async () => {
      for (let i = 0; i < 20; i++) {
        const before = sluice.upstreamSaw('closed')
        t.equal((await sluice.get('closed/fail')).code, 'GW_PLUGIN_FAILED')
        t.equal(sluice.upstreamSaw('closed'), before)
        t.equal((await sluice.get('closed/x')).status, 200)
      }
    })
  })

  t.test('a trap of a policy that fails open passes, and is told to the phases that follow', async t => {
    await sluice.during(t, 'traps that fail open', async () => {
      for (let i = 0; i < 10; i++) {
        const { status, text } = await sluice.get('open/fail')
        t.equal(status, 200)
        t.match(text, /traps/, 'a tag names it')
      }
    })
  })

  t.test('a stack that overflows is a trap like any other', async t => {
    await sluice.during(t, 'stack overflows', async () => {
      for (let i = 0; i < 5; i++) t.equal((await sluice.get('overflows/fail')).code, 'GW_PLUGIN_FAILED')
      t.equal((await sluice.get('overflows/x')).status, 200)
    })
  })

  t.test('a thread that is ended loses none of the calls that wait for it', async t => {
    await sluice.during(t, 'threads ended', async () => {
      for (let i = 0; i < 3; i++) {
        const before = sluice.upstreamSaw('loops')
        const [culprit, ...queued] = await Promise.all(
          ['fail', 'one', 'two'].map(path => sluice.get(`loops/${path}`).then(({ status }) => status))
        )
        t.equal(culprit, 500)
        t.strictSame(queued, [200, 200])
        t.equal(sluice.upstreamSaw('loops') - before, 2, 'each once')
      }
    })
  })

  t.test('a plugin that fails again and again is taken out of its route, and tried again', async t => {
    await sluice.during(t, 'a crash loop', async () => {
      for (let i = 0; i < 3; i++) {
        await sluice.get('breaker-closed/fail')
        await sluice.get('breaker-open/fail')
      }
      t.equal((await sluice.get('breaker-closed/x')).code, 'GW_PLUGIN_SUSPENDED')
      const passed = await sluice.get('breaker-open/x')
      t.equal(passed.status, 200)
      for (const route of ['breaker-closed', 'breaker-open']) {
        let reply = await sluice.get(`${route}/x`)
        while (reply.status !== 200 || /traps/.test(reply.text)) reply = await sluice.get(`${route}/x`)
      }
    })
    const states = ['open', 'half-open', 'closed']
    const said = () => states.every(state => sluice.log.some(line => line.plugin === 'traps' && line.state === state))
    await sluice.logged(said)
    t.ok(said(), 'the log says each change')
  })
})
