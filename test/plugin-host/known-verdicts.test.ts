import t from 'tap'
import { Verdict } from '../../core/plugin-host/abi.js'
import { ARENA_BYTES, Arena, ENTRY } from '../../core/plugin-host/arena.js'
import { KnownVerdicts } from '../../core/plugin-host/known-verdicts.js'
import { MAX_PHRASES, PhraseNumbers, Phrases } from '../../core/plugin-host/phrases.js'
import type { ReadVerdict } from '../../core/plugin-host/read-verdict.js'

const encoded = (init: Parameters<typeof Verdict.encode>[0]) => Buffer.from(Verdict.encode(init).finish())

t.test('a verdict that comes again is read once, whatever comes between', async t => {
  const known = new KnownVerdicts('p')
  let reads = 0
  const of = (bytes: Buffer) =>
    known.of(bytes, said => {
      reads++
      return Verdict.decode(said)
    })
  for (let i = 0; i < 100; i++) for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) of(encoded({ consumer: name }))
  t.equal(reads, 6)
  t.equal(of(encoded({ consumer: 'a' })).verdict.consumer, 'a')
})

t.test('what a plugin writes over its last verdict is another verdict', async t => {
  const known = new KnownVerdicts('p')
  const memory = encoded({ consumer: 'a' })
  for (let i = 0; i < 5; i++) known.of(memory, Verdict.decode)
  memory.set(encoded({ consumer: 'b' }))
  t.equal(known.of(memory, Verdict.decode).verdict.consumer, 'b')
})

t.test('replies, bodies and states are read each time, and so is what was refused', async t => {
  const known = new KnownVerdicts('p')
  for (const init of [{ reply: { status: 403 } }, { body: Buffer.from('x') }, { state: Buffer.from('x') }]) {
    t.not(known.of(encoded(init), Verdict.decode), known.of(encoded(init), Verdict.decode), Object.keys(init).join())
  }
  const refuse = () => {
    throw new Error('refused')
  }
  t.throws(() => known.of(encoded({ consumer: 'a' }), refuse), /refused/)
  t.throws(() => known.of(encoded({ consumer: 'a' }), refuse), /refused/)
})

t.test('verdicts that never come again are not remembered for long, and one that does is known again', async t => {
  const known = new KnownVerdicts('p')
  for (let i = 0; i < 5_000; i++) known.of(encoded({ consumer: `c${i}` }), Verdict.decode)
  let reads = 0
  for (let i = 0; i < 2_000; i++) {
    known.of(encoded({ consumer: 'always' }), said => {
      reads++
      return Verdict.decode(said)
    })
  }
  t.ok(reads < 1_500, `read ${reads} times`)
})

t.test('the event loop has every verdict as it was said, also when numbers are given anew', async t => {
  const numbers = new PhraseNumbers()
  const phrases = new Phrases()
  const loop = new Arena(new SharedArrayBuffer(ARENA_BYTES))
  const worker = new Arena(loop.memory, numbers)
  const known = new KnownVerdicts('p')
  const kept: ReadVerdict[] = []
  const say = (read: ReadVerdict, bytes: Buffer) => {
    loop.begin()
    loop.addAnyway({ hook: 'on_request', steps: [], body: Buffer.alloc(0) })
    worker.readCalls(1)
    worker.beginExchange(0)
    worker.finish([{ kind: ENTRY.verdict, binding: 3, bytes, read }])
    return loop.results(phrases)[0]?.[0]
  }
  for (let i = 0; i < MAX_PHRASES + 50; i++) {
    const bytes = encoded({ consumer: `c${i}` })
    kept.push(known.of(bytes, Verdict.decode))
    for (const at of [i, 0, Math.max(0, i - MAX_PHRASES + 1), i >> 1]) {
      const read = kept[at]
      if (read?.kept === undefined) continue
      const entry = say(read, read.kept)
      if (entry?.verdict?.consumer !== `c${at}` || !entry.bytes.equals(read.kept) || entry.binding !== 3) {
        t.fail(`verdict ${at} came as ${entry?.verdict?.consumer}`)
      }
    }
  }
  const first = kept[0]
  if (first?.kept !== undefined)
    t.equal(say(first, first.kept), say(first, first.kept), 'one object for all who say it')
})
