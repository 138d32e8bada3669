import { workerData } from 'node:worker_threads'
import { Arena, type CallInput, type Entry } from './arena.js'
import type { Binding } from './binding.js'
import { runChain } from './chain.js'
import { clip, PluginFault } from './fault.js'
import { InstanceCache } from './instance-cache.js'

/** What every thread of a pool is given at its start. Modules are compiled once and shared. */
export interface WorkerPlan {
  readonly bindings: readonly Binding[]
  readonly modules: readonly WebAssembly.Module[]
}

export interface BatchTask {
  readonly memory: SharedArrayBuffer
  /** Exchanges in it. */
  readonly count: number
}

/** Makes an instance of every binding, so that bad settings are known before anything is served. */
export interface PrepareTask {
  readonly prepare: true
  readonly memory: SharedArrayBuffer
  /** Bindings that are known to hang. */
  readonly skip: readonly number[]
}

/** When the results of one exchange do not fit into the arena they come this way and the batch ends there. */
export interface Overflow {
  readonly entries: readonly { kind: Entry['kind']; binding: number; bytes: Uint8Array }[]
}

/** A binding that could not be made ready, with the reason for the operator. */
export interface NotReady {
  readonly binding: number
  readonly message: string
}

const plan: WorkerPlan = workerData
const instances = new InstanceCache(plan)

/** The task function of the pool's threads. */
export default function run(task: BatchTask | PrepareTask): Promise<Overflow | undefined | NotReady[]> {
  return 'prepare' in task ? prepare(new Arena(task.memory), task.skip) : runBatch(new Arena(task.memory), task.count)
}

async function runBatch(arena: Arena, count: number): Promise<Overflow | undefined> {
  const calls = arena.readCalls(count)
  for (let i = 0; i < count; i++) {
    const call: CallInput | undefined = calls[i]
    if (call === undefined) break
    arena.beginExchange(i)
    const entries = await runChain(call, plan.bindings, instances, arena)
    const end = arena.finish(entries)
    if (end === 'sealed') return undefined
    if (end === 'finished') continue
    arena.beginStep(call.steps.length, false) // no plugin's time: what is too much for the arena takes a while to hand over
    return { entries: entries.map(entry => ({ ...entry, bytes: Uint8Array.from(entry.bytes) })) }
  }
  return undefined
}

async function prepare(arena: Arena, skip: readonly number[]): Promise<NotReady[]> {
  const failures: NotReady[] = []
  for (const binding of plan.bindings) {
    if (skip.includes(binding.index)) continue
    arena.beginExchange(binding.index)
    arena.beginStep(0, true)
    try {
      await instances.get(binding, () => undefined)
    } catch (thrown) {
      failures.push({
        binding: binding.index,
        message: clip(thrown instanceof PluginFault ? thrown.message : String(thrown))
      })
    }
  }
  return failures
}
