import { parentPort, workerData } from 'node:worker_threads'
import type { LedgerCalls } from '../../ai/budgets/ledger.js'
import { type MemoryCalls, remoteMemory } from '../../gateway/ai/memory.js'
import { createLog, type LogLevel } from '../../observe/log.js'
import type { Store } from '../../store/store.js'
import type { BulkheadCalls } from '../../traffic/bulkheads.js'
import { connect } from './calls.js'
import { Loop } from './loop.js'
import { remoteStore } from './remote-store.js'

/** What a loop asks of the others, by way of the main thread. */
export interface LoopCalls {
  /** @param index - of the loop that asks */
  invalidateOthers(index: number, places: readonly string[]): Promise<void>
}

/** What a loop's thread is started with. */
export interface LoopData {
  readonly index: number
  readonly count: number
  readonly counted: boolean
  readonly shared: SharedArrayBuffer
  readonly connections: SharedArrayBuffer
  readonly logLevel: LogLevel
}

if (parentPort !== null) {
  const { logLevel, ...data }: LoopData = workerData
  const main = connect<Store & LedgerCalls & MemoryCalls & LoopCalls & BulkheadCalls>(parentPort, () => loop)
  const loop = new Loop({
    ...data,
    log: createLog(logLevel),
    memory: remoteStore(main),
    ledger: main,
    aiMemory: remoteMemory(main),
    bulkheads: main,
    invalidateOthers: places => main.invalidateOthers(data.index, places)
  })
}
