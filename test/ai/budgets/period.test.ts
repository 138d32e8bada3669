import fc from 'fast-check'
import t from 'tap'
import { reservedOutput, UsualOutput } from '../../../core/ai/budgets/estimate.js'
import { rateLimitHeaders, span } from '../../../core/ai/budgets/headers.js'
import { CALENDAR, calendar, rolling } from '../../../core/ai/budgets/period.js'
import { budgetError } from '../../../core/ai/budgets/refusal.js'
import { NOON } from './parts.js'

const at = (text: string) => Date.parse(text)

t.test('periods go by the calendar in UTC', async t => {
  const spans = CALENDAR.map(unit => {
    const { start, end } = calendar(unit)
    return [start(NOON + 61_001), end(start(NOON + 61_001))].map(ms => new Date(ms).toISOString())
  })
  t.strictSame(spans, [
    ['2026-11-25T12:01:00.000Z', '2026-11-25T12:02:00.000Z'],
    ['2026-11-25T12:00:00.000Z', '2026-11-25T13:00:00.000Z'],
    ['2026-11-25T00:00:00.000Z', '2026-11-26T00:00:00.000Z'],
    ['2026-11-23T00:00:00.000Z', '2026-11-30T00:00:00.000Z'],
    ['2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z']
  ])
  const month = calendar('month')
  t.equal(month.end(month.start(at('2026-12-31T23:59:59Z'))), at('2027-01-01T00:00:00Z'))
  t.equal(month.end(month.start(at('2028-02-29T12:00:00Z'))), at('2028-03-01T00:00:00Z'))
})

t.test('every moment is in its period, and what is spent in a window counts as long as the window', async t => {
  const periods = [...CALENDAR.map(calendar), rolling(90_000, '90s'), rolling(7, '7ms'), rolling(86_400_000, '24h')]
  fc.assert(
    fc.property(fc.constantFrom(...periods), fc.integer({ min: 0, max: 4e12 }), (period, moment) => {
      const start = period.start(moment)
      return start <= moment && moment < period.end(start) && period.start(start) === start
    })
  )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 0, max: 4e12 }), (ms, moment) => {
      const period = rolling(ms, 'x')
      const counts = period.end(period.start(moment)) - moment
      return counts >= ms && counts <= ms + Math.ceil(ms / 60)
    })
  )
  t.pass()
})

t.test('headers show the rule with the least left, in the words of OpenAI', async t => {
  const standing = (counted: 'requests' | 'tokens' | 'outputTokens' | 'microDollars', remaining: number) => ({
    rule: 'r',
    counted,
    limit: 100,
    remaining,
    held: 0,
    resetAt: NOON + 61_500
  })
  const headers = rateLimitHeaders(
    [standing('requests', 7), standing('tokens', 50), standing('outputTokens', 20), standing('microDollars', 0)],
    NOON
  )
  t.strictSame(headers, [
    ...['x-ratelimit-limit-requests', '100', 'x-ratelimit-remaining-requests', '7'],
    ...['x-ratelimit-reset-requests', '1m2s', 'x-ratelimit-limit-tokens', '100'],
    ...['x-ratelimit-remaining-tokens', '20', 'x-ratelimit-reset-tokens', '1m2s']
  ])
  t.strictSame(rateLimitHeaders([standing('microDollars', 0)], NOON), [])
  t.strictSame([0, 17, 999.2, 1_000, 1_500, 59_999, 60_000, 3_600_000].map(span), [
    ...['0ms', '17ms', '1000ms', '1s', '1.5s', '59.999s', '1m0s', '1h0m0s']
  ])
})

t.test('a refusal says what is used up, and when to come again', async t => {
  const refused = { granted: false, rule: 'team', limit: 2_500_000, spent: 2_600_000, standings: [] } as const
  const rest = { resetAt: at('2026-12-01T00:00:00Z'), retryAfterMs: 1_500 }
  const money = budgetError({ ...refused, ...rest, counted: 'microDollars' }, NOON)
  t.equal(money.code, 'GW_AI_BUDGET_EXCEEDED')
  t.equal(money.message, 'budget "team": $2.6 of $2.5 used (dollars), room again at 2026-12-01T00:00:00.000Z')
  t.strictSame(money.headers, ['retry-after', '2'])
  const standings = [
    { rule: 'team', counted: 'tokens', limit: 10, remaining: 0, held: 0, resetAt: NOON + 1_500 }
  ] as const
  const tokens = budgetError({ ...refused, ...rest, standings, counted: 'tokens' }, NOON)
  t.equal(tokens.code, 'GW_AI_LIMIT_EXCEEDED')
  t.strictSame(tokens.headers, ['retry-after', '2', ...rateLimitHeaders(standings, NOON)])
})

t.test('an answer of unknown length holds twice what the model usually gives, within bounds', async t => {
  const none = { asked: undefined, n: 1, usual: undefined, most: undefined }
  t.equal(reservedOutput(none), 1_024)
  t.equal(reservedOutput({ ...none, usual: 300 }), 600)
  t.equal(reservedOutput({ ...none, usual: 1 }), 64)
  t.equal(reservedOutput({ ...none, usual: 100_000 }), 16_384)
  t.equal(reservedOutput({ ...none, asked: 10 }), 10)
  t.equal(reservedOutput({ ...none, asked: 128_000 }), 1_024, 'a large max_tokens pins nothing')
  t.equal(reservedOutput({ ...none, most: 500 }), 500)
  t.equal(reservedOutput({ ...none, asked: 10, n: 3 }), 30)
  t.equal(reservedOutput({ ...none, asked: 1_000, n: 1_000 }), 16_384, 'nor do many answers')
  t.equal(reservedOutput({ ...none, asked: 10, n: 1_000_000 }), 1_280, 'nobody gives more than 128')
})

t.test('what is usual follows the answers, and is forgotten for nobody', async t => {
  const usual = new UsualOutput()
  t.equal(usual.of('m'), undefined)
  usual.observe('m', 100)
  t.equal(usual.of('m'), 100)
  for (let i = 0; i < 200; i++) usual.observe('m', 1_000)
  t.ok((usual.of('m') ?? 0) > 990)
})
