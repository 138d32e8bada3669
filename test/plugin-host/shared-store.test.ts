import fc from 'fast-check'
import t from 'tap'
import { Chunks } from '../../core/plugin-host/chunks.js'
import { MAX_STORE_KEY_BYTES, MAX_VALUE_BYTES, SharedStore, storeMemory } from '../../core/plugin-host/shared-store.js'
import { storesFor } from '../../core/plugin-host/shared-stores.js'
import { hammerStore } from '../support/hammer-store.js'
import { bind } from '../support/pool.js'
import { says } from '../support/wat.js'

const HOUR = 3_600_000
const bytes = (text: string): Buffer => Buffer.from(text)

t.test('on one thread it does what a map does', async () => {
  const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', '', 'key of more than a few letters')
  const value = fc.string({ maxLength: 300 })
  const step = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), key, value }),
    fc.record({ kind: fc.constant('delete' as const), key, value }),
    fc.record({ kind: fc.constant('swap' as const), key, value, expected: fc.option(value) }),
    fc.record({ kind: fc.constant('swap right' as const), key, value })
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const store = new SharedStore(storeMemory(1 << 17))
      const map = new Map<string, string>()
      for (const each of steps) {
        const name = bytes(each.key)
        const known = map.get(each.key)
        if (each.kind === 'set') {
          if (!store.set(name, bytes(each.value), HOUR)) return false
          map.set(each.key, each.value)
        } else if (each.kind === 'delete') {
          if (store.delete(name) !== map.delete(each.key)) return false
        } else {
          const expected = each.kind === 'swap right' ? known : (each.expected ?? undefined)
          const done = store.compareAndSet(
            name,
            expected === undefined ? undefined : bytes(expected),
            bytes(each.value),
            HOUR
          )
          if (done !== (expected === known)) return false
          if (done) map.set(each.key, each.value)
        }
        if (store.get(name)?.toString() !== map.get(each.key)) return false
      }
      return [...map].every(([name, held]) => store.get(bytes(name))?.equals(bytes(held)) === true)
    })
  )
})

t.test('a value is gone when its time is over', async t => {
  const store = new SharedStore(storeMemory(1 << 17))
  t.equal(store.set(bytes('k'), bytes('v'), 5), true)
  const from = Date.now()
  while (Date.now() < from + 6);
  t.equal(store.get(bytes('k')), undefined)
  t.equal(store.compareAndSet(bytes('k'), undefined, bytes('new'), HOUR), true, 'as if there had been none')
})

t.test('what cannot be kept is refused and changes nothing', async t => {
  const store = new SharedStore(storeMemory(1 << 20))
  store.set(bytes('k'), bytes('v'), HOUR)
  t.equal(store.set(bytes('k'), Buffer.alloc(MAX_VALUE_BYTES + 1), HOUR), false)
  t.equal(store.set(Buffer.alloc(MAX_STORE_KEY_BYTES + 1), bytes('v'), HOUR), false)
  for (const ttl of [0, -1, Number.NaN]) t.equal(store.set(bytes('k'), bytes('w'), ttl), false)
  t.equal(store.compareAndSet(bytes('k'), bytes('v'), Buffer.alloc(MAX_VALUE_BYTES + 1), HOUR), undefined)
  t.equal(store.get(bytes('k'))?.toString(), 'v')
  t.equal(store.set(bytes('large'), Buffer.alloc(MAX_VALUE_BYTES, 1), Number.POSITIVE_INFINITY), true)
  t.equal(store.get(bytes('large'))?.length, MAX_VALUE_BYTES)
  const small = new SharedStore(storeMemory(16_384))
  t.equal(small.set(bytes('k'), Buffer.alloc(2_047), HOUR), true, 'an eighth of all')
  t.equal(small.set(bytes('k'), Buffer.alloc(2_048), HOUR), false)
})

t.test('when it is full, what is over soonest goes', async t => {
  const store = new SharedStore(storeMemory(1 << 17))
  for (let i = 0; i < 50; i++) store.set(bytes(`long ${i}`), Buffer.alloc(100, i), HOUR * 100)
  for (let i = 0; i < 20_000; i++) t.equal(store.set(bytes(`short ${i}`), Buffer.alloc(100), HOUR), true)
  const kept = Array.from({ length: 50 }, (_, i) => store.get(bytes(`long ${i}`))).filter(each => each !== undefined)
  t.ok(kept.length >= 45, `${kept.length} of 50 of those with more time are there`)
  const last = Array.from({ length: 100 }, (_, i) => store.get(bytes(`short ${19_999 - i}`)))
  t.ok(last.filter(each => each !== undefined).length > 60, 'and most of the youngest of the others')
  t.equal(store.set(bytes('large'), Buffer.alloc(15_000, 7), HOUR), true, 'many go for a large one')
  t.ok(store.get(bytes('large'))?.equals(Buffer.alloc(15_000, 7)))
})

