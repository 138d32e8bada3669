import type { Case, Column, Figure } from './cases.js'
import { CONTENDERS, type ContenderName } from './contenders.js'
import { cpuMicroseconds, residentBytes } from './proc.js'
import type { Contender, Setup } from './setup.js'
import { paired, type Spread, spread } from './stats.js'
import { streams } from './streams.js'
import { faultOf, wrk } from './wrk.js'

/** One run that counts. */
export interface Run {
  /** User + system time of the contender, all threads, in microseconds per request. */
  readonly cpu: number
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly rssMib: number
  /** How much of one core the contender used: well under 1, something else set the pace. */
  readonly busy: number
}

export interface MeasuredColumn {
  readonly column: Column
  /** By round; undefined where the run did not count. */
  readonly rounds: (Run | undefined)[]
  readonly faults: string[]
}

export interface Measured {
  readonly case: Case
  readonly connections: number
  readonly columns: readonly MeasuredColumn[]
}

export interface Effort {
  readonly rounds: number
  readonly seconds: number
  readonly warmUpSeconds: number
}

/**
 * Runs one case: all contenders stand ready at once, and the rounds alternate between them, every other round in
 * reverse, so that a machine that changes its speed changes it for all.
 * @param note - gets a line about every run
 */
export async function measure(
  setup: Setup,
  what: Case,
  connections: number,
  effort: Effort,
  note: (line: string) => void
): Promise<Measured> {
  const columns = what.columns.map((column): MeasuredColumn => ({ column, rounds: [], faults: [] }))
  const contenders = new Map<ContenderName, Contender>()
  try {
    for (const measured of columns) {
      const contender = await ready(setup, measured, contenders)
      if (contender === undefined) continue
      const { traffic, warmUp = traffic } = measured.column
      const { fault } = await load(setup, contender, { traffic: warmUp }, connections, effort.warmUpSeconds)
      if (fault !== undefined) measured.faults.push(`warm-up: ${fault}`)
    }
    for (let round = 0; round < effort.rounds; round++) {
      for (const measured of round % 2 === 0 ? columns : columns.toReversed()) {
        const contender = contenders.get(measured.column.contender)
        if (contender === undefined || measured.faults.length > 0) continue
        const { run, fault } = await load(setup, contender, measured.column, connections, effort.seconds)
        measured.rounds[round] = run
        if (fault !== undefined) measured.faults.push(`round ${round + 1}: ${fault}`)
        note(`${what.name} ${connections}, round ${round + 1}: ${measured.column.name} ${fault ?? run?.cpu.toFixed(1)}`)
      }
    }
  } finally {
    await Promise.all([...contenders.values()].map(contender => contender.end()))
  }
  return { case: what, connections, columns }
}

/** One run of load against one contender. */
export async function load(
  setup: Setup,
  contender: Contender,
  column: Pick<Column, 'traffic'>,
  connections: number,
  seconds: number
): Promise<{ readonly requests: number; readonly run?: Run; readonly fault?: string }> {
  const traffic = setup.traffic[column.traffic]
  const url = contender.origin + traffic.path
  const before = cpuMicroseconds(contender.pids)
  const asked = { url, traffic, connections, seconds, cores: setup.loadCore }
  const result = traffic.stream === undefined ? await wrk(asked) : await streams(asked, setup.folder)
  const used = cpuMicroseconds(contender.pids) - before
  const fault = faultOf(result)
  if (fault !== undefined) return { requests: result.requests, fault }
  return {
    requests: result.requests,
    run: {
      cpu: used / result.requests,
      requestsPerSecond: (result.requests / result.microseconds) * 1e6,
      p50Ms: result.p50 / 1000,
      p99Ms: result.p99 / 1000,
      rssMib: residentBytes(contender.pids) / 2 ** 20,
      busy: used / result.microseconds
    }
  }
}

/** The spread of a figure over the rounds of a column; ratios and differences are taken round by round. */
export function figureOf(measured: Measured, column: MeasuredColumn, figure: Figure): Spread | undefined {
  if (figure === 'cpu') return spreadOf(column, run => run.cpu)
  const reference = measured.columns.find(other => other.column.name === column.column.against)
  if (reference === undefined) return undefined
  return paired(column.rounds, reference.rounds, COMPARISONS[figure])
}

const COMPARISONS: Record<Exclude<Figure, 'cpu'>, (own: Run, other: Run) => number> = {
  cpuRatio: (own, other) => own.cpu / other.cpu,
  addedP50: (own, other) => own.p50Ms - other.p50Ms,
  speedUp: (own, other) => own.requestsPerSecond / other.requestsPerSecond
}

/** The spread of any field of the runs that count. */
export function spreadOf(column: MeasuredColumn, field: (run: Run) => number): Spread | undefined {
  return spread(column.rounds.filter(run => run !== undefined).map(field))
}

async function ready(
  setup: Setup,
  { column, faults }: MeasuredColumn,
  contenders: Map<ContenderName, Contender>
): Promise<Contender | undefined> {
  const standing = contenders.get(column.contender)
  if (standing !== undefined) return standing
  try {
    const contender = await CONTENDERS[column.contender](setup)
    contenders.set(column.contender, contender)
    return contender
  } catch (thrown) {
    faults.push(thrown instanceof Error ? thrown.message : String(thrown))
    return undefined
  }
}
