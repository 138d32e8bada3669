import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { SharedTable } from '../../core/plugin-host/shared-table.js'

/** What each thread does, as often as it is told: one decision for each call. */
interface Work {
  readonly memory: SharedArrayBuffer
  readonly kind: 'bucket' | 'counter'
  readonly decisions: number
  readonly keys: number
  readonly limit: number
  /** All threads begin at once: each counts itself in here and waits for the others. */
  readonly start: Int32Array
  readonly threads: number
}

/** Has `threads` threads make decisions at the same time. @returns for each key how many were yes */
export async function hammer(work: Omit<Work, 'start'>): Promise<number[]> {
  const start = new Int32Array(new SharedArrayBuffer(4))
  const counts = await Promise.all(
    Array.from({ length: work.threads }, async () => {
      const worker = new Worker(new URL(import.meta.url), { workerData: { ...work, start } })
      return new Promise<number[]>((resolve, reject) => worker.once('message', resolve).once('error', reject))
    })
  )
  return Array.from({ length: work.keys }, (_, key) => counts.reduce((sum, each) => sum + (each[key] ?? 0), 0))
}

if (!isMainThread && parentPort !== null) {
  const { memory, kind, decisions, keys, limit, start, threads }: Work = workerData
  const table = new SharedTable(memory)
  const names = Array.from({ length: keys }, (_, i) => Buffer.from(`key ${i}`))
  const yes = new Array<number>(keys).fill(0)
  Atomics.add(start, 0, 1)
  while (Atomics.load(start, 0) < threads);
  for (let i = 0; i < decisions; i++) {
    const name = names[i % keys] ?? Buffer.alloc(0)
    const given =
      kind === 'bucket'
        ? table.take(name, 0.001, limit, 1).allowed
        : table.add(name, 1, limit, Date.now() + 3_600_000) !== undefined
    if (given) yes[i % keys] = (yes[i % keys] ?? 0) + 1
  }
  parentPort.postMessage(yes)
}
