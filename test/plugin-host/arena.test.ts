import fc from 'fast-check'
import t from 'tap'
import { PHASE_HOOKS } from '../../core/base/hooks.js'
import { Arena, type CallInput, ENTRY, type Entry } from '../../core/plugin-host/arena.js'
import { Phrases } from '../../core/plugin-host/phrases.js'
import { gapTo } from '../../core/plugin-host/words.js'

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map(each => Buffer.from(each))
const call: fc.Arbitrary<CallInput> = fc.record({
  hook: fc.constantFrom(...PHASE_HOOKS),
  steps: fc.array(fc.record({ binding: fc.nat(5_000), input: bytes(200) }), { maxLength: 5 }),
  body: bytes(300),
  timed: fc.boolean()
})
const entry: fc.Arbitrary<Entry> = fc.record({
  kind: fc.constantFrom(...Object.values(ENTRY)),
  binding: fc.nat(5_000),
  bytes: bytes(200)
})

function arenaOf(size: number): Arena {
  return new Arena(new SharedArrayBuffer(size))
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

t.test('any batch that fits comes out as it went in, and so do its results', async t => {
  const { failed, counterexample } = fc.check(
    fc.property(
      fc.array(fc.tuple(call, fc.array(entry, { maxLength: 6 })), { maxLength: 20 }),
      fc.nat(9_000),
      (batch, room) => {
        const ours = arenaOf(600 + room)
        ours.begin()
        const sent: typeof batch = []
        for (const each of batch) {
          if (!ours.add(each[0])) break
          sent.push(each)
        }
        const theirs = new Arena(ours.memory)
        const calls = theirs.readCalls(sent.length)
        if (
          !same(
            calls,
            sent.map(([input]) => input)
          )
        )
          return false
        let finished = 0
        for (const [i, [, entries]] of sent.entries()) {
          theirs.beginExchange(i)
          theirs.beginStep(0, false)
          if (theirs.finish(entries) !== 'finished') break
          finished++
        }
        // Inputs are whole still: results went behind them, never over them, never past the end.
        const again = new Arena(ours.memory).readCalls(sent.length)
        const results = ours.results(new Phrases())
        return (
          ours.progress === finished &&
          same(again, calls) &&
          same(
            results,
            sent.slice(0, finished).map(([, made]) => made)
          )
        )
      }
    ),
    { numRuns: 300 }
  )
  t.notOk(failed, JSON.stringify(counterexample))
})

t.test('what does not fit is not begun', async t => {
  const arena = arenaOf(1_316)
  arena.begin()
  const one = {
    hook: 'on_request',
    steps: [{ binding: 1, input: Buffer.alloc(400, 1) }],
    body: Buffer.alloc(0)
  } as const
  t.equal(arena.add(one), true)
  t.equal(arena.add(one), false, 'half of an arena is for its output')
  const worker = new Arena(arena.memory)
  worker.readCalls(1)
  worker.beginExchange(0)
  const before = Buffer.from(Buffer.from(arena.memory)) // a copy
  const large = { kind: ENTRY.verdict, binding: 1, bytes: Buffer.alloc(600) }
  t.equal(worker.finish([large]), 'full')
  t.ok(Buffer.from(arena.memory).equals(before), 'nothing was written')
  t.equal(arena.progress, 0)
  const written = 280 + 24 + 400 + gapTo(280 + 20 + 400 + 4, one.body.byteOffset)
  const exact = arena.memory.byteLength - written - 4 - 16
  t.equal(worker.finish([{ ...large, bytes: Buffer.alloc(exact + 1) }]), 'full', 'one byte too many')
  t.equal(worker.finish([{ ...large, bytes: Buffer.alloc(exact) }]), 'finished', 'to the last byte')
  t.equal(arena.results(new Phrases())[0]?.[0]?.bytes.length, exact)
})

t.test('an arena of its own holds the call and the output it was made for', async t => {
  const large = {
    hook: 'on_request_body',
    steps: [{ binding: 0, input: Buffer.alloc(10) }],
    body: Buffer.alloc(3_000_000, 5)
  } as const
  const arena = arenaOf(Arena.bytesFor(large, 1_000_000))
  arena.begin()
  arena.addAnyway(large)
  const worker = new Arena(arena.memory)
  t.ok(Buffer.from(worker.readCalls(1)[0]?.body ?? '').equals(large.body))
  worker.beginExchange(0)
  t.equal(worker.finish([{ kind: ENTRY.verdict, binding: 0, bytes: Buffer.alloc(1_000_000) }]), 'finished')
})

t.test('results are copies: the next batch does not change them', async t => {
  const arena = arenaOf(2_000)
  const round = (fill: number): Entry[][] => {
    arena.begin()
    arena.add({ hook: 'on_request', steps: [], body: Buffer.alloc(0) })
    const worker = new Arena(arena.memory)
    worker.readCalls(1)
    worker.beginExchange(0)
    worker.finish([{ kind: ENTRY.verdict, binding: 0, bytes: Buffer.alloc(50, fill) }])
    return arena.results(new Phrases())
  }
  const first = round(1)
  round(2)
  t.ok(first[0]?.[0]?.bytes.equals(Buffer.alloc(50, 1)))
})

t.test('after the seal nothing counts any more', async t => {
  const arena = arenaOf(2_000)
  arena.begin()
  const input = { hook: 'on_request', steps: [], body: Buffer.alloc(0) } as const
  arena.add(input)
  arena.add(input)
  const worker = new Arena(arena.memory)
  worker.readCalls(2)
  worker.beginExchange(0)
  t.equal(worker.finish([]), 'finished')
  t.equal(arena.seal(), 1)
  worker.beginExchange(1)
  t.equal(worker.finish([]), 'sealed')
  t.equal(arena.progress, 1)
  t.equal(arena.seal(), 1, 'sealing twice is the same')
})

t.test('the position of the worker is read whole or not at all', async t => {
  const arena = arenaOf(2_000)
  arena.begin()
  const worker = new Arena(arena.memory)
  t.equal(arena.position(), undefined, 'not begun')
  worker.beginExchange(3)
  worker.beginStep(2, true)
  const first = arena.position()
  t.match(first, { exchange: 3, step: 2, making: true })
  worker.beginStep(2, false)
  t.match(arena.position(), { exchange: 3, step: 2, making: false })
  t.not(arena.position()?.beat, first?.beat, 'every move has another beat')
  Atomics.add(new Int32Array(arena.memory), 1, 1) // the worker is in the middle of a move
  t.equal(arena.position(), undefined)
})
