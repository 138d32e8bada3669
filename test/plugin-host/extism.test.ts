import t from 'tap'
import { RequestInput } from '../../core/plugin-host/abi.js'
import { callOf, faults, kept, logs, openPool, verdicts } from '../support/pool.js'
import { wat } from '../support/wat.js'

/** The functions of Extism's kernel that these guests use, with their types. */
const KERNEL = {
  alloc: '(param i64) (result i64)',
  config_get: '(param i64) (result i64)',
  error_set: '(param i64)',
  input_length: '(result i64)',
  input_load_u8: '(param i64) (result i32)',
  length: '(param i64) (result i64)',
  load_u8: '(param i64) (result i32)',
  log_warn: '(param i64)',
  output_set: '(param i64 i64)',
  store_u8: '(param i64 i32)',
  var_get: '(param i64) (result i64)',
  var_set: '(param i64 i64)'
} as const

/** A plugin as Extism's kits make them: no sluice_abi, no arguments, input and output by way of the kernel. */
function extism(hooks: Readonly<Record<string, string>>, more = ''): Uint8Array {
  const imports = Object.entries(KERNEL).map(
    ([name, type]) => `(import "extism:host/env" "${name}" (func $${name} ${type}))`
  )
  const functions = Object.entries(hooks).map(
    ([hook, body]) => `(func (export "${hook}") (result i32) (local $i i64) (local $n i64) (local $out i64) ${body})`
  )
  return wat(`(module ${imports.join('\n')} (memory (export "memory") 1) ${more} ${functions.join('\n')}
    (func $text (param $char i32) (param $length i64) (result i64) (local $at i64) ;; a block that is all one character
      (local.set $at (call $alloc (local.get $length)))
      (loop $next
        (local.set $length (i64.sub (local.get $length) (i64.const 1)))
        (call $store_u8 (i64.add (local.get $at) (local.get $length)) (local.get $char))
        (br_if $next (i64.ne (local.get $length) (i64.const 0))))
      (local.get $at)))`)
}

/** Keeps its input as state: field 12, length below 128. */
const KEEP = `(local.set $n (call $input_length))
  (local.set $out (call $alloc (i64.add (local.get $n) (i64.const 2))))
  (call $store_u8 (local.get $out) (i32.const 0x62))
  (call $store_u8 (i64.add (local.get $out) (i64.const 1)) (i32.wrap_i64 (local.get $n)))
  (loop $next
    (if (i64.lt_u (local.get $i) (local.get $n)) (then
      (call $store_u8 (i64.add (local.get $out) (i64.add (local.get $i) (i64.const 2)))
                      (call $input_load_u8 (local.get $i)))
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (br $next))))
  (call $output_set (local.get $out) (i64.add (local.get $n) (i64.const 2)))
  (i32.const 0)`

/** Keeps the bytes of the block at $out as state, at most 100. */
const KEEP_BLOCK = `(local.set $n (call $length (local.get $out)))
  (local.set $i (call $alloc (i64.add (local.get $n) (i64.const 2))))
  (call $store_u8 (local.get $i) (i32.const 0x62))
  (call $store_u8 (i64.add (local.get $i) (i64.const 1)) (i32.wrap_i64 (local.get $n)))
  (call $output_set (local.get $i) (i64.add (local.get $n) (i64.const 2)))
  (block $done (loop $next
    (br_if $done (i64.eqz (local.get $n)))
    (local.set $n (i64.sub (local.get $n) (i64.const 1)))
    (call $store_u8 (i64.add (i64.add (local.get $i) (i64.const 2)) (local.get $n))
                    (call $load_u8 (i64.add (local.get $out) (local.get $n))))
    (br $next)))`

const keeper = extism({ on_request: KEEP, on_request_body: KEEP })
const loop = (body: string) => `(loop $again ${body} (br $again)) (i32.const 0)`

