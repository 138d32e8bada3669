import t from 'tap'
import { inspectModule } from '../../../core/plugin-host/module/inspect.js'
import { binary, direct, functions, leb, refusal, section, wat } from './guest.js'

const inspect = (bytes: Uint8Array) => refusal(() => inspectModule(bytes, 'plugin p'))
const RICH = `(module
  (type $binary (func (param i32 i32) (result i32)))
  (import "sluice" "now" (func $now (result f64)))
  (import "sluice" "sha256" (func $sha256 (param i32 i32 i32)))
  (memory (export "memory") 1 3)
  (table $t (export "table") 2 4 funcref)
  (table $e 1 8 externref)
  (global $g (mut i64) (i64.const -5))
  (global (export "base") f64 (f64.const 1.5))
  (tag $oops (param i32))
  (elem (i32.const 0) $add $sub)
  (elem $passive func $add)
  (elem declare func $sub)
  (data (i32.const 16) "hello")
  (data $late "world")
  (func $add (type $binary) local.get 0 local.get 1 i32.add)
  (func $sub (type $binary) local.get 0 local.get 1 i32.sub)
  (func (export "control") (param i32) (result i32) (local i64 f32 v128)
    block $out (result i32)
      i32.const 1
      local.get 0
      br_table $out $out $out
    end
    if (result i32) i32.const 300 else call $now i32.trunc_sat_f64_s end
    loop $again local.get 0 i32.const 1 i32.sub local.tee 0 br_if $again end
    i32.const 2 i32.const 3 local.get 0 call_indirect (type $binary) drop
    i64.const 9223372036854775807 global.set $g
    f32.const 2.5 local.set 2)
  (func (export "bulk") (param i32)
    i32.const 0 i32.const 0 i32.const 5 memory.init $late
    data.drop $late
    i32.const 0 i32.const 16 i32.const 5 memory.copy
    i32.const 0 i32.const 7 i32.const 5 memory.fill
    ref.null extern i32.const 1 table.grow $e drop
    i32.const 0 ref.func $sub table.set $t
    i32.const 5 table.size $t memory.size memory.grow select drop)
  (func (export "vector") (param i32) (result i32)
    local.get 0 v128.load offset=16
    v128.const i32x4 1 2 3 4
    i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31
    local.get 0 i8x16.splat
    i32x4.add
    i32x4.extract_lane 2)
  (func (export "throws") (param i32) (result i32)
    try (result i32)
      local.get 0 throw $oops
    catch $oops
    catch_all
      i32.const 7
    end)
  (func (export "tail") (param i32 i32) (result i32)
    local.get 0 local.get 1 return_call $add))`

const EMPTY_TYPE = section(1, [1, 0x60, 0, 0])
const ONE_FUNCTION = section(3, [1, 0])
const ONE_BODY = section(10, [1, 2, 0, 0x0b])

t.test('a module of every kind of section and many instructions is read whole', async t => {
  const bytes = wat(RICH, { debugNames: true })
  const info = inspectModule(bytes, 'plugin p')
  const compiled = new WebAssembly.Module(bytes)

  t.strictSame(
    info.exports.map(({ name, kind }) => ({ name, kind })),
    WebAssembly.Module.exports(compiled)
  )
  t.strictSame(
    info.imports.map(({ module, name, kind }) => ({ module, name, kind })),
    WebAssembly.Module.imports(compiled)
  )
  t.match(info, { functions: 7, hasStart: false, growsTable: true, memories: [{ min: 1, max: 3 }] })
  t.ok(info.customBytes > 0, 'debug names are counted')
})

t.test('a module cut short at any byte is refused, unless the engine would take the rest too', async t => {
  const whole = wat(RICH)
  let refused = 0
  for (let length = 0; length < whole.length; length++) {
    const cut = whole.subarray(0, length)
    const message = inspect(cut)
    if (message === 'accepted') t.ok(WebAssembly.validate(cut), `${length} bytes`)
    else refused++
  }
  t.ok(refused > whole.length - 20, `${refused} of ${whole.length} cuts refused`)
  t.match(inspect(whole.subarray(0, whole.length - 1)), /plugin p: is cut short or damaged: .* \(at byte \d+\)/)
})

t.test('what is not a WASM module is called what it is', async t => {
  t.equal(inspect(new Uint8Array()), 'plugin p: is empty; expected a WASM module')
  t.match(inspect(Buffer.from('(module)')), /its text form; compile it first/)
  t.match(inspect(Buffer.from('PK\x03\x04')), /is not a WASM module: it begins with 504b0304, not with 0061736d/)
  t.match(inspect(Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0)), /is a WASM component; expected a core module/)
  t.match(inspect(Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0)), /is of WASM binary version 2,0,0,0/)
  t.match(inspect(Uint8Array.of(0, 0x61, 0x73, 0x6d)), /is of WASM binary version ; expected 1,0,0,0/)
})

