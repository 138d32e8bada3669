import t from 'tap'
import { EditOp, RequestInput } from '../../core/plugin-host/abi.js'
import { begun, callOf, codeOf, faults, kept, logs, openPool, threadsOf, verdicts } from '../support/pool.js'
import { data, guest, says, verdictAt } from '../support/wat.js'

/** Keeps its input as state; works for some 20 ms when the input has an "S". */
const keeper = guest({
  hooks: {
    on_request: `(if (call $has (local.get $ptr) (local.get $len) (i32.const 83)) (then (call $spin (i32.const 20000000))))
      (call $keep (local.get $ptr) (local.get $len))`
  }
})
const slow = { wasm: keeper, limits: { timeoutMs: 10_000 } }

/** By the end of this and the next turns of the event loop calls are sent. */
const sent = async () => {
  for (let turns = 0; turns < 3; turns++) await new Promise(setImmediate)
}

/** Replaces the body by twice the body. */
const doubler = guest({
  hooks: {
    on_request_body: `(memory.copy (i32.add (local.get $ptr) (local.get $len)) (local.get $ptr) (local.get $len))
      (call $field (i32.const 0x4a) (local.get $ptr) (i32.mul (local.get $len) (i32.const 2)))`
  },
  pages: 200
})

t.test('a call does not wait for others, and those that come while the thread is busy travel together', async t => {
  const pool = await openPool(t, [slow])
  await pool.prepare()
  const before = pool.batches
  const calls = [pool.run(callOf([0], 'S'))]
  await sent()
  for (let i = 0; i < 40; i++) calls.push(pool.run(callOf([0], `n${i}`)))
  const answers = await Promise.all(calls)
  t.equal(pool.batches - before, 2, 'one batch for the first, one for the forty behind it')
  t.strictSame(
    answers.map(entries => kept(entries).join()),
    ['S', ...Array.from({ length: 40 }, (_, i) => `n${i}`)],
    'each gets its own answer'
  )
})

t.test('a batch has an end', async t => {
  const pool = await openPool(t, [slow])
  await pool.prepare()
  const before = pool.batches
  await Promise.all(Array.from({ length: 130 }, () => pool.run(callOf([0]))))
  t.equal(pool.batches - before, 3, '130 calls of one turn, 64 at a time')
})

t.test('two threads share the work', async t => {
  const pool = await openPool(t, [slow], { threads: 2 })
  await pool.prepare()
  const before = pool.batches
  const first = pool.run(callOf([0], 'S1'))
  await sent()
  const second = pool.run(callOf([0], 'S2'))
  await Promise.all([first, second])
  t.equal(pool.batches - before, 2, 'the second does not wait for the first')
  await Promise.all([pool.run(callOf([0], 'S3')), pool.run(callOf([0], 'S4'))])
  t.equal(pool.batches - before, 4, 'calls that take long are shared out')
})

t.test('every plugin of a chain runs in one task', async t => {
  const pool = await openPool(t, [says({ tags: ['a', '1'] }), says({ tags: ['b', '2'] }), says({ tags: ['c', '3'] })])
  const answers = verdicts(await pool.run(callOf([0, 1, 2], '')))
  t.strictSame(
    answers.map(({ tags }) => tags.join()),
    ['a,1', 'b,2', 'c,3']
  )
  t.equal(pool.batches, 1)
})

t.test('a reply ends the chain', async t => {
  const pool = await openPool(t, [
    says({ tags: ['a', '1'] }),
    says({ reply: { status: 403 } }),
    says({ tags: ['c', '3'] })
  ])
  const answers = verdicts(await pool.run(callOf([0, 1, 2], '')))
  t.strictSame(
    answers.map(({ reply }) => reply?.status),
    [undefined, 403]
  )
})

t.test('a plugin that renames a header does not end the chain', async t => {
  const renamer = says({ headers: [{ op: EditOp.RENAME, name: 'x-old', value: 'x-new' }], tags: ['a', '1'] })
  const pool = await openPool(t, [renamer, keeper, says({ tags: ['c', '3'] })])
  const input = RequestInput.encode({ request: { headers: ['x-old', 'v'] }, context: {} }).finish()
  const [first, second, third] = verdicts(await pool.run(callOf([0, 1, 2], input)))
  t.match(first?.headers, [
    { op: EditOp.REMOVE, name: 'x-old' },
    { op: EditOp.ADD, name: 'x-new', value: 'v' }
  ])
  t.strictSame(RequestInput.decode(second?.state ?? new Uint8Array()).request?.headers, ['x-new', 'v'])
  t.strictSame(third?.tags, ['c', '3'])
})

