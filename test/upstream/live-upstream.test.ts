import { writeFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import type { PassiveConfig, UpstreamPolicy } from '../../core/config/resolve-upstream.js'
import { mergeReports, upstreamReport } from '../../core/upstream/report.js'
import { ANY_TARGET } from '../../core/upstream/upstream.js'
import { UPSTREAM_DEFAULTS } from '../config/helpers.js'
import { keeper, open, policy, repeat, tally, tryOnce } from './targets.js'

const THREE = [{ url: 'http://a' }, { url: 'http://b' }, { url: 'http://c' }]
const passive = (more: Partial<PassiveConfig>): Pick<UpstreamPolicy, 'health'> => {
  const defaults = UPSTREAM_DEFAULTS.health.passive
  if (defaults === undefined) throw new Error('passive health is on by default')
  return { health: { active: undefined, passive: { ...defaults, ...more } } }
}

t.test(
  'a target that refuses is ejected after as many failures as its threshold, and is back when its time is over',
  async t => {
    const { clock, kept } = keeper()
    const { upstream, lines } = open(kept, policy(THREE))
    const [a] = upstream.targets
    if (a === undefined) throw new Error('no target')
    for (let i = 0; i < 4; i++) tryOnce(a, false)
    t.equal(a.state, 'healthy')
    tryOnce(a, false)
    t.equal(a.state, 'ejected')
    t.notOk(tally(repeat(100, () => upstream.pick(ANY_TARGET)))['http://a'], 'it gets nothing')
    t.match(lines, [
      {
        level: 'warn',
        msg: 'a target is ejected',
        upstream: 'main',
        target: 'http://a',
        reason: 'consecutive',
        ms: 10_000
      }
    ])
    t.match(upstream.report(), {
      ejections: { consecutive: 1 },
      targets: [{ url: 'http://a', state: 'ejected', reason: 'too many failures in a row' }, {}, {}]
    })
    clock.pass(9_999)
    t.equal(a.state, 'ejected')
    clock.pass(1)
    t.equal(a.state, 'healthy')
    t.ok(tally(repeat(100, () => upstream.pick(ANY_TARGET)))['http://a'], 'it gets its share again')
    tryOnce(a, false)
    t.equal(a.state, 'ejected', 'the first failure after it came back is enough')
    await upstream.close()
    t.equal(clock.timers, 0, 'nothing is left')
  }
)

t.test('a target that clients wait for in vain does not look like a fast one, and is not blamed', async t => {
  const { clock, kept } = keeper()
  const balance = { ...UPSTREAM_DEFAULTS.balance, kind: 'peak-ewma' as const }
  const { upstream } = open(kept, policy(THREE, { balance }))
  const [a, ...others] = upstream.targets
  if (a === undefined) throw new Error('no target')
  for (const other of others) tryOnce(other, true)
  const left = (ms: number) => a.report({ status: 0, code: 'GW_CLIENT_GONE', ms })
  left(5_000)
  t.notOk(tally(repeat(100, () => upstream.pick(ANY_TARGET)))['http://a'])
  for (let i = 0; i < 20; i++) left(1)
  t.equal(a.latency.read(clock.now(), 10_000), 5_000, 'who leaves at once says nothing of it')
  t.equal(a.state, 'healthy')
  await upstream.close()
})

t.test('never more than the allowed share is ejected, whatever happens', async () => {
  const step = fc.record({ target: fc.nat(9), ok: fc.boolean(), wait: fc.nat(4_000) })
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 10 }),
      fc.constantFrom(0, 0.1, 0.34, 0.5, 1),
      fc.array(step, { maxLength: 200 }),
      async (count, maxEjected, steps) => {
        const { clock, kept } = keeper()
        const targets = repeat(count, i => ({ url: `http://t${i}` }))
        const { upstream } = open(kept, policy(targets, passive({ maxEjected, consecutive: 2 })))
        const allowed = Math.floor(count * maxEjected + 1e-9)
        const held = steps.every(({ target, ok, wait }) => {
          const one = upstream.targets[target % count]
          if (one !== undefined) tryOnce(one, ok)
          clock.pass(wait)
          const out = upstream.targets.filter(({ state }) => state !== 'healthy').length
          return out <= allowed && upstream.pick(ANY_TARGET) !== undefined
        })
        clock.pass(10 * 60_000)
        const back = upstream.targets.every(({ state }) => state === 'healthy')
        await upstream.close()
        return held && back && clock.timers === 0
      }
    ),
    { numRuns: 60 }
  )
})

