import fc from 'fast-check'
import t from 'tap'
import type { BrownoutConfig, DeprecationConfig } from '../../core/config/resolve-deprecation.js'
import { addNotes, deprecationHeaders, gate, standingAt } from '../../core/gateway/deprecation.js'
import {
  type DeprecatedCalls,
  DeprecationReport,
  MAX_CONSUMERS,
  mergeCalls
} from '../../core/gateway/deprecation-report.js'
import { MetricsRegistry } from '../../core/observe/registry.js'
import { Scrape } from '../support/scrape.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const SUNSET = Date.UTC(2026, 11, 1)

const deprecation = (more: Partial<DeprecationConfig> = {}): DeprecationConfig => ({
  since: Date.UTC(2026, 0, 1),
  sunset: SUNSET,
  goneFrom: SUNSET,
  link: undefined,
  sunsetLink: undefined,
  successor: undefined,
  brownouts: [],
  brownoutStatus: 503,
  ...more
})
const brownout = (more: Partial<BrownoutConfig>): BrownoutConfig => ({
  from: SUNSET - 30 * DAY,
  forMs: HOUR,
  everyMs: undefined,
  until: SUNSET,
  ...more
})

t.test('a deprecated route serves until its sunset and the grace are over', async t => {
  const config = deprecation({ goneFrom: SUNSET + DAY })
  t.equal(standingAt(config, 0).kind, 'serves')
  t.equal(standingAt(config, SUNSET + DAY - 1).kind, 'serves')
  t.equal(standingAt(config, SUNSET + DAY).kind, 'gone')
  t.equal(standingAt(deprecation({ sunset: undefined, goneFrom: undefined }), SUNSET * 2).kind, 'serves')
})

t.test('a brown-out that is there once', async t => {
  const config = deprecation({ brownouts: [brownout({})] })
  const from = SUNSET - 30 * DAY
  t.equal(standingAt(config, from - 1).kind, 'serves')
  t.strictSame(standingAt(config, from), { kind: 'brownout', until: from + HOUR })
  t.strictSame(standingAt(config, from + HOUR - 1), { kind: 'brownout', until: from + HOUR })
  t.equal(standingAt(config, from + HOUR).kind, 'serves')
  t.equal(standingAt(config, from + DAY).kind, 'serves')
})

t.test('a brown-out each day, up to a day', async t => {
  const from = SUNSET - 10 * DAY
  const config = deprecation({ brownouts: [brownout({ from, everyMs: DAY, until: from + 3 * DAY })] })
  const on = (moment: number) => standingAt(config, moment).kind === 'brownout'
  t.strictSame(
    [0, 1, 2, 3].map(day => on(from + day * DAY + 10)),
    [true, true, true, false]
  )
  t.strictSame(
    [0, 1, 2].map(day => on(from + day * DAY + HOUR)),
    [false, false, false]
  )
  t.notOk(on(from - DAY), 'none before the first')
})

t.test('brown-outs are what a list of every single one says', async () => {
  const small = fc.record({
    from: fc.integer({ min: 0, max: 40 }),
    forMs: fc.integer({ min: 1, max: 10 }),
    everyMs: fc.option(fc.integer({ min: 11, max: 30 }), { nil: undefined }),
    until: fc.option(fc.integer({ min: 0, max: 120 }), { nil: undefined })
  })
  fc.assert(
    fc.property(fc.array(small, { maxLength: 3 }), fc.integer({ min: -5, max: 150 }), (brownouts, now) => {
      const ends = brownouts.flatMap(({ from, forMs, everyMs, until = 1_000 }) => {
        const begins = []
        for (let at = from; at < until && at <= 150; at += everyMs ?? 1_000) begins.push(at)
        return begins.filter(at => at <= now && now < at + forMs).map(at => at + forMs)
      })
      const found = standingAt(deprecation({ goneFrom: undefined, brownouts }), now)
      return found.kind === 'brownout' ? found.until === Math.max(...ends) : ends.length === 0
    }),
    { numRuns: 5_000 }
  )
})

t.test('the gate says for how long it is closed', async t => {
  let now = SUNSET - 30 * DAY + 1_500
  const closed = (config: DeprecationConfig) => gate(config, () => now)()
  const brownouts = [brownout({})]
  t.match(closed(deprecation({ brownouts })), { code: 'GW_ROUTE_BROWNOUT', headers: ['retry-after', '3599'] })
  t.match(closed(deprecation({ brownouts, brownoutStatus: 410 })), {
    code: 'GW_ROUTE_GONE',
    headers: ['retry-after', '3599']
  })
  now += HOUR
  t.equal(closed(deprecation({ brownouts })), undefined)
  now = SUNSET
  t.match(closed(deprecation({ brownouts })), { code: 'GW_ROUTE_GONE', headers: [] })
})

t.test('the headers are those of RFC 9745 and RFC 8594, in place of the upstream’s own', async t => {
  const notes = deprecationHeaders(
    deprecation({ link: 'https://a.test/why', sunsetLink: 'https://a.test/when', successor: '/v2' })
  )
  t.strictSame(notes, [
    'deprecation',
    '@1767225600',
    'sunset',
    'Tue, 01 Dec 2026 00:00:00 GMT',
    'link',
    '<https://a.test/why>; rel="deprecation", <https://a.test/when>; rel="sunset", </v2>; rel="successor-version"'
  ])
  const headers = ['deprecation', 'true', 'link', '</x>; rel="next"', 'sunset', 'never']
  addNotes(headers, notes)
  t.strictSame(headers, ['link', '</x>; rel="next"', ...notes])
  t.strictSame(deprecationHeaders(deprecation({ sunset: undefined })), ['deprecation', '@1767225600'])
})

