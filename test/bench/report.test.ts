import t from 'tap'
import { CASES, type Case } from '../../bench/cases.js'
import type { Measured, Run } from '../../bench/measure.js'
import { barsOf, casePage, soakBar, soakPage } from '../../bench/report.js'

const CASE: Case = {
  name: 'plain',
  title: 'plain proxy',
  connections: [64],
  columns: [
    { name: 'bare', contender: 'bare', traffic: 'plain' },
    { name: 'sluice', contender: 'sluice', traffic: 'plain', against: 'bare' }
  ],
  bars: [
    { says: 'CPU ≤ 1.25× bare', column: 'sluice', figure: 'cpuRatio', limit: 1.25 },
    { says: 'added p50 ≤ 0.25 ms', column: 'sluice', figure: 'addedP50', limit: 0.25 },
    { says: 'CPU ≤ 30 µs', column: 'sluice', figure: 'cpu', limit: 30 }
  ]
}

const run = (cpu: number, p50Ms: number): Run => ({
  cpu,
  requestsPerSecond: 1e6 / cpu,
  p50Ms,
  p99Ms: 2 * p50Ms,
  rssMib: 80,
  busy: 1
})

const measured = (faults: string[] = []): Measured => ({
  case: CASE,
  connections: 64,
  columns: CASE.columns.map(column => ({
    column,
    rounds: column.name === 'bare' ? [run(30, 1), run(40, 2)] : [run(36, 1.5), run(48, 2.5)],
    faults: column.name === 'bare' ? [] : faults
  }))
})

t.test('a bar is met or missed by the median of its ratio, and says the figure', async t => {
  t.strictSame(
    barsOf(measured()).map(({ met, line }) => [met, line]),
    [
      [true, 'met     CPU ≤ 1.25× bare, 64 connections: 1.20 (1.20–1.20)×'],
      [false, 'missed  added p50 ≤ 0.25 ms, 64 connections: 0.500 (0.500–0.500) ms'],
      [false, 'missed  CPU ≤ 30 µs, 64 connections: 42 (36–48) µs']
    ]
  )
})

t.test('what must be at least its limit is missed below it', async t => {
  const bar = (limit: number) => ({ says: 'ours', column: 'sluice', figure: 'cpuRatio', limit, atLeast: true }) as const
  const bars = barsOf({ ...measured(), case: { ...CASE, bars: [bar(1.1), bar(1.3)] } })
  t.strictSame(
    bars.map(({ met }) => met),
    [true, false]
  )
})

t.test('a column with a fault is printed as failed, and its bars as not measured', async t => {
  const failed = measured(['round 2: 1 unexpected replies'])
  const page = casePage(failed).join('\n')
  t.match(page, /^sluice +failed$/m)
  t.match(page, /^failed: sluice: round 2: 1 unexpected replies$/m)
  for (const bar of barsOf(failed)) t.match(bar, { met: false, value: undefined, line: /not measured$/ })
})

t.test('memory that moved by more than a tenth, either way, misses its bar', async t => {
  t.match(soakBar({ requests: 50_000, beforeMib: 100, afterMib: 109 }), { met: true, line: /\+9\.0 %$/ })
  t.match(soakBar({ requests: 50_000, beforeMib: 100, afterMib: 111 }), { met: false, line: /\+11\.0 %$/ })
  t.match(soakBar({ requests: 50_000, beforeMib: 100, afterMib: 80 }), { met: false, line: /−20\.0 %$/ })
})

t.test('a soak with a fault is not measured', async t => {
  const soaked = { requests: 16_383, beforeMib: 100, afterMib: 100, fault: '1 timeouts' }
  t.match(soakBar(soaked), { met: false, value: undefined })
  t.match(soakPage(soaked).join('\n'), /^failed: 1 timeouts$/m)
})

for (const { title, columns, bars } of CASES) {
  t.test(`${title}: every bar and every reference names a column of the case`, async t => {
    const names = columns.map(({ name }) => name)
    t.equal(new Set(names).size, names.length, 'column names differ')
    for (const { column } of bars) t.ok(names.includes(column), column)
    for (const { against } of columns) if (against !== undefined) t.ok(names.includes(against), against)
  })
}
