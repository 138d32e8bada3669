import { Worker } from 'node:worker_threads'
import { asCalls, type Ledger } from '../../ai/budgets/ledger.js'
import { type AiMemory, asMemoryCalls } from '../../gateway/ai/memory.js'
import type { Logger, LogLevel } from '../../observe/log.js'
import { sharedTableMemory } from '../../plugin-host/shared-table.js'
import { memoryStore } from '../../store/memory.js'
import { type BulkheadCalls, Bulkheads } from '../../traffic/bulkheads.js'
import { connect } from './calls.js'
import { type EventLoop, Loop } from './loop.js'
import type { LoopCalls, LoopData } from './loop-thread.js'
import { keptStore } from './remote-store.js'

export interface LoopsOptions {
  readonly log: Logger
  readonly logLevel: LogLevel
  readonly counted: boolean
  /** Hears of a thread that died: what it served is lost. */
  readonly onDied: (reason: unknown) => void
  /** What was spent, whichever loop asks. */
  readonly ledger: Ledger
  /** What AI requests refer to, whichever loop they come to. */
  readonly aiMemory: AiMemory
}

/** All event loops of the process. One runs in this thread; several have a thread each, and this one controls them. */
export interface Loops {
  readonly all: readonly EventLoop[]
  end(): Promise<void>
}

export function startLoops(count: number, { log, logLevel, counted, onDied, ledger, aiMemory }: LoopsOptions): Loops {
  const shared = sharedTableMemory()
  const connections = new SharedArrayBuffer(4)
  const memory = keptStore(memoryStore())
  if (count === 1) {
    const loop = new Loop({ index: 0, count, log, counted, shared, connections, memory, ledger, aiMemory })
    return { all: [loop], end: async () => undefined }
  }
  const bulkheads = new Bulkheads()
  const calls: LoopCalls & BulkheadCalls = {
    enterBulkhead: (...asked) => bulkheads.enterBulkhead(...asked),
    leaveBulkhead: ticket => bulkheads.leaveBulkhead(ticket),
    invalidateOthers: async (index, places) => {
      await Promise.all(threads.map(({ loop }, other) => (other === index ? undefined : loop.invalidate(places))))
    }
  }
  const offered = { ...memory, ...asCalls(ledger), ...asMemoryCalls(aiMemory), ...calls }
  const threads = Array.from({ length: count }, (_, index) => {
    const workerData: LoopData = { index, count, counted, shared, connections, logLevel }
    const worker = new Worker(new URL('./loop-thread.js', import.meta.url), { workerData, execArgv: THREAD_FLAGS })
    worker.once('error', onDied)
    return { worker, loop: connect<EventLoop>(worker, () => offered) }
  })
  return {
    all: threads.map(({ loop }) => loop),
    end: async () => {
      await Promise.all(threads.map(({ worker }) => worker.terminate()))
    }
  }
}

export const THREAD_FLAGS = ['--disable-warning=ExperimentalWarning'] // Extism imports node:wasi, used or not