t.test('a plugin of plain Extism calls gets the messages and is heard', async t => {
  const pool = await openPool(t, [keeper, extism({ on_request: '(i32.const 0)' })])
  t.strictSame(await pool.prepare(), [])
  t.strictSame(kept(await pool.run(callOf([0, 1, 0], 'the input'))), ['the input', 'the input'])
  const body = await pool.run(callOf([0], 'i:', { hook: 'on_request_body', body: 'body' }))
  t.strictSame(kept(body), ['i:\x1a\x04body'], 'the body follows the input, as a field of the message')
  for (let i = 0; i < 200; i++) await pool.run(callOf([0], 'again'))
  t.strictSame(kept(await pool.run(callOf([0], 'still'))), ['still'])
})

t.test('its output is what it says it is, not the block it lies in', async t => {
  const part = extism({
    on_request: `(local.set $out (call $text (i32.const 97) (i64.const 50)))
      (call $store_u8 (i64.add (local.get $out) (i64.const 10)) (i32.const 0x62))
      (call $store_u8 (i64.add (local.get $out) (i64.const 11)) (i32.const 3))
      (call $output_set (i64.add (local.get $out) (i64.const 10)) (i64.const 5)) (i32.const 0)`
  })
  const output = (address: string, length: string) =>
    extism({
      on_request: `(local.set $out (call $text (i32.const 0) (i64.const 50))) (call $output_set ${address} ${length}) (i32.const 0)`
    })
  const pool = await openPool(t, [
    part,
    output('(local.get $out)', '(i64.const 51)'),
    output('(local.get $out)', '(i64.const -1)'),
    output('(i64.add (local.get $out) (i64.const 49))', '(i64.const 2)'),
    output('(i64.const 0x7000000000000)', '(i64.const 1)'),
    output('(i64.const -1)', '(i64.const 1)'),
    output('(local.get $out)', '(i64.const 0)')
  ])
  t.strictSame(kept(await pool.run(callOf([0]))), ['aaa'])
  for (const binding of [1, 2, 3, 4, 5]) {
    t.match(faults(await pool.run(callOf([binding]))), [{ reason: 'output', message: /outside its blocks/ }])
  }
  t.strictSame(await pool.run(callOf([6])), [], 'no bytes are an empty verdict')
})

t.test('what it can make the host allocate is bounded', async t => {
  const config = '(call $store_u8 (local.tee $out (call $text (i32.const 115) (i64.const 8))) (i32.const 115))'
  const floods: Record<string, [body: string, message: RegExp]> = {
    'many blocks': [loop('(drop (call $alloc (i64.const 1)))'), /more than 4096 blocks/],
    'large blocks': [loop('(drop (call $alloc (i64.const 65536)))'), /are left of its limit/],
    'one block of a tebibyte': ['(drop (call $alloc (i64.const 0x10000000000))) (i32.const 0)', /asked for a block/],
    'a block of less than nothing': ['(drop (call $alloc (i64.const -1))) (i32.const 0)', /asked for a block/],
    'copies of a variable': [
      `(call $var_set (call $text (i32.const 97) (i64.const 1)) (call $text (i32.const 98) (i64.const 60000)))
       (local.set $out (call $text (i32.const 97) (i64.const 1)))
       ${loop('(drop (call $var_get (local.get $out)))')}`,
      /are left of its limit/
    ],
    'copies of its settings': [`${config} ${loop('(drop (call $config_get (local.get $out)))')}`, /host calls|blocks/],
    'many variables': [
      `(local.set $out (call $text (i32.const 97) (i64.const 4)))
       (local.set $n (call $alloc (i64.const 0)))
       ${loop(`(call $store_u8 (local.get $out) (i32.wrap_i64 (local.get $i)))
         (call $store_u8 (i64.add (local.get $out) (i64.const 1)) (i32.wrap_i64 (i64.shr_u (local.get $i) (i64.const 8))))
         (local.set $i (i64.add (local.get $i) (i64.const 1)))
         (call $var_set (local.get $out) (local.get $n))`)}`,
      /more than 256 variables/
    ],
    'a large variable': [
      `(call $var_set (call $text (i32.const 97) (i64.const 1)) (call $alloc (i64.const 1500000))) (i32.const 0)`,
      /var memory limit/
    ],
    'a long name': ['(drop (call $var_get (call $alloc (i64.const 2000)))) (i32.const 0)', /a name of 2000 bytes/]
  }
  const limits = { timeoutMs: 10_000, hostCalls: 100_000 }
  const cases = Object.entries(floods)
  const pool = await openPool(t, [
    ...cases.map(([, [body]]) => ({ wasm: extism({ on_request: body }), limits })),
    keeper
  ])
  for (const [i, [what, [, message]]] of cases.entries()) {
    t.match(faults(await pool.run(callOf([i]))), [{ reason: 'budget', message }], what)
    t.strictSame(kept(await pool.run(callOf([cases.length], 'fine'))), ['fine'], 'the next plugin works')
  }
})

