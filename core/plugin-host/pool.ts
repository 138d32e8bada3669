import { Piscina } from 'piscina'
import { GatewayError } from '../base/errors.js'
import { type CallInput, ENTRY, type Entry } from './arena.js'
import type { Binding } from './binding.js'
import { encodeFault, PluginFault } from './fault.js'
import { Slot, type Waiting } from './slot.js'
import { Watchdog } from './watchdog.js'
import type { BatchTask, NotReady, Overflow, PrepareTask, WorkerPlan } from './worker.js'

export interface PoolOptions {
  /** Threads that run plugins at the same time. One more is kept warm, to take over when one must be ended. */
  readonly threads: number
}

/** Calls waiting for a thread; past this the gateway answers GW_OVERLOADED instead of collecting more. */
const MAX_WAITING = 20_000
/** Exchanges of one batch: a longer one would keep the first of them waiting for the last. */
const MAX_BATCH = 64

/**
 * The threads that run plugins. A call goes at once to an idle thread; while all are busy calls collect, and travel
 * together as one task when a thread is free. A pool belongs to one snapshot: its threads know that snapshot's
 * bindings and no others.
 */
export class PluginPool {
  private readonly piscina: Piscina<BatchTask | PrepareTask, Overflow | undefined | NotReady[]>
  private readonly slots: Slot[]
  private readonly watchdog: Watchdog
  private waiting: Waiting[] = []

  constructor(
    private readonly plan: WorkerPlan,
    options: PoolOptions
  ) {
    const threads = options.threads + 1
    this.piscina = new Piscina({
      filename: new URL('./worker.js', import.meta.url).href,
      workerData: plan,
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
      resourceLimits: { maxOldGenerationSizeMb: 256 },
      // Extism loads node:wasi, which it is never asked to use, and Node warns of that.
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: {} // a plugin thread has no business with the gateway's environment
    })
    this.slots = Array.from({ length: options.threads }, () => new Slot())
    this.watchdog = new Watchdog(plan.bindings, this.slots)
  }

  /**
   * Makes an instance of every binding on one thread.
   * @returns the bindings that cannot be made ready; a binding that hangs is among them
   */
  async prepare(): Promise<NotReady[]> {
    if (this.plan.bindings.length === 0) return []
    const slot = this.slots[0]
    if (slot === undefined) return []
    slot.begin([])
    this.watchdog.watch()
    try {
      const failures = await this.piscina.run({ prepare: true, memory: slot.arena.memory }, { signal: slot.signal })
      return Array.isArray(failures) ? failures : []
    } catch (thrown) {
      const { exchange } = slot.arena.position()
      return [
        { binding: exchange, message: slot.killed ? 'does not finish its initialisation in time' : String(thrown) }
      ]
    } finally {
      slot.end()
    }
  }

  /**
   * Runs one phase of one exchange. A plugin's failure is an entry, not a rejection.
   * @throws GatewayError GW_OVERLOADED when too many calls wait
   */
  run(call: CallInput): Promise<Entry[]> {
    return new Promise((resolve, reject) => {
      if (this.waiting.length >= MAX_WAITING) {
        reject(new GatewayError('GW_OVERLOADED', `${this.waiting.length} calls wait for a plugin thread`))
        return
      }
      this.waiting.push({ call, faults: [], resolve, reject })
      this.dispatch()
    })
  }

  /** Ends the threads. Calls still waiting are answered with GW_SHUTTING_DOWN. */
  async close(): Promise<void> {
    const error = new GatewayError('GW_SHUTTING_DOWN', 'the plugin pool is closing')
    for (const { reject } of this.waiting.splice(0)) reject(error)
    this.watchdog.close()
    await this.piscina.destroy()
  }

  private dispatch(): void {
    for (const slot of this.slots) {
      if (this.waiting.length === 0) return
      if (!slot.busy) void this.send(slot)
    }
  }

  /** One batch: fills the slot's arena, waits for the thread, answers every exchange of it. */
  private async send(slot: Slot): Promise<void> {
    const batch = this.fill(slot)
    this.watchdog.watch()
    let overflow: Overflow | undefined
    let failure: unknown
    try {
      const result = await this.piscina.run({ memory: slot.arena.memory, count: batch.length }, { signal: slot.signal })
      if (result !== undefined && !Array.isArray(result)) overflow = result
    } catch (thrown) {
      failure = thrown
    }
    const done = slot.arena.progress
    this.answer(batch, slot.arena.results(done))
    let rest = batch.slice(done)
    if (overflow !== undefined) {
      const [first, ...others] = rest
      if (first !== undefined) settle(first, overflow.entries.map(copied))
      rest = others
    }
    if (failure !== undefined && rest.length > 0) rest = this.afterFailure(slot, rest, failure)
    slot.end()
    this.waiting = rest.concat(this.waiting)
    this.dispatch()
  }

  /** Moves as many waiting calls into the slot's arena as fit; one alone may get an arena of its own. */
  private fill(slot: Slot): Waiting[] {
    const batch: Waiting[] = []
    slot.begin(batch)
    while (batch.length < MAX_BATCH) {
      const next = this.waiting[batch.length]
      if (next === undefined) break
      if (!slot.arena.add(next.call)) {
        if (batch.length > 0) break
        slot.useArenaFor(next.call, this.outputBytes(next.call))
      }
      batch.push(next)
    }
    this.waiting = this.waiting.slice(batch.length)
    return batch
  }

  private outputBytes(call: CallInput): number {
    return call.steps.reduce((sum, step) => sum + (this.plan.bindings[step.binding]?.limits.outputBytes ?? 0), 0)
  }

  private answer(batch: readonly Waiting[], results: readonly Entry[][]): void {
    results.forEach((entries, i) => {
      const waiting = batch[i]
      if (waiting !== undefined) settle(waiting, entries)
    })
  }

  /**
   * The thread was ended, or died, while it ran the first of `rest`: that one gets its fault, and goes on without
   * the step when its plugin fails open. The others are as they were and go to another thread.
   */
  private afterFailure(slot: Slot, rest: readonly Waiting[], failure: unknown): Waiting[] {
    const [culprit, ...others] = rest
    if (culprit === undefined) return others
    const { step, making } = slot.arena.position()
    const at = culprit.call.steps[step]
    const binding: Binding | undefined = at === undefined ? undefined : this.plan.bindings[at.binding]
    if (at === undefined || binding === undefined) {
      culprit.reject(new GatewayError('GW_INTERNAL', 'a plugin thread ended', { cause: failure }))
      return others
    }
    const reason = failure instanceof Error ? failure.message : String(failure)
    const fault = slot.killed
      ? new PluginFault(
          'timeout',
          making ? 'did not finish its initialisation in time' : `ran longer than ${binding.limits.timeoutMs} ms`
        )
      : new PluginFault('trap', `its thread ended: ${reason}`)
    culprit.faults.push({ kind: ENTRY.fault, binding: at.binding, bytes: encodeFault(fault) })
    if (binding.failure === 'closed') {
      settle(culprit, [])
      return others
    }
    culprit.call = { ...culprit.call, steps: culprit.call.steps.filter(other => other !== at) }
    return [culprit, ...others]
  }
}

function settle(waiting: Waiting, entries: Entry[]): void {
  waiting.resolve(waiting.faults.length === 0 ? entries : waiting.faults.concat(entries))
}

function copied(entry: Overflow['entries'][number]): Entry {
  return { ...entry, bytes: Buffer.from(entry.bytes) }
}
