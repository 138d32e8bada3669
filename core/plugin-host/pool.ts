import { Piscina } from 'piscina'
import { GatewayError } from '../base/errors.js'
import type { InputField } from '../base/hooks.js'
import { ARENA_BYTES, type CallInput, ENTRY, type Entry, type Position } from './arena.js'
import type { Binding } from './binding.js'
import { encodeFault, PluginFault } from './fault.js'
import { Lane } from './lane.js'
import { prepareAll, threadLost } from './prepare.js'
import { storesFor } from './shared-stores.js'
import { sharedTableMemory } from './shared-table.js'
import { Slot } from './slot.js'
import { timeEntry } from './step-watch.js'
import type { NotReady, Overflow, Prepared, PrepareTask, ServeTask, WorkerData, WorkerPlan } from './tasks.js'
import { settle, type Waiting, WaitingLine } from './waiting.js'
import { Watchdog } from './watchdog.js'

export interface PoolOptions {
  /** Threads that run plugins at the same time. One more is kept warm, to take over when one must be ended. */
  readonly threads: number
  /** The memory of the counters and buckets; one of its own when left out. Snapshots share it, so that a reload resets nothing. */
  readonly shared?: SharedArrayBuffer | undefined
  /** Where the threads add up what plugins did (figures.ts); left out, they do not. */
  readonly figures?: SharedArrayBuffer | undefined
  /** By namespace, the memory of its keys and values; new ones for those that are left out. */
  readonly stores?: ReadonlyMap<string, SharedArrayBuffer>
}

const WORKER_FLAGS = [
  '--disable-warning=ExperimentalWarning', // Extism imports node:wasi, used or not
  // piscina tries require() first; ending a thread while that links an ES module ends the process (Node 20.20, 22).
  '--no-experimental-require-module'
]
/** Exchanges of one batch: a longer one would keep the first of them waiting for the last. */
const MAX_BATCH = 64
/** Turns of the event loop that a call waits for others. */
const MAX_TURNS = 3
/** Work that is worth a second thread's hop. */
const LONG_BATCH_MS = 1
/** Threads a call may lose without a plugin to blame before it is given up. */
const MAX_LOSSES = 3

/**
 * The threads that run plugins. The calls of one turn of the event loop go to an idle thread together; while all are
 * busy calls collect, and travel as one task when a thread is free. A pool belongs to one snapshot: its threads know that snapshot's
 * bindings and no others.
 */
export class PluginPool {
  private readonly piscina: Piscina<ServeTask | PrepareTask, Prepared>
  private readonly slots: Slot[]
  /** For the thread kept warm: it takes part in prepare() alone. */
  private readonly spare = new Slot()
  /** 1 once every binding is known to become ready: threads started later make their instances at their start. */
  private readonly proven = new Int32Array(new SharedArrayBuffer(4))
  private readonly watchdog: Watchdog
  private readonly waiting = new WaitingLine()
  /** By binding, what it reads of an exchange with its settings; known after prepare(). */
  readonly inputs = new Map<number, readonly InputField[]>()
  /** Batches run so far. */
  batches = 0
  /** Threads that were ended, or died, so far. */
  threadsEnded = 0
  private closed = false
  /** What a call took lately, hop included, milliseconds. */
  private callMs = 0

  constructor(
    private readonly plan: WorkerPlan,
    options: PoolOptions
  ) {
    const threads = options.threads + 1
    this.piscina = new Piscina({
      filename: new URL('./worker.js', import.meta.url).href,
      workerData: {
        ...plan,
        proven: this.proven,
        shared: options.shared ?? sharedTableMemory(),
        figures: options.figures,
        stores: storesFor(plan.bindings, options.stores)
      } satisfies WorkerData,
      minThreads: plan.bindings.length === 0 ? 0 : threads, // nobody will call: no thread is started
      maxThreads: threads,
      concurrentTasksPerWorker: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      recordTiming: false,
      resourceLimits: { maxOldGenerationSizeMb: 256 },
      execArgv: WORKER_FLAGS,
      env: {} // a plugin thread has no business with the gateway's environment
    })
    // A thread that dies without a task is replaced by piscina. It says so with an event that would end the process
    // if nobody listened; the thread's own tasks are rejected, which is where a loss is dealt with.
    this.piscina.on('error', () => undefined)
    this.slots = Array.from({ length: options.threads }, () => new Slot())
    this.watchdog = new Watchdog(plan.bindings, [...this.slots, this.spare])
  }

  /**
   * Makes an instance of every binding, on every thread when there is nothing wrong with them.
   * @returns the bindings that cannot be made ready; those that hang are among them
   * @throws GatewayError GW_INTERNAL when no thread starts
   */
  async prepare(): Promise<NotReady[]> {
    const [slot] = this.slots
    if (slot === undefined || this.plan.bindings.length === 0) return []
    const problems = await prepareAll(skip => this.prepareExcept(slot, skip))
    if (problems.length > 0) return problems
    Atomics.store(this.proven, 0, 1)
    const others = await Promise.all([...this.slots, this.spare].map(each => this.prepareExcept(each, [])))
    const missing = others.flat() // what is made on one thread may find no room on the next
    if (missing.length > 0) return missing
    for (const each of this.slots) this.lane(each)
    return []
  }