t.test('blocks end with the call, so a plugin may make as many in every call', async t => {
  const many = extism({
    on_request: `(loop $again (drop (call $alloc (i64.const 1000)))
      (br_if $again (i64.lt_u (local.tee $i (i64.add (local.get $i) (i64.const 1))) (i64.const 4000)))) (i32.const 0)`
  })
  const pool = await openPool(t, [{ wasm: many, limits: { timeoutMs: 10_000 } }])
  for (let i = 0; i < 40; i++) t.strictSame(await pool.run(callOf([0])), [])
})

t.test('variables last from call to call; the settings are config "settings"', async t => {
  const name = (char: string) => `(call $text (i32.const ${char.charCodeAt(0)}) (i64.const 1))`
  const spell = (text: string) =>
    `(local.set $out (call $alloc (i64.const ${text.length}))) ${[...text]
      .map(
        (char, i) => `(call $store_u8 (i64.add (local.get $out) (i64.const ${i})) (i32.const ${char.charCodeAt(0)}))`
      )
      .join(' ')}`
  const configure = `(call $var_set ${name('k')} (call $text (i32.const 118) (i64.const 5))) (i32.const 0)`
  const read = `(local.set $out (call $var_get ${name('k')})) ${KEEP_BLOCK} (i32.const 0)`
  const config = (key: string) =>
    `${spell(key)} (local.set $out (call $config_get (local.get $out))) ${KEEP_BLOCK} (i32.const 0)`
  const pool = await openPool(t, [
    extism({ on_configure: configure, on_request: read }),
    { wasm: extism({ on_request: config('settings') }), settings: { word: 'hello' } },
    extism({ on_request: config('constructor') }),
    extism({ on_request: config('__proto__') })
  ])
  t.strictSame(await pool.prepare(), [])
  for (let i = 0; i < 3; i++) t.strictSame(kept(await pool.run(callOf([0]))), ['vvvvv'])
  t.strictSame(kept(await pool.run(callOf([1]))), ['{"word":"hello"}'])
  t.strictSame(kept(await pool.run(callOf([2, 3]))), ['\0', '\0'], 'what JavaScript objects have by birth is not there')
})

t.test('its log lines are bounded like any others', async t => {
  const one = '(call $log_warn (call $text (i32.const 108) (i64.const 5)))'
  const flood = `(loop $again ${one}
    (br_if $again (i64.lt_u (local.tee $i (i64.add (local.get $i) (i64.const 1))) (i64.const 500)))) (i32.const 0)`
  const pool = await openPool(t, [
    extism({ on_request: `${one} (i32.const 0)` }),
    { wasm: extism({ on_request: flood }), limits: { timeoutMs: 10_000 } },
    extism({ on_request: '(call $log_warn (call $alloc (i64.const 1000000))) (i32.const 0)' }),
    { wasm: extism({ on_request: `${one} (i32.const 0)` }), permissions: {} }
  ])
  t.strictSame(logs(await pool.run(callOf([0]))), ['2lllll'])
  t.ok(logs(await pool.run(callOf([1]))).length <= 21)
  const [long] = logs(await pool.run(callOf([2])))
  t.ok(long !== undefined && long.length < 3_000, `${long?.length} characters of a million`)
  t.strictSame(await pool.run(callOf([3])), [])
})

