import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import { Arena, type CallInput } from './arena.js'
import { runChain } from './chain.js'
import { clip, PluginFault } from './fault.js'
import { Figures } from './figures.js'
import { InstanceCache } from './instance-cache.js'
import { waitForBell } from './lane.js'
import { PhraseNumbers } from './phrases.js'
import { StepWatch } from './step-watch.js'
import type { BatchMessage, NotReady, Overflow, Prepared, PrepareTask, ServeTask, WorkerData } from './tasks.js'
import { ownThread } from './thread-time.js'

const plan: WorkerData = workerData
const figures = plan.figures === undefined ? undefined : new Figures(plan.figures, plan.bindings)
const watch = new StepWatch(figures)
const instances = new InstanceCache(plan, figures)
const thread = ownThread()
// A thread that takes over from one that was ended must not begin with making instances.
if (Atomics.load(plan.proven, 0) === 1) await makeAll([], () => undefined)

/** The task function of the pool's threads. */
export default function run(task: ServeTask | PrepareTask): Promise<Prepared | never> {
  return 'prepare' in task ? prepare(task) : serve(task)
}

async function serve({ memory, bell, port, row }: ServeTask): Promise<never> {
  figures?.useRow(row ?? 0)
  const phrases = new PhraseNumbers()
  const usual = new Arena(memory, phrases)
  for (let rung = 0; ; ) {
    const { rings, count } = waitForBell(bell, rung)
    rung = rings
    const message: BatchMessage | undefined = count > 0 ? undefined : receiveMessageOnPort(port)?.message
    const overflow = await runBatch(
      message === undefined ? usual : new Arena(message.memory, phrases),
      message?.count ?? count
    )
    port.postMessage(overflow)
  }
}

async function runBatch(arena: Arena, count: number): Promise<Overflow | undefined> {
  arena.sign(thread)
  const calls = arena.readCalls(count)
  for (let i = 0; i < count; i++) {
    const call: CallInput | undefined = calls[i]
    if (call === undefined) break
    arena.beginExchange(i)
    const ran = runChain(call, plan.bindings, instances, arena, watch)
    const entries = ran instanceof Promise ? await ran : ran
    const end = arena.finish(entries)
    if (end === 'sealed') return undefined
    if (end === 'finished') continue
    arena.beginStep(call.steps.length, false) // no plugin's time: what is too much for the arena takes a while to hand over
    return { entries: entries.map(({ kind, binding, bytes }) => ({ kind, binding, bytes: Uint8Array.from(bytes) })) }
  }
  return undefined
}

async function prepare({ memory, skip, row }: PrepareTask): Promise<Prepared> {
  figures?.useRow(row)
  const arena = new Arena(memory)
  arena.sign(thread)
  const failures = await makeAll(skip, index => {
    arena.beginExchange(index)
    arena.beginStep(0, true)
  })
  const inputs = plan.bindings.flatMap((binding): Prepared['inputs'][number][] => {
    const input = instances.input(binding)
    return input === undefined ? [] : [[binding.index, input]]
  })
  return { failures, inputs }
}

/** Makes an instance of every binding but `skip`. @returns those that fail */
async function makeAll(skip: readonly number[], onBegin: (binding: number) => void): Promise<NotReady[]> {
  const failures: NotReady[] = []
  for (const binding of plan.bindings) {
    if (skip.includes(binding.index)) continue
    onBegin(binding.index)
    try {
      instances.entries = [] // lines of on_configure are nobody's
      await instances.get(binding)
    } catch (thrown) {
      failures.push({
        binding: binding.index,
        message: clip(thrown instanceof PluginFault ? thrown.message : String(thrown))
      })
    }
  }
  return failures
}
