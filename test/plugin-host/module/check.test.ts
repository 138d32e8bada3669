import { createPlugin } from '@extism/extism'
import t from 'tap'
import { HOST_FUNCTIONS } from '../../../core/plugin-host/imports.js'
import { checkModule, type ModuleRules } from '../../../core/plugin-host/module/check.js'
import { direct, extism, refusal, wat } from './guest.js'

const RULES: ModuleRules = { what: 'plugin p (p.wasm)', hooks: ['on_request'], maxPages: 16 }
const check = (text: string, rules: Partial<ModuleRules> = {}) =>
  refusal(() => checkModule(wat(text), { ...RULES, ...rules }))

t.test('a plugin of either convention is accepted and told apart', async t => {
  t.equal(checkModule(wat(direct()), RULES).abi, 'direct')
  t.equal(checkModule(wat(extism()), RULES).abi, 'extism')
})

t.test('every host function can be imported, with exactly its signature', async t => {
  for (const [module, functions] of Object.entries(HOST_FUNCTIONS)) {
    for (const [name, signature] of Object.entries(functions)) {
      t.equal(check(extism('', imported(module, name, signature))), 'accepted', `${module} ${name}`)
      t.equal(
        check(extism('', `(import "${module}" "${name}" (func (param f32)))`)),
        `plugin p (p.wasm): imports "${module}.${name}" as (f32) -> (); expected ${signature}`
      )
    }
  }
})

t.test('Extism links every kernel function of the table', async t => {
  const functions = Object.entries(HOST_FUNCTIONS['extism:host/env'])
  const imports = functions.map(([name, signature]) => imported('extism:host/env', name, signature)).join('\n')
  const module = await WebAssembly.compile(checkModule(wat(extism('', imports)), RULES).bytes.slice())
  const plugin = await createPlugin(module, { config: {} })
  t.teardown(() => plugin.close())
  t.equal(await plugin.functionExists('on_request'), true)
})

t.test('imports Sluice does not offer are all named, with what to do', async t => {
  const imports = [
    '(import "env" "abort" (func (param i32 i32 i32 i32)))',
    '(import "env" "seed" (func (result f64)))',
    '(import "env" "Date.now" (func (result f64)))',
    '(import "env" "console.log" (func (param i32)))',
    '(import "sluice" "constructor" (func))',
    '(import "__proto__" "log" (func))'
  ]
  t.equal(
    check(direct('', imports.join(' '))),
    'plugin p (p.wasm): imports what Sluice does not offer it: ' +
      '"env.abort" (AssemblyScript\'s abort: build with the SDK (sluice plugin build), which replaces it); ' +
      '"env.seed" (use the SDK\'s random functions instead of Math.random()); ' +
      '"env.Date.now" (use the SDK\'s clock instead of Date.now()); ' +
      '"env.console.log" (use the SDK\'s log functions instead of console); ' +
      '"sluice.constructor"; "__proto__.log"'
  )
})

t.test('a long list of imports is cut', async t => {
  const imports = Array.from({ length: 20 }, (_, i) => `(import "m" "f${i}" (func))`).join(' ')
  t.match(check(direct('', imports)), /"m\.f7"; and 12 more$/)
})

t.test('WASI, HTTP requests and wasm-bindgen are refused with a hint', async t => {
  const one = (module: string, name: string) => check(extism('', `(import "${module}" "${name}" (func))`))
  t.match(one('wasi_snapshot_preview1', 'fd_write'), /there is no WASI: build for wasm32-unknown-unknown/)
  t.match(one('wasi:io/streams@0.2.0', 'x'), /there is no WASI/)
  t.match(one('extism:host/env', 'http_request'), /a hook cannot wait for I\/O/)
  t.match(one('extism:host/env', 'http_status_code'), /a hook cannot wait for I\/O/)
  t.match(one('__wbindgen_placeholder__', '__wbindgen_throw'), /wasm-bindgen needs a JavaScript host/)
  t.match(one('env', 'foo'), /"env\.foo" \(the linker left it undefined\)/)
})