t.test('a plugin that has nothing to say costs no entry', async t => {
  const pool = await openPool(t, [guest({ hooks: { on_request: '(i32.const 0)' } })])
  t.strictSame(await pool.run(callOf([0, 0, 0])), [])
})

t.test('bodies of any size come to the plugin whole, and go back whole', async t => {
  const pool = await openPool(t, [
    { wasm: doubler, limits: { memoryPages: 2_000, outputBytes: 64_000_000, timeoutMs: 5_000 } }
  ])
  const sizes = [0, 1, 127, 128, 60_000, 130_000, 262_144, 300_000, 1_000_000, 5_000_000]
  const answers = await Promise.all(
    sizes.map(size => pool.run(callOf([0], 'input', { hook: 'on_request_body', body: Buffer.alloc(size, size % 251) })))
  )
  for (const [i, size] of sizes.entries()) {
    const body = Buffer.from(verdicts(answers[i] ?? [])[0]?.body ?? '')
    const prefix = body.length / 2 - size
    t.equal(body.toString('latin1', 0, 5), 'input', `${size} bytes: the input comes first`)
    t.ok(body.subarray(prefix, prefix + size).equals(Buffer.alloc(size, size % 251)), `${size} bytes: then the body`)
  }
})

t.test('an output larger than the arena comes another way, and the batch behind it goes on', async t => {
  const grower = guest({
    // The body becomes 400,000 bytes, whatever it was.
    hooks: {
      on_request_body: `(call $field (i32.const 0x4a) (local.get $ptr) (i32.const 400000))`,
      on_request: `(call $spin (i32.const 20000000)) (i32.const 0)`
    },
    pages: 20
  })
  const pool = await openPool(t, [{ wasm: grower, limits: { timeoutMs: 10_000 } }])
  await pool.prepare()
  const before = pool.batches
  const first = pool.run(callOf([0]))
  await sent()
  const calls = Array.from({ length: 6 }, (_, i) =>
    pool.run(callOf([0], `n${i}`, { hook: 'on_request_body', body: Buffer.alloc(1_000, i) }))
  )
  await first
  const bodies = (await Promise.all(calls)).map(entries => Buffer.from(verdicts(entries)[0]?.body ?? ''))
  t.strictSame(
    bodies.map(body => `${body.length} ${body.toString('latin1', 0, 2)} ${body[10]}`),
    calls.map((_, i) => `400000 n${i} ${i}`)
  )
  const tasks = pool.batches - before
  t.ok(tasks > 2 && tasks <= 7, `${tasks} tasks: what did not fit ended a batch, what came behind it went again`)
})

t.test('a later plugin gets the body the one before it made', async t => {
  const limits = { memoryPages: 200 }
  const pool = await openPool(t, [
    says({ body: Buffer.from('made anew') }, 'on_request_body'),
    { wasm: doubler, limits }
  ])
  const answers = verdicts(await pool.run(callOf([0, 1], 'i', { hook: 'on_request_body', body: 'old' })))
  const body = Buffer.from(answers[1]?.body ?? '').toString('latin1')
  t.ok(body.endsWith('made anew'))
  t.notMatch(body, /old/)
})

t.test('a body goes only to plugins that are granted it', async t => {
  const blind = { wasm: doubler, permissions: {}, limits: { memoryPages: 200 } }
  const shown = guest({ hooks: { on_request_body: '(call $show (local.get $ptr) (local.get $len))' } })
  const pool = await openPool(t, [
    blind,
    { wasm: shown, permissions: {} },
    { wasm: shown, permissions: { requestBody: 'read' } }
  ])
  const body = (entries: Awaited<ReturnType<typeof pool.run>>) =>
    Buffer.from(verdicts(entries)[0]?.reply?.body ?? '').toString()
  const options = { hook: 'on_request_body', body: 'secret' } as const
  t.notMatch(body(await pool.run(callOf([1], 'input', options))), /secret/)
  t.match(body(await pool.run(callOf([2], 'input', options))), /secret/)
  t.match(faults(await pool.run(callOf([0], 'input', options)))[0], { reason: 'denied' })
})

