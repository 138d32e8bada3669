import t from 'tap'
import { bytesAt, data, guest, verdictAt, wat, when } from '../support/wat.js'
import { field } from './harness.js'

t.setTimeout(120_000)

const LOOPING_HOOKS = [
  'on_request',
  'on_request_body',
  'on_response',
  'on_response_body',
  'on_error',
  'on_log'
] as const
const looping = Object.fromEntries(
  LOOPING_HOOKS.map(hook => [name(hook), guest({ hooks: { [hook]: '(call $forever) (i32.const 0)' } })])
)
/** Asks the store for something, and loops when it has it. */
const afterAnswer = guest({
  hooks: { on_request: '(i32.const 1024)', on_effect: '(call $forever) (i32.const 0)' },
  more: verdictAt(1024, { effects: [{ id: 'a', kv: { kind: 0, key: 'a' } }] })
})

function name(hook: string): string {
  return `loops-${hook.replaceAll('_', '-')}`
}

const NOW = '(import "sluice" "now" (func $now (result f64)))'
const callsForever = guest({
  imports: NOW,
  hooks: { on_request: '(loop $again (drop (call $now)) (br $again)) (i32.const 0)' }
})

/** Runs for a good part of what it may take, then answers. It looks at the clock now and then, within its budget of host calls. */
const BURN_TIMEOUT_MS = 300
const burner = guest({
  imports: '(import "sluice" "monotonic" (func $clock (result f64)))',
  hooks: {
    on_request: `(local $end f64) (local.set $end (f64.add (call $clock) (f64.const ${BURN_TIMEOUT_MS * 0.9})))
      (loop $again (call $spin (i32.const 100000)) (br_if $again (f64.lt (call $clock) (local.get $end)))) (i32.const 0)`
  }
})

/** Finds the pattern in `times` letters "a" and a "!". */
function finder(pattern: string, times: number): Uint8Array {
  return guest({
    pages: 20,
    imports: `(import "sluice" "regex_compile" (func $compile (param i32 i32) (result i32)))
      (import "sluice" "regex_find_all" (func $find (param i32 i32 i32 i32 i32) (result i32)))`,
    more: data(1024, pattern),
    hooks: {
      on_request: `(memory.fill (i32.const 200000) (i32.const 97) (i32.const ${times}))
        (i32.store8 (i32.const ${200_000 + times}) (i32.const 33))
        (drop (call $find (call $compile (i32.const 1024) (i32.const ${pattern.length}))
          (i32.const 200000) (i32.const ${times + 1}) (i32.const 16384) (i32.const 100)))
        (i32.const 0)`
    }
  })
}

/** A plain Extism plugin that answers JSON of half a million brackets, one in the other. */
const BRACKETS = 500_000
const nestedJson = wat(`(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (memory (export "memory") 1)
  (func (export "on_request") (result i32) (local $at i64) (local $i i64)
    (local.set $at (call $alloc (i64.const ${BRACKETS})))
    (loop $next
      (call $store (i64.add (local.get $at) (local.get $i))
        (select (i64.const 0x5b5b5b5b5b5b5b5b) (i64.const 0x5d5d5d5d5d5d5d5d)
          (i64.lt_u (local.get $i) (i64.const ${BRACKETS / 2}))))
      (local.set $i (i64.add (local.get $i) (i64.const 8)))
      (br_if $next (i64.lt_u (local.get $i) (i64.const ${BRACKETS}))))
    (call $output (local.get $at) (i64.const ${BRACKETS}))
    (i32.const 0)))`)

const manyTimes = (count: number, call: () => Promise<unknown>) => Promise.all(Array.from({ length: count }, call))