t.test('only functions can be imported', async t => {
  t.equal(
    check('(module (import "env" "memory" (memory 1)))'),
    'plugin p (p.wasm): imports the memory "env.memory"; only functions can be imported; ' +
      'define the memory in the module and export it (AssemblyScript: without --importMemory)'
  )
  t.match(check(direct('', '(import "a" "t" (table 1 funcref))')), /imports the table "a\.t"; only functions/)
  t.match(check(direct('', '(import "a" "g" (global i32))')), /imports the global "a\.g"; only functions/)
  t.match(check(direct('', '(import "a" "e" (tag))')), /imports the tag "a\.e"; only functions/)
})

t.test('the operator can leave out host functions', async t => {
  const now = imported('sluice', 'now', '() -> f64')
  t.match(check(direct('', now), { allowedImports: { sluice: {} } }), /does not offer it: "sluice\.now"$/)
  t.match(check(direct('', now), { allowedImports: {} }), /does not offer it: "sluice\.now"$/)
})

t.test('a plugin speaks one convention: Extism never frees what one called directly allocates', async t => {
  const alloc = imported('extism:host/env', 'alloc', '(i64) -> i64')
  t.match(check(direct('', alloc)), /imports "extism:host\/env\.alloc" and exports sluice_abi; .* either/)
  t.equal(check(extism('', imported('sluice', 'now', '() -> f64'))), 'accepted', "Sluice's functions serve both")
})

t.test('a start section is refused', async t => {
  t.equal(
    check(direct('(func $go) (start $go)')),
    'plugin p (p.wasm): has a start section; build with --exportStart _initialize'
  )
})

t.test('a plugin has exactly one memory, its own, exported, of the usual kind', async t => {
  const two = wat(direct())
  const section = two.indexOf(5, 8) // the memory section: 05 03 01 00 01
  t.strictSame([...two.subarray(section, section + 5)], [5, 3, 1, 0, 1])
  const twice = Uint8Array.from([...two.subarray(0, section), 5, 5, 2, 0, 1, 0, 1, ...two.subarray(section + 5)])
  t.match(
    refusal(() => checkModule(twice, RULES)),
    /has 2 memories; a plugin has exactly one/
  )
  t.match(check('(module (func (export "on_request") (result i32) i32.const 0))'), /has no memory/)
  t.match(check('(module (memory 1))'), /does not export its memory; expected an export "memory"/)
  t.match(check('(module (memory 1) (func (export "memory")))'), /exports "memory" as a function; expected the memory/)
  const unchecked = (text: string) => refusal(() => checkModule(wat(text, { check: false }), RULES))
  t.match(unchecked('(module (memory (export "memory") 1 2 shared))'), /has a memory that is shared/)
  t.match(unchecked('(module (memory (export "memory") i64 1))'), /has a memory that is 64-bit/)
  t.match(unchecked('(module (memory (export "memory") i64 1 2 shared))'), /has a memory that is shared and 64-bit/)
})

t.test('a memory larger than the limit at start is refused', async t => {
  t.equal(
    check('(module (memory (export "memory") 32768) (func (export "on_request") (result i32) i32.const 0))'),
    'plugin p (p.wasm): asks for 32768 pages (2097152 KiB) of memory at start, its limit is 16 pages (1024 KiB) ' +
      '("limits.memoryPages" in its manifest, or the operator\'s cap)'
  )
})

t.test('mutable globals stay inside; immutable ones may be exported', async t => {
  t.match(
    check(direct('(global (export "counter") (mut i32) (i32.const 0))')),
    /exports mutable globals: "counter"; keep them inside \(AssemblyScript: no "export let"\)/
  )
  t.equal(
    check(direct('(global (export "__rtti_base") i32 (i32.const 8)) (global (mut i32) (i32.const 0))')),
    'accepted'
  )
})

