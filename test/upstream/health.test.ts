import fc from 'fast-check'
import t from 'tap'
import type { ErrorCode } from '../../core/base/errors.js'
import type { PassiveConfig } from '../../core/config/resolve-upstream.js'
import { Ejections } from '../../core/upstream/health/ejections.js'
import { latencyOutliers } from '../../core/upstream/health/latency.js'
import { failed, saysNothing } from '../../core/upstream/health/outcome.js'
import { ProbeCount } from '../../core/upstream/health/probe-count.js'
import { RollingWindow } from '../../core/upstream/health/window.js'
import { PeakAverage } from '../../core/upstream/peak-average.js'
import { UPSTREAM_DEFAULTS } from '../config/helpers.js'
import { repeat } from './targets.js'

const DEFAULTS = UPSTREAM_DEFAULTS.health.passive
if (DEFAULTS === undefined) throw new Error('passive health is on by default')
const options = (more: Partial<PassiveConfig> = {}): PassiveConfig => ({ ...DEFAULTS, ...more })

t.test('failures in a row eject, and a success between them begins anew', async t => {
  const one = new Ejections(options({ consecutive: 3, rate: undefined }))
  t.strictSame(
    [true, true, false, true, true, true].map(bad => one.add(bad, 1, 0)),
    [undefined, undefined, undefined, undefined, undefined, 'consecutive']
  )
})

t.test('too large a share ejects, once there were enough requests', async t => {
  const one = new Ejections(options({ consecutive: 100, rate: { share: 0.5, requests: 10, windowMs: 1_000 } }))
  for (let i = 0; i < 4; i++) {
    t.equal(one.add(true, 1, 0), undefined)
    t.equal(one.add(false, 1, 0), undefined)
  }
  t.equal(one.add(true, 1, 0), undefined, 'nine are not enough')
  t.equal(one.add(true, 1, 0), 'rate')
  t.equal(one.add(true, 1, 2_000), undefined, 'what is older than the window does not count')
})

t.test('each ejection soon after the last is twice as long, up to a limit; health makes up for it', async t => {
  const one = new Ejections(options({ ejectionMs: 10, maxEjectionMs: 50 }))
  let now = 0
  const out = (): number => {
    const ms = one.eject(now)
    now += ms
    one.returned(now)
    return ms
  }
  t.strictSame([out(), out(), out(), out(), out()], [10, 20, 40, 50, 50])
  now += 30 // three times as long as the first ejection: three are forgiven
  t.equal(out(), 40)
  now += 10_000
  t.equal(out(), 10)
})

t.test('after an ejection one failure is enough, until one request went well', async t => {
  const one = new Ejections(options({ consecutive: 5 }))
  one.eject(0)
  one.returned(10)
  t.equal(one.add(true, 1, 11), 'consecutive')
  one.returned(20)
  t.equal(one.add(false, 1, 21), undefined)
  t.equal(one.add(true, 1, 22), undefined)
})

t.test('an ejection lasts from the first to the longest time there is, whatever happens', async () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100_000), { minLength: 1, maxLength: 50 }), waits => {
      const one = new Ejections(options({ ejectionMs: 100, maxEjectionMs: 3_000 }))
      let now = 0
      return waits.every(wait => {
        now += wait
        const ms = one.eject(now)
        now += ms
        one.returned(now)
        return ms >= 100 && ms <= 3_000
      })
    })
  )
})

t.test('a rolling window counts as a list of moments would, to a tenth of its length', async () => {
  const event = fc.record({ wait: fc.nat(400), bad: fc.boolean() })
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 100 }), events => {
      const window = new RollingWindow(1_000)
      const seen: { at: number; bad: boolean }[] = []
      let now = 0
      return events.every(({ wait, bad }) => {
        now += wait
        window.add(bad, now)
        seen.push({ at: now, bad })
        const { tries, failures } = window.totals(now)
        const within = (ms: number) => seen.filter(({ at }) => at > now - ms)
        const bad_ = (list: typeof seen) => list.filter(each => each.bad).length
        const [least, most] = [within(900), within(1_000)]
        return tries >= least.length && tries <= most.length && failures >= bad_(least) && failures <= bad_(most)
      })
    })
  )
})

t.test('probes turn a target after as many in a row as the thresholds say; the first decides alone', async t => {
  const count = new ProbeCount({ healthyAfter: 2, unhealthyAfter: 3 })
  const states = (probes: string): string =>
    [...probes]
      .map(each => {
        count.add(each === '+')
        return count.failing ? 'x' : '.'
      })
      .join('')
  t.equal(states('---+---'), 'xxxxxxx')
  t.equal(states('++'), 'x.')
  t.equal(states('--+--+---'), '........x')
  const known = new ProbeCount({ healthyAfter: 2, unhealthyAfter: 3 })
  known.known()
  t.notOk(known.add(false), 'one that was probed under the snapshot before has its three')
  t.ok(new ProbeCount({ healthyAfter: 2, unhealthyAfter: 3 }, true).add(true), 'a first one that passes, too')
})

t.test('a target that is much slower than the others is an outlier', async t => {
  const latency = { factor: 3, atLeastMs: 50, requests: 5, windowMs: 1_000 }
  const all = (...ms: number[]) => ms.map(each => repeat(5, () => each))
  t.strictSame(latencyOutliers(all(10, 12, 100), latency), [2])
  t.strictSame(latencyOutliers(all(10, 12, 30), latency), [], 'three times as slow, but nobody would notice')
  t.strictSame(latencyOutliers(all(100, 120, 240), latency), [], 'noticeable, but not three times')
  t.strictSame(latencyOutliers([...all(10, 12), [100, 100]], latency), [], 'too few requests')
  t.strictSame(latencyOutliers(all(100), latency), [], 'alone it is compared with nobody')
  t.strictSame(latencyOutliers(all(10, 100), latency), [1])
  t.strictSame(latencyOutliers([repeat(5, i => (i === 0 ? 9_000 : 10)), ...all(10)], latency), [], 'one slow request')
  t.strictSame(latencyOutliers([], latency), [])
})

t.test('only what is the target’s doing counts against it', async t => {
  const none = (code: ErrorCode | undefined, status = 0) => {
    return { status, code, ms: 1 }
  }
  t.ok(saysNothing(none('GW_CLIENT_GONE')))
  t.ok(saysNothing(none('GW_BAD_REQUEST')))
  t.notOk(saysNothing(none('GW_UPSTREAM_RESET')))
  t.notOk(saysNothing(none(undefined, 500)))
  t.ok(failed(none('GW_UPSTREAM_TLS'), options({ failures: ['refused'] })))
  t.ok(failed(none('GW_UPSTREAM_RESET'), options()))
  t.notOk(failed(none('GW_UPSTREAM_RESET'), options({ failures: ['refused'] })))
  t.notOk(failed(none(undefined, 503), options()), 'by default what it answers is its own affair')
  t.ok(failed(none(undefined, 503), options({ statuses: [5] })))
  t.notOk(failed(none(undefined, 404), options({ statuses: [5, 429] })))
})

t.test('a peak average rises at once and sinks slowly', async t => {
  const average = new PeakAverage()
  t.equal(average.read(0, 1_000), 0)
  average.add(10, 0, 1_000)
  average.add(500, 1, 1_000)
  t.equal(average.value, 500)
  average.add(10, 2, 1_000)
  t.ok((average.value ?? 0) > 490)
  average.add(10, 3_000, 1_000)
  t.ok((average.value ?? 500) < 50)
  t.ok(average.read(10_000, 1_000) < 1, 'and it is forgotten when nobody asks')
})