  /** @returns what the thread found, or the binding that cost it its life */
  private async prepareExcept(slot: Slot, skip: readonly number[]): Promise<NotReady[] | NotReady> {
    slot.begin([])
    this.watchdog.watch()
    try {
      const task = { prepare: true, memory: slot.arena.memory, skip, row: this.row(slot) } as const
      const { failures, inputs } = await this.piscina.run(task, { signal: slot.signal })
      for (const [binding, input] of inputs) this.inputs.set(binding, input)
      return [...failures]
    } catch (thrown) {
      this.threadsEnded++
      return threadLost(slot, thrown)
    } finally {
      slot.end()
      this.dispatch()
    }
  }

  /**
   * Runs one phase of one exchange. A plugin's failure is an entry, not a rejection.
   * @throws GatewayError GW_OVERLOADED when too many calls wait, GW_SHUTTING_DOWN after close()
   */
  run(call: CallInput): Promise<Entry[]> {
    return new Promise((resolve, reject) => {
      if (this.closed) throw shuttingDown()
      this.waiting.push({ call, faults: [], losses: 0, resolve, reject })
      if (this.waiting.length === 1) setImmediate(this.gather, 0, 1)
    })
  }

  /** Calls that wait for a thread. */
  get queued(): number {
    return this.waiting.length
  }

  /** Ends the threads. Calls that wait or run are answered with GW_SHUTTING_DOWN. */
  async close(): Promise<void> {
    this.closed = true
    for (const { reject } of this.waiting.take(this.waiting.length)) reject(shuttingDown())
    this.watchdog.close()
    await this.piscina.destroy()
    for (const slot of [...this.slots, this.spare]) slot.close()
  }

  /**
   * At the end of a turn of the event loop: what the kernel delivered together travels together. As long as each turn brings more short
   * calls, another is waited for: it takes no time when there is nothing.
   */
  private readonly gather = (before: number, turn: number): void => {
    const { length } = this.waiting
    const goesOn = length > before && length < MAX_BATCH && turn < MAX_TURNS && !this.isLong(length)
    if (goesOn) setImmediate(this.gather, length, turn + 1)
    else this.dispatch()
  }

  private readonly dispatch = (): void => {
    if (this.waiting.length === 0) return
    const idle = this.slots.filter(slot => !slot.busy)
    // Short calls travel together, which costs least; long ones are shared out, or threads would idle beside a queue.
    const share = this.isLong(this.waiting.length) ? Math.ceil(this.waiting.length / idle.length) : MAX_BATCH
    for (const slot of idle) if (this.waiting.length > 0) void this.send(slot, Math.min(share, MAX_BATCH))
  }

  /** Whether a batch of so many calls would hold up its last for long. */
  private isLong(calls: number): boolean {
    return calls * this.callMs > LONG_BATCH_MS
  }

  /** One batch: fills the slot's arena, waits for the thread, answers every exchange of it. Never rejects. */
  private async send(slot: Slot, most: number): Promise<void> {
    const batch = this.fill(slot, most)
    let rest: readonly Waiting[] = []
    try {
      if (batch.length > 0) rest = await this.runBatch(slot, batch)
    } catch (thrown) {
      const error = new GatewayError('GW_INTERNAL', `the plugin pool failed: ${text(thrown)}`, { cause: thrown })
      for (const { reject } of batch) reject(error) // of no effect on those that are answered
    }
    slot.end()
    if (this.closed) for (const { reject } of rest) reject(shuttingDown())
    else this.waiting.putBack(rest)
    this.dispatch()
  }

  /** @returns the exchanges that must run again, in their order */
  private async runBatch(slot: Slot, batch: readonly Waiting[]): Promise<readonly Waiting[]> {
    this.watchdog.watch()
    this.batches++
    const start = performance.now()
    let overflow: Overflow | undefined
    let failure: unknown
    const lane = this.lane(slot)
    try {
      overflow = await lane.run(slot.arena.memory, batch.length)
      if (slot.killed) failure = lane.abandon() // it saw its arena sealed, and said so before its end
    } catch (thrown) {
      failure = thrown
    }
    this.callMs += ((performance.now() - start) / batch.length - this.callMs) / 8
    if (failure !== undefined) this.threadsEnded++
    slot.arena.seal()
    const done = slot.answer()
    const rest = batch.slice(done)
    const [first] = rest
    if (first === undefined) return rest
    if (failure !== undefined) return this.afterFailure(slot, rest, done, failure)
    if (overflow === undefined) throw new Error('a batch ended before its last exchange')
    settle(first, overflow.entries.map(copied))
    return rest.slice(1)
  }

