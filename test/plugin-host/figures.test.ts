import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import type { PluginMetric } from '../../core/base/plugin-metric-schema.js'
import { buildPlugin } from '../../core/cli/plugin/build.js'
import { RequestInput } from '../../core/plugin-host/abi.js'
import { CALL_BOUNDS, Figures, FiguresReader, figuresMemory } from '../../core/plugin-host/figures.js'
import { PluginPool } from '../../core/plugin-host/pool.js'
import { bind, callOf, faults, logs } from '../support/pool.js'
import { guest, says, when } from '../support/wat.js'

const FOLDER = fileURLToPath(new URL('../../../test/fixtures/guests/counting', import.meta.url))

/** The guest that counts what the path tells it to. */
async function counting(): Promise<{ wasm: Uint8Array; metrics: PluginMetric[] }> {
  const { file } = await buildPlugin(FOLDER, { quiet: true })
  return { wasm: readFileSync(file), metrics: JSON.parse(readFileSync(`${FOLDER}/plugin.json`, 'utf8')).metrics }
}

/** A pool whose plugins are counted, and what was counted so far. */
async function counted(
  t: Test,
  guests: readonly { wasm: Uint8Array; metrics?: readonly PluginMetric[]; limits?: object }[],
  threads = 1
): Promise<{ pool: PluginPool; reader: FiguresReader }> {
  const bound = await Promise.all(
    guests.map(async ({ metrics, ...each }, index) => {
      const { binding, module } = await bind(each, index)
      return { binding: { ...binding, metrics }, module }
    })
  )
  const bindings = bound.map(({ binding }) => binding)
  const figures = figuresMemory(bindings, threads)
  const pool = new PluginPool({ bindings, modules: bound.map(({ module }) => module) }, { threads, figures })
  t.teardown(() => pool.close())
  t.strictSame(await pool.prepare(), [])
  return { pool, reader: new FiguresReader(figures, bindings) }
}

const path = (text: string) => callOf([0], RequestInput.encode({ request: { path: text } }).finish())
const total = ({ counts }: { counts: readonly number[] }) => counts.reduce((sum, count) => sum + count, 0)

t.test('every hook call is counted with its time, whichever thread ran it', async t => {
  const fails = guest({ hooks: { on_request: `${when('fail', 'unreachable')} (i32.const 0)` } })
  const slow = guest({ hooks: { on_request: '(call $spin (i32.const 3000000)) (i32.const 0)' } })
  const { pool, reader } = await counted(t, [{ wasm: says({}) }, { wasm: fails }, { wasm: slow }], 2)
  await Promise.all(Array.from({ length: 300 }, () => pool.run(callOf([0, 1], 'fine'))))
  await pool.run(callOf([1, 0], 'fail'))
  t.equal(total(reader.calls(0)), 300, 'the one behind a reply or a fault that ends the chain did not run')
  t.equal(total(reader.calls(1)), 301, 'one that fails ran')
  await pool.run(callOf([1], 'fine'))
  t.ok(reader.calls(0).sum > 0 && reader.calls(0).sum < 300, `${reader.calls(0).sum} ms for 300 calls`)
  await pool.run(callOf([2]))
  const { counts, sum } = reader.calls(2)
  const bucket = counts.indexOf(1)
  t.equal(total({ counts }), 1)
  t.ok(sum / 1_000 <= (CALL_BOUNDS[bucket] ?? Infinity) && sum / 1_000 > (CALL_BOUNDS[bucket - 1] ?? 0), `${sum} ms`)
  t.strictSame(
    [0, 1, 2].map(binding => reader.made(binding)),
    [3, 4, 3],
    'an instance for each thread and the spare; a new one after a trap'
  )
})

t.test('without figures nothing is noted, and an answer says its times only when it is asked', async t => {
  const { binding, module } = await bind({ wasm: says({ path: '/new' }) }, 0)
  const pool = new PluginPool({ bindings: [binding], modules: [module] }, { threads: 1 })
  t.teardown(() => pool.close())
  t.strictSame(
    (await pool.run(callOf([0]))).map(({ kind }) => kind),
    [1]
  )
  const timed = await pool.run({ ...callOf([0]), timed: true })
  t.strictSame(
    timed.map(({ kind }) => kind),
    [8, 1],
    'before the verdict, which may end the chain'
  )
  const ms = timed[0]?.bytes.readDoubleLE() ?? 0
  t.ok(ms > 0 && ms < 10_000, `${ms} ms`)
})

t.test('threads that were ended are counted, and those after them go on with their figures', async t => {
  const loops = guest({ hooks: { on_request: `${when('loop', '(call $forever)')} (i32.const 0)` } })
  const { pool, reader } = await counted(t, [{ wasm: loops, limits: { timeoutMs: 30 } }])
  for (let i = 0; i < 5; i++) await pool.run(callOf([0], 'fine'))
  t.equal(pool.threadsEnded, 0)
  t.match(faults(await pool.run(callOf([0], 'loop'))), [{ reason: 'timeout' }])
  for (let i = 0; i < 5; i++) await pool.run(callOf([0], 'fine'))
  t.equal(pool.threadsEnded, 1)
  t.equal(total(reader.calls(0)), 10, 'what never ended is a fault and no call')
})

