import t from 'tap'
import type { PluginPool } from '../../core/plugin-host/pool.js'
import { callOf, faults, openPool, verdicts } from '../support/pool.js'
import { guest } from '../support/wat.js'

/** Counts its calls; stops when there is a "!" in its input. */
const counter = guest({
  more: '(global $calls (mut i32) (i32.const 0))',
  hooks: {
    on_request: `(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (if (call $has (local.get $ptr) (local.get $len) (i32.const 33)) (then unreachable))
      (i32.store (local.get $ptr) (global.get $calls)) (call $keep (local.get $ptr) (i32.const 4))`,
    on_request_body: '(i32.const 0)'
  }
})

/** Makes `count` calls, `at a time` of them at once. */
async function many(count: number, atATime: number, call: () => Promise<unknown>): Promise<void> {
  let left = count
  const one = async () => {
    while (left-- > 0) await call()
  }
  await Promise.all(Array.from({ length: atATime }, one))
}

/** How much RSS grows, in MiB, when `work` is done again after it was done once. */
async function growth(work: () => Promise<void>): Promise<number> {
  await work()
  const before = process.memoryUsage.rss()
  await work()
  return (process.memoryUsage.rss() - before) / 2 ** 20
}

const last = async (pool: PluginPool) =>
  Buffer.from(verdicts(await pool.run(callOf([0], 'nnnn')))[0]?.state ?? '').readUInt32LE()

t.test('an instance takes 140,000 calls, past 16,383 and 65,536, and memory stays flat', async t => {
  const pool = await openPool(t, [counter])
  await pool.prepare()
  const grown = await growth(() => many(70_000, 64, () => pool.run(callOf([0], 'nnnn'))))
  t.equal(await last(pool), 140_001, 'one instance, each call once')
  t.comment(`RSS grew by ${grown.toFixed(1)} MiB over 70,000 calls`)
  t.ok(grown < 60, `${grown} MiB`)
})

t.test('thousands of traps, each with a new instance after it, leave no memory behind', async t => {
  const pool = await openPool(t, [{ wasm: counter, limits: { timeoutMs: 5_000 } }])
  await pool.prepare()
  let failed = 0
  const trap = async () => {
    const [fault] = faults(await pool.run(callOf([0], '!')))
    if (fault?.reason === 'trap') failed++
  }
  const grown = await growth(() => many(2_500, 64, trap))
  t.equal(failed, 5_000)
  t.equal(await last(pool), 1, 'and the next one works')
  t.comment(`RSS grew by ${grown.toFixed(1)} MiB over 2,500 traps`)
  t.ok(grown < 150, `${grown} MiB`)
})

t.test('calls with large bodies, each in an arena of its own, leave no memory behind', async t => {
  const pool = await openPool(t, [{ wasm: counter, limits: { memoryPages: 64 } }])
  await pool.prepare()
  const body = Buffer.alloc(1_500_000)
  const call = () => pool.run(callOf([0], 'x', { hook: 'on_request_body', body }))
  const grown = await growth(() => many(200, 8, call))
  t.strictSame(await call(), [])
  t.comment(`RSS grew by ${grown.toFixed(1)} MiB over 200 bodies of 1.5 MB`)
  t.ok(grown < 150, `${grown} MiB`)
})
