import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { Slot } from '../../core/plugin-host/slot.js'
import { ownThread } from '../../core/plugin-host/thread-time.js'
import { Watchdog } from '../../core/plugin-host/watchdog.js'
import { begun, bind, callOf, faults, kept, openPool, replaced, threadsOf, verdicts } from '../support/pool.js'
import { guest } from '../support/wat.js'

const DEADLINE_MS = 50

/** Keeps its input; runs for ever when there is a "!" in it. */
const looper = guest({
  hooks: {
    on_request: `(if (call $has (local.get $ptr) (local.get $len) (i32.const 33)) (then (call $forever)))
      (call $keep (local.get $ptr) (local.get $len))`
  }
})
const closed = { wasm: looper, limits: { timeoutMs: DEADLINE_MS } }
const open = { ...closed, failure: 'open' } as const

/** Works as long as the first byte of its input says, in millions of rounds, then keeps the input. */
const worker = guest({
  hooks: {
    on_request: `(call $spin (i32.mul (i32.load8_u (local.get $ptr)) (i32.const 1000000)))
      (call $keep (local.get $ptr) (local.get $len))`
  }
})

/** Counts its calls, and says so. */
const counter = guest({
  more: '(global $calls (mut i32) (i32.const 0))',
  hooks: {
    on_request: `(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (i32.store (local.get $ptr) (global.get $calls)) (call $keep (local.get $ptr) (i32.const 4))`
  }
})

const turn = () => new Promise(setImmediate)
const threads = () => Number(/Threads:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])

t.test('a thread that finishes in the very moment it is ended counts as ended', async t => {
  const pool = await openPool(t, [{ wasm: worker, limits: { timeoutMs: 10_000 } }])
  await pool.prepare()
  const [slot] = Reflect.get(pool, 'slots') as Slot[]
  const call = pool.run(callOf([0], Buffer.of(50)))
  const other = pool.run(callOf([0], Buffer.of(0, 120)))
  await begun(pool)
  // As kill() leaves it, less the end of the thread, which takes its time.
  Object.assign(slot ?? {}, { killed: true, stoodAt: slot?.arena.position() })
  slot?.arena.seal()

  t.match(faults(await call), [{ reason: 'timeout' }])
  t.strictSame(kept(await other), ['\0x'], 'the other exchange of the batch ran on another thread')
})

t.test('a loop is ended at its deadline, and every other exchange is answered as if nothing had happened', async t => {
  const pool = await openPool(t, [closed, open, closed])
  await pool.prepare()
  for (let i = 0; i < 100; i++) await pool.run(callOf([0, 1], 'warm'))
  const stalls = monitorEventLoopDelay({ resolution: 1 })
  const overruns: number[] = []
  const worst: number[] = []
  for (let round = 0; round < 6; round++) {
    const failsOpen = round % 2 === 1
    const replacement = replaced(pool)
    await turn()
    stalls.enable()
    const start = performance.now()
    const many = (name: string, count: number) =>
      Array.from({ length: count }, (_, i) => pool.run(callOf([0, 1], `${name}${i}`)))
    const before = many('before', 20)
    const culprit = pool.run(failsOpen ? openCall() : callOf([0, 1], '!')).then(entries => {
      overruns.push(performance.now() - start - DEADLINE_MS)
      return entries
    })
    const after = many('after', 20)
    await turn()
    const later = many('later', 10)
    const others = await Promise.all([...before, ...after, ...later])
    const entries = await culprit
    stalls.disable()
    worst.push(stalls.max / 1e6)
    stalls.reset()
    await replacement

    t.match(faults(entries), [{ reason: 'timeout', binding: failsOpen ? 1 : 0, message: /ran longer than 50 ms/ }])
    t.strictSame(kept(entries), failsOpen ? ['first', 'third'] : [], 'its policy says how it goes on')
    const names = [...numbered('before', 20), ...numbered('after', 20), ...numbered('later', 10)]
    t.strictSame(
      others.map(each => kept(each)),
      names.map(name => [name, name]),
      'fifty others have their own answers'
    )
  }
  t.comment(`from call to answer, past the deadline, ms: ${overruns.map(ms => ms.toFixed(1)).join(' ')}`)
  t.comment(`longest stall of the event loop, ms: ${worst.map(ms => ms.toFixed(1)).join(' ')}`)
  t.ok(Math.min(...overruns) >= 0, 'never before its time')
  t.ok(median(overruns) < 500, `${median(overruns)} ms past the deadline; the bar is 50`)
  t.ok(median(worst) < 200, `a stall of ${median(worst)} ms; the bar is 20`)
})

