import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { memoryStore } from '../../core/store/memory.js'
import { openStore, type StoreConfig } from '../../core/store/open.js'
import type { Store } from '../../core/store/store.js'

/** Debian's Redis on a port of its own, nothing on disk, until the test ends. */
async function redis(t: Test): Promise<string> {
  const port = await freePort()
  const child: ChildProcess = spawn('redis-server', ['--port', String(port), '--save', '', '--bind', '127.0.0.1'], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  t.teardown(async () => {
    child.kill()
    await once(child, 'exit')
  })
  let output = ''
  for await (const chunk of child.stdout ?? []) {
    output += chunk
    if (output.includes('Ready to accept connections')) break
  }
  return `redis://127.0.0.1:${port}`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

const hasRedis = spawnSync('redis-server', ['--version']).error === undefined

const KINDS: Record<StoreConfig['kind'], (t: Test) => Promise<StoreConfig>> = {
  memory: async () => ({ kind: 'memory' }),
  redis: async t => ({ kind: 'redis', url: await redis(t) })
}

for (const [kind, config] of Object.entries(KINDS)) {
  const skip = kind === 'redis' && !hasRedis ? 'redis-server is not installed' : false
  t.test(`${kind} keeps the contract of every store`, { skip }, async t => {
    const opened = await config(t)
    const store: Store = await openStore(opened, error => t.fail(error.message))
    t.teardown(() => store.close())
    const bytes = Buffer.from([0, 255, 10, 13])

    await t.test('a value comes back as it was, byte for byte, until it is deleted', async t => {
      t.equal(await store.get('a'), undefined)
      await store.set('a', bytes, 0)
      t.ok((await store.get('a'))?.equals(bytes))
      await store.set('a', Buffer.alloc(0), 0)
      t.equal((await store.get('a'))?.length, 0)
      t.strictSame([await store.delete('a'), await store.delete('a')], [true, false])
      t.equal(await store.get('a'), undefined)
    })
    await t.test('keys are only keys', async t => {
      for (const key of ['__proto__', 'constructor', 'ä:ö', 'a b']) {
        t.equal(await store.get(key), undefined)
        await store.set(key, Buffer.from(key), 0)
        t.equal(String(await store.get(key)), key)
      }
    })
    await t.test('a value is gone when its time is over', async t => {
      await store.set('short', bytes, 20)
      t.ok(await store.get('short'))
      while ((await store.get('short')) !== undefined) await new Promise(setImmediate)
    })
    await t.test('a swap takes place only from the expected value', async t => {
      t.equal(await store.swap('s', Buffer.from('x'), bytes, 0), false, 'there is none')
      t.equal(await store.swap('s', undefined, bytes, 0), true)
      t.equal(await store.swap('s', undefined, bytes, 0), false)
      t.equal(await store.swap('s', bytes, Buffer.from('new'), 0), true)
      t.equal(String(await store.get('s')), 'new')
    })
    await t.test('of many swaps at once one wins', async t => {
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, i) => store.swap('race', undefined, Buffer.from(`${i}`), 0))
      )
      t.equal(results.filter(Boolean).length, 1)
    })
    await t.test('a number counts up and down, and nothing is lost', async t => {
      t.equal(await store.add('n', 5, 0), 5)
      t.equal(await store.add('n', -7, 0), -2)
      await Promise.all(Array.from({ length: 100 }, () => store.add('n', 1, 0)))
      t.equal(await store.add('n', 0, 0), 98)
      await store.set('text', Buffer.from('no number'), 0)
      await t.rejects(store.add('text', 1, 0))
    })
    await t.test('the time of a number is that of its first addition', async t => {
      await store.add('timed', 1, 25)
      t.equal(await store.add('timed', 1, 3_600_000), 2)
      while ((await store.get('timed')) !== undefined) await new Promise(setImmediate)
      t.pass('later additions did not make it longer')
    })
  })
}

t.test('a store that cannot be reached rejects, and says so', async t => {
  const port = await freePort()
  const errors: Error[] = []
  const store = await openStore({ kind: 'redis', url: `redis://127.0.0.1:${port}` }, error => errors.push(error))
  t.teardown(() => store.close())
  await t.rejects(store.get('a'))
  t.ok(errors.length > 0)
})

t.test('in memory, a sum that no number holds exactly is refused, and the number stays', async t => {
  const store = memoryStore()
  await store.add('n', Number.MAX_SAFE_INTEGER, 0)
  await t.rejects(store.add('n', 1, 0))
  t.equal(await store.add('n', 0, 0), Number.MAX_SAFE_INTEGER)
})