t.test('two threads count into one figure, and nothing is lost', async t => {
  const { pool, reader } = await counted(t, [await counting()], 2)
  const paths = ['/green-l', '/red-s', '/weigh', '/move']
  await Promise.all(Array.from({ length: 2_000 }, (_, i) => pool.run(path(paths[i % 4] ?? ''))))
  t.strictSame(
    Array.from({ length: 6 }, (_, series) => reader.value(0, 0, series)),
    [1_250, 0, 0, 0, 0, 500],
    'red and green, each small, medium, large'
  )
  t.equal(reader.value(0, 1, 0), -750, 'a gauge is moved by all of them')
  t.strictSame(reader.distribution(0, 2, 0), { counts: [500, 0, 0, 0], sum: 500 }, 'a bound is of its bucket')
  t.strictSame(reader.distribution(0, 2, 1), { counts: [0, 0, 500, 500], sum: 2_525_000 })
  await pool.run(path('/set'))
  t.equal(reader.value(0, 1, 0), 40)
})

t.test('numbers that say nothing are passed over', async t => {
  const { pool, reader } = await counted(t, [await counting()])
  t.strictSame(faults(await pool.run(path('/nonsense'))), [])
  t.equal(reader.value(0, 0, 0), 0)
  t.equal(reader.value(0, 1, 0), 0)
  t.strictSame(reader.distribution(0, 2, 0), { counts: [0, 0, 0, 0], sum: 0 })
})

t.test('a plugin cannot make a series that is not declared: the memory has no place for it', async t => {
  const { wasm, metrics } = await counting()
  const other = { wasm: says({}), metrics }
  const { pool, reader } = await counted(t, [{ wasm, metrics }, other])
  const fault = async (name: string) => faults(await pool.run(path(name)))
  t.match(await fault('/bomb'), [
    { reason: 'trap', message: /gives the label size of seen_total its value 3; there are 3/ }
  ])
  t.match(await fault('/undeclared'), [{ reason: 'trap', message: /counts metric 7; its manifest declares 3/ }])
  t.match(await fault('/other-type'), [
    { reason: 'trap', message: /uses the counter seen_total as if it were a histogram/ }
  ])
  t.strictSame(
    Array.from({ length: 6 }, (_, series) => reader.value(0, 0, series)),
    [1, 1, 1, 0, 0, 0]
  )
  t.strictSame(
    Array.from({ length: 6 }, (_, series) => reader.value(1, 0, series)),
    [0, 0, 0, 0, 0, 0],
    'its neighbour’s are untouched'
  )
})

t.test('lines over the limits of a call are left out, said once, and counted', async t => {
  const logger = guest({
    imports: '(import "sluice" "log" (func $log (param i32 i32 i32)))',
    hooks: {
      on_request: `(loop $again (call $log (i32.const 2) (local.get $ptr) (i32.const 10))
        (br_if $again (local.tee $len (i32.sub (local.get $len) (i32.const 1))))) (i32.const 0)`
    }
  })
  const { pool, reader } = await counted(t, [
    { wasm: logger, limits: { logLines: 3 } },
    { wasm: logger, limits: { logBytes: 25 } },
    { wasm: logger, limits: { logLines: 0 } }
  ])
  const run = async (binding: number) => logs(await pool.run(callOf([binding], 'ten bytes, times ten')))
  t.match(await run(0), [
    '2ten bytes,',
    '2ten bytes,',
    '2ten bytes,',
    /^2more log lines .* logLines and logBytes .* left out$/
  ])
  t.equal((await run(1)).length, 3, 'two lines of ten bytes, and that the rest is left out')
  t.strictSame(await run(2), [], 'no line at all')
  t.strictSame(
    [0, 1].map(binding => reader.dropped(binding)),
    [17, 18]
  )
})

t.test('a bucket holds the times up to its bound, whatever they are', async t => {
  const { binding } = await bind({ wasm: says({}) }, 0)
  const memory = figuresMemory([binding], 1)
  const figures = new Figures(memory, [binding])
  const reader = new FiguresReader(memory, [binding])
  for (const ms of [0, 0.0001, 0.002, 0.0021, 0.004, 0.5, 65.536, 65.537, 5_000, 1e7]) {
    const before = reader.calls(0).counts
    figures.called(0, ms)
    const bucket = reader.calls(0).counts.findIndex((count, i) => count !== before[i])
    const fits = CALL_BOUNDS.findIndex(bound => ms / 1_000 <= bound)
    t.equal(bucket, fits === -1 ? CALL_BOUNDS.length : fits, `${ms} ms`)
  }
})