t.test('one target alone is not ejected, and nobody watches it', async t => {
  const { kept } = keeper()
  const { upstream } = open(kept, policy([{ url: 'http://a' }]))
  const [a] = upstream.targets
  t.equal(a?.onReport, undefined)
  t.equal(upstream.pick(ANY_TARGET), a)
  await upstream.close()
})

t.test('when nobody is healthy everybody is asked, or nobody, as the configuration says', async t => {
  for (const panic of ['all', 'refuse'] as const) {
    const { kept } = keeper()
    const { upstream, lines } = open(kept, policy(THREE, { ...passive({ maxEjected: 1, consecutive: 1 }), panic }))
    for (const each of upstream.targets) tryOnce(each, false)
    const picks = tally(repeat(30, () => upstream.pick(ANY_TARGET)))
    t.strictSame(picks, panic === 'all' ? { 'http://a': 10, 'http://b': 10, 'http://c': 10 } : { none: 30 })
    t.ok(upstream.report().panic)
    t.match(lines.at(-1), { level: 'warn', msg: 'no target is healthy', panic })
    await upstream.close()
  }
})

t.test('a target much slower than the others is ejected where that is asked for', async t => {
  const { clock, kept } = keeper()
  const latency = { factor: 3, atLeastMs: 50, requests: 5, windowMs: 1_000 }
  const { upstream } = open(kept, policy(THREE, passive({ latency })))
  for (let i = 0; i < 10; i++)
    for (const each of upstream.targets) tryOnce(each, true, each.url === 'http://b' ? 500 : 10)
  clock.pass(1_000)
  t.strictSame(
    upstream.targets.map(({ state }) => state),
    ['healthy', 'ejected', 'healthy']
  )
  t.match(upstream.report(), {
    ejections: { latency: 1 },
    targets: [{}, { reason: 'much slower than the others' }, {}]
  })
  await upstream.close()
})

t.test('with slow start a target that is back grows into its weight', async t => {
  const { clock, kept } = keeper()
  const { upstream } = open(kept, policy(THREE, { ...passive({ ejectionMs: 1_000 }), slowStartMs: 10_000 }))
  const [a, b] = upstream.targets
  if (a === undefined || b === undefined) throw new Error('no targets')
  t.equal(a.effectiveWeight, 1, 'at the start all have their whole weight')
  for (let i = 0; i < 5; i++) tryOnce(a, false)
  clock.pass(1_000)
  t.equal(a.effectiveWeight, 0.1)
  const share = () => (tally(repeat(2_100, () => upstream.pick(ANY_TARGET)))['http://a'] ?? 0) / 2_100
  t.ok(Math.abs(share() - 0.1 / 2.1) < 0.01)
  clock.pass(5_000)
  t.ok(Math.abs(a.effectiveWeight - 0.5) < 0.06, String(a.effectiveWeight))
  clock.pass(5_500)
  t.equal(a.effectiveWeight, 1)
  t.equal(b.effectiveWeight, 1)
  t.ok(Math.abs(share() - 1 / 3) < 0.01)
  t.equal(clock.timers, 0, 'and then nothing ticks')
  await upstream.close()
})

