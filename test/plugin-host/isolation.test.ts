import t from 'tap'
import { callOf, openPool, verdicts } from '../support/pool.js'
import { guest } from '../support/wat.js'

/** Counts its calls, and says so. */
const counter = guest({
  more: '(global $calls (mut i32) (i32.const 0))',
  hooks: {
    on_request: `(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      (i32.store (local.get $ptr) (global.get $calls)) (call $keep (local.get $ptr) (i32.const 4))`
  }
})

/** Takes a page more with each call, and says how many it has. */
const grower = guest({
  hooks: {
    on_request: `(drop (memory.grow (i32.const 1)))
      (i32.store (local.get $ptr) (memory.size)) (call $keep (local.get $ptr) (i32.const 4))`
  }
})

async function numbers(pool: Awaited<ReturnType<typeof openPool>>, count: number): Promise<number[]> {
  const said: number[] = []
  for (let i = 0; i < count; i++) {
    const [verdict] = verdicts(await pool.run(callOf([0], 'four')))
    said.push(Buffer.from(verdict?.state ?? '').readInt32LE())
  }
  return said
}

t.test('an isolated plugin finds nothing of the call before', async t => {
  const pool = await openPool(t, [{ wasm: counter, isolation: 'per-request' }])
  await pool.prepare()
  t.strictSame(await numbers(pool, 20), new Array(20).fill(1))
})

t.test('a pooled instance is replaced after so many calls', async t => {
  const pool = await openPool(t, [{ wasm: counter, limits: { recycleCalls: 512 } }])
  await pool.prepare()
  const said = await numbers(pool, 1_100)
  t.ok(Math.max(...said) <= 512, `never more than ${Math.max(...said)} calls`)
  t.ok(said.filter(each => each === 1).length >= 2, 'it began anew')
})

t.test('a pooled instance that grows without end is replaced', async t => {
  const pool = await openPool(t, [{ wasm: grower, limits: { memoryPages: 16_384 } }])
  await pool.prepare()
  const pages = await numbers(pool, 2_000)
  t.ok(Math.max(...pages) < 1_100, `never more than ${Math.max(...pages)} pages`)
  t.ok(
    pages.some((size, i) => i > 0 && size < (pages[i - 1] ?? 0)),
    'it began anew'
  )
})
