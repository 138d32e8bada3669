import t from 'tap'
import { Verdict } from '../../core/plugin-host/abi.js'
import { bytesAt, data, guest, says, verdictAt, wat } from '../support/wat.js'
import { field } from './harness.js'

t.setTimeout(120_000)

const MIB = 1 << 20
const set = (name: string, value: string) => ({ op: 0, name, value })
const on_request = (body: string, more = '', imports = '') => guest({ hooks: { on_request: body }, more, imports })

/** Grows its memory as far as it goes, and stops by itself when that is not exactly its limit. */
const grower = on_request(`(loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
  (if (i32.ne (memory.size) (i32.const 32)) (then unreachable)) (i32.const 0)`)

/** Grows by as much as there can be at once. */
const leaper = on_request(
  `(if (i32.ne (memory.grow (i32.const 65000)) (i32.const -1)) (then unreachable)) (i32.const 0)`
)

/** A plain Extism plugin that makes blocks without end. */
function allocator(bytes: string): Uint8Array {
  return wat(`(module (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64))) (memory (export "memory") 1)
    (func (export "on_request") (result i32)
      (loop $again (drop (call $alloc (i64.const ${bytes}))) (br $again)) (i32.const 0)))`)
}

const LOG = '(import "sluice" "log" (func $log (param i32 i32 i32)))'
const logFlood = on_request(
  `(local $i i32) (loop $again (call $log (i32.const 2) (i32.const 1024) (i32.const 60000))
    (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $again (i32.lt_s (local.get $i) (i32.const 200000)))) (i32.const 0)`,
  data(1024, Buffer.alloc(60_000, 'x')),
  LOG
)