/** A chain whose second plugin runs for ever and fails open. */
function openCall() {
  const { steps, ...rest } = callOf([0, 1, 2])
  const inputs = ['first', '!', 'third']
  return { ...rest, steps: steps.map(({ binding }, i) => ({ binding, input: Buffer.from(inputs[i] ?? '') })) }
}

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${name}${i}`)
}

t.test('many loops in one batch are ended one by one', async t => {
  const pool = await openPool(t, [closed, worker])
  await pool.prepare()
  const calls = Array.from({ length: 24 }, (_, i) => pool.run(callOf([0, 1], i % 6 === 2 ? '!' : `\x01${i}`)))
  const answers = await Promise.all(calls)
  for (const [i, entries] of answers.entries()) {
    if (i % 6 === 2) t.match(faults(entries), [{ reason: 'timeout', binding: 0 }])
    else t.strictSame(kept(entries), [`\x01${i}`, `\x01${i}`])
  }
})

t.test('loops leave neither threads nor memory behind', async t => {
  const pool = await openPool(t, [closed])
  await pool.prepare()
  const loops = async (count: number) => {
    for (let i = 0; i < count; i++) t.match(faults(await pool.run(callOf([0], '!'))), [{ reason: 'timeout' }])
    await pool.run(callOf([0], 'fine'))
  }
  await loops(5)
  const [rss, count] = [process.memoryUsage.rss(), threads()]
  await loops(20)
  t.equal(threadsOf(pool).length, 2, 'one thread, and one to take over')
  t.ok(threads() <= count + 1, `${threads()} threads of the process, ${count} before`)
  const grown = (process.memoryUsage.rss() - rss) / 2 ** 20
  t.comment(`RSS grew by ${grown.toFixed(1)} MiB over 20 loops`)
  t.ok(grown < 100, `${grown} MiB`)
  t.strictSame(kept(await pool.run(callOf([0], 'still works'))), ['still works'])
})

t.test('instances of other plugins lose their state with the thread, and nothing else', async t => {
  const pool = await openPool(t, [closed, counter])
  await pool.prepare()
  const count = async () => Buffer.from(verdicts(await pool.run(callOf([1], 'nnnn')))[0]?.state ?? '').readUInt32LE()
  t.strictSame([await count(), await count(), await count()], [1, 2, 3])
  const calls = [pool.run(callOf([0], '!')), count(), count()] as const
  const [loop, ...counts] = await Promise.all(calls)
  t.match(faults(loop), [{ reason: 'timeout' }])
  t.strictSame(counts, [1, 2], 'a new instance counts anew, each call once')
  t.equal(await count(), 3)
})

t.test('plugins that take their time are left alone', async t => {
  const pool = await openPool(t, [{ wasm: worker, limits: { timeoutMs: 400 } }])
  await pool.prepare()
  await pool.run(callOf([0], '\x01warm'))
  for (let count = 4, took = 0; took < 500 && count <= 64; count *= 2) {
    const start = performance.now()
    const answers = await Promise.all(Array.from({ length: count }, () => pool.run(callOf([0, 0, 0], '\x18'))))
    took = performance.now() - start
    for (const entries of answers) t.strictSame(kept(entries), ['\x18', '\x18', '\x18'])
    t.comment(`${count * 3} steps of one batch: ${took.toFixed(0)} ms, each may take 400`)
  }
})

t.test('an event loop that stood still does not take a plugin at work for a loop', async t => {
  const pool = await openPool(t, [{ wasm: worker, limits: { timeoutMs: 100 } }])
  await pool.prepare()
  await pool.run(callOf([0], '\x01warm'))
  for (let i = 0; i < 4; i++) {
    const call = pool.run(callOf([0], '\x0aworks'))
    await begun(pool)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200) // nothing of this thread runs
    t.strictSame(kept(await call), ['\x0aworks'])
  }
})

t.test('a plugin that hangs while its instance is made is ended too', async t => {
  const configured = guest({ hooks: { on_configure: '(call $forever) (i32.const 0)', on_request: '(i32.const 0)' } })
  const pool = await openPool(t, [configured, { wasm: configured, failure: 'open' }, closed])
  const [first, second, third] = await Promise.all([
    pool.run(callOf([0])),
    pool.run(callOf([1, 2], 'x')),
    pool.run(callOf([2], 'y'))
  ])
  t.match(faults(first), [{ reason: 'timeout', binding: 0, message: /initialisation/ }])
  t.match(faults(second), [{ reason: 'timeout', binding: 1, message: /initialisation/ }])
  t.strictSame([kept(second), kept(third)], [['x'], ['y']])
})

t.test('two threads are watched, each for itself', async t => {
  const pool = await openPool(t, [closed, open, worker], { threads: 2 })
  await pool.prepare()
  const calls = Array.from({ length: 40 }, async (_, i) => {
    const call = pool.run(i % 10 === 5 ? callOf([i % 20 === 5 ? 0 : 1, 2], '!') : callOf([2], `\x01${i}`))
    if (i % 4 === 0) await turn()
    return call
  })
  for (const [i, entries] of (await Promise.all(calls)).entries()) {
    if (i % 10 !== 5) t.strictSame(kept(entries), [`\x01${i}`])
    else t.match(faults(entries), [{ reason: 'timeout', binding: i % 20 === 5 ? 0 : 1 }])
  }
})

const unknown = ownThread() === 0 && 'the system does not say how long a thread ran'
t.test('a thread that is not let run gets more time, but not for ever', { skip: unknown }, async t => {
  const text = `const { readlinkSync } = require('node:fs'); const { parentPort } = require('node:worker_threads')
    parentPort.postMessage(Number(readlinkSync('/proc/thread-self').split('/').pop()))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`
  const idle = new Worker(text, { eval: true })
  t.teardown(() => idle.terminate())
  const thread = await new Promise<number>(resolve => idle.once('message', resolve))
  const { binding } = await bind({ wasm: looper, limits: { timeoutMs: 20 } }, 0)
  const slot = new Slot()
  slot.begin([{ call: callOf([0]), faults: [], losses: 0, resolve: () => undefined, reject: () => undefined }])
  slot.arena.sign(thread)
  slot.arena.beginStep(0, false)
  const watchdog = new Watchdog([binding], [slot])
  t.teardown(() => watchdog.close())
  const start = performance.now()
  await new Promise<void>(resolve => {
    slot.signal.once('abort', resolve)
    watchdog.watch()
  })
  const took = performance.now() - start
  t.ok(took >= 200, `ended after ${took} ms, ten times what it may take`)
  t.match(slot.stoodAt, { exchange: 0, step: 0, thread })
})

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
}
