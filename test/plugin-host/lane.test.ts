import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import t from 'tap'

const LANE = new URL('../../core/plugin-host/lane.js', import.meta.url).href

/** Answers each ring of the bell with what it heard. */
const LISTENER = `
  const { parentPort, workerData: bell } = require('node:worker_threads')
  import(${JSON.stringify(LANE)}).then(({ waitForBell }) => {
    for (let rung = 0; ; ) {
      const heard = waitForBell(bell, rung)
      rung = heard.rings
      parentPort.postMessage(heard)
    }
  })`

t.test('a thread that is woken late, for a ring it has answered, does nothing', async t => {
  const bell = new Int32Array(new SharedArrayBuffer(8))
  const thread = new Worker(LISTENER, { eval: true, workerData: bell })
  t.teardown(() => thread.terminate())
  const heard: unknown[] = []
  thread.on('message', message => heard.push(message))
  const ring = async (count: number): Promise<void> => {
    const answered = once(thread, 'message')
    Atomics.store(bell, 1, count)
    Atomics.add(bell, 0, 1)
    Atomics.notify(bell, 0)
    await answered
  }
  await once(thread, 'online')
  await ring(5)
  // Once it sleeps: the waking that belonged to the ring before.
  while (Atomics.notify(bell, 0) === 0) await new Promise(setImmediate)
  await ring(7)
  t.strictSame(heard, [
    { rings: 1, count: 5 },
    { rings: 2, count: 7 }
  ])
})
