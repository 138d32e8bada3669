import t from 'tap'
import type { FaultReason } from '../../core/plugin-host/fault.js'
import { type Bound, callOf, faults, kept, openPool, verdicts } from '../support/pool.js'
import { bytesAt, data, type GuestText, guest, verdictAt } from '../support/wat.js'

const on_request = (body: string, more: Partial<GuestText> = {}): Uint8Array =>
  guest({ hooks: { on_request: body }, ...more })
const importing = (name: string, type: string) => `(import "sluice" "${name}" (func $host ${type}))`

/** What can go wrong in a guest, and how the host calls it. */
const BROKEN: Record<string, { wasm: Uint8Array; reason: FaultReason; message: RegExp } & Partial<Bound>> = {
  'it stops': { wasm: on_request('unreachable'), reason: 'trap', message: /unreachable/ },
  'it reads outside its memory': {
    wasm: on_request('(i32.load (i32.const -8))'),
    reason: 'trap',
    message: /out of bounds/
  },
  'its stack overflows': {
    wasm: on_request('(call $deeper)', { more: '(func $deeper (result i32) (i32.add (call $deeper) (i32.const 1)))' }),
    reason: 'trap',
    message: /call stack/
  },
  'it divides by zero': {
    wasm: on_request('(i32.div_u (local.get $len) (i32.const 0))'),
    reason: 'trap',
    message: /zero/
  },
  'it grows its memory to the limit and beyond': {
    wasm: on_request(`(loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
      (if (i32.ne (memory.size) (i32.const 64)) (then (return (i32.const 0)))) unreachable`),
    reason: 'trap',
    message: /unreachable/
  },
  'its verdict is no message': {
    wasm: on_request('(i32.const 1024)', { more: bytesAt(1024, Buffer.from([0xff, 0xff, 0xff])) }),
    reason: 'output',
    message: /cannot be read/
  },
  'its verdict lies outside its memory': {
    wasm: on_request('(i32.const 0x7ffffff0)'),
    reason: 'output',
    message: /outside its memory/
  },
  'its verdict is at a negative address': { wasm: on_request('(i32.const -4)'), reason: 'output', message: /outside/ },
  'its verdict begins in the last bytes of its memory': {
    wasm: on_request('(i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 2))'),
    reason: 'output',
    message: /outside its memory/
  },
  'its verdict ends outside its memory': {
    wasm: on_request('(i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4))', {
      alloc: `(func $alloc (param i32) (result i32)
        (i32.store (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)) (i32.const 1)) (i32.const 1024))`
    }),
    reason: 'output',
    message: /ends outside its memory/
  },
  'its verdict says it has 4 GB': {
    wasm: on_request('(i32.const 1024)', { more: data(1024, Buffer.from([0xff, 0xff, 0xff, 0xff])) }),
    reason: 'budget',
    message: /4294967295 bytes; the limit/
  },
  'its verdict is larger than its limit': {
    wasm: on_request('(i32.const 1024)', { more: verdictAt(1024, { state: Buffer.alloc(2_000) }) }),
    limits: { outputBytes: 1_000 },
    reason: 'budget',
    message: /the limit is 1000/
  },
  'its sluice_alloc has no room': {
    wasm: on_request('(i32.const 0)', { alloc: '(func $alloc (param i32) (result i32) (i32.const 0))' }),
    reason: 'output',
    message: /sluice_alloc/
  },
  'its sluice_alloc points outside its memory': {
    wasm: on_request('(i32.const 0)', { alloc: '(func $alloc (param i32) (result i32) (i32.const -16))' }),
    reason: 'output',
    message: /sluice_alloc/
  },
  'its sluice_alloc gives the last byte': {
    wasm: on_request('(i32.const 0)', {
      alloc: '(func $alloc (param i32) (result i32) (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1)))'
    }),
    reason: 'output',
    message: /sluice_alloc/
  },
  'its sluice_alloc stops': {
    wasm: on_request('(i32.const 0)', { alloc: '(func $alloc (param i32) (result i32) unreachable)' }),
    reason: 'trap',
    message: /unreachable/
  },
  'it calls the host too often': {
    wasm: on_request('(loop $again (drop (call $host)) (br $again)) (i32.const 0)', {
      imports: importing('now', '(result f64)')
    }),
    limits: { hostCalls: 1_000, timeoutMs: 10_000 },
    reason: 'budget',
    message: /host calls/
  },
  'it catches what the host throws and goes on': {
    wasm: on_request(
      '(loop $again (try (do (drop (call $host))) (catch_all (return (i32.const 0)))) (br $again)) (i32.const 0)',
      { imports: importing('now', '(result f64)') }
    ),
    limits: { hostCalls: 1_000, timeoutMs: 10_000 },
    reason: 'budget',
    message: /host calls/
  },
  'it hands the host a place outside its memory': {
    wasm: on_request('(call $host (i32.const 1) (i32.const -8) (i32.const 16)) (i32.const 0)', {
      imports: importing('log', '(param i32 i32 i32)')
    }),
    reason: 'trap',
    message: /outside its memory/
  },
  'it hands the host a length beyond its memory': {
    wasm: on_request('(call $host (i32.const 1024) (i32.const -1)) (i32.const 0)', {
      imports: importing('random', '(param i32 i32)')
    }),
    reason: 'trap',
    message: /outside its memory/
  },
  'it wants a digest written outside its memory': {
    wasm: on_request('(call $host (i32.const 1024) (i32.const 8) (i32.const -8)) (i32.const 0)', {
      imports: importing('sha256', '(param i32 i32 i32)')
    }),
    reason: 'trap',
    message: /outside its memory/
  },
  'it asks for more matches than it has room for': {
    wasm: on_request(
      '(call $host (call $compile (i32.const 1024) (i32.const 1)) (i32.const 1024) (i32.const 1) (i32.const 1024) (i32.const 0x20000000))',
      {
        imports: `(import "sluice" "regex_compile" (func $compile (param i32 i32) (result i32)))
          ${importing('regex_find_all', '(param i32 i32 i32 i32 i32) (result i32)')}`,
        more: data(1024, 'a')
      }
    ),
    reason: 'trap',
    message: /4294967296 bytes at 1024, outside its memory/
  },
  'it asks for what it was not granted': {
    wasm: on_request('(i32.const 1024)', { more: verdictAt(1024, { path: '/other' }) }),
    permissions: {},
    reason: 'denied',
    message: /rewrite is not granted/
  }
}