  /** The slot's line to its thread; a new one when the last was lost, to the thread kept warm. */
  private lane(slot: Slot): Lane {
    if (slot.lane === undefined || slot.lane.lost) {
      slot.lane = new Lane(slot.usualMemory, task =>
        this.piscina.run({ ...task, row: this.row(slot) }, { signal: slot.signal, transferList: [task.port] })
      )
    }
    return slot.lane
  }

  /** A slot's row in the figures; the spare thread has the first, with those that have no slot yet. */
  private row(slot: Slot): number {
    return this.slots.indexOf(slot) + 1
  }

  /** Moves as many waiting calls into the slot's arena as fit; one that does not fit even alone gets its own. */
  private fill(slot: Slot, most: number): Waiting[] {
    const batch: Waiting[] = []
    slot.begin(batch)
    while (batch.length < most) {
      const next = this.waiting.at(batch.length)
      if (next === undefined) break
      if (slot.arena.add(next.call)) {
        batch.push(next)
        continue
      }
      if (batch.length > 0) break
      if (this.giveOwnArena(slot, next)) {
        batch.push(next)
        break
      }
      this.waiting.take(1)
    }
    this.waiting.take(batch.length)
    return batch
  }

  /** False: there is no memory for it; the call is answered. */
  private giveOwnArena(slot: Slot, { call, reject }: Waiting): boolean {
    try {
      slot.useArenaFor(call, this.outputBytes(call))
      return true
    } catch (thrown) {
      reject(new GatewayError('GW_OVERLOADED', `no memory for a call of ${call.body.length} bytes`, { cause: thrown }))
      return false
    }
  }

  /** The most its plugins may answer, within reason: what does not fit comes as an overflow. */
  private outputBytes({ steps, body }: CallInput): number {
    const allowed = steps.reduce((sum, { binding }) => sum + (this.plan.bindings[binding]?.limits.outputBytes ?? 0), 0)
    return Math.min(allowed, Math.max(2 * body.length, ARENA_BYTES))
  }

  /**
   * The thread was ended, or died. The exchange it ran gets the fault of the plugin that ran, and goes on without that
   * step when the plugin fails open. The others are as they were and go to another thread.
   * @param done - how many of the batch were finished: `rest` begins there
   * @returns the exchanges that must run again, in their order
   */
  private afterFailure(slot: Slot, rest: readonly Waiting[], done: number, failure: unknown): readonly Waiting[] {
    if (this.closed) return rest
    const position = slot.killed ? slot.stoodAt : slot.arena.position()
    const [culprit, ...others] = rest
    // Not its exchange: the thread was lost before it took the batch up, or finished the exchange just before its end.
    if (culprit === undefined || position?.exchange !== done) return this.afterLoss(rest, done, failure)
    const step = culprit.call.steps[position.step]
    const binding = step === undefined ? undefined : this.plan.bindings[step.binding]
    if (step === undefined || binding === undefined) return this.afterLoss(rest, done, failure)
    const fault = faultOf(slot.killed, position, binding, failure)
    if (culprit.call.timed === true) culprit.faults.push(...timesUntil(position.step, slot, culprit.call))
    culprit.faults.push({ kind: ENTRY.fault, binding: binding.index, bytes: encodeFault(fault) })
    const steps = culprit.call.steps.filter(other => other !== step)
    if (binding.failure === 'closed' || steps.length === 0) {
      settle(culprit, [])
      return others
    }
    culprit.call = { ...culprit.call, steps }
    return rest
  }

  /** Nobody is to blame: all run again, but not for ever when threads end before they come to anything. */
  private afterLoss(rest: readonly Waiting[], done: number, failure: unknown): readonly Waiting[] {
    if (done > 0) return rest
    return rest.filter(each => {
      if (++each.losses < MAX_LOSSES) return true
      each.reject(new GatewayError('GW_INTERNAL', `plugin threads end: ${text(failure)}`, { cause: failure }))
      return false
    })
  }
}

/** What is known of the times of a call whose thread was lost at a step: it and those before it. */
function timesUntil(lost: number, { arena, killed, stoodMs }: Slot, { steps }: CallInput): Entry[] {
  return steps.slice(0, lost + 1).flatMap(({ binding }, step) => {
    const ms = step < lost ? arena.tookMs(step) : killed ? stoodMs : undefined
    return ms === undefined ? [] : [timeEntry(binding, ms)]
  })
}

function faultOf(killed: boolean, { making }: Position, binding: Binding, failure: unknown): PluginFault {
  if (!killed) return new PluginFault('trap', `its thread ended: ${text(failure)}`)
  if (making) return new PluginFault('timeout', 'did not finish its initialisation in time')
  return new PluginFault('timeout', `ran longer than ${binding.limits.timeoutMs} ms`)
}

function copied(entry: Overflow['entries'][number]): Entry {
  return { ...entry, bytes: Buffer.from(entry.bytes) }
}

function shuttingDown(): GatewayError {
  return new GatewayError('GW_SHUTTING_DOWN', 'the plugin pool is closing')
}

function text(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
