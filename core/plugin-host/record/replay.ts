import { Worker } from 'node:worker_threads'
import type { Binding } from '../binding.js'
import { clip, PluginFault } from '../fault.js'
import type { RecordedCall } from './format.js'

/** What a plugin did when a recorded call was made again. */
export interface Replayed {
  readonly output: Uint8Array | undefined
  /** "reason message". */
  readonly fault: string | undefined
  /** As in a recording. */
  readonly log: readonly string[]
  /** How its host calls differ from those that were recorded. */
  readonly host: readonly string[]
}

export interface ReplayData {
  readonly binding: Binding
  readonly module: WebAssembly.Module
  readonly call: RecordedCall
  /** Texts that what is told of host calls does not have. */
  readonly secrets: readonly string[]
}

/** Until the instance is made, and its deadline once it runs, milliseconds: the thread is a new one on a machine that does other things too. */
const START_MS = 30_000
const LEAST_MS = 2_000
const SLACK = 10

/** What the thread says: that the hook is about to run, then what came of it. */
export type ReplayMessage = 'begins' | Replayed

/** Makes a recorded call again, in a fresh instance on a thread of its own, which is ended when the plugin loops. */
export function replayCall(data: ReplayData): Promise<Replayed> {
  const { timeoutMs } = data.binding.limits
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./replay-worker.js', import.meta.url), {
      workerData: data,
      env: {},
      execArgv: ['--disable-warning=ExperimentalWarning'] // Extism imports node:wasi, used or not
    })
    const late = (message: string) => () => {
      const { reason, message: text } = new PluginFault('timeout', message)
      resolve({ output: undefined, fault: `${reason} ${text}`, log: [], host: [] })
      void worker.terminate()
    }
    let timer = setTimeout(late('did not finish its initialisation in time'), START_MS)
    worker.on('message', (message: ReplayMessage) => {
      clearTimeout(timer)
      if (message !== 'begins') resolve(message)
      else timer = setTimeout(late(`ran longer than ${timeoutMs} ms`), Math.max(timeoutMs * SLACK, LEAST_MS))
    })
    worker.on('error', thrown => {
      clearTimeout(timer)
      reject(new Error(`the replay's thread failed: ${clip(String(thrown))}`, { cause: thrown }))
    })
    worker.on('exit', () => {
      clearTimeout(timer)
      reject(new Error('the thread of the replay ended without an answer')) // of no effect when there was one
    })
  })
}
