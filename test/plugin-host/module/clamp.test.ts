import t from 'tap'
import { checkModule } from '../../../core/plugin-host/module/check.js'
import { clampMemory } from '../../../core/plugin-host/module/clamp.js'
import { inspectModule } from '../../../core/plugin-host/module/inspect.js'
import { direct, extism, refusal, wat } from './guest.js'

const GREEDY = `(module
  (memory (export "memory") 1)
  (func (export "on_request") (result i32)
    loop $again
      i32.const 1 memory.grow i32.const -1 i32.ne br_if $again
    end
    memory.size))`

t.test('a loop of memory.grow ends at the clamp', async t => {
  for (const maxPages of [1, 2, 64, 200]) {
    const { bytes } = checkModule(wat(GREEDY), { what: 'greedy', hooks: ['on_request'], maxPages })
    t.equal(run(bytes), maxPages)
  }
})

t.test('the smaller of the declared and the allowed maximum counts', async t => {
  const declared = (max: string) => wat(`(module (memory (export "memory") 2 ${max}))`)
  const clamped = (max: string, maxPages: number) =>
    inspectModule(clampMemory(declared(max), maxPages), 'm').memories[0]
  t.strictSame(clamped('', 300), { min: 2, max: 300 })
  t.strictSame(clamped('3', 300), { min: 2, max: 3 })
  t.strictSame(clamped('65536', 300), { min: 2, max: 300 })
  t.strictSame(clamped('', 2), { min: 2, max: 2 })
})

t.test('a memory that starts above the clamp, or that is not there, is refused', async t => {
  t.match(
    refusal(() => clampMemory(wat('(module (memory 3))'), 2)),
    /^module: asks for 3 pages \(192 KiB\)/
  )
  t.match(
    refusal(() => clampMemory(wat('(module)'), 2)),
    /^module: has no memory of its own/
  )
})

t.test('everything but the memory section stays byte for byte', async t => {
  for (const text of [direct('(data (i32.const 8) "some data")'), extism('(table 3 funcref)'), GREEDY]) {
    const before = wat(text, { debugNames: true })
    const after = clampMemory(before, 300)
    const [was, is] = [inspectModule(before, 'm').memorySection, inspectModule(after, 'm').memorySection]
    if (was === undefined || is === undefined) throw new Error('no memory section')
    t.strictSame(after.subarray(0, is.start), before.subarray(0, was.start))
    t.strictSame(after.subarray(is.end), before.subarray(was.end))
    t.strictSame([...after.subarray(is.start, is.end)], [5, 5, 1, 1, 1, 0xac, 2])
  }
})

t.test('the result is a copy: what happens to the file afterwards does not matter', async t => {
  const before = wat(GREEDY)
  const { bytes } = checkModule(before, { what: 'greedy', hooks: ['on_request'], maxPages: 3 })
  before.fill(0)
  t.equal(run(bytes), 3)
})

t.test('a padded memory section is found and replaced', async t => {
  const plain = wat(GREEDY)
  const at = inspectModule(plain, 'm').memorySection
  if (at === undefined) throw new Error('no memory section')
  const padded = [5, 0x8b, 0x80, 0, 0x81, 0x80, 0, 0, 0x81, 0x80, 0x80, 0x80, 0, 0x80, 0]
  const broken = Uint8Array.from([...plain.subarray(0, at.start), ...padded, ...plain.subarray(at.end)])
  t.match(
    refusal(() => clampMemory(broken, 7)),
    /memory section has \d+ bytes too many/
  )
  const section = [5, 0x89, 0x80, 0, 0x81, 0x80, 0, 0, 0x81, 0x80, 0x80, 0x80, 0]
  const bytes = Uint8Array.from([...plain.subarray(0, at.start), ...section, ...plain.subarray(at.end)])
  t.equal(run(clampMemory(bytes, 7)), 7)
})

function run(bytes: Uint8Array): unknown {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes.slice()))
  const hook = instance.exports.on_request
  return typeof hook === 'function' ? hook() : undefined
}