t.test('plugins that take all the processor time they can get', async t => {
  const nested = Buffer.alloc(60_000, 0x0b) // field 1 as a group, in which field 1 is a group, …
  const slow = { limits: { timeoutMs: 5_000, hostCalls: 1_000_000 } }
  const sluice = await field(t, {
    plugins: {
      ...looping,
      'loops-on-effect': afterAnswer,
      'loops-sometimes': guest({ hooks: { on_request: `${when('fail', '(call $forever)')} (i32.const 0)` } }),
      calls: callsForever,
      'calls-long': { wasm: callsForever, limits: { hostCalls: 1_000_000 } },
      burner: { wasm: burner, limits: { timeoutMs: BURN_TIMEOUT_MS } },
      redos: finder('(a|a)*(a+)+$', 20_000),
      heavy: finder('(?:a?b?){200}!', 900_000),
      'nested-proto': {
        wasm: guest({ pages: 4, hooks: { on_request: '(i32.const 1024)' }, more: bytesAt(1024, nested) })
      },
      'nested-json': { wasm: nestedJson, messages: 'json', ...slow }
    },
    routes: {
      ...Object.fromEntries(Object.keys(looping).map(each => [each, [{ plugin: each }]])),
      'loops-on-effect': [{ plugin: 'loops-on-effect' }],
      sometimes: [{ plugin: 'steady' }, { plugin: 'loops-sometimes' }, { plugin: 'steady' }],
      open: [{ plugin: 'loops-on-request', failure: 'open' }],
      calls: [{ plugin: 'calls' }],
      'calls-long': [{ plugin: 'calls-long' }],
      burner: [{ plugin: 'burner', breaker: {} }],
      redos: [{ plugin: 'redos', limits: { timeoutMs: 10_000 } }],
      heavy: [{ plugin: 'heavy' }],
      'nested-proto': [{ plugin: 'nested-proto' }],
      'nested-json': [{ plugin: 'nested-json' }]
    },
    upstreams: { dead: { targets: ['http://127.0.0.1:1'] } },
    elsewhere: { 'loops-on-error': 'dead' }
  })

  // 1: what the client gets when the hook it waits for never ends
  for (const hook of LOOPING_HOOKS) {
    await t.test(`a loop in ${hook}`, async t => {
      const expected = { on_error: [502, 'GW_UPSTREAM_REFUSED'], on_log: [200, ''] }[String(hook)] ?? [
        500,
        'GW_PLUGIN_TIMEOUT'
      ]
      await sluice.during(t, `a loop in ${hook}`, () =>
        manyTimes(1, async () => {
          const { status, code } = await sluice.get(`${name(hook)}/x`, { method: 'POST', body: 'x' })
          t.strictSame([status, code], expected)
        })
      )
      await sluice.logged(({ plugin, reason }) => plugin === name(hook) && reason === 'timeout')
    })
  }

  t.test('a loop in on_effect', async t => {
    await sluice.during(t, 'a loop in on_effect', () =>
      manyTimes(1, async () => t.equal((await sluice.get('loops-on-effect/x')).code, 'GW_PLUGIN_TIMEOUT'))
    )
  })

  t.test('loops among good requests of the same route', async t => {
    const before = sluice.upstreamSaw('sometimes')
    let attempts = 0
    await sluice.during(t, 'loops among others', () => {
      attempts++
      return Promise.all(
        Array.from({ length: 30 }, async (_, i) => {
          const { code } = await sluice.get(`sometimes/${i % 10 === 3 ? 'fail' : 'fine'}`)
          t.equal(code, i % 10 === 3 ? 'GW_PLUGIN_TIMEOUT' : '')
        })
      )
    })
    t.equal(sluice.upstreamSaw('sometimes') - before, attempts * 27, 'each went upstream once')
  })

  t.test('loops of a policy that fails open', async t => {
    await sluice.during(t, 'loops that fail open', () =>
      manyTimes(2, async () => t.equal((await sluice.get('open/x')).status, 200))
    )
  })

  // 5
  t.test('endless host calls end with the budget, or the time', async t => {
    await sluice.during(t, 'endless host calls', async () => {
      await manyTimes(5, async () => t.equal((await sluice.get('calls/x')).code, 'GW_PLUGIN_FAILED'))
      await manyTimes(2, async () => t.equal((await sluice.get('calls-long/x')).status, 500))
    })
    await sluice.logged(({ plugin, reason }) => plugin === 'calls' && reason === 'budget')
  })

  // 6
  t.test('a plugin that always takes nine tenths of its time is slow, and no failure to the breaker', async t => {
    const codes: string[] = []
    await sluice.during(t, 'a slow burn', async () => {
      for (let i = 0; i < 7; i++) codes.push((await sluice.get('burner/x')).code)
    })
    const served = codes.filter(code => code === '').length
    t.comment(`${served} of ${codes.length} within the limit`)
    t.ok(served > 0)
    t.strictSame(
      sluice.log.filter(({ plugin, state }) => plugin === 'burner' && state === 'open').length > 0,
      codes.length - served >= 5,
      'only calls that a busy machine pushed past the limit count'
    )
  })

  // 8
  t.test(
    'a pattern that would take for ever elsewhere takes linear time, and a heavy one ends at the deadline',
    async t => {
      await sluice.during(t, 'patterns', async () => {
        t.equal((await sluice.get('redos/x')).status, 200)
        t.equal((await sluice.get('heavy/x')).code, 'GW_PLUGIN_TIMEOUT')
      })
    }
  )

  // 9
  t.test('a verdict that is nested without end is no verdict', async t => {
    await sluice.during(t, 'nested verdicts', async () => {
      await manyTimes(5, async () => t.equal((await sluice.get('nested-proto/x')).code, 'GW_PLUGIN_FAILED'))
      await manyTimes(3, async () => t.equal((await sluice.get('nested-json/x')).code, 'GW_PLUGIN_FAILED'))
    })
    await sluice.logged(({ plugin, reason }) => plugin === 'nested-proto' && reason === 'output')
    await sluice.logged(({ plugin, reason }) => plugin === 'nested-json' && reason === 'output')
  })
})

t.test('a plugin that loops at every tick of its clock is called less and less', async t => {
  const loop = guest({ hooks: { on_tick: '(call $forever) (i32.const 0)', on_request: '(i32.const 0)' } })
  const good = guest({
    imports: '(import "sluice" "log" (func $log (param i32 i32 i32)))',
    hooks: {
      on_tick: '(call $log (i32.const 1) (i32.const 1024) (i32.const 4)) (i32.const 0)',
      on_request: '(i32.const 0)'
    },
    more: data(1024, 'tick')
  })
  const sluice = await field(t, {
    plugins: { loop: { wasm: loop, tickMs: 100 }, good: { wasm: good, tickMs: 100 } },
    routes: { ticking: [{ plugin: 'loop' }, { plugin: 'good' }] }
  })
  const count = (plugin: string): number => sluice.log.filter(line => line.plugin === plugin).length
  await sluice.during(t, 'a loop in on_tick', async () => {
    const before = count('loop')
    await sluice.logged(() => count('loop') > before)
    t.equal((await sluice.get('ticking/x')).status, 200)
  })
  await sluice.logged(() => count('good') >= 16)
  t.ok(count('loop') * 3 <= count('good'), `${count('loop')} of ${count('good')} ticks came to the loop`)
})
