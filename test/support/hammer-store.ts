import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { SharedStore } from '../../core/plugin-host/shared-store.js'

interface Work {
  readonly memory: SharedArrayBuffer
  /** count: adds one to each key in turn. fill: writes values of many sizes over each other, and reads them. */
  readonly kind: 'count' | 'fill'
  readonly rounds: number
  readonly keys: number
  readonly threads: number
  /** Each thread counts itself in here and waits for the others. */
  readonly start: Int32Array
}

/** Threads at work on one store; `begun` when all are at it, `done` with what was wrong, all threads together. */
export function hammerStore(work: Omit<Work, 'start'>): {
  workers: Worker[]
  start: Int32Array
  done: Promise<number>
} {
  const start = new Int32Array(new SharedArrayBuffer(4))
  const workers = Array.from(
    { length: work.threads },
    () => new Worker(new URL(import.meta.url), { workerData: { ...work, start } })
  )
  const ends = workers.map(
    worker =>
      new Promise<number>((resolve, reject) => {
        worker.once('message', resolve).once('error', reject)
        worker.once('exit', () => resolve(0))
      })
  )
  return { workers, start, done: Promise.all(ends).then(wrong => wrong.reduce((sum, each) => sum + each, 0)) }
}

/** A value that says of itself whether it is whole: all its bytes are the same. */
function isWhole(value: Buffer): boolean {
  return value.every(byte => byte === value[0])
}

if (!isMainThread && parentPort !== null) {
  const { memory, kind, rounds, keys, start, threads }: Work = workerData
  const store = new SharedStore(memory)
  let wrong = 0
  Atomics.add(start, 0, 1)
  while (Atomics.load(start, 0) < threads);
  for (let i = 0; i < rounds; i++) {
    const key = Buffer.from(`key ${i % keys}`)
    if (kind === 'fill') {
      const value = Buffer.alloc(1 + ((i * 7_919) % 3_000), i)
      if (!store.set(key, value, 60_000)) wrong++
      const other = store.get(Buffer.from(`key ${(i * 31) % keys}`))
      if (other !== undefined && !isWhole(other)) wrong++
      continue
    }
    for (;;) {
      const seen = store.get(key)
      const next = Buffer.from(String(Number(seen ?? 0) + 1))
      if (store.compareAndSet(key, seen, next, 60_000)) break
    }
  }
  parentPort.postMessage(wrong)
}
