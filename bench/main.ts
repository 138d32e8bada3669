/** `npm run bench`: Sluice beside bare uWebSockets.js + undici and nginx, in alternating rounds. README.md says more. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Calls, measureCalls } from './calls.js'
import { CALLS, CASES, type Case, IDLE, SOAK } from './cases.js'
import { endAll, endChildrenWithThisProcess } from './children.js'
import { type Idle, measureIdle } from './idle.js'
import { type Machine, machine } from './machine.js'
import { type Measured, measure } from './measure.js'
import { type Options, parseOptions, USAGE } from './options.js'
import { allowedCores } from './proc.js'
import { type BarResult, barsOf, callBars, casePage, idleBar, soakBar, soakPage } from './report.js'
import { type Setup, setUp } from './setup.js'
import { type Soaked, soak } from './soak.js'

interface Results {
  readonly measured: Measured[]
  soak: Soaked | undefined
  idle: Idle | undefined
  calls: Calls | undefined
  readonly bars: BarResult[]
}

process.exitCode = await main(process.argv.slice(2)).catch(failed).finally(endAll)

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args)
  if (options.help) {
    print([USAGE])
    return 0
  }
  const facts = machine()
  if (facts.wrk === undefined) throw new Error('wrk is not installed: apt-get install wrk')
  if (allowedCores().length < 2) throw new Error('the bench needs two cores: one for the gateway, one for the load')
  if (facts.nginx === undefined) print(['nginx is not installed: its columns are left out'])
  endChildrenWithThisProcess()
  const results = await run(await setUp(), options, facts)
  print(['bars', ...results.bars.map(bar => bar.line), ''])
  save(options, facts, results)
  return exitCode(results, options.strict)
}

async function run(setup: Setup, options: Options, facts: Machine): Promise<Results> {
  const results: Results = { measured: [], soak: undefined, idle: undefined, calls: undefined, bars: [] }
  print([`${facts.cpu}, ${facts.cores} cores, Linux ${facts.kernel}, Node ${facts.node}, wrk ${facts.wrk}`, ''])
  const absent = [...(facts.nginx === undefined ? ['nginx'] : []), ...(options.portkey ? [] : ['portkey'])]
  for (const each of CASES.filter(({ name }) => options.cases.includes(name))) {
    const what = without(each, absent)
    for (const connections of connectionsOf(what, options)) {
      const effort = what.once === undefined ? options : { ...options, rounds: 1, seconds: what.once }
      const measured = await measure(setup, what, connections, effort, line => console.error(line))
      results.measured.push(measured)
      results.bars.push(...barsOf(measured))
      print([...casePage(measured), ''])
    }
  }
  if (options.cases.includes(SOAK.name)) {
    const soaked = await soak(setup, SOAK.connections, options.seconds)
    results.soak = soaked
    results.bars.push(soakBar(soaked))
    print([...soakPage(soaked), ''])
  }
  if (options.cases.includes(IDLE.name)) {
    results.idle = await measureIdle(setup)
    results.bars.push(idleBar(results.idle))
  }
  if (options.cases.includes(CALLS.name)) {
    results.calls = await measureCalls(options.rounds)
    results.bars.push(...callBars(results.calls))
  }
  return results
}

/** What is asked of Sluice beside a peer that is not there is not asked. */
function without(what: Case, peers: readonly string[]): Case {
  const gone = (contender: string): boolean => peers.some(peer => contender.startsWith(peer))
  const columns = what.columns.filter(({ contender }) => !gone(contender))
  const bars = what.bars.filter(bar => columns.some(({ name }) => name === bar.column))
  return { ...what, columns, bars }
}

function connectionsOf(what: Case, options: Options): readonly number[] {
  return options.connections === undefined || what.atRest === true ? what.connections : [options.connections]
}

function save(options: Options, facts: Machine, { measured, soak, idle, calls, bars }: Results): void {
  const byDate = new URL(`../../bench/results/${facts.date.replaceAll(':', '-')}.json`, import.meta.url)
  const file = options.json ?? fileURLToPath(byDate)
  mkdirSync(dirname(file), { recursive: true })
  const cases = measured.map(({ case: { name, title }, connections, columns }) => ({
    name,
    title,
    connections,
    columns
  }))
  writeFileSync(file, `${JSON.stringify({ machine: facts, options, cases, soak, idle, calls, bars }, undefined, 2)}\n`)
  print([`written to ${file}`])
}

function exitCode({ measured, soak, bars }: Results, strict: boolean): number {
  const broken =
    soak?.fault !== undefined || measured.some(({ columns }) => columns.some(({ faults }) => faults.length > 0))
  return broken || (strict && bars.some(bar => !bar.met)) ? 1 : 0
}

function failed(thrown: unknown): number {
  console.error(`bench: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
  return 1
}

function print(lines: readonly string[]): void {
  console.log(lines.join('\n'))
}