t.test('large values written over each other in little memory are always kept', async t => {
  const store = new SharedStore(storeMemory(16_384))
  for (let i = 0; i < 500; i++) {
    const value = Buffer.alloc(1 + ((i * 379) % 2_000), i)
    t.equal(store.set(bytes(`k${i % 5}`), value, HOUR), true)
    t.ok(store.get(bytes(`k${i % 5}`))?.equals(value))
  }
})

t.test('four threads that count up the same keys lose no update', async t => {
  const memory = storeMemory(1 << 17)
  const { done } = hammerStore({ memory, kind: 'count', rounds: 4_000, keys: 2, threads: 4 })
  t.equal(await done, 0)
  const store = new SharedStore(memory)
  t.equal(store.get(bytes('key 0'))?.toString(), '8000')
  t.equal(store.get(bytes('key 1'))?.toString(), '8000')
})

t.test('four threads that fill it never read half a value', async t => {
  const { done } = hammerStore({ memory: storeMemory(1 << 16), kind: 'fill', rounds: 4_000, keys: 200, threads: 4 })
  t.equal(await done, 0)
})

t.test('threads that are ended in the middle of it hold up nobody and leave nothing torn', async t => {
  const memory = storeMemory(1 << 16)
  for (let round = 0; round < 5; round++) {
    const { workers, start, done } = hammerStore({ memory, kind: 'fill', rounds: 1e9, keys: 50, threads: 2 })
    while (Atomics.load(start, 0) < 2) await new Promise(setImmediate)
    await Promise.all(workers.map(worker => worker.terminate()))
    await done
    const store = new SharedStore(memory)
    for (let i = 0; i < 50; i++) {
      const value = store.get(bytes(`key ${i}`))
      t.ok(value === undefined || value.every(byte => byte === value[0]), 'whole')
      t.equal(store.set(bytes(`key ${i}`), Buffer.alloc(1_000, 9), HOUR), true)
    }
  }
})

t.test('chains that an ended thread left behind are found again, each once', async t => {
  const count = 64
  const shared = (size: number): SharedArrayBuffer => new SharedArrayBuffer(size)
  const memory = {
    head: new BigUint64Array(shared(8)),
    ids: new Uint32Array(shared(4)),
    next: new Uint32Array(shared(count * 4)),
    owner: new Uint32Array(shared(count * 4)),
    since: new Uint32Array(shared(count * 4)),
    bytes: new Uint8Array(shared(count * 128))
  }
  Chunks.init(memory)
  const chunks = new Chunks(memory)
  const now = Date.now()
  const lost = chunks.take(40, now - 60_000)
  const used = chunks.take(10, now - 60_000)
  const young = chunks.take(10, now)
  t.ok(lost !== undefined && used !== undefined && young !== undefined)
  t.equal(chunks.take(5, now), undefined, 'four are left')
  t.equal(chunks.sweep(new Set([used?.first ?? 0]), now), 1)
  t.equal(chunks.sweep(new Set([used?.first ?? 0]), now), 0)
  if (lost !== undefined) chunks.free(lost) // comes too late, and is nothing
  t.ok(chunks.take(44, now))
  t.equal(chunks.take(1, now), undefined)
})

t.test('the bindings of a plugin share one memory, which stays as long as its size does', async t => {
  const wasm = says({})
  const all = await Promise.all([0, 1, 2].map(index => bind({ wasm, limits: { kvBytes: 16_384 + index } }, index)))
  const bindings = all.map(({ binding }) => ({ ...binding, namespace: binding.index < 2 ? 'one' : 'two' }))
  const first = storesFor(bindings)
  t.strictSame([...first.keys()], ['one', 'two'])
  t.equal(storesFor(bindings, first).get('one'), first.get('one'))
  const more = bindings.map(each => ({ ...each, limits: { ...each.limits, kvBytes: 65_536 } }))
  t.not(storesFor(more, first).get('one'), first.get('one'))
  const none = bindings.map(each => ({ ...each, grants: { ...each.grants, kv: false } }))
  t.equal(storesFor(none, first).size, 0)
})