t.test('what waits is bounded, in number and in bytes', async t => {
  const pool = await openPool(t, [slow])
  await pool.prepare()
  const calls = Array.from({ length: 20_010 }, () => codeOf(pool.run(callOf([0], 'S'))))
  t.strictSame(await Promise.all(calls.slice(20_000)), Array(10).fill('GW_OVERLOADED'))
  const closed = pool.close()
  const codes = await Promise.all(calls.slice(0, 20_000))
  t.ok(codes.filter(code => code === 'GW_SHUTTING_DOWN').length > 19_000, 'and close() answers those that wait')
  t.ok(codes.every(code => code === 'GW_SHUTTING_DOWN' || Array.isArray(code)))
  await closed

  const other = await openPool(t, [slow])
  await other.prepare()
  const body = Buffer.alloc(30_000_000)
  const large = [codeOf(other.run(callOf([0], 'S')))]
  for (let i = 0; i < 12; i++) large.push(codeOf(other.run(callOf([0], 'x', { body }))))
  await other.close()
  const answers = await Promise.all(large)
  t.ok(answers.filter(code => code === 'GW_OVERLOADED').length >= 3, '12 × 30 MB are too many to wait')
})

t.test('close() answers what runs and what waits, and nothing is taken after it', async t => {
  const forever = guest({ hooks: { on_request: '(call $forever) (i32.const 0)' } })
  const pool = await openPool(t, [{ wasm: forever, limits: { timeoutMs: 10_000 } }])
  await pool.prepare()
  const calls = [codeOf(pool.run(callOf([0])))]
  await sent()
  calls.push(codeOf(pool.run(callOf([0]))), codeOf(pool.run(callOf([0]))))
  await pool.close()
  t.strictSame(await Promise.all(calls), Array(3).fill('GW_SHUTTING_DOWN'))
  t.equal(await codeOf(pool.run(callOf([0]))), 'GW_SHUTTING_DOWN')
})

t.test('a pool can be closed at any moment of its threads’ start', async t => {
  const wasm = says({})
  for (let ms = 0; ms < 120; ms += 6) {
    const ends: (() => unknown)[] = []
    const start = performance.now()
    const pool = await openPool({ teardown: end => ends.push(end) }, [wasm])
    while (performance.now() - start < ms) await sent()
    for (const end of ends) await end()
    t.equal(await codeOf(pool.run(callOf([0]))), 'GW_SHUTTING_DOWN')
  }
})

t.test('a pool without plugins has no threads', async t => {
  const pool = await openPool(t, [])
  t.equal(threadsOf(pool).length, 0)
  t.strictSame(await pool.prepare(), [])
})

t.test('a thread that dies is replaced; the plugin it ran gets a fault, the others their answers', async t => {
  const long = guest({ hooks: { on_request: '(call $forever) (i32.const 0)' } })
  const limits = { timeoutMs: 10_000 }
  const pool = await openPool(t, [slow, { wasm: long, limits }, { wasm: long, limits, failure: 'open' }])
  await pool.prepare()
  const endThreads = () => Promise.all(threadsOf(pool).map(thread => thread.terminate()))

  const busy = pool.run(callOf([1, 0]))
  const others = Array.from({ length: 10 }, (_, i) => pool.run(callOf([0], `n${i}`)))
  await begun(pool)
  await endThreads()
  const [first, ...rest] = await Promise.all([busy, ...others])
  t.match(faults(first), [{ reason: 'trap', binding: 1, message: /thread ended/ }])
  t.strictSame(kept(first), [], 'one that fails closed ends its chain')
  t.strictSame(
    rest.map(entries => kept(entries)[0]),
    others.map((_, i) => `n${i}`)
  )

  const open = pool.run(callOf([0, 2, 0], 'x'))
  await begun(pool, 1)
  await endThreads()
  const entries = await open
  t.match(faults(entries), [{ reason: 'trap', binding: 2 }])
  t.strictSame(kept(entries), ['x', 'x'], 'one that fails open is passed over')

  await endThreads() // one that is there already might begin at once
  const never = Array.from({ length: 3 }, (_, i) => codeOf(pool.run(callOf([0], `m${i}`))))
  await sent()
  await endThreads() // before it has begun: nobody is to blame
  t.strictSame(
    (await Promise.all(never)).map(each => Array.isArray(each) && kept(each)[0]),
    ['m0', 'm1', 'm2']
  )
})

