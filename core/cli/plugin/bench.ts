import { performance as clock } from 'node:perf_hooks'
import { GatewayError } from '../../base/errors.js'
import { HOOKS, type Hook } from '../../base/hooks.js'
import { ARENA_BYTES, Arena, ENTRY } from '../../plugin-host/arena.js'
import { runChain } from '../../plugin-host/chain.js'
import { decodeFault } from '../../plugin-host/fault.js'
import { InstanceCache } from '../../plugin-host/instance-cache.js'
import { sharedTableMemory } from '../../plugin-host/shared-table.js'
import { type Performance, stage } from './stage.js'
import type { Seen } from './witness.js'

/** What one hook call of one case takes on its thread: the hop there, which a whole chain shares, is left out. */
export interface Measured {
  readonly case: string
  readonly hook: Hook
  readonly calls: number
  readonly meanUs: number
  readonly p50Us: number
  readonly p99Us: number
}

export interface BenchReport {
  readonly plugin: string
  /** All cases together, by hook. */
  readonly hooks: readonly Measured[]
  readonly calls: readonly Measured[]
  /** Linear memory of the case that has most, pages of 64 KiB. */
  readonly memory: {
    readonly pages: number
    /** Since the calls before the measured ones: the garbage collector has found its size by then, so what still grows leaks. */
    readonly grownBy: number
    readonly limit: number
  }
}

/** Of the calls asked for, so many more go before them unmeasured, while the engine still optimises. */
const WARM_UP_SHARE = 0.5
/** A slow hook is called less often: p99 of a few hundred calls says as much. */
const MAX_MS = 2_000
const MIN_CALLS = 100

/**
 * Calls the hooks of a plugin with what its cases show them, in the real host, and measures each call.
 * @param calls - how often each is measured, at most
 * @throws GatewayError GW_PLUGIN_INVALID when it cannot be loaded or has no case that calls a hook; GW_PLUGIN_FAILED when a call fails
 */
export async function benchPlugin(folder: string, calls: number): Promise<BenchReport> {
  const { files, loaded, performances } = await stage(folder)
  const bindings = performances.flatMap(each => each.binding ?? [])
  const plan = { bindings, modules: [loaded.module], shared: sharedTableMemory(), stores: new Map() }
  const measured: Times[] = []
  let memory = { pages: 0, grownBy: 0 }
  for (const performance of performances) {
    if (performance.outcome.kind === 'failed') throw failed(performance, performance.outcome.message)
    const found = await measure(performance, plan, calls)
    measured.push(...found.times)
    memory = { pages: Math.max(memory.pages, found.pages), grownBy: Math.max(memory.grownBy, found.grownBy) }
  }
  const [any] = bindings
  if (any === undefined || measured.length === 0) {
    throw new GatewayError('GW_PLUGIN_INVALID', `${files.folder}: no case calls a hook: there is nothing to measure`)
  }
  const hooks = HOOKS.flatMap(hook => {
    const times = measured.flatMap(each => (each.hook === hook ? [...each.times] : []))
    return times.length === 0 ? [] : { case: 'all', hook, ...figures(Float64Array.from(times)) }
  })
  return {
    plugin: files.manifest.name,
    hooks,
    calls: measured.map(each => ({ case: each.case, hook: each.hook, ...figures(each.times) })),
    memory: { ...memory, limit: any.limits.memoryPages }
  }
}

interface Times {
  readonly case: string
  readonly hook: Hook
  /** Milliseconds of each call. */
  readonly times: Float64Array
}

/** Measures each hook that a case calls; none when its settings are refused. */
async function measure(
  performance: Performance,
  plan: ConstructorParameters<typeof InstanceCache>[0],
  calls: number
): Promise<{ times: Times[]; pages: number; grownBy: number }> {
  const { file, binding, witness } = performance
  const times: Times[] = []
  if (binding === undefined || witness.seen.length === 0) return { times, pages: 0, grownBy: 0 }
  const instances = new InstanceCache(plan)
  // Where the watchdog would see which call runs. There is none: every call was played under one before.
  const arena = new Arena(new SharedArrayBuffer(ARENA_BYTES))
  const caller = (seen: Seen) => async () => {
    const entries = await runChain(seen.call, plan.bindings, instances, arena)
    const fault = entries.find(entry => entry.kind === ENTRY.fault)
    if (fault !== undefined) throw failed(performance, decodeFault(Buffer.from(fault.bytes)).message)
    most = Math.max(most, instances.memoryPages(binding)) // an instance that grows and grows is replaced
  }
  let most = 0
  const hooks = distinct(witness.seen)
  for (const seen of hooks) await timesOf(caller(seen), Math.ceil(calls * WARM_UP_SHARE))
  const before = most
  for (const seen of hooks) {
    times.push({ case: file.name, hook: seen.called, times: await timesOf(caller(seen), calls) })
  }
  return { times, pages: most, grownBy: most - before }
}

/** A case that is played many times shows its hooks the same each time: one call of each is enough. */
function distinct(seen: readonly Seen[]): Seen[] {
  return seen.filter((each, i) => seen.findIndex(({ called }) => called === each.called) === i)
}

/** Milliseconds of each call. */
async function timesOf(call: () => Promise<void>, calls: number): Promise<Float64Array> {
  const times = new Float64Array(calls)
  const begin = now()
  let count = 0
  while (count < calls) {
    const from = now()
    await call()
    const to = now()
    times[count++] = to - from
    if (to - begin > MAX_MS && count >= MIN_CALLS) break
  }
  return times.subarray(0, count)
}

function figures(times: Float64Array): Pick<Measured, 'calls' | 'meanUs' | 'p50Us' | 'p99Us'> {
  const sorted = Float64Array.from(times).sort()
  const at = (share: number): number => micros(sorted[Math.ceil(sorted.length * share) - 1] ?? 0)
  const sum = times.reduce((total, each) => total + each, 0)
  return { calls: times.length, meanUs: micros(sum / times.length), p50Us: at(0.5), p99Us: at(0.99) }
}

function now(): number {
  return clock.now()
}

/** To the hundredth: the clock knows no more. */
function micros(ms: number): number {
  return Math.round(ms * 100_000) / 100
}

function failed({ file }: Performance, message: string): GatewayError {
  return new GatewayError('GW_PLUGIN_FAILED', `cases/${file.name}.json: ${message}`)
}
