import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { sharedTableMemory } from '../../core/plugin-host/shared-table.js'
import { Policy, type Sent } from './instance.js'

interface Work {
  readonly plugin: string
  readonly settings: object
  readonly sent: Sent
  readonly requests: number
  readonly threads: number
}

/** Has threads, each with an instance of its own, send the same request at the same time. @returns how many were let through */
export async function hammerPolicy(work: Work): Promise<number> {
  const start = new Int32Array(new SharedArrayBuffer(4))
  const memory = sharedTableMemory()
  const passed = await Promise.all(
    Array.from({ length: work.threads }, () => {
      const worker = new Worker(new URL(import.meta.url), { workerData: { ...work, start, memory } })
      return new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject))
    })
  )
  return passed.reduce((sum, each) => sum + each, 0)
}

if (!isMainThread && parentPort !== null) {
  const { plugin, settings, sent, requests, threads, start, memory } = workerData as Work & {
    start: Int32Array
    memory: SharedArrayBuffer
  }
  const policy = await Policy.of(plugin, settings, memory)
  Atomics.add(start, 0, 1)
  while (Atomics.load(start, 0) < threads);
  let passed = 0
  for (let i = 0; i < requests; i++) if ((await policy.send(sent)).reply == null) passed++
  parentPort.postMessage(passed)
}