t.test('log lines travel with the answer, as many as one call may write', async t => {
  const logger = guest({
    imports: '(import "sluice" "log" (func $log (param i32 i32 i32)))',
    more: data(1024, 'hello from the guest'),
    hooks: {
      on_request: `(loop $again (call $log (i32.const 2) (i32.const 1024) (i32.const 20))
        (br_if $again (local.tee $len (i32.sub (local.get $len) (i32.const 1))))) (i32.const 0)`
    }
  })
  const pool = await openPool(t, [logger, { wasm: logger, permissions: {} }])
  t.strictSame(logs(await pool.run(callOf([0], 'ab'))), ['2hello from the guest', '2hello from the guest'])
  const flood = logs(await pool.run(callOf([0], 'x'.repeat(500))))
  t.ok(flood.length <= 21, `${flood.length} lines of 500`)
  t.match(flood.at(-1), /the rest is left out/)
  t.strictSame(logs(await pool.run(callOf([0], 'a'))), ['2hello from the guest'], 'the next call may again')
  t.strictSame(await pool.run(callOf([1], 'ab')), [], 'without the permission nothing is written')

  const few = await openPool(t, [{ wasm: logger, limits: { logBytes: 50 } }])
  const said = logs(await few.run(callOf([0], 'abcd')))
  t.equal(said.length, 3, 'two of twenty bytes, and a word about the rest')
  t.match(said.at(-1), /logBytes allow; the rest is left out/)
  t.equal(logs(await few.run(callOf([0], 'ab'))).length, 2, 'the next call may again')
})

t.test('prepare() names every binding that cannot be made ready', async t => {
  const loop = '(func (export "_initialize") (call $forever))'
  const fine = says({})
  const configure = (body: string, more = '') =>
    guest({ hooks: { on_request: '(i32.const 0)', on_configure: body }, more })
  const refusal = Buffer.concat([Buffer.from([0x0a, 7]), Buffer.from('no good')])
  const length = Buffer.from([refusal.length, 0, 0, 0])
  const pool = await openPool(t, [
    fine,
    configure('(i32.const 1024)', data(1024, Buffer.concat([length, refusal]))),
    configure('unreachable'),
    guest({ hooks: { on_request: '(i32.const 0)' }, more: loop }),
    configure('(call $forever) (i32.const 0)'),
    guest({ hooks: { on_request: '(i32.const 0)' }, more: '(func (export "_initialize") unreachable)' }),
    configure('(i32.const 1024)', verdictAt(1024, { path: 'not a ConfigureResult, but skipped as unknown' })),
    configure('(i32.const 1024)', data(1024, Buffer.from([3, 0, 0, 0, 0xff, 0xff, 0xff]))),
    fine
  ])
  const problems = await pool.prepare()
  t.match(problems, [
    { binding: 1, message: /refuses its settings: no good/ },
    { binding: 2, message: /unreachable/ },
    { binding: 3, message: /initialisation in time/ },
    { binding: 4, message: /initialisation in time/ },
    { binding: 5, message: /unreachable/ },
    { binding: 7, message: /on_configure cannot be read/ }
  ])
  t.equal(problems.length, 6)
  t.strictSame(await pool.run(callOf([0, 8])), [], 'and the good ones work')
})

t.test('a binding that only the first thread can make ready is not ready', async t => {
  const once = guest({
    imports: '(import "sluice" "counter_add" (func $add (param i32 i32 f64 f64 f64) (result f64)))',
    hooks: {
      on_configure: `(if (f64.lt (call $add (i32.const 1024) (i32.const 1) (f64.const 1) (f64.const 1) (f64.const 1e15)) (f64.const 0))
        (then unreachable)) (i32.const 0)`,
      on_request: '(i32.const 0)'
    }
  })
  const pool = await openPool(t, [once])
  t.match(await pool.prepare(), [{ binding: 0, message: /unreachable/ }])
})
