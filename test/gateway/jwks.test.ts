import t from 'tap'
import { JwksCache } from '../../core/gateway/jwks.js'

const URL_ = 'https://idp.example.com/jwks'

/** A cache on a clock of its own, in front of a server that answers what it is told. */
function cache(former?: JwksCache) {
  const world = { now: 0, fetched: 0, answer: '{"keys":[]}' as string | Error }
  const jwks = new JwksCache(
    async () => {
      world.fetched++
      if (typeof world.answer !== 'string') throw world.answer
      return world.answer
    },
    () => world.now
  )
  if (former !== undefined) jwks.takeOver(former)
  return { world, jwks, get: (refresh = false) => jwks.get(URL_, refresh) }
}

t.test('a set is fetched once for all who wait, and kept for ten minutes', async t => {
  const { world, get } = cache()
  await Promise.all(Array.from({ length: 50 }, () => get()))
  t.equal(world.fetched, 1)
  world.now = 600_000
  await get()
  t.equal(world.fetched, 1)
  world.now = 600_001
  world.answer = '{"keys":[1]}'
  t.equal(await get(), '{"keys":[1]}')
})

t.test('a key that is missing makes it look again, but only every half minute', async t => {
  const { world, get } = cache()
  await get()
  world.now = 30_000
  await get(true)
  t.equal(world.fetched, 1, 'tokens with made-up key names do not hammer the server')
  world.now = 30_001
  await Promise.all([get(true), get(true), get(true)])
  t.equal(world.fetched, 2)
})

t.test('while the server is down the old set serves, for a day', async t => {
  const { world, get } = cache()
  await get()
  world.answer = new Error('down')
  world.now = 700_000
  t.equal(await get(), '{"keys":[]}')
  world.now += 1_000
  await get()
  t.equal(world.fetched, 2, 'it is not asked again at once')
  world.now += 5_000
  await get()
  t.equal(world.fetched, 3)
  world.now = 86_400_001
  await t.rejects(get(), /down/)
})

t.test(
  'without an old set a failure is an error, and what is no JSON does not take the place of what was good',
  async t => {
    const { world, get } = cache()
    world.answer = new Error('down')
    await t.rejects(get(), /down/)
    await t.rejects(get(), /down/)
    t.equal(world.fetched, 1)
    world.now = 5_000
    world.answer = '{"keys":[]}'
    t.equal(await get(), '{"keys":[]}')
    world.now = 700_000
    world.answer = '<html>'
    t.equal(await get(), '{"keys":[]}')
  }
)

t.test('while the server is down nobody knows whether a key that is missing is one', async t => {
  const { world, get } = cache()
  await get()
  world.answer = new Error('down')
  world.now = 30_001
  await t.rejects(get(true), /down/)
  t.equal(await get(), '{"keys":[]}', 'for keys that are known the old set serves')
  await t.rejects(get(true), /down/, 'also where it is not asked again')
  t.equal(world.fetched, 2)
  world.now += 5_000
  world.answer = '{"keys":[1]}'
  t.equal(await get(true), '{"keys":[1]}')
})

t.test('what came before a reload serves after it, with its age, also while the server is down', async t => {
  const before = cache()
  await before.get()
  const { world, get } = cache(before.jwks)
  world.answer = new Error('down')
  t.equal(await get(), '{"keys":[]}')
  t.equal(world.fetched, 0)
  world.now = 600_001
  t.equal(await get(), '{"keys":[]}')
  t.equal(world.fetched, 1, 'it is as old as it was')
  world.now = 86_400_000 + 600_001
  await t.rejects(get(), { message: 'down' })

  const failing = cache()
  failing.world.answer = new Error('down')
  await t.rejects(failing.get())
  const after = cache(failing.jwks)
  t.equal(await after.get(), '{"keys":[]}', 'what did not come is asked for anew')
})