t.test('sections out of order, twice or unknown are refused', async t => {
  t.match(inspect(binary(ONE_FUNCTION, EMPTY_TYPE)), /function 0 is of type 0, which does not exist/)
  t.match(inspect(binary(section(5, [1, 0, 1]), EMPTY_TYPE)), /type section comes after the memory section/)
  t.match(inspect(binary(EMPTY_TYPE, EMPTY_TYPE)), /has two type sections/)
  t.match(inspect(binary(section(14, []))), /has a section of unknown id 14/)
  const dataCount = section(12, [0])
  t.equal(inspect(binary(EMPTY_TYPE, ONE_FUNCTION, dataCount, ONE_BODY)), 'accepted', 'data count before code')
  t.match(inspect(binary(EMPTY_TYPE, ONE_FUNCTION, ONE_BODY, dataCount)), /data count section comes after the code/)
  const tag = section(13, [1, 0, 0])
  const global = section(6, [0])
  t.equal(inspect(binary(EMPTY_TYPE, tag, global)), 'accepted', 'tags before globals')
  t.match(inspect(binary(EMPTY_TYPE, global, tag)), /tag section comes after the global section/)
})

t.test('a section is exactly as long as it says', async t => {
  t.match(inspect(binary(section(1, [1, 0x60, 0, 0, 0]))), /type section has 1 bytes too many/)
  t.match(inspect(binary([1, 200, 1, 1, 0x60, 0, 0])), /type section takes 200 bytes, only 4 are left/)
  t.match(inspect(binary([1, 3, 1, 0x60, 0, 0])), /cut short or damaged/)
})

t.test('LEB128 numbers may be padded, but not too long or too large', async t => {
  t.equal(inspect(binary([1, 0x80 | 4, 0x80, 0x80, 0x80, 0, 1, 0x60, 0, 0])), 'accepted', 'linkers pad to five bytes')
  t.match(inspect(binary([1, 0x84, 0x80, 0x80, 0x80, 0x80, 0, 1, 0x60, 0, 0])), /not a LEB128 number of 32 bits/)
  t.match(inspect(binary([1, 0xff, 0xff, 0xff, 0xff, 0x1f])), /not a LEB128 number of 32 bits/)
  t.match(inspect(binary([1, 0xff, 0xff, 0xff, 0xff, 0x0f])), /takes 4294967295 bytes/)
  const i32 = (...value: number[]) => inspect(functions([0, 0x41, ...value, 0x1a, 0x0b]))
  t.equal(i32(0xff, 0xff, 0xff, 0xff, 0x7f), 'accepted', '-1, padded')
  t.match(i32(0xff, 0xff, 0xff, 0xff, 0x4f), /not a signed LEB128 number of its size/)
  t.match(i32(0x80, 0x80, 0x80, 0x80, 0x80, 0), /not a signed LEB128 number of its size/)
  const i64 = (...value: number[]) => inspect(functions([0, 0x42, ...value, 0x1a, 0x0b]))
  t.equal(i64(...Array(9).fill(0xff), 0x7f), 'accepted')
  t.match(i64(...Array(9).fill(0x80), 2), /not a signed LEB128 number of its size/)
})

t.test('what is declared is there: functions and data', async t => {
  t.match(inspect(binary(EMPTY_TYPE, ONE_FUNCTION)), /declares 1 functions but has the bodies of 0/)
  t.match(inspect(binary(EMPTY_TYPE, ONE_BODY)), /declares 0 functions but has the bodies of 1/)
  t.match(inspect(binary(section(12, [2]))), /declares 2 data segments but has 0/)
  t.match(inspect(functions([0, 0x0b, 0x0b])), /body of function 0 goes on after its end/)
  t.match(inspect(functions([0, 0x02, 0x40, 0x0b])), /cut short or damaged: an instruction is missing/)
})

t.test('instructions the supported engines do not all have are refused by name', async t => {
  t.match(inspect(functions([0, 0xfe, 0x03, 0x00, 0x0b])), /0xfe \(atomics: build without threads\)/)
  t.match(inspect(functions([0, 0xfb, 0x00, 0x00, 0x0b])), /0xfb \(garbage collection\)/)
  t.match(inspect(functions([0, 0xfc, 0x20, 0x0b])), /0xfc 0x20/)
  t.match(inspect(functions([0, 0x27, 0x0b])), /does not run, 0x27/)
  t.match(inspect(binary(section(1, [1, 0x5f, 0]))), /only function types are supported/)
})

t.test('names are UTF-8, and shown so that they cannot write into a terminal', async t => {
  const exporting = (...name: number[]) =>
    binary(EMPTY_TYPE, ONE_FUNCTION, section(7, [1, ...leb(name.length), ...name, 0, 9]), ONE_BODY)
  t.match(inspect(exporting(0xff, 0xfe)), /name of an export is not UTF-8/)
  t.match(inspect(exporting(0x1b, 0x5b, 0x32, 0x4a)), /export "\\u\{1b\}\[2J" is function 9, which does not exist/)
  const marked = wat('(module (memory (export "\\ef\\bb\\bfmemory") 1))')
  t.equal(inspectModule(marked, 'p').exports[0]?.name, '\ufeffmemory', 'a byte order mark is part of the name')
})

t.test('two exports of one name are refused', async t => {
  const twice = wat('(module (func (export "f")) (func (export "f")))', { check: false })
  t.match(inspect(twice), /plugin p: exports "f" twice/)
})

t.test('damage inside a valid plugin is reported with its place', async t => {
  const bytes = wat(direct())
  bytes[9] = 0x7f
  t.match(inspect(bytes), /^plugin p: .* \(at byte \d+\)$/)
})
