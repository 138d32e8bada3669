import { request as httpRequest } from 'node:http'
import t from 'tap'
import { buildSnapshot } from '../../../core/gateway/build.js'
import { readConfig } from '../../../core/gateway/read-config.js'
import { createLog } from '../../../core/observe/log.js'
import { alone } from '../../../core/server/entry.js'
import { Listener } from '../../../core/server/listener.js'
import { HttpCache } from '../../../core/traffic/cache/http-cache.js'
import { configFile } from '../../support/sluice.js'
import { httpUpstream } from '../../support/upstream.js'

t.setTimeout(300_000)

const BUDGET = 1_048_576
const REQUESTS = 3_000
const AT_ONCE = 64

/** Numbers that look like chance, the same in each run. */
function chance(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** What a path and a language are answered with: long enough to come in pieces, different for each. */
function bodyOf(path: string, language: string): string {
  const [, kind = '', number = '0'] = path.split('/')
  return `${path} in ${language};`.repeat(1 + Number(number) * (kind === 'large' ? 400 : 40))
}

t.test('whatever clients and upstreams do, nobody gets what is another’s, and nothing is left behind', async t => {
  const random = chance(4)
  const upstream = await httpUpstream(t, (request, response) => {
    const path = request.url ?? ''
    const language = String(request.headers['accept-language'])
    const body = Buffer.from(bodyOf(path, language))
    const kind = path.split('/')[1]
    response.setHeader('cache-control', kind === 'private' ? 'private' : 'max-age=600')
    response.setHeader('vary', 'accept-language')
    if (random(3) === 0) response.setHeader('content-length', body.length)
    let at = 0
    const next = (): void => {
      if (kind === 'broken' && random(4) === 0) {
        response.destroy()
        return
      }
      const end = at + 1 + random(2_000)
      response.write(body.subarray(at, end))
      at = end
      if (at >= body.length) response.end()
      else setImmediate(next)
    }
    next()
  })
  const cache = new HttpCache({ bytes: BUDGET })
  const config = configFile(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    log: { access: false },
    routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', cache: { entryBytes: '64KiB' } }]
  })
  const snapshot = await buildSnapshot(readConfig(config), { log: createLog('silent'), cache })
  const listener = await Listener.open(snapshot, { host: '127.0.0.1', port: 0, ...alone() })
  let over = 0
  const counts = { whole: 0, gone: 0, broken: 0, wrong: 0 }

  /** One request: it reads all, or goes away somewhere in between. */
  const one = (): Promise<void> =>
    new Promise(resolve => {
      const path = `/${['plain', 'large', 'private', 'broken'][random(4)]}/${random(6)}`
      const language = ['en', 'de', 'fr'][random(3)] ?? ''
      const leaves = random(5) === 0 ? random(6_000) : Number.POSITIVE_INFINITY
      let text = ''
      const headers = { 'accept-language': language }
      const client = httpRequest({ host: '127.0.0.1', port: listener.port, path, headers, agent: false }, response => {
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
          if (text.length > leaves) client.destroy()
        })
        response.on('close', () => {
          const wanted = bodyOf(path, language)
          if (response.statusCode === 502 && path.startsWith('/broken')) counts.broken++
          else if (!wanted.startsWith(text)) counts.wrong++
          else if (text === wanted) counts.whole++
          else if (client.destroyed && text.length > leaves) counts.gone++
          else if (path.startsWith('/broken')) counts.broken++
          else counts.wrong++
          resolve()
        })
      })
      client.on('error', () => resolve())
      client.end()
    })
  const worker = async (): Promise<void> => {
    while (over++ < REQUESTS) {
      await one()
      if (over % 100 === 0) cache.purge(random(2) === 0 ? { all: true } : { url: 'http://127.0.0.1/plain/*' })
      const { store } = cache
      if (store.bytes + store.reserved > BUDGET) t.fail('over the budget')
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  t.equal(counts.wrong, 0, JSON.stringify(counts))
  t.ok(counts.whole > REQUESTS / 2 && counts.gone > 20 && counts.broken > 20, JSON.stringify(counts))
  while (listener.active > 0) await new Promise(resolve => setImmediate(resolve))
  t.equal(cache.store.reserved, 0, 'no room is kept for what no longer comes')
  t.equal(cache.arriving, 0, 'no call is left')
  const { hit, miss, collapsed } = cache.counts.of('all')
  t.ok(hit > 100 && miss > 100 && collapsed > 100, JSON.stringify({ hit, miss, collapsed }))
  await listener.drain(0)
  await snapshot.close()
})