t.test('it fails like any other plugin', async t => {
  const broken: Record<string, [body: string, expected: object]> = {
    'it says so': [
      '(call $error_set (call $text (i32.const 101) (i64.const 3))) (i32.const 1)',
      { reason: 'trap', message: /eee/ }
    ],
    'it stops': ['unreachable', { reason: 'trap', message: /unreachable/ }],
    'it reads past the end of a block': [
      '(drop (call $load_u8 (i64.add (call $alloc (i64.const 4)) (i64.const 4)))) (i32.const 0)',
      { reason: 'trap' }
    ],
    'it writes past the end of its input': [
      '(drop (call $input_load_u8 (i64.const 1000000))) (i32.const 0)',
      { reason: 'trap' }
    ],
    'its output is too large': [
      '(call $output_set (call $alloc (i64.const 2000000)) (i64.const 2000000)) (i32.const 0)',
      { reason: 'budget', message: /the limit is/ }
    ],
    'its output is no message': [
      '(call $output_set (call $text (i32.const 255) (i64.const 9)) (i64.const 9)) (i32.const 0)',
      { reason: 'output' }
    ],
    'it runs for ever': [loop(''), { reason: 'timeout' }]
  }
  const cases = Object.entries(broken)
  const pool = await openPool(t, [
    ...cases.map(([, [body]]) => ({ wasm: extism({ on_request: body }), failure: 'open' as const })),
    keeper
  ])
  await pool.prepare()
  for (const [i, [what, [, expected]]] of cases.entries()) {
    const entries = await pool.run(callOf([i, cases.length], 'next'))
    t.match(faults(entries), [expected], what)
    t.strictSame(kept(entries), ['next'], `${what}: the next one runs`)
  }
})

/** A plugin whose output is this text, always. */
function sayer(text: string): Uint8Array {
  const stores = [...Buffer.from(text)].map(
    (byte, i) => `(call $store_u8 (i64.add (local.get $out) (i64.const ${i})) (i32.const ${byte}))`
  )
  const size = Buffer.byteLength(text)
  return extism({
    on_request: `(local.set $out (call $alloc (i64.const ${size}))) ${stores.join(' ')}
      (call $output_set (local.get $out) (i64.const ${size})) (i32.const 0)`
  })
}

t.test('a plugin of plain Extism calls may speak JSON: it is asked and heard in it', async t => {
  const input = RequestInput.encode({
    context: { nowMs: 1_700_000_000_123, state: Buffer.from([0, 255]) },
    request: { path: '/p', headers: ['x-a', 'ä'] }
  }).finish()
  // In an error message the input comes back.
  const mirror = extism({
    on_request: `(local.set $n (call $input_length)) (local.set $out (call $alloc (local.get $n)))
      (loop $next
        (call $store_u8 (i64.add (local.get $out) (local.get $i)) (call $input_load_u8 (local.get $i)))
        (local.set $i (i64.add (local.get $i) (i64.const 1)))
        (br_if $next (i64.lt_u (local.get $i) (local.get $n))))
      (call $error_set (local.get $out)) (i32.const 1)`
  })
  const answer = {
    headers: [{ op: 0, name: 'x-b', value: 'plain text' }],
    state: Buffer.from([7, 0, 200]).toString('base64'),
    reply: { status: 403, headers: ['x-why', 'no'], body: Buffer.from('no').toString('base64') },
    bag: ['__proto__', 'kept']
  }
  const pool = await openPool(t, [
    { wasm: mirror, messages: 'json' },
    { wasm: sayer(JSON.stringify(answer)), messages: 'json' },
    { wasm: sayer('{"headers": 3'), messages: 'json' },
    { wasm: sayer('[]'), messages: 'json' }
  ])
  const [fault] = faults(await pool.run(callOf([0], input)))
  t.match(JSON.parse(/\{.*\}/.exec(fault?.message ?? '')?.[0] ?? '{}'), {
    context: { nowMs: '1700000000123', state: 'AP8=' },
    request: { path: '/p', headers: ['x-a', 'ä'] }
  })
  const [verdict] = verdicts(await pool.run(callOf([1], input)))
  t.match(verdict, {
    headers: [{ name: 'x-b', value: 'plain text' }],
    bag: ['__proto__', 'kept'],
    reply: { status: 403 }
  })
  t.strictSame([...(verdict?.state ?? [])], [7, 0, 200])
  t.equal(Buffer.from(verdict?.reply?.body ?? '').toString(), 'no')
  t.match(faults(await pool.run(callOf([2], input))), [{ reason: 'output', message: /not the JSON of a verdict/ }])
  t.match(faults(await pool.run(callOf([3], input))), [{ reason: 'output' }])
})