t.test('weights and drains of an operator count at once; the weight until the configuration has another', async t => {
  const { kept } = keeper()
  const first = open(kept, policy(THREE))
  const picks = () => tally(repeat(60, () => first.upstream.pick(ANY_TARGET)))
  t.ok(first.upstream.change('http://a', { weight: 4 }))
  t.strictSame(picks(), { 'http://a': 40, 'http://b': 10, 'http://c': 10 })
  t.ok(first.upstream.change('http://b', { drain: true }))
  t.strictSame(picks(), { 'http://a': 48, 'http://c': 12 })
  t.match(first.upstream.report().targets, [
    { weight: 4, configuredWeight: 1 },
    { state: 'draining', reason: 'drained by an operator' },
    {}
  ])
  t.ok(first.upstream.change('http://a', { weight: 0 }))
  t.strictSame(picks(), { 'http://c': 60 })
  t.match(first.upstream.report().targets, [{ weight: 0, effectiveWeight: 0 }, {}, {}])
  t.ok(first.upstream.change('http://b', { drain: false }))
  t.ok(first.upstream.change('http://a', { weight: null }))
  t.strictSame(picks(), { 'http://a': 20, 'http://b': 20, 'http://c': 20 })
  t.notOk(first.upstream.change('http://z', { weight: 1 }))
  first.upstream.change('http://a', { weight: 4 })
  const same = open(kept, policy(THREE))
  t.equal(same.upstream.targets[0]?.weight, 4, 'a reload keeps it')
  const other = open(kept, policy([{ url: 'http://a', weight: 2 }, ...THREE.slice(1)]))
  t.equal(other.upstream.targets[0]?.weight, 2, 'unless the weight was edited')
  for (const { upstream } of [first, same, other]) await upstream.close()
})

t.test('priorities of targets are heeded with every balancer', async t => {
  const { kept } = keeper()
  const targets = [...THREE.slice(0, 2), { url: 'http://spare', priority: 1 }]
  for (const kind of ['round-robin', 'consistent-hash', 'peak-ewma'] as const) {
    const balance = { ...UPSTREAM_DEFAULTS.balance, kind }
    const { upstream } = open(kept, policy(targets, { ...passive({ maxEjected: 1 }), balance }), { name: kind })
    t.notOk(tally(repeat(50, () => upstream.pick(ANY_TARGET)))['http://spare'], kind)
    for (const each of upstream.targets.slice(0, 2)) for (let i = 0; i < 5; i++) tryOnce(each, false)
    t.strictSame(tally(repeat(50, () => upstream.pick(ANY_TARGET))), { 'http://spare': 50 }, kind)
    await upstream.close()
  }
})

t.test('the next snapshot has the same targets: connections, requests under way and ejections', async t => {
  const { clock, kept } = keeper()
  const before = open(kept, policy(THREE))
  const [a] = before.upstream.targets
  if (a === undefined) throw new Error('no target')
  for (let i = 0; i < 5; i++) tryOnce(a, false)
  a.begin()
  const next = open(kept, policy([{ url: 'http://a', weight: 7 }, { url: 'http://b' }, { url: 'http://d' }]))
  t.equal(next.upstream.targets[0], a)
  t.strictSame([a.state, a.inFlight, a.weight], ['ejected', 1, 7])
  t.strictSame([...next.clients.keys()], ['http://d'], 'only the new one is opened')
  await before.upstream.close()
  t.strictSame(
    ['http://a', 'http://b', 'http://c'].map(url => before.clients.get(url)?.closed),
    [0, 0, 1],
    'only what nobody uses any more is closed'
  )
  clock.pass(10_000)
  t.equal(a.state, 'healthy', 'the new one goes on where the old one stopped')
  await next.upstream.close()
  t.equal(before.clients.get('http://a')?.closed, 1)
  t.equal(clock.timers, 0)
})