/** Works, so that what comes after a fault can be seen. */
const keeper = on_request('(call $keep (local.get $ptr) (local.get $len))')

const cases = Object.entries(BROKEN)
const pool = await openPool(t, [
  ...cases.flatMap(([, { reason: _reason, message: _message, ...given }]) => {
    const bound = { ...given, limits: { timeoutMs: 10_000, ...given.limits } }
    return [bound, { ...bound, failure: 'open' } as const]
  }),
  keeper
])

t.test('a guest that will go wrong can be made ready', async t => {
  t.strictSame(await pool.prepare(), [])
})

for (const [i, [what, { reason, message }]] of cases.entries()) {
  t.test(`when ${what}, its failure policy decides`, async t => {
    const [closed, open, fine] = [2 * i, 2 * i + 1, 2 * cases.length]
    for (const time of ['once', 'and again']) {
      const ended = await pool.run(callOf([fine, closed, fine], time))
      t.match(faults(ended), [{ reason, message, binding: closed }], time)
      t.strictSame(kept(ended), [time], 'closed: the chain ends there')
      const passed = await pool.run(callOf([open, fine], time))
      t.match(faults(passed), [{ reason, message, binding: open }], time)
      t.strictSame(kept(passed), [time], 'open: the chain goes on without it')
    }
  })
}

t.test('an instance that trapped is thrown away, one that asked for too much is not', async t => {
  const body = (end: string) => `(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (if (call $has (local.get $ptr) (local.get $len) (i32.const 33)) (then ${end}))
    (i32.store (local.get $ptr) (global.get $calls)) (call $keep (local.get $ptr) (i32.const 4))`
  const counter = '(global $calls (mut i32) (i32.const 0))'
  const pool = await openPool(t, [
    on_request(body('unreachable'), { more: counter }),
    on_request(body('(return (i32.const 1024))'), {
      more: `${counter} ${verdictAt(1024, { headers: [{ name: 'Bad' }] })}`
    })
  ])
  const count = async (binding: number) =>
    Buffer.from(verdicts(await pool.run(callOf([binding], 'nnnn')))[0]?.state ?? '').readUInt32LE()
  for (const [binding, after] of [
    [0, 1],
    [1, 4]
  ] as const) {
    t.strictSame([await count(binding), await count(binding)], [1, 2])
    t.equal(faults(await pool.run(callOf([binding], '!'))).length, 1)
    t.equal(await count(binding), after)
  }
})

