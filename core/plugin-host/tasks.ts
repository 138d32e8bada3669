import type { MessagePort } from 'node:worker_threads'
import type { InputField } from '../base/hooks.js'
import type { Entry } from './arena.js'
import type { Binding } from './binding.js'

/** What every thread of a pool is given at its start. Modules are compiled once and shared. */
export interface WorkerPlan {
  readonly bindings: readonly Binding[]
  readonly modules: readonly WebAssembly.Module[]
  /** Whether calls may have to be recorded: then the host calls of every on_configure are kept. */
  readonly record?: boolean
}

/** The plan, and whether all of it is known to work. */
export interface WorkerData extends WorkerPlan {
  /** Shared memory, one word: 1 once every binding was made ready on some thread. */
  readonly proven: Int32Array
  /** The memory of the counters and buckets (shared-table.ts). */
  readonly shared: SharedArrayBuffer
  /** Where threads add up what plugins did (figures.ts); undefined: nobody asks. */
  readonly figures: SharedArrayBuffer | undefined
  /** By namespace, the memory of its keys and values (shared-store.ts). */
  readonly stores: ReadonlyMap<string, SharedArrayBuffer>
}

/** Serves the batches of one lane until the thread ends. */
export interface ServeTask {
  /** The arena of all batches that fit. */
  readonly memory: SharedArrayBuffer
  /** What the thread sleeps on between batches (lane.ts). */
  readonly bell: Int32Array
  /** In: batches with an arena of their own. Out: for each batch an Overflow, or undefined. */
  readonly port: MessagePort
  /** The thread's row in the figures; left out: the first. */
  readonly row?: number
}

/** A batch that does not lie in the usual arena. */
export interface BatchMessage {
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
  /** The thread's row in the figures. */
  readonly row: number
}

/** When the results of one exchange do not fit into the arena they come this way and the batch ends there. */
export interface Overflow {
  readonly entries: readonly { kind: Entry['kind']; binding: number; bytes: Uint8Array }[]
}

/** What came of making the instances. */
export interface Prepared {
  readonly failures: readonly NotReady[]
  /** By binding, what it reads of an exchange with its settings. */
  readonly inputs: readonly (readonly [number, readonly InputField[]])[]
}

/** A binding that could not be made ready, with the reason for the operator. */
export interface NotReady {
  readonly binding: number
  readonly message: string
}
