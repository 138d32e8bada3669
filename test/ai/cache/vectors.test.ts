import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import t from 'tap'
import { Sketcher, withinBits } from '../../../core/ai/cache/sketch.js'
import { VectorIndex } from '../../../core/ai/cache/vector-index.js'

const anything = () => true

/** Numbers between −1 and 1, the same for the same seed. */
function vectorOf(seed: number, dimensions: number): Float32Array {
  let state = seed * 2_654_435_761 + 1
  return Float32Array.from({ length: dimensions }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9
    return ((state >>> 0) / 2 ** 31 - 1) as number
  })
}

/** A vector at about that cosine to another. */
function nearTo(vector: Float32Array, cosine: number, seed: number): Float32Array {
  const noise = vectorOf(seed, vector.length)
  const share = Math.sqrt(1 - cosine ** 2)
  return vector.map((value, i) => value * cosine + (noise[i] ?? 0) * share)
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const [x = 0, y = 0] = [a[i], b[i]]
    ab += x * y
    aa += x * x
    bb += y * y
  }
  return ab / Math.sqrt(aa * bb)
}

for (const dimensions of [3, 255, 256, 384, 1_536]) {
  t.test(`a search among vectors of ${dimensions} finds what looking at each finds`, async t => {
    const index = new VectorIndex<{ vector: Float32Array }>()
    const items = Array.from({ length: 200 }, (_, i) => ({ vector: vectorOf(i + 1, dimensions) }))
    for (const item of items) index.add('p', item.vector, item, 1_000)
    for (let i = 0; i < 60; i++) {
      const like = items[i * 3]?.vector ?? new Float32Array(dimensions)
      const query = nearTo(like, 0.8 + (i % 20) / 100, 1_000 + i)
      const all = items.map(item => ({ item, similarity: cosine(item.vector, query) }))
      const [best] = all.sort((a, b) => b.similarity - a.similarity)
      const found = await index.nearest('p', query, 0.85, anything)
      if (best !== undefined && Math.abs(best.similarity - 0.85) < 1e-4) continue // either is right
      t.equal(found?.item, best !== undefined && best.similarity > 0.85 ? best.item : undefined)
      if (found !== undefined)
        t.ok(Math.abs(found.similarity - (best?.similarity ?? 0)) < 1e-4, 'its similarity is said')
    }
  })
}

t.test('partitions know nothing of each other, nor do vectors of other lengths', async t => {
  const index = new VectorIndex<object>()
  index.add('a', vectorOf(1, 8), {}, 10)
  t.ok(await index.nearest('a', vectorOf(1, 8), 0.9, anything))
  t.equal(await index.nearest('b', vectorOf(1, 8), 0.9, anything), undefined)
  t.equal(await index.nearest('a', vectorOf(1, 9), 0.9, anything), undefined)
})

t.test('what was added first goes first when there are too many', async t => {
  const index = new VectorIndex<{ i: number }>()
  for (let i = 0; i < 5; i++) index.add(`p${i}`, vectorOf(i, 8), { i }, 3)
  t.equal(index.size, 3)
  t.equal(await index.nearest('p1', vectorOf(1, 8), 0.9, anything), undefined)
  t.ok(await index.nearest('p2', vectorOf(2, 8), 0.9, anything))
})

t.test('vectors that point nowhere are not taken', async t => {
  const index = new VectorIndex<object>()
  t.notOk(index.add('p', new Float32Array(4), {}, 10))
  t.notOk(index.add('p', Float32Array.of(1, Number.NaN), {}, 10))
  t.equal(await index.nearest('p', new Float32Array(4), 0.9, anything), undefined)
})

t.test('after any additions and removals the rest is found, and nothing else', async () => {
  const step = fc.record({ add: fc.boolean(), i: fc.nat(30) })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async steps => {
      const index = new VectorIndex<{ i: number }>()
      const items = Array.from({ length: 31 }, (_, i) => ({ i }))
      const there = new Set<number>()
      for (const { add, i } of steps) {
        const item = items[i]
        if (item === undefined) continue
        if (add) {
          index.add('p', vectorOf(i + 1, 300), item, 100)
          there.add(i)
        } else {
          index.remove(item)
          there.delete(i)
        }
      }
      for (const { i } of items) {
        const found = await index.nearest('p', vectorOf(i + 1, 300), 0.99, anything)
        if ((found?.item.i === i) !== there.has(i)) return false
      }
      return index.size === there.size
    }),
    { numRuns: 50 }
  )
})

t.test('the event loop turns during a long search, and what goes meanwhile is not found', async t => {
  const index = new VectorIndex<object>()
  const wanted = {}
  index.add('p', vectorOf(1, 1_536), wanted, 10_000)
  for (let i = 2; i < 3_100; i++) index.add('p', vectorOf(i, 512), {}, 10_000)
  for (let i = 2; i < 4_000; i++) index.add('p', vectorOf(1, 1_536), {}, 20_000)
  let turns = 0
  let searching = true
  const search = index
    .nearest('p', vectorOf(1, 1_536), 0.9, () => true)
    .finally(() => {
      searching = false
    })
  while (searching) {
    turns++
    await nextTurn()
  }
  t.ok(await search)
  t.ok(turns > 10, `${turns} turns`)

  let gone = false
  const second = index.nearest('p', vectorOf(1, 1_536), 0.9, () => !gone)
  gone = true
  t.equal(await second, undefined)
})

t.test('vectors that are zero almost everywhere are found by their sketches too', async t => {
  const sketcher = new Sketcher(384)
  const random = vectorOf(99, 60_000)
  let at = 0
  const next = () => random[at++ % random.length] ?? 0
  const place = () => Math.floor(Math.abs(next()) * 383)
  let missed = 0
  for (let i = 0; i < 2_000; i++) {
    const [a, b] = [new Float32Array(384), new Float32Array(384)]
    for (let n = 0; n < 4; n++) {
      const [where, value] = [place(), next()]
      a[where] = value
      b[where] = value * (1 + next() / 5)
    }
    b[place()] = next() / 4
    const similarity = cosine(a, b)
    if (similarity > 0.5 && !withinBits(sketcher.sketch(a), sketcher.sketch(b), 0, sketcher.mostBits(similarity)))
      missed++
  }
  t.equal(missed, 0)
})
