import { once } from 'node:events'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { text as textOf } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { cachedSluice, plainRequest } from '../../support/cached.js'

/** More than the kernel keeps for a client that does not read. */
const BYTES = 32 * 1024 ** 2

async function storedLarge(t: Test) {
  const text = Array.from({ length: BYTES / 8 }, (_, i) => i.toString(16).padStart(8, '0')).join('')
  const sluice = await cachedSluice(
    t,
    { entryBytes: '64MiB' },
    (_, response) => {
      response.setHeader('cache-control', 'max-age=600')
      response.end(text)
    },
    { cache: { bytes: '128MiB' } }
  )
  t.equal((await sluice.get('/large')).did, 'fwd=uri-miss; stored')
  await sluice.access()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  /** The head of the reply; nothing of its body is read. */
  const begin = async (method = 'GET'): Promise<IncomingMessage> => {
    const options = { host: '127.0.0.1', port: sluice.port, path: '/large', method, agent }
    const [response] = await once(httpRequest(options).end(), 'response')
    return response
  }
  return { ...sluice, text, begin }
}

t.test('a stored reply that its client takes bit by bit arrives whole, and the next on its connection too', async t => {
  const { port, text, begin, listener, seen } = await storedLarge(t)
  const slow = await begin()
  t.equal((await plainRequest(port, '/large')).text === text, true, 'others are served meanwhile')
  t.equal(listener.active, 1)
  t.equal((await textOf(slow)) === text, true)
  t.match(await begin('HEAD'), { statusCode: 200, headers: { 'content-length': String(BYTES) } })
  t.equal(seen.length, 1)
})

t.test('a client that goes away in the middle of a stored reply is told of in the log', async t => {
  const { begin, access, get, listener } = await storedLarge(t)
  const slow = await begin()
  t.equal(listener.active, 1)
  slow.destroy()
  t.match(await access(), { status: 200, error: 'GW_CLIENT_GONE' })
  t.match(await get('/large', {}, 'HEAD'), { status: 200, did: /^hit/ })
  t.equal(listener.active, 0)
})
