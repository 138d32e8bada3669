import { type Case, fetched, reused } from './case.js'

const cc = (value: string | readonly string[]) => ({ 'cache-control': value })
const until = (expires: string) => ({ expires, date: 0 })

export const FRESHNESS: readonly Case[] = [
  fetched('freshness-none', 'check', {}),
  reused('freshness-max-age', 'optimal', cc('max-age=3600')),
  fetched('freshness-max-age-stale', 'required', cc('max-age=2')),
  fetched('freshness-max-age-0', 'required', cc('max-age=0')),
  reused('freshness-max-age-max', 'optimal', cc('max-age=2147483648')),
  reused('freshness-max-age-max-plus', 'optimal', cc('max-age=99999999999')),
  fetched('freshness-max-age-negative', 'required', cc('max-age=-3600')),
  fetched('freshness-max-age-age', 'required', { date: 0, ...cc('max-age=3600'), age: '12000' }),
  reused('freshness-max-age-expires', 'optimal', { ...cc('max-age=3600'), expires: -10_000, date: 0 }),
  reused('freshness-max-age-expires-invalid', 'optimal', { ...cc('max-age=3600'), expires: '0', date: 0 }),
  fetched('freshness-max-age-0-expires', 'required', { expires: 10_000, ...cc('max-age=0'), date: 0 }),
  reused('freshness-max-age-extension', 'optimal', cc('foobar, max-age=3600')),
  reused('freshness-max-age-case-insenstive', 'optimal', cc('MaX-aGe=3600')),
  reused('freshness-max-age-date', 'optimal', { date: 0, ...cc('max-age=3600') }),
  reused('freshness-s-maxage-shared', 'optimal', cc('s-maxage=3600')),
  fetched('freshness-max-age-s-maxage-shared-longer', 'required', cc('max-age=3600, s-maxage=1')),
  fetched('freshness-max-age-s-maxage-shared-longer-reversed', 'required', cc('s-maxage=1, max-age=3600')),
  fetched('freshness-max-age-s-maxage-shared-longer-multiple', 'required', cc(['max-age=3600', 's-maxage=1'])),
  reused('freshness-max-age-s-maxage-shared-shorter', 'optimal', cc('max-age=1, s-maxage=3600')),
  reused('freshness-max-age-s-maxage-shared-shorter-expires', 'optimal', {
    ...cc('max-age=1, s-maxage=3600'),
    expires: -10_000,
    date: 0
  }),

  // How the directives are read.
  fetched('freshness-max-age-two-fresh-stale-sameline', 'check', cc('max-age=1800, max-age=1')),
  fetched('freshness-max-age-two-fresh-stale-sepline', 'check', cc(['max-age=1800', 'max-age=1'])),
  fetched('freshness-max-age-two-stale-fresh-sameline', 'check', cc('max-age=1, max-age=1800')),
  fetched('freshness-max-age-two-stale-fresh-sepline', 'check', cc(['max-age=1', 'max-age=1800'])),
  fetched('freshness-max-age-ignore-quoted', 'required', cc('extension="max-age=3600", max-age=1')),
  fetched('freshness-max-age-ignore-quoted-rev', 'required', cc('max-age=1, extension="max-age=3600"')),
  reused('freshness-max-age-quoted', 'check', cc('max-age="3600"')),
  fetched('freshness-max-age-space-before-equals', 'check', cc('max-age =3600')),
  fetched('freshness-max-age-space-after-equals', 'check', cc('max-age= 3600')),
  reused('freshness-max-age-leading-zero', 'optimal', cc('max-age=003600')),
  fetched('freshness-max-age-single-quoted', 'required', cc("max-age='3600'")),
  fetched('freshness-max-age-decimal-zero', 'check', cc('max-age=3600.0')),
  fetched('freshness-max-age-decimal-five', 'check', cc('max-age=3600.5')),
  fetched('freshness-max-age-a100', 'check', cc('max-age=a3600')),
  fetched('freshness-max-age-100a', 'check', cc('max-age=3600a')),

  // Age
  reused('age-parse-nonnumeric', 'check', { date: 0, ...cc('max-age=3600'), age: 'abc' }),
  reused('age-parse-negative', 'check', { date: 0, ...cc('max-age=3600'), age: '-7200' }),
  reused('age-parse-float', 'check', { date: 0, ...cc('max-age=3600'), age: '7200.0' }),
  fetched('age-parse-suffix', 'check', { date: 0, ...cc('max-age=3600'), age: '7200,0' }),
  fetched('age-parse-suffix-twoline', 'check', { date: 0, ...cc('max-age=3600'), age: ['7200', '0'] }),
  reused('age-parse-prefix', 'check', { date: 0, ...cc('max-age=3600'), age: '0,7200' }),
  reused('age-parse-prefix-twoline', 'check', { date: 0, ...cc('max-age=3600'), age: ['0', '7200'] }),
  reused('age-parse-dup-0', 'check', { date: 0, ...cc('max-age=3600'), age: '0, 0' }),
  reused('age-parse-dup-0-twoline', 'check', { date: 0, ...cc('max-age=3600'), age: ['0', '0'] }),
  fetched('age-parse-dup-old', 'check', { date: 0, ...cc('max-age=3600'), age: '7200, 7200' }),
  fetched('age-parse-dup-old-twoline', 'check', { date: 0, ...cc('max-age=3600'), age: ['7200', '7200'] }),

  // Expires
  reused('freshness-expires-future', 'optimal', { expires: 2_592_000, date: 0 }),
  fetched('freshness-expires-past', 'required', { expires: -2_592_000, date: 0 }),
  fetched('freshness-expires-present', 'required', { expires: 0, date: 0 }),
  fetched('freshness-expires-old-date', 'required', { expires: 300, date: 400 }),
  fetched('freshness-expires-invalid', 'required', until('0')),
  reused('freshness-expires-invalid-date', 'optimal', { date: 'foo', expires: 10 }),
  fetched('freshness-expires-age-slow-date', 'required', { date: -10, expires: 10, age: '25' }),
  fetched('freshness-expires-age-fast-date', 'required', { date: 10, expires: 20, age: '15' }),
  reused('freshness-expires-rfc850', 'check', until('Thursday, 18-Aug-50 02:01:18 GMT')),
  reused('freshness-expires-ansi-c', 'check', until('Thu Aug 18 02:01:18 2050')),
  reused('freshness-expires-wrong-case-weekday', 'check', until('THU, 18 Aug 2050 02:01:18 GMT')),
  reused('freshness-expires-wrong-case-month', 'check', until('Thu, 18 AUG 2050 02:01:18 GMT')),
  reused('freshness-expires-wrong-case-tz', 'check', until('Thu, 18 Aug 2050 02:01:18 gMT')),
  fetched('freshness-expires-invalid-utc', 'check', until('Thu, 18 Aug 2050 02:01:18 UTC')),
  fetched('freshness-expires-invalid-2-digit-year', 'check', until('Thu, 18 Aug 50 02:01:18 GMT')),
  fetched('freshness-expires-invalid-no-comma', 'check', until('Thu 18 Aug 2050 02:01:18 GMT')),
  fetched('freshness-expires-invalid-multiple-spaces', 'check', until('Thu, 18  Aug  2050 02:01:18 GMT')),
  fetched('freshness-expires-invalid-date-dashes', 'check', until('Thu, 18-Aug-2050 02:01:18 GMT')),
  fetched('freshness-expires-invalid-time-periods', 'check', until('Thu, 18 Aug 2050 02.01.18 GMT')),
  fetched('freshness-expires-invalid-1-digit-hour', 'check', until('Thu, 18 Aug 2050 2:01:18 GMT')),

  // Without any of these: a guess from Last-Modified, on a route that allows it.
  ...[200, 203, 204, 404, 405, 410, 414, 501].map(status => guessed(status, true)),
  ...[201, 202, 403, 502, 503, 504, 599].map(status => guessed(status, false)),
  {
    ...guessed(599, true),
    id: 'heuristic-599-cached',
    steps: [
      { reply: { status: 599, fields: { 'last-modified': -86_400, date: 0, ...cc('public') } }, pass: 3 },
      { from: 'cache', status: 599 }
    ]
  },
  ...[5, 10, 30]
    .map(seconds =>
      fetched(`heuristic-delta-${seconds}`, 'check', { 'last-modified': -seconds, date: 0 }, { route: 'heuristic' })
    )
    .map(validates),
  ...[60, 300, 600, 1_200, 1_800, 3_600, 43_200, 86_400].map(seconds =>
    reused(`heuristic-delta-${seconds}`, 'check', { 'last-modified': -seconds, date: 0 }, { route: 'heuristic' })
  ),
  reused(
    'other-heuristic-content-disposition-attachment',
    'check',
    { 'last-modified': -100_000, date: 0, 'content-disposition': 'attachment; filename=example.txt' },
    { route: 'heuristic' }
  ),
  reused('other-fresh-content-disposition-attachment', 'check', {
    ...cc('max-age=3600'),
    'content-disposition': 'attachment; filename=example.txt'
  })
]

function guessed(status: number, cached: boolean): Case {
  const reply = { status, fields: { 'last-modified': -86_400, date: 0 } }
  const id = `heuristic-${status}-${cached ? 'cached' : 'not_cached'}`
  const from = cached ? 'cache' : 'upstream'
  return {
    id,
    kind: cached ? 'optimal' : 'required',
    route: 'heuristic',
    steps: [
      { reply, pass: 3 },
      { from, status, reply }
    ]
  }
}

/** A stale reply with Last-Modified is not thrown away, but validated. */
function validates(one: Case): Case {
  return { ...one, steps: [...one.steps.slice(0, -1), { from: 'validated by date' }] }
}