t.test('the report says who calls what, also of routes nobody calls', async t => {
  let now = SUNSET - DAY
  const report = new DeprecationReport(() => now)
  report.declare([
    { name: 'old', deprecation: deprecation() },
    { name: 'quiet', deprecation: deprecation({ sunset: undefined, goneFrom: undefined }) }
  ])
  report.count('old', 'ann', false)
  report.count('old', '', false)
  now += 2 * DAY
  report.count('old', 'ann', true)
  const lastSeen = '2026-12-02T00:00:00.000Z'
  t.strictSame(report.page(), {
    routes: [
      {
        route: 'old',
        since: '2026-01-01T00:00:00.000Z',
        sunset: '2026-12-01T00:00:00.000Z',
        goneFrom: '2026-12-01T00:00:00.000Z',
        state: 'gone',
        served: 2,
        refused: 1,
        lastSeen,
        consumers: [
          { consumer: 'ann', served: 1, refused: 1, lastSeen },
          { consumer: null, served: 1, refused: 0, lastSeen: '2026-11-30T00:00:00.000Z' }
        ],
        others: { served: 0, refused: 0, lastSeen: null }
      },
      {
        route: 'quiet',
        since: '2026-01-01T00:00:00.000Z',
        sunset: null,
        goneFrom: null,
        state: 'serves',
        served: 0,
        refused: 0,
        lastSeen: null,
        consumers: [],
        others: { served: 0, refused: 0, lastSeen: null }
      }
    ]
  })
})

t.test('consumers beyond the bound are counted as others; those known keep their names', async t => {
  const report = new DeprecationReport(() => 1_000)
  for (let i = 0; i < MAX_CONSUMERS + 50; i++) report.count('old', `c${i}`, false)
  report.count('old', 'c0', false)
  const calls = report.calls().get('old')
  t.equal(calls?.consumers.size, MAX_CONSUMERS)
  t.strictSame(calls?.consumers.get('c0'), { served: 2, refused: 0, lastSeen: 1_000 })
  t.strictSame(calls?.others, { served: 50, refused: 0, lastSeen: 1_000 })
})

t.test('a route that no snapshot declares any more is forgotten; one that the next declares is not', async t => {
  const report = new DeprecationReport(() => 1_000)
  const routes = ['kept', 'dropped'].map(name => ({ name, deprecation: deprecation() }))
  const end = report.declare(routes)
  for (const { name } of routes) report.count(name, 'ann', false)
  report.declare(routes.slice(0, 1))
  end()
  t.strictSame([...report.calls().keys()], ['kept'])
  t.strictSame(
    report.page().routes.map(({ route, served }) => [route, served]),
    [['kept', 1]]
  )
})

t.test('the metric names routes, and no consumers', async t => {
  const registry = new MetricsRegistry()
  const report = new DeprecationReport()
  report.exposeTo(registry)
  report.count('old', 'ann', false)
  report.count('old', 'bob', false)
  report.count('old', 'bob', true)
  const text = await registry.text()
  const value = (result: string) =>
    new Scrape(text).value('gateway_deprecated_requests_total', { route: 'old', outcome: result })
  t.strictSame([value('served'), value('refused')], [2, 1])
  t.notMatch(text, /ann|bob/)
})

const name = fc.constantFrom('', 'a', 'b', '__proto__', 'constructor')
const event = fc.record({ route: fc.constantFrom('r', 's', '__proto__'), name, refused: fc.boolean(), at: fc.nat(100) })

t.test('what two threads counted adds up to what one would have', async t => {
  const counted = (
    events: readonly { route: string; name: string; refused: boolean; at: number }[]
  ): DeprecatedCalls => {
    let now = 0
    const report = new DeprecationReport(() => now)
    for (const each of events) {
      now = Math.max(now, each.at + 1)
      report.count(each.route, each.name, each.refused)
    }
    return report.calls()
  }
  const plain = (calls: DeprecatedCalls) =>
    [...calls].map(([route, { consumers, others }]) => [route, named(consumers), others]).sort()
  const named = (consumers: ReadonlyMap<string, { served: number; refused: number }>) =>
    [...consumers].map(([who, { served, refused }]) => [who, served, refused]).sort()
  fc.assert(
    fc.property(fc.array(event), fc.array(event), (a, b) => {
      const merged = plain(mergeCalls(counted(a), structuredClone(counted(b))))
      return JSON.stringify(merged) === JSON.stringify(plain(counted([...a, ...b])))
    })
  )
  const many = (prefix: string, calls: number): DeprecatedCalls => {
    const report = new DeprecationReport(() => 1)
    for (let i = 0; i < MAX_CONSUMERS; i++) for (let j = 0; j < calls; j++) report.count('r', prefix + i, false)
    return report.calls()
  }
  const merged = mergeCalls(many('rare', 1), many('often', 2)).get('r')
  t.equal(merged?.consumers.size, MAX_CONSUMERS, 'the bound holds for both together')
  t.ok([...(merged?.consumers.keys() ?? [])].every(each => each.startsWith('often')))
  t.equal(merged?.others.served, MAX_CONSUMERS)
})
