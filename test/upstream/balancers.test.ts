import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { BALANCERS } from '../../core/config/schema-balance.js'
import { balancers, createBalancer } from '../../core/upstream/balancers/index.js'
import { shares } from '../../core/upstream/balancers/priority.js'
import type { Target } from '../../core/upstream/target.js'
import { ANY_TARGET } from '../../core/upstream/upstream.js'
import { ROOT } from '../config/helpers.js'
import { FakeClock, seeded } from '../support/fake-clock.js'
import { BALANCE, repeat, tally, target } from './targets.js'

const context = () => ({ clock: new FakeClock(), random: seeded(1) })
const keyed = (key: string, tried: readonly Target[] = []) => ({ key, tried })

t.test('every balancer is in the list, and in the configuration’s', async t => {
  // What is in the folder beside the balancers: their shape, the list, and what several of them use.
  const helpers = ['balancer.ts', 'draw.ts', 'hash.ts', 'index.ts']
  const files = readdirSync(`${ROOT}core/upstream/balancers`).filter(name => !helpers.includes(name))
  t.strictSame(files.map(name => name.replace('.ts', '')).sort(), balancers.map(({ name }) => name).sort())
  t.strictSame([...BALANCERS].sort(), balancers.map(({ name }) => name).sort())
})

for (const { name } of balancers) {
  const create = () => createBalancer({ ...BALANCE, kind: name }, context())

  t.test(`${name} keeps the contract of every balancer`, async t => {
    const [a, b, c] = [target('a'), target('b'), target('c')]
    const balancer = create()
    t.equal(balancer.pick(ANY_TARGET), undefined, 'before it knows of any target it picks none')
    balancer.update([], [])
    t.equal(balancer.pick(ANY_TARGET), undefined, 'no targets, no pick')
    balancer.update([], [a, b])
    t.equal(balancer.pick(keyed('x')), undefined, 'what is not available is not picked')
    balancer.update([b], [a, b])
    t.equal(balancer.pick(ANY_TARGET), b, 'the only available one is found')
    t.equal(balancer.pick(keyed('x')), b, 'for a key too')
    t.equal(balancer.pick({ key: 'x', tried: [b] }), b, 'and again after it was tried: there is no other')
    balancer.update([a, b, c], [a, b, c])
    for (const key of [undefined, 'x', 'y', 'z']) {
      for (let i = 0; i < 20; i++) {
        t.equal(balancer.pick({ key, tried: [a, b] }), c, 'one that was not tried goes before those that were')
      }
    }
    balancer.update([a], [a, c])
    t.equal(balancer.pick(ANY_TARGET), a, 'one that is gone is not picked')
  })

  t.test(`${name} spreads requests by weight`, async t => {
    const [a, b, c] = [target('a', { weight: 1 }), target('b', { weight: 2 }), target('c', { weight: 5 })]
    const balancer = create()
    balancer.update([a, b, c], [a, b, c])
    const counts = tally(repeat(8_000, i => balancer.pick(keyed(`user-${i}`))))
    for (const { url, weight } of [a, b, c]) {
      const share = (counts[url] ?? 0) / 1_000
      t.ok(Math.abs(share - weight) < weight * 0.2, `${url}: ${share} of 8, weight ${weight}`)
    }
  })

  t.test(`${name} spreads requests evenly over equals`, async t => {
    const all = repeat(5, i => target(`t${i}`))
    const balancer = create()
    balancer.update(all, all)
    const counts = tally(repeat(5_000, i => balancer.pick(keyed(`user-${i}`))))
    for (const { url } of all) t.ok(Math.abs((counts[url] ?? 0) - 1_000) < 200, `${url}: ${counts[url]}`)
  })

  t.test(`${name} never picks what is not available, and always something when anything is`, async () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            weight: fc.integer({ min: 1, max: 9 }),
            priority: fc.integer({ min: 0, max: 2 }),
            up: fc.boolean(),
            tried: fc.boolean(),
            inFlight: fc.nat(30)
          }),
          { maxLength: 8 }
        ),
        fc.array(fc.option(fc.string(), { nil: undefined }), { minLength: 1, maxLength: 5 }),
        (described, keys) => {
          const all = described.map((each, i) => ({ ...each, target: target(`t${i}`, each) }))
          const available = all.filter(({ up }) => up).map(each => each.target)
          const tried = all.filter(each => each.tried).map(each => each.target)
          const balancer = create()
          balancer.update(
            available,
            all.map(each => each.target)
          )
          return keys.every(key => {
            const picked = balancer.pick({ key, tried })
            if (available.length === 0) return picked === undefined
            if (picked === undefined || !available.includes(picked)) return false
            return !tried.includes(picked) || available.every(each => tried.includes(each))
          })
        }
      )
    )
  })
}

