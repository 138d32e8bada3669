import fc from 'fast-check'
import t from 'tap'
import { EntryStore } from '../../../core/traffic/cache/store.js'
import { entry } from '../../support/cache-parts.js'

const KIB = 1_024

t.test('an entry counts for its body, its fields, its key, and what is around it', async t => {
  const plain = entry()
  t.equal(entry({ body: Buffer.alloc(100) }).bytes - plain.bytes, 100)
  t.equal(entry({ key: 'k'.repeat(101) }).bytes - plain.bytes, 200, 'two bytes for each character')
  t.equal(entry({ headers: ['abc', 'de'] }).bytes - plain.bytes, 2 * 5 + 2 * 8)
  t.ok(entry({ headers: ['surrogate-key', 'x y'] }).bytes > entry({ headers: ['surrogate-kez', 'x y'] }).bytes)
})

t.test('what is used stays, what is not goes first', async t => {
  const store = new EntryStore(10 * KIB * 2)
  const used = entry({ key: 'used', body: Buffer.alloc(KIB) })
  store.add(used)
  for (let i = 0; i < 100; i++) {
    used.visited = true
    t.ok(store.add(entry({ key: `once ${i}`, body: Buffer.alloc(KIB) })))
  }
  t.equal(store.find('used', []), used)
  t.ok(store.evictions > 80)
  t.equal(store.find('once 0', []), undefined)
})

t.test('the newest variant that a request selects is found', async t => {
  const store = new EntryStore(KIB * KIB)
  const en = entry({ selected: ['accept-language', 'en'] })
  const de = entry({ selected: ['accept-language', 'de'] })
  const all = entry({ selected: [], found: { receivedAt: 1 } })
  store.add(en)
  store.add(de)
  t.equal(store.find('k', ['accept-language', 'de']), de)
  t.equal(store.find('k', ['accept-language', 'fr']), 'no-variant')
  t.equal(store.find('other', []), undefined)
  store.add(all)
  t.equal(store.find('k', ['accept-language', 'de']), all)
  const newer = entry({ selected: ['accept-language', 'de'], found: { receivedAt: 2 } })
  store.add(newer)
  t.equal(store.find('k', ['accept-language', 'de']), newer)
  t.ok(de.removed, 'it took the place of the old one')
})

t.test('one key has no more than so many variants', async t => {
  const store = new EntryStore(KIB * KIB)
  for (let i = 0; i < 1_000; i++) store.add(entry({ selected: ['user-agent', String(i)] }))
  t.equal(store.entries, 64)
  t.equal(store.bytes, 64 * entry({ selected: ['user-agent', '100'] }).bytes)
})

t.test('what arrives has at most half of the budget', async t => {
  const store = new EntryStore(100 * KIB)
  t.ok(store.reserve(50 * KIB))
  t.notOk(store.reserve(1))
  store.release(50 * KIB)
  t.ok(store.reserve(1))
})

t.test('whatever is done, the budget holds and the figures are right', async t => {
  const texts = fc.constantFrom('a', 'b', 'c')
  const added = fc.record({
    kind: fc.constant('add' as const),
    key: fc.constantFrom(...'abcdefgh'),
    place: texts,
    variant: fc.nat(3),
    bytes: fc.nat(6 * KIB),
    tags: fc.subarray(['x', 'y', 'z'])
  })
  const action = fc.oneof(
    { weight: 6, arbitrary: added },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('use' as const), key: fc.constantFrom(...'abcdefgh') }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('tag' as const), tag: fc.constantFrom('x', 'y', 'z') }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('place' as const), place: texts }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('reserve' as const), bytes: fc.nat(12 * KIB) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('update' as const), place: texts, tags: fc.subarray(['x', 'y']) })
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('resize' as const),
        budget: fc.integer({ min: 4 * KIB, max: 40 * KIB })
      })
    }
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 120 }), actions => {
      const store = new EntryStore(20 * KIB)
      let reserved = 0
      for (const one of actions) {
        if (one.kind === 'add') {
          store.add(
            entry({
              key: one.key,
              places: [one.place, `asked ${one.place}`],
              selected: ['v', String(one.variant)],
              headers: ['surrogate-key', one.tags.join(' ')],
              body: Buffer.alloc(one.bytes)
            })
          )
        } else if (one.kind === 'use') {
          const found = store.find(one.key, ['v', '1'])
          if (typeof found === 'object') found.visited = true
        } else if (one.kind === 'tag') for (const tagged of store.tagged(one.tag)) store.remove(tagged)
        else if (one.kind === 'place') for (const there of store.at(one.place)) store.remove(there)
        else if (one.kind === 'update') {
          for (const there of store.at(one.place)) {
            store.update(there, () => there.describe(['surrogate-key', one.tags.join(' ')], there.found, false))
          }
        } else if (one.kind === 'resize') {
          store.release(reserved)
          reserved = 0
          store.resize(one.budget)
        } else if (store.reserve(one.bytes)) reserved += one.bytes
        const all = [...store.all()]
        const bytes = all.reduce((sum, each) => sum + each.bytes, 0)
        if (bytes !== store.bytes || all.length !== store.entries || store.reserved !== reserved) return false
        if (store.bytes + store.reserved > store.budget) return false
        if (all.some(each => each.removed || each.slot.places.some(place => ![...store.at(place)].includes(each))))
          return false
        if (all.some(each => each.tags.some(tag => ![...store.tagged(tag)].includes(each)))) return false
      }
      for (const each of [...store.all()]) store.remove(each)
      return (
        store.bytes === 0 &&
        store.entries === 0 &&
        [...store.tagged('x'), ...store.at('a'), ...store.at('asked a')].length === 0
      )
    }),
    { numRuns: 500 }
  )
  t.pass('for any order of things')
})