t.test('a snapshot that is refused after it was built leaves the one before as it was', async t => {
  const { clock, kept } = keeper()
  const serving = open(kept, policy(THREE))
  const refused = open(kept, policy([{ url: 'http://a', weight: 7 }, { url: 'http://z' }]))
  t.equal(serving.upstream.targets[0]?.weight, 7)
  await refused.upstream.close()
  const [a] = serving.upstream.targets
  t.equal(a?.weight, 1)
  t.strictSame(
    [...serving.clients.values()].map(({ closed }) => closed),
    [0, 0, 0]
  )
  t.equal(refused.clients.get('http://z')?.closed, 1)
  if (a !== undefined) for (let i = 0; i < 5; i++) tryOnce(a, false)
  t.equal(a?.state, 'ejected', 'it looks after its targets again')
  clock.pass(10_000)
  t.equal(a?.state, 'healthy')
  await serving.upstream.close()
  t.equal(clock.timers, 0)
})

t.test('what a refused snapshot did not have is in service again', async t => {
  const { kept } = keeper()
  const folder = t.testdir({ 'targets.yaml': 'targets: [http://a, http://b]' })
  const discover = { kind: 'file', file: `${folder}/targets.yaml` } as const
  const serving = open(kept, policy([], { discover }))
  writeFileSync(discover.file, 'targets: [http://a]')
  const refused = open(kept, policy([], { discover }))
  t.strictSame(
    refused.upstream.targets.map(({ url }) => url),
    ['http://a']
  )
  writeFileSync(discover.file, 'targets: [http://a, http://b]')
  await refused.upstream.close()
  t.strictSame(
    serving.upstream.targets.map(({ url, state }) => [url, state]),
    [
      ['http://a', 'healthy'],
      ['http://b', 'healthy']
    ]
  )
  t.strictSame(tally(repeat(10, () => serving.upstream.pick(ANY_TARGET))), { 'http://a': 5, 'http://b': 5 })
  await serving.upstream.close()
})

t.test('another connection setting is another client, which knows what the old one knew', async t => {
  const { clock, kept } = keeper()
  const before = open(kept, policy(THREE), { clientKey: '1' })
  const [a] = before.upstream.targets
  if (a === undefined) throw new Error('no target')
  for (let i = 0; i < 5; i++) tryOnce(a, false)
  const next = open(kept, policy(THREE), { clientKey: '2' })
  t.ok(next.upstream.targets[0] !== a)
  t.match(next.upstream.targets[0], { state: 'ejected' })
  await before.upstream.close()
  clock.pass(10_000)
  t.match(next.upstream.targets[0], { state: 'healthy' })
  await next.upstream.close()
})

t.test('a snapshot that watches nobody takes nobody’s ejection over', async t => {
  const { clock, kept } = keeper()
  const before = open(kept, policy(THREE))
  const [a] = before.upstream.targets
  if (a === undefined) throw new Error('no target')
  for (let i = 0; i < 5; i++) tryOnce(a, false)
  const next = open(kept, policy(THREE, { health: { active: undefined, passive: undefined } }))
  t.equal(a.state, 'healthy')
  await before.upstream.close()
  await next.upstream.close()
  t.equal(clock.timers, 0)
})

t.test('reports of several event loops are one', async t => {
  const loops = [keeper(), keeper(), keeper()].map(({ kept }) => open(kept, policy(THREE)))
  for (const { upstream } of loops) upstream.targets[1]?.begin()
  const [a] = loops[0]?.upstream.targets ?? []
  if (a !== undefined) for (let i = 0; i < 5; i++) tryOnce(a, false)
  const merged = mergeReports(loops.map(({ upstream }) => upstreamReport({ upstreams: new Map([['main', upstream]]) })))
  t.match(merged, [
    {
      name: 'main',
      balance: 'round-robin',
      panic: false,
      ejections: { consecutive: 1, rate: 0, latency: 0 },
      targets: [
        { url: 'http://a', state: 'ejected', states: { ejected: 1, healthy: 2 }, inFlight: 0, ewmaMs: 1_000 },
        { url: 'http://b', state: 'healthy', inFlight: 3, ewmaMs: null },
        { url: 'http://c', state: 'healthy', inFlight: 0 }
      ]
    }
  ])
  t.notOk(merged[0]?.targets[1]?.states, 'where they agree nothing more is said')
  t.strictSame(mergeReports([]), [])
  for (const { upstream } of loops) await upstream.close()
})