t.test('round-robin gives a heavy target its turns spread, not in a row', async t => {
  const [a, b, c] = [target('a', { weight: 5 }), target('b'), target('c')]
  const balancer = createBalancer({ ...BALANCE, kind: 'round-robin' }, context())
  balancer.update([a, b, c], [a, b, c])
  // The example of nginx's smooth weighted round-robin.
  const round = repeat(7, () => balancer.pick(ANY_TARGET)?.url.slice(-1)).join('')
  t.equal(round, 'aabacaa')
  t.equal(repeat(7, () => balancer.pick(ANY_TARGET)?.url.slice(-1)).join(''), round, 'and again')
})

t.test('least-busy takes the less busy of two', async t => {
  const [busy, idle] = [target('busy', { inFlight: 10 }), target('idle')]
  const balancer = createBalancer({ ...BALANCE, kind: 'least-busy' }, context())
  balancer.update([busy, idle], [busy, idle])
  t.strictSame(tally(repeat(50, () => balancer.pick(ANY_TARGET))), { 'http://idle': 50 })
  const heavy = target('heavy', { weight: 4, inFlight: 10 })
  const light = target('light', { weight: 1, inFlight: 5 })
  balancer.update([heavy, light], [heavy, light])
  t.strictSame(tally(repeat(50, () => balancer.pick(ANY_TARGET))), { 'http://heavy': 50 }, 'for its weight')
})

t.test('peak-ewma takes the faster of two, tries those it does not know, and forgets', async t => {
  const [slow, fast, fresh] = [target('slow'), target('fast'), target('new')]
  const clock = new FakeClock()
  const balancer = createBalancer({ ...BALANCE, kind: 'peak-ewma' }, { clock, random: seeded(1) })
  slow.latency.add(200, clock.now(), 10_000)
  fast.latency.add(10, clock.now(), 10_000)
  balancer.update([slow, fast], [slow, fast])
  const picks = () => tally(repeat(50, () => balancer.pick(ANY_TARGET)))
  t.strictSame(picks(), { 'http://fast': 50 })
  fast.inFlight = 30
  t.strictSame(picks(), { 'http://slow': 50 }, 'the fast one has too much to do')
  fast.inFlight = 0
  balancer.update([fast, fresh], [fast, fresh])
  t.strictSame(picks(), { 'http://new': 50 }, 'one that was never asked is asked')
  fresh.inFlight = 1
  t.strictSame(picks(), { 'http://fast': 50 }, 'but not with everything at once')
  balancer.update([slow, fast], [slow, fast])
  clock.pass(40_000)
  fast.latency.add(10, clock.now(), 10_000)
  t.strictSame(picks(), { 'http://slow': 50 }, 'what was slow long ago is tried again')
})

const hashing = (maxLoad = 1.5) => createBalancer({ ...BALANCE, kind: 'consistent-hash', maxLoad }, context())
const KEYS = repeat(10_000, i => `user-${i}`)

t.test('consistent-hash: the same key goes to the same target, in every process and order', async t => {
  const all = repeat(7, i => target(`t${i}`))
  const [one, other] = [hashing(), hashing()]
  one.update(all, all)
  other.update([...all].reverse(), all)
  for (const key of KEYS.slice(0, 500)) {
    const picked = one.pick(keyed(key))
    if (other.pick(keyed(key)) !== picked || one.pick(keyed(key)) !== picked) t.fail(key)
  }
  t.equal(one.pick(keyed('user-1'))?.url, 'http://t6', 'today, and tomorrow')
})

t.test('consistent-hash: when a target goes only its keys move, and they come back with it', async t => {
  const all = repeat(10, i => target(`t${i}`))
  const balancer = hashing()
  balancer.update(all, all)
  const before = KEYS.map(key => balancer.pick(keyed(key)))
  const left = all.slice(0, 9)
  balancer.update(left, all)
  const without = KEYS.map(key => balancer.pick(keyed(key)))
  const moved = KEYS.filter((_, i) => before[i] !== without[i])
  t.ok(
    KEYS.every((_, i) => before[i] === without[i] || before[i] === all[9]),
    'nobody else moves'
  )
  t.ok(moved.length > 500 && moved.length < 1_500, `about a tenth does: ${moved.length}`)
  const spread = Object.values(tally(without.filter((_, i) => before[i] === all[9])))
  t.ok(spread.length === 9 && Math.max(...spread) < 300, 'its keys are spread over all the others')
  balancer.update(all, all)
  t.ok(KEYS.every((key, i) => balancer.pick(keyed(key)) === before[i]))
})

t.test('consistent-hash: a greater weight takes keys from others and moves none between them', async t => {
  const all = repeat(4, i => target(`t${i}`))
  const [grown] = all
  const balancer = hashing()
  balancer.update(all, all)
  const before = KEYS.map(key => balancer.pick(keyed(key)))
  if (grown !== undefined) grown.effectiveWeight = 3
  balancer.update(all, all)
  const after = KEYS.map(key => balancer.pick(keyed(key)))
  t.ok(KEYS.every((_, i) => before[i] === after[i] || after[i] === grown))
  t.ok(Math.abs((tally(after)['http://t0'] ?? 0) - 5_000) < 500, 'it has half of them: 3 of 6')
})