const STORED_BYTES = 60_000
/** Every call sets sixteen keys that were never used before, each to a large value; the letters of a counter are in their names. */
const keyFlood = (() => {
  const effects = Array.from({ length: 16 }, (_, i) => ({
    id: String(i),
    kv: { kind: 1, key: `${String.fromCharCode(97 + i)}#####`, value: Buffer.alloc(STORED_BYTES) }
  }))
  const verdict = Verdict.encode({ effects }).finish()
  const places = [...Buffer.from(verdict).toString('latin1').matchAll(/#####/g)].map(({ index }) => 200_000 + 4 + index)
  const letter = (at: number, shift: number) =>
    `(i32.store8 (i32.const ${at}) (i32.add (i32.const 65) (i32.and (i32.shr_u (global.get $n) (i32.const ${shift})) (i32.const 15))))`
  return guest({
    pages: 20,
    hooks: {
      on_request: `(global.set $n (i32.add (global.get $n) (i32.const 1)))
        ${places.flatMap(at => [0, 4, 8, 12, 16].map((shift, i) => letter(at + i, shift))).join('\n')} (i32.const 200000)`,
      on_effect: '(i32.const 0)'
    },
    more: `(global $n (mut i32) (i32.const 0)) ${bytesAt(200_000, verdict)}`
  })
})()

const asks = (verdict: Parameters<typeof verdictAt>[1], pages = 64) =>
  guest({
    pages,
    hooks: { on_request: '(i32.const 200000)', on_effect: '(i32.const 0)' },
    more: verdictAt(200_000, verdict)
  })

/** What is answered is wrong or too much: by name, with the reason in the log. */
const OUTPUTS: Record<string, { wasm: Uint8Array; reason: string }> = {
  'a length of 1.5 GB': { wasm: on_request('(i32.const 1024)', data(1024, word(1_500_000_000))), reason: 'budget' },
  'a length of -1': { wasm: on_request('(i32.const 1024)', data(1024, word(0xffff_ffff))), reason: 'budget' },
  'a length beyond its memory': { wasm: on_request('(i32.const 1024)', data(1024, word(1_000_000))), reason: 'output' },
  'a pointer beyond its memory': { wasm: on_request('(i32.const 0x7ffffff0)'), reason: 'output' },
  'a negative pointer': { wasm: on_request('(i32.const -4)'), reason: 'output' },
  'host calls with a length that wraps around': {
    wasm: on_request('(call $log (i32.const 1) (i32.const -8) (i32.const -8)) (i32.const 0)', '', LOG),
    reason: 'trap'
  },
  'blocks without end': { wasm: allocator('1'), reason: 'budget' },
  'a block of 1 TiB': { wasm: allocator('1099511627776'), reason: 'budget' },
  'a state that is too large': { wasm: asks({ state: Buffer.alloc(65_537) }), reason: 'denied' },
  'the name of a stored value that is too long': {
    wasm: asks({
      effects: [{ id: 'b', kv: { kind: 1, key: 'k'.repeat(1_025) } }]
    }),
    reason: 'denied'
  },
  'more edits than there may be': {
    wasm: asks({ headers: Array.from({ length: 257 }, (_, i) => set(`x-${i}`, '1')) }),
    reason: 'denied'
  },
  'a header that is too long': { wasm: asks({ headers: [set('x-a', 'x'.repeat(16_385))] }), reason: 'denied' },
  'more tags than there may be': {
    wasm: asks({ tags: Array.from({ length: 65 }, (_, i) => [`tag-${i}`, 'x']).flat() }),
    reason: 'denied'
  },
  'tags that are too long': { wasm: asks({ tags: ['a', 'x'.repeat(32_768)] }), reason: 'denied' },
  'a bag that is too full': { wasm: asks({ bag: ['a', 'x'.repeat(32_769)] }), reason: 'denied' }
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

const plain = (name: string) => name.replaceAll(/[^a-zA-Z0-9]/g, '-').toLowerCase()

t.test('plugins that take all the memory they can get', async t => {
  const headers = Array.from({ length: 50 }, (_, i) => set(`x-bomb-${i}`, 'x'.repeat(16_000)))
  const sluice = await field(t, {
    plugins: {
      ...Object.fromEntries(Object.entries(OUTPUTS).map(([what, { wasm }]) => [plain(what), wasm])),
      grower: { wasm: grower, limits: { memoryPages: 32 } },
      leaper,
      'log-flood': { wasm: logFlood, limits: { hostCalls: 1_000_000, timeoutMs: 10_000 } },
      'key-flood': { wasm: keyFlood, limits: { timeoutMs: 1_000 } },
      'header-bomb': asks({ headers }),
      'reply-bomb': says({ responseHeaders: [set('x-a', '1')] }),
      tags: says({ tags: Array.from({ length: 64 }, (_, i) => [`tag-${i}`, 'x']).flat() })
    },
    routes: Object.fromEntries(
      [...Object.keys(OUTPUTS).map(plain), 'grower', 'leaper', 'log-flood', 'key-flood', 'header-bomb', 'tags'].map(
        name => [name, [{ plugin: name }]]
      )
    )
  })

  // 15, 16, 17, 18 (sizes), 20, 21, 22 (numbers)
  for (const [what, { reason }] of Object.entries(OUTPUTS)) {
    await t.test(what, async t => {
      await sluice.during(t, what, () =>
        Promise.all([1, 2, 3].map(async () => t.equal((await sluice.get(`${plain(what)}/x`)).code, 'GW_PLUGIN_FAILED')))
      )
      await sluice.logged(line => line.plugin === plain(what) && line.reason === reason)
      t.equal(sluice.upstreamSaw(plain(what)), 0)
    })
  }

  // 12
  t.test('memory.grow stops at the limit', async t => {
    await sluice.during(t, 'memory.grow', async () => {
      for (let i = 0; i < 20; i++) {
        t.equal((await sluice.get('grower/x')).status, 200)
        t.equal((await sluice.get('leaper/x')).status, 200)
      }
    })
  })

  // 19
  t.test('200,000 log lines of a call are twenty, cut, and a word about the rest', async t => {
    let calls = 0
    await sluice.during(t, 'a flood of log lines', async () => {
      for (let i = 0; i < 3; i++, calls++) t.equal((await sluice.get('log-flood/x')).status, 200)
    })
    await sluice.logged(() => sluice.log.filter(({ plugin }) => plugin === 'log-flood').length >= calls * 21)
    const lines = sluice.log.filter(({ plugin }) => plugin === 'log-flood').map(({ msg }) => String(msg))
    t.equal(lines.length, calls * 21)
    t.equal(lines.filter(text => /more log lines in one call than/.test(text)).length, calls)
    t.ok(lines.every(text => text.length <= 2_048))
  })

  // 18
  t.test('a flood of keys and values: the store gives up what is oldest, and the process stays small', async t => {
    const flood = async (calls: number) => {
      for (let i = 0; i < calls; i++) t.equal((await sluice.get('key-flood/x')).status, 200)
    }
    // 128 MiB in all, of which the store may hold 64
    const calls = Math.ceil((64 * MIB) / (16 * STORED_BYTES))
    const { rss: full } = await sluice.during(t, 'as many values as the store holds', () => flood(calls))
    const { rss } = await sluice.during(t, 'as many again', () => flood(calls))
    t.comment(
      `RSS ${(full / MIB).toFixed(0)} MiB when the store is full, ${(rss / MIB).toFixed(0)} after twice as much`
    )
    t.ok(rss - full < 64 * MIB, 'what came later took the place of what came before')
  })

  // 22
  t.test('800 KB of headers: what the upstream says of them is the answer', async t => {
    await sluice.during(t, 'a header bomb', async () => {
      for (let i = 0; i < 5; i++) t.ok([431, 502].includes((await sluice.get('header-bomb/x')).status))
    })
    t.equal(sluice.upstreamSaw('header-bomb'), 0)
  })

  // 20: tags go into the access line alone; there are no metrics that a plugin names
  t.test('as many tags as a verdict may have', async t => {
    await sluice.during(t, 'tags', async () => {
      for (let i = 0; i < 20; i++) t.equal((await sluice.get('tags/x')).status, 200)
    })
  })
})
