import type { Calls } from './calls.js'
import { type Bar, CALLS, type Case, type Figure, IDLE, SOAK } from './cases.js'
import type { Idle } from './idle.js'
import { figureOf, type Measured, type MeasuredColumn, spreadOf } from './measure.js'
import type { Soaked } from './soak.js'
import type { Spread } from './stats.js'
import { shown, table } from './table.js'

export interface BarResult {
  readonly says: string
  /** undefined: not measured. */
  readonly value: number | undefined
  readonly met: boolean
  readonly line: string
}

const UNITS: Record<Figure, { readonly unit: string; readonly digits: number }> = {
  cpu: { unit: ' µs', digits: 0 },
  cpuRatio: { unit: '×', digits: 2 },
  addedP50: { unit: ' ms', digits: 3 },
  speedUp: { unit: '×', digits: 2 }
}

const heading = ({ unit }: Case): string[] => [
  '',
  'CPU-µs',
  ...(unit === 'event' ? ['events/s', 'first p50', 'first p99'] : ['requests/s', 'p50 ms', 'p99 ms']),
  'RSS MiB',
  'busy',
  'CPU ratio',
  'added p50 ms',
  'speed',
  'to'
]

/** The table of one set of rounds: medians with their least and greatest. */
export function casePage(measured: Measured): string[] {
  const rows = measured.columns.map(column =>
    column.faults.length > 0 ? [column.column.name, 'failed'] : row(measured, column)
  )
  const faults = measured.columns.flatMap(({ column, faults }) =>
    faults.map(fault => `failed: ${column.name}: ${fault}`)
  )
  const { title } = measured.case
  return [
    `${title} · ${plural(measured.connections, 'connection')}`,
    ...table([heading(measured.case), ...rows]),
    ...faults
  ]
}

/** The bars of one set of rounds, each met or missed, with the figure. */
export function barsOf(measured: Measured): BarResult[] {
  return measured.case.bars.map(bar => barResult(measured, bar))
}

export function soakPage(result: Soaked): string[] {
  const { requests, beforeMib, afterMib, fault } = result
  const change = `${beforeMib.toFixed(1)} MiB before, ${afterMib.toFixed(1)} MiB after ${requests} requests`
  return [
    `${SOAK.title} · ${plural(SOAK.connections, 'connection')}`,
    change,
    ...(fault === undefined ? [] : [`failed: ${fault}`])
  ]
}

export function soakBar({ beforeMib, afterMib, fault }: Soaked): BarResult {
  const { says, limit } = SOAK.bar
  if (fault !== undefined) return notMeasured(says)
  const value = afterMib / beforeMib - 1
  const met = Math.abs(value) <= limit
  const figure = `${value < 0 ? '−' : '+'}${Math.abs(value * 100).toFixed(1)} %`
  return { says, value, met, line: `${met ? 'met   ' : 'missed'}  ${says}: ${figure}` }
}

export function idleBar({ connections, beforeMib, afterMib }: Idle): BarResult {
  const { says, limit } = IDLE.bar
  const value = ((afterMib - beforeMib) * 2 ** 20) / 1e6
  const met = value <= limit
  const each = ((value * 1e3) / connections).toFixed(1)
  return { says, value, met, line: `${met ? 'met   ' : 'missed'}  ${says}: ${value.toFixed(0)} MB, ${each} kB each` }
}

/** A share must be at least its limit, a time at most. */
export function callBars({ rs256Share, piiMicroseconds }: Calls): BarResult[] {
  const bar = (
    { says }: { says: string },
    value: Spread | undefined,
    isMet: (median: number) => boolean,
    digits: number
  ) => {
    if (value === undefined) return notMeasured(says)
    const met = isMet(value.median)
    return { says, value: value.median, met, line: `${met ? 'met   ' : 'missed'}  ${says}: ${shown(value, digits)}` }
  }
  const { bars } = CALLS
  return [
    bar(bars.rs256Share, rs256Share, median => median >= bars.rs256Share.limit, 2),
    bar(bars.piiMicroseconds, piiMicroseconds, median => median <= bars.piiMicroseconds.limit, 0)
  ]
}

function row(measured: Measured, column: MeasuredColumn): string[] {
  return [
    column.column.name,
    shown(
      spreadOf(column, run => run.cpu),
      1
    ),
    shown(
      spreadOf(column, run => run.requestsPerSecond),
      0
    ),
    shown(
      spreadOf(column, run => run.p50Ms),
      3
    ),
    shown(
      spreadOf(column, run => run.p99Ms),
      2
    ),
    spreadOf(column, run => run.rssMib)?.median.toFixed(0) ?? '–',
    `${((spreadOf(column, run => run.busy)?.median ?? 0) * 100).toFixed(0)} %`,
    ...(column.column.against === undefined
      ? []
      : [
          shown(figureOf(measured, column, 'cpuRatio'), 2),
          shown(figureOf(measured, column, 'addedP50'), 3),
          shown(figureOf(measured, column, 'speedUp'), 2),
          column.column.against
        ])
  ]
}

function barResult(measured: Measured, bar: Bar): BarResult {
  const says = `${bar.says}, ${plural(measured.connections, 'connection')}`
  const column = measured.columns.find(each => each.column.name === bar.column)
  const value = column === undefined || column.faults.length > 0 ? undefined : figureOf(measured, column, bar.figure)
  if (value === undefined) return notMeasured(says)
  const { unit, digits } = UNITS[bar.figure]
  const least = bar.figure === 'speedUp' || bar.atLeast === true
  const met = least ? value.median >= bar.limit : value.median <= bar.limit
  const line = `${met ? 'met   ' : 'missed'}  ${says}: ${shown(value, digits)}${unit}`
  return { says, value: value.median, met, line }
}

function notMeasured(says: string): BarResult {
  return { says, value: undefined, met: false, line: `missed  ${says}: not measured` }
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