t.test('table.grow needs tables with a small maximum', async t => {
  const grow = '(func ref.null func i32.const 1 table.grow $t drop)'
  t.match(check(direct(`(table $t 1 funcref) ${grow}`)), /uses table\.grow, and its tables can grow to any size/)
  t.match(check(direct(`(table $t 1 9000000 funcref) ${grow}`)), /can grow to 9000000; .* at most 100000/)
  t.equal(check(direct(`(table $t 1 1000 funcref) ${grow}`)), 'accepted')
  t.equal(check(direct('(table 1 funcref)')), 'accepted', 'one that nothing grows needs no maximum')
})

t.test('hooks are those of the manifest, no more and no fewer', async t => {
  const response = '(func (export "on_response") (param i32 i32) (result i32) i32.const 0)'
  t.equal(check(direct(response), { hooks: ['on_response', 'on_request'] }), 'accepted')
  t.match(check(direct(response)), /exports on_response, not among the hooks of its manifest \(on_request\); hooks are/)
  t.match(check(direct('(func (export "on_reqest"))')), /exports on_reqest, not among the hooks/)
  t.equal(
    check(direct(), { hooks: ['on_request', 'on_response'] }),
    'plugin p (p.wasm): does not export on_response, which its manifest lists as hooks; it exports on_request'
  )
  t.match(check('(module (memory (export "memory") 1))'), /lists as hooks; it exports none/)
})

t.test('hooks have the signature of their convention', async t => {
  const only = (abi: string, hook: string) => check(`(module (memory (export "memory") 1) ${abi} ${hook})`)
  const mark = `(func (export "sluice_abi") (result i32) i32.const 1)
    (func (export "sluice_alloc") (param i32) (result i32) i32.const 0)`
  t.equal(
    only(mark, '(func (export "on_request") (result i32) i32.const 0)'),
    'plugin p (p.wasm): exports on_request as () -> i32; expected a function (i32, i32) -> i32'
  )
  t.equal(
    only('', '(func (export "on_request") (param i32 i32) (result i32) i32.const 0)'),
    'plugin p (p.wasm): exports on_request as (i32, i32) -> i32; expected a function () -> i32 ' +
      '(without an export sluice_abi it is called the way Extism calls plugins)'
  )
  t.match(only(mark, '(global (export "on_request") i32 (i32.const 0))'), /exports on_request as a global; expected/)
  t.match(
    only(mark, '(func (export "on_request") (param i32 i32) (result i32 i32) i32.const 0 i32.const 0)'),
    /as \(i32, i32\) -> \(i32, i32\); expected/
  )
})

t.test('the direct convention has its functions, and what Extism calls by itself is a function', async t => {
  const hook = '(func (export "on_request") (param i32 i32) (result i32) i32.const 0)'
  const only = (text: string) => check(`(module (memory (export "memory") 1) ${hook} ${text})`)
  const mark = '(func (export "sluice_abi") (result i32) i32.const 1)'
  t.match(only(mark), /does not export sluice_alloc; expected a function \(i32\) -> i32/)
  t.match(only('(func (export "sluice_abi"))'), /exports sluice_abi as \(\) -> \(\); expected a function \(\) -> i32/)
  t.match(only('(global (export "sluice_abi") i32 (i32.const 1))'), /exports sluice_abi as a global; expected/)
  t.match(only(`${mark} (func (export "sluice_alloc"))`), /exports sluice_alloc as \(\) -> \(\)/)
  t.match(check(direct('(func (export "_initialize") (param i32))')), /exports _initialize as \(i32\) -> \(\)/)
  t.match(check(direct('(global (export "_start") i32 (i32.const 1))')), /exports _start as a global/)
  t.match(check(direct('(func (export "hs_init"))')), /exports hs_init as \(\) -> \(\); expected/)
  t.equal(check(direct('(func (export "_initialize"))')), 'accepted')
})

/** The import of a function in text form, from its signature. */
function imported(module: string, name: string, signature: string): string {
  const [params = '', result = ''] = signature.split(' -> ').map(part => part.replace(/[(),]/g, ' '))
  return `(import "${module}" "${name}" (func (param ${params}) (result ${result})))`
}
