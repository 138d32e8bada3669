import { workerData } from 'node:worker_threads'
import { Arena, type CallInput } from './arena.js'
import { runChain } from './chain.js'
import { clip, PluginFault } from './fault.js'
import { InstanceCache } from './instance-cache.js'
import type { BatchTask, NotReady, Overflow, PrepareTask, WorkerData } from './tasks.js'
import { ownThread } from './thread-time.js'

const plan: WorkerData = workerData
const instances = new InstanceCache(plan)
const thread = ownThread()
// A thread that takes over from one that was ended must not begin with making instances.
if (Atomics.load(plan.proven, 0) === 1) await makeAll([], () => undefined)

/** The task function of the pool's threads. */
export default function run(task: BatchTask | PrepareTask): Promise<Overflow | undefined | NotReady[]> {
  const arena = new Arena(task.memory)
  arena.sign(thread)
  return 'prepare' in task ? prepare(arena, task.skip) : runBatch(arena, task.count)
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

function prepare(arena: Arena, skip: readonly number[]): Promise<NotReady[]> {
  return makeAll(skip, index => {
    arena.beginExchange(index)
    arena.beginStep(0, true)
  })
}

/** Makes an instance of every binding but `skip`. @returns those that fail */
async function makeAll(skip: readonly number[], onBegin: (binding: number) => void): Promise<NotReady[]> {
  const failures: NotReady[] = []
  for (const binding of plan.bindings) {
    if (skip.includes(binding.index)) continue
    onBegin(binding.index)
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
