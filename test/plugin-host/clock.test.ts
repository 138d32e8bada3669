import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { clockOf, MACHINE } from '../../core/plugin-host/clock.js'

t.test('monotonic time does not go back between threads, whenever they were started', async t => {
  const file = JSON.stringify(new URL('../../core/plugin-host/clock.js', import.meta.url).href)
  const code = `import(${file}).then(({ MACHINE }) => require('node:worker_threads').parentPort.postMessage(MACHINE.monotonic()))`
  const before = MACHINE.monotonic()
  const [there] = await once(new Worker(code, { eval: true }), 'message')
  const after = MACHINE.monotonic()
  t.ok(before <= there && there <= after, `${before} ${there} ${after}`)
})

t.test('monotonic time is in milliseconds', async t => {
  const since = process.hrtime.bigint()
  const before = MACHINE.monotonic()
  while (process.hrtime.bigint() - since < 2_000_000n);
  const passed = MACHINE.monotonic() - before
  t.ok(passed > 1 && passed < 60_000, `${passed} ms`)
})

t.test('a script sets both clocks, and what is drawn', async t => {
  const clock = new Float64Array(new SharedArrayBuffer(8))
  clock[0] = 1_000
  const { now, monotonic, nanoseconds, fillRandom } = clockOf({ clock, seed: 7 })
  t.strictSame([now(), monotonic(), nanoseconds()], [1_000, 1_000, 1_000_000_000n])
  clock[0] = 2_000
  t.strictSame([now(), monotonic(), nanoseconds()], [2_000, 2_000, 2_000_000_000n])
  const [one, other] = [Buffer.alloc(40), Buffer.alloc(40)]
  fillRandom(one)
  clockOf({ seed: 7 }).fillRandom(other)
  t.strictSame(one, other)
})

t.test('bytes that are drawn are not drawn twice, whatever their number', async t => {
  const drawn = new Set<string>()
  for (let i = 0; i < 2_000; i++) {
    const bytes = Buffer.alloc(i % 2 === 0 ? 16 : 300)
    MACHINE.fillRandom(bytes)
    drawn.add(bytes.toString('hex', 0, 16))
  }
  t.equal(drawn.size, 2_000)
})