t.test('consistent-hash: a crowded target hands the key on, to the same one each time', async t => {
  const all = repeat(4, i => target(`t${i}`))
  const balancer = hashing(1.5)
  balancer.update(all, all)
  const usual = balancer.pick(keyed('hot'))
  if (usual === undefined) throw new Error('nothing was picked')
  usual.inFlight = 7
  t.equal(balancer.pick(keyed('hot')), usual, 'at rest a key stays where it is, whatever the shares')
  usual.inFlight = 8
  const next = balancer.pick(keyed('hot'))
  t.ok(next !== usual)
  t.equal(balancer.pick(keyed('hot')), next)
  // 99 under way with the next one, a share of 24.75 each: 1.5 of it is 38.
  for (const each of all) each.inFlight = each === usual ? 38 : 20
  t.ok(balancer.pick(keyed('hot')) !== usual)
  usual.inFlight = 36
  t.equal(balancer.pick(keyed('hot')), usual)
})

t.test('consistent-hash: no target has more than its bounded share, however uneven the keys', async t => {
  const all = repeat(5, i => target(`t${i}`))
  const balancer = hashing(1.25)
  balancer.update(all, all)
  for (let i = 0; i < 1_000; i++) balancer.pick(keyed(i % 10 < 8 ? 'hot' : `user-${i}`))?.begin()
  for (const { url, inFlight } of all) t.ok(inFlight <= Math.ceil((1.25 * 1_000) / 5), `${url}: ${inFlight}`)
})

t.test('consistent-hash: requests without a key are spread', async t => {
  const all = repeat(4, i => target(`t${i}`))
  const balancer = hashing()
  balancer.update(all, all)
  const counts = tally(repeat(4_000, () => balancer.pick(ANY_TARGET)))
  for (const { url } of all) t.ok(Math.abs((counts[url] ?? 0) - 1_000) < 200, `${url}: ${counts[url]}`)
})

t.test('priority: the part of a level that is missing under the threshold spills to the next', async t => {
  t.strictSame(shares([1, 1], 0.7), [1, 0])
  t.strictSame(shares([0.7, 1], 0.7), [1, 0], 'at the threshold nothing spills')
  const [first = 0, second = 0] = shares([0.35, 1], 0.7)
  t.ok(Math.abs(first - 0.5) < 1e-9 && Math.abs(second - 0.5) < 1e-9, 'half of what it takes: half spills')
  t.strictSame(shares([0, 1], 0.7), [0, 1])
  t.strictSame(shares([0, 0], 0.7), [0, 0])
  const [a = 0, b = 0] = shares([0.14, 0.07], 0.7)
  t.ok(Math.abs(a - 2 / 3) < 1e-9 && Math.abs(b - 1 / 3) < 1e-9, 'when all is not enough it is shared as it is')
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1 }), percents => {
      const parts = percents.map(percent => percent / 100)
      const sum = shares(parts, 0.7).reduce((total, each) => total + each, 0)
      return parts.every(part => part === 0) ? sum === 0 : Math.abs(sum - 1) < 1e-6
    })
  )
})

t.test('priority: levels are served in order, weights and the balancer of a level count', async t => {
  const near = repeat(4, i => target(`near${i}`))
  const far = repeat(2, i => target(`far${i}`, { priority: 5 }))
  const all = [...far, ...near]
  const balancer = createBalancer({ ...BALANCE, kind: 'priority', within: 'least-busy' }, context())
  balancer.update(all, all)
  const farShare = (): number => {
    const counts = tally(repeat(2_000, () => balancer.pick(ANY_TARGET)))
    return ((counts['http://far0'] ?? 0) + (counts['http://far1'] ?? 0)) / 2_000
  }
  t.equal(farShare(), 0)
  balancer.update([...far, ...near.slice(0, 3)], all)
  t.equal(farShare(), 0, 'three of four are above the threshold of 0.7')
  balancer.update([...far, ...near.slice(0, 2)], all)
  t.ok(Math.abs(farShare() - (1 - 0.5 / 0.7)) < 0.05)
  balancer.update(far, all)
  t.equal(farShare(), 1)
})

t.test('priority: a key stays on its level while the loads are what they are', async t => {
  const near = repeat(4, i => target(`near${i}`))
  const far = repeat(4, i => target(`far${i}`, { priority: 1 }))
  const all = [...near, ...far]
  const balancer = createBalancer({ ...BALANCE, kind: 'priority' }, context())
  balancer.update([...near.slice(0, 1), ...far], all)
  for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) {
    const levels = new Set(repeat(20, () => balancer.pick(keyed(key))?.priority))
    t.equal(levels.size, 1, key)
  }
})