t.test('host functions do what they say', async t => {
  const hash = on_request(
    '(call $host (local.get $ptr) (local.get $len) (local.get $ptr)) (call $keep (local.get $ptr) (i32.const 32))',
    { imports: importing('sha256', '(param i32 i32 i32)') }
  )
  const random = on_request(
    '(call $host (local.get $ptr) (i32.const 300)) (call $keep (local.get $ptr) (i32.const 300))',
    {
      imports: importing('random', '(param i32 i32)')
    }
  )
  const clock = on_request('(f64.store (local.get $ptr) (call $host)) (call $keep (local.get $ptr) (i32.const 8))', {
    imports: importing('now', '(result f64)')
  })
  const finder = on_request(
    `(i32.store (i32.const 2048) (call $host (call $compile (i32.const 1024) (i32.const 5)) (local.get $ptr) (local.get $len) (i32.const 2052) (i32.const 3)))
     (call $keep (i32.const 2048) (i32.const 28))`,
    {
      imports: `(import "sluice" "regex_compile" (func $compile (param i32 i32) (result i32)))
        ${importing('regex_find_all', '(param i32 i32 i32 i32 i32) (result i32)')}`,
      more: data(1024, 'b+|ö')
    }
  )
  const pool = await openPool(t, [hash, random, clock, finder])
  const state = async (binding: number, input: string) =>
    Buffer.from(verdicts(await pool.run(callOf([binding], input)))[0]?.state ?? '')
  t.equal((await state(0, 'abc')).toString('hex'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  const [one, other] = [await state(1, 'x'), await state(1, 'x')]
  t.ok(one.length === 300 && !one.equals(other) && new Set(one).size > 100)
  const now = (await state(2, 'x')).readDoubleLE()
  t.ok(Math.abs(now - Date.now()) < 60_000)
  const found = await state(3, 'abbcöbxb')
  t.strictSame(
    Array.from({ length: 7 }, (_, i) => found.readUInt32LE(i * 4)),
    [3, 1, 3, 4, 6, 6, 7],
    'three matches of four, by byte'
  )
})

t.test('patterns are bounded in number and size', async t => {
  const pattern = '[a-z]{999}'.repeat(60)
  const greedy = on_request(
    `(loop $again
       (br_if $again (i32.gt_s (call $host (i32.const 1024) (i32.const ${pattern.length})) (i32.const 0))))
     (i32.store (local.get $ptr) (i32.const 7)) (call $keep (local.get $ptr) (i32.const 4))`,
    { imports: importing('regex_compile', '(param i32 i32) (result i32)'), more: data(1024, pattern) }
  )
  const short = on_request(
    `(block $full (loop $again
       (br_if $full (i32.lt_s (call $host (i32.const 1024) (i32.const 1)) (i32.const 0)))
       (global.set $made (i32.add (global.get $made) (i32.const 1))) (br $again)))
     (i32.store (local.get $ptr) (global.get $made)) (call $keep (local.get $ptr) (i32.const 4))`,
    {
      imports: importing('regex_compile', '(param i32 i32) (result i32)'),
      more: `(global $made (mut i32) (i32.const 0)) ${data(1024, 'a')}`
    }
  )
  const limits = { timeoutMs: 10_000 }
  const pool = await openPool(t, [
    { wasm: greedy, limits },
    { wasm: short, limits }
  ])
  const state = async (binding: number) =>
    Buffer.from(verdicts(await pool.run(callOf([binding], 'nnnn')))[0]?.state ?? '').readUInt32LE()
  t.equal(await state(0), 7, 'the loop ended: a pattern was refused')
  t.equal(await state(1), 256)
})
