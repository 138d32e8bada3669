import fc from 'fast-check'
import t from 'tap'
import { CAPS } from '../../../core/plugin-host/module/caps.js'
import { checkModule } from '../../../core/plugin-host/module/check.js'
import { inspectModule } from '../../../core/plugin-host/module/inspect.js'
import { direct, extism, refusal, wat } from './guest.js'

const MAX_PAGES = 8
const RULES = { what: 'plugin p', hooks: ['on_request'], maxPages: MAX_PAGES }
const SEEDS = [
  wat(direct('(table 2 funcref) (elem (i32.const 0) 1) (global (mut i64) (i64.const -1)) (data (i32.const 8) "abc")')),
  wat(extism('(func (param i32) local.get 0 if loop br 0 end end)', '(import "sluice" "now" (func (result f64)))'))
]

/** A valid module, damaged: bytes replaced, inserted and left out, and the end cut off. */
const damaged = fc
  .record({
    seed: fc.constantFrom(...SEEDS),
    edits: fc.array(fc.record({ at: fc.nat(400), kind: fc.nat(2), byte: fc.nat(255) }), { minLength: 1, maxLength: 6 }),
    cut: fc.option(fc.nat(400), { freq: 4, nil: 400 })
  })
  .map(({ seed, edits, cut }) => {
    const bytes = [...seed]
    for (const { at, kind, byte } of edits)
      bytes.splice(at % bytes.length, kind === 1 ? 0 : 1, ...(kind === 2 ? [] : [byte]))
    return Uint8Array.from(bytes.slice(0, cut))
  })

/** One byte changed: often still a valid module, and another one. */
const altered = fc
  .record({ seed: fc.constantFrom(...SEEDS), at: fc.nat(400), byte: fc.nat(255) })
  .map(({ seed, at, byte }) => seed.map((was, i) => (i === at % seed.length ? byte : was)))

t.test('a damaged module is accepted or refused with a GatewayError, never anything else', async t => {
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), bytes => {
      refusal(() => inspectModule(bytes, 'plugin p'))
      refusal(() => checkModule(bytes, RULES))
    }),
    { numRuns: 5_000 }
  )
  t.pass('nothing else was thrown')
})

t.test('where the engine takes an altered module, both read the same in it, and the clamp holds', async t => {
  let compared = 0
  let clamped = 0
  fc.assert(
    fc.property(altered, bytes => {
      if (!WebAssembly.validate(bytes.slice())) return
      const module = new WebAssembly.Module(bytes.slice())
      if (refusal(() => inspectModule(bytes, 'plugin p')) !== 'accepted') return
      const info = inspectModule(bytes, 'plugin p')
      compared++
      const names = (list: readonly { name: string; kind: string }[]) =>
        list.map(one => `${one.kind} ${one.name}`).join()
      if (names(info.exports) !== names(WebAssembly.Module.exports(module))) throw new Error('exports differ')
      if (names(info.imports) !== names(WebAssembly.Module.imports(module))) throw new Error('imports differ')
      if (refusal(() => checkModule(bytes, RULES)) !== 'accepted') return
      clamped++
      const size = memoryAfterGrowing(checkModule(bytes, RULES).bytes)
      if (size !== undefined && size > MAX_PAGES) throw new Error(`memory of ${size} pages`)
    }),
    { numRuns: 3_000 }
  )
  t.ok(compared > 50, `${compared} compared`)
  t.ok(clamped > 10, `${clamped} clamped`)
})

t.test('random instructions are read or refused, and reading them ends', async t => {
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10]
  const size = (value: number) => [(value & 0x7f) | 0x80, ((value >> 7) & 0x7f) | 0x80, value >> 14]
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 3_000 }), body => {
      const bytes = Uint8Array.from([...header, ...size(body.length + 5), 1, ...size(body.length + 1), 0, ...body])
      refusal(() => inspectModule(bytes, 'plugin p'))
    }),
    { numRuns: 1_000 }
  )
  t.pass('every one of them ended')
})

t.test('the largest file that is allowed is read to its end', async t => {
  const bytes = new Uint8Array(CAPS.fileBytes)
  bytes.set([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0])
  t.match(
    refusal(() => inspectModule(bytes, 'plugin p')),
    /plugin p: is cut short or damaged|plugin p: has more than 1000 custom sections/
  )
})

/** How large its memory gets; undefined when it cannot be instantiated by itself (the damage may be in the code). */
function memoryAfterGrowing(bytes: Uint8Array): number | undefined {
  if (!WebAssembly.validate(bytes.slice())) throw new Error('the clamped module is invalid')
  let memory: unknown
  try {
    memory = new WebAssembly.Instance(new WebAssembly.Module(bytes.slice()), { sluice: { now: () => 0 } }).exports
      .memory
  } catch {
    return undefined
  }
  if (!(memory instanceof WebAssembly.Memory)) throw new Error('no memory')
  try {
    for (;;) memory.grow(1)
  } catch {
    return memory.buffer.byteLength / 65_536
  }
}
