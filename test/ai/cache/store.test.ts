import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import { AnswerStore } from '../../../core/ai/cache/answer-store.js'
import { type StoredAnswer, sizeOf } from '../../../core/ai/cache/entry.js'

function answer(key: string, length: number, expiresAt = 1_000): StoredAnswer {
  const bytes = Buffer.alloc(length)
  const facts = { provider: 'p', model: 'm', region: '', dropped: [], translated: false }
  return {
    key,
    route: 'r',
    shape: { dialect: 'openai-chat', stream: false, variant: '' },
    headers: [],
    bytes,
    facts,
    usage: undefined,
    storedAt: 0,
    expiresAt,
    size: sizeOf({ bytes, headers: [], facts }),
    removed: false
  }
}

const ANY_AGE = Number.POSITIVE_INFINITY

t.test(
  'whatever is stored, grown, reserved and taken out, the bytes are those of what is there, and within the budget',
  async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), key: fc.nat(9), size: fc.nat(3_000) }),
      fc.record({ kind: fc.constant('grow' as const), key: fc.nat(9), size: fc.nat(2_000) }),
      fc.record({ kind: fc.constant('find' as const), key: fc.nat(9), size: fc.nat(1_200) }),
      fc.record({ kind: fc.constant('reserve' as const), key: fc.nat(9), size: fc.nat(3_000) }),
      fc.record({ kind: fc.constant('resize' as const), key: fc.nat(9), size: fc.integer({ min: 6_000, max: 20_000 }) })
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const there = new Set<StoredAnswer>()
        const store = new AnswerStore(12_000, gone => there.delete(gone))
        for (const { kind, key, size } of steps) {
          if (kind === 'add') {
            const made = answer(String(key), size)
            if (store.add(made)) there.add(made)
          } else if (kind === 'find') store.find(String(key), size, ANY_AGE)
          else if (kind === 'resize') store.resize(size + 2 * store.reserved)
          else if (kind === 'reserve') {
            if (store.reserve(size) && size % 2 === 0) store.release(size)
          } else {
            const found = [...there].find(each => each.key === String(key))
            if (found !== undefined) store.grow(found, size)
          }
          const bytes = [...there].reduce((sum, each) => sum + each.size, 0)
          if (bytes !== store.bytes || there.size !== store.entries) return false
          if (store.bytes + store.reserved > store.budget) return false
        }
        return true
      }),
      { numRuns: 500 }
    )
  }
)

t.test('what was used least recently goes first', async t => {
  const size = answer('a', 1_000).size
  const store = new AnswerStore(3 * size)
  for (const key of ['a', 'b', 'c']) store.add(answer(key, 1_000))
  store.find('a', 0, ANY_AGE)
  store.add(answer('d', 1_000))
  const there = ['a', 'b', 'c', 'd'].filter(key => store.find(key, 0, ANY_AGE) !== undefined)
  t.strictSame(there, ['a', 'c', 'd'])
  t.equal(store.evictions, 1)
})

t.test('what is too old is not found, and what is too old for one client stays for others', async t => {
  const store = new AnswerStore(1 << 20)
  store.add(answer('a', 10, 1_000))
  t.equal(store.find('a', 900, 500), undefined)
  t.ok(store.find('a', 999, ANY_AGE))
  t.equal(store.find('a', 1_000, ANY_AGE), undefined)
  t.equal(store.entries, 0)
})

t.test('a route can be forgotten alone', async t => {
  const store = new AnswerStore(1 << 20)
  store.add(answer('a', 10))
  t.equal(store.purge('other'), 0)
  t.equal(store.purge('r'), 1)
  t.equal(store.bytes, 0)
})
