import { spawnSync } from 'node:child_process'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { Agent, request as httpRequest } from 'node:http'
import t, { type Test } from 'tap'
import { authority, type Certificate } from '../support/certificates.js'
import { connect, request } from '../support/client.js'
import { pluginFolders } from '../support/plugins.js'
import { Scrape } from '../support/scrape.js'
import { type ServedSluice, serve } from '../support/serve.js'
import { type SluiceConfig, toOne } from '../support/sluice.js'
import { ask, connectSecure } from '../support/tls-client.js'
import { httpUpstream, rawUpstream } from '../support/upstream.js'
import { guest, says } from '../support/wat.js'

t.setTimeout(400_000)

const RELOADS = Number(process.env.RELOADS ?? 200)

const reply = (port: number, text: string): SluiceConfig =>
  toOne(port, { routes: [{ name: text, match: { path: `/${text}` }, upstream: 'main' }] })

/** Replaces the configuration as a careful deployment does: another file, put in its place. */
function replace({ file }: ServedSluice, config: SluiceConfig): void {
  const text = JSON.stringify({ listen: { port: 0 }, pluginThreads: 1, ...config })
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

const reloaded = (line: string) => line.includes('"msg":"reloaded"')
const refused = (line: string) => line.includes('"msg":"reload refused"')

async function upstream(t: Test): Promise<number> {
  return (await httpUpstream(t, (_, response) => response.end('ok'))).port
}

const status = async ({ port }: ServedSluice, path: string) => (await fetch(`http://127.0.0.1:${port}/${path}`)).status

t.test('a new version of the file is served without a restart', async t => {
  const port = await upstream(t)
  const sluice = await serve(t, reply(port, 'before'))
  t.equal(await status(sluice, 'before'), 200)
  replace(sluice, reply(port, 'after'))
  t.match(JSON.parse(await sluice.until(reloaded)), { cause: 'file', routes: 1, generation: 2 })
  t.strictSame([await status(sluice, 'before'), await status(sluice, 'after')], [404, 200])
})

t.test('written in place it is taken over too, and a touch is not a change', async t => {
  const port = await upstream(t)
  const sluice = await serve(t, reply(port, 'before'))
  const text = JSON.stringify({ listen: { port: 0 }, pluginThreads: 1, ...reply(port, 'after') })
  writeFileSync(sluice.file, text)
  await sluice.until(reloaded)
  writeFileSync(sluice.file, text)
  sluice.process.kill('SIGHUP')
  t.match(JSON.parse(await sluice.until(reloaded, 2)), { cause: 'SIGHUP', generation: 3 }, 'the touch came before it')
  t.equal(await status(sluice, 'after'), 200)
})

t.test('a file with mistakes is refused with each of them, and the old one serves on', async t => {
  const port = await upstream(t)
  const sluice = await serve(t, { admin: { port: 0 }, ...reply(port, 'before') })
  const admin = String(JSON.parse(await sluice.until(line => line.includes('"listening"'))).admin)
  replace(sluice, { ...toOne(port), routes: [{ name: 'a', match: { path: 'x' }, upstream: 'man' }], surprise: 1 })
  const { problems } = JSON.parse(await sluice.until(refused))
  t.match(problems.join('\n'), /does not begin with "\/".*\n.*no upstream "man".*\n.*unknown key "surprise"/)
  t.equal(await status(sluice, 'before'), 200)
  const scrape = new Scrape(await (await fetch(`${admin}/metrics`)).text())
  t.equal(scrape.value('gateway_reloads_total', { result: 'refused' }), 1)
  replace(sluice, { admin: { port: 0 }, ...reply(port, 'mended') })
  await sluice.until(reloaded)
  t.equal(await status(sluice, 'mended'), 200)
})

t.test('a plugin that refuses its settings refuses the file, and the old one serves on', async t => {
  const port = await upstream(t)
  const picky = guest({ hooks: { on_configure: 'unreachable', on_request: '(i32.const 0)' } })
  const plugins = pluginFolders(t, { picky })
  const sluice = await serve(t, reply(port, 'before'))
  replace(sluice, {
    ...toOne(port),
    plugins,
    routes: [{ name: 'a', match: { path: '/a' }, upstream: 'main', policies: [{ plugin: 'picky' }] }]
  })
  const { problems } = JSON.parse(await sluice.until(refused))
  t.match(problems.join('\n'), /routes\[0\]\.policies\[0\].*plugin picky /)
  t.equal(await status(sluice, 'before'), 200)
})

t.test('a plugin whose settings change gets instances that know the new ones, and nothing of the old', async t => {
  const port = await upstream(t)
  // Replies with what on_configure got, and how many calls it had in front.
  const wasm = guest({
    hooks: {
      on_configure: `(global.set $size (local.get $len))
        (memory.copy (i32.const 513) (local.get $ptr) (local.get $len)) (i32.const 0)`,
      on_request: `(i32.store8 (i32.const 512) (i32.add (i32.load8_u (i32.const 512)) (i32.const 1)))
        (call $show (i32.const 512) (i32.add (global.get $size) (i32.const 1)))`
    },
    more: '(global $size (mut i32) (i32.const 0))'
  })
  const plugins = pluginFolders(t, { teller: { wasm, settings: { type: 'object', additionalProperties: true } } })
  const withSettings = (settings: object) =>
    toOne(port, {
      plugins,
      routes: [{ name: 'a', match: { path: '/a' }, upstream: 'main', policies: [{ plugin: 'teller', settings }] }]
    })
  const sluice = await serve(t, withSettings({ greeting: 'good day' }))
  const told = async () => {
    const [calls = 0, ...configured] = Buffer.from(
      await (await fetch(`http://127.0.0.1:${sluice.port}/a`)).arrayBuffer()
    )
    return { calls, settings: /\{.*\}/.exec(Buffer.from(configured).toString())?.[0] }
  }
  t.strictSame(
    [await told(), await told()],
    [1, 2].map(calls => ({ calls, settings: '{"greeting":"good day"}' }))
  )
  replace(sluice, withSettings({ greeting: 'good night' }))
  await sluice.until(reloaded)
  t.strictSame(await told(), { calls: 1, settings: '{"greeting":"good night"}' })
})

t.test('what only a start can change is refused with its name', async t => {
  const port = await upstream(t)
  const sluice = await serve(t, reply(port, 'before'))
  replace(sluice, { ...reply(port, 'after'), listen: { port: 1 }, threads: 2 })
  const { problems } = JSON.parse(await sluice.until(refused))
  t.match(problems.join('\n'), /listen {2}cannot change while Sluice runs.*\n.*threads {2}cannot change/)
})

t.test('however long its file takes to be read, what is served is served on', async t => {
  const port = await upstream(t)
  const sluice = await serve(t, { ...reply(port, 'before'), watch: false })
  rmSync(sluice.file)
  spawnSync('mkfifo', [sluice.file])
  sluice.process.kill('SIGHUP')
  const writer = await open(sluice.file, 'w') // opened when somebody reads it
  t.equal(await status(sluice, 'before'), 200)
  await writer.writeFile(
    JSON.stringify({ listen: { port: 0 }, pluginThreads: 1, watch: false, ...reply(port, 'after') })
  )
  t.equal(await status(sluice, 'before'), 200)
  await writer.close()
  await sluice.until(reloaded)
  t.strictSame([await status(sluice, 'before'), await status(sluice, 'after')], [404, 200])
})

/** A request that its upstream has, and has not answered. */
async function asked(t: Test) {
  const slow = await rawUpstream(t)
  const sluice = await serve(t, reply(slow.port, 'stream'))
  const client = await connect(t, sluice.port)
  client.send(request('GET', '/stream'))
  const connection = await slow.connection()
  await connection.until('/stream')
  return { sluice, client, connection }
}

t.test('a stream that is open finishes under the configuration it began with', async t => {
  const { sluice, client, connection } = await asked(t)
  connection.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfirst')
  replace(sluice, reply(await upstream(t), 'other'))
  await sluice.until(reloaded)
  t.equal(await status(sluice, 'stream'), 404)
  connection.socket.write('later')
  t.equal((await client.reply()).body.toString(), 'firstlater')
})

t.test('told to end while it reloads, it ends', async t => {
  const port = await upstream(t)
  const plugins = pluginFolders(t, { marks: says({ headers: [] }) })
  for (const threads of [1, 2]) {
    const sluice = await serve(t, { ...toOne(port), threads, watch: false, plugins })
    const routes = [{ name: 'all', match: { path: '/*' }, upstream: 'main', policies: [{ plugin: 'marks' }] }]
    replace(sluice, { ...toOne(port), threads, watch: false, plugins, routes })
    sluice.process.kill('SIGHUP')
    t.equal(await sluice.end(), 0, `with ${threads} event loop(s): ${sluice.lines.join('\n')}`)
    t.ok(sluice.lines.some(line => line.includes('"stopped"')))
  }
})

t.test('told to reload while it drains, it goes on draining', async t => {
  const { sluice, client, connection } = await asked(t)
  const ended = sluice.end()
  await sluice.until(line => line.includes('"draining"'))
  sluice.process.kill('SIGHUP')
  connection.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone')
  t.equal((await client.reply()).body.toString(), 'done')
  t.equal(await ended, 0)
  t.notOk(sluice.lines.some(line => line.includes('reload')))
})

for (const threads of [1, 2]) {
  const reloads = threads === 1 ? RELOADS : Math.ceil(RELOADS / 10)
  t.test(`${reloads} reloads under load fail no request, with ${threads} event loop(s)`, async t => {
    const [a, b] = [`http://127.0.0.1:${await upstream(t)}`, `http://127.0.0.1:${await upstream(t)}`]
    const marks = says({ headers: [{ op: 1, name: 'x-marked', value: '1' }] })
    const plugins = pluginFolders(t, { marks })
    const policies = [{ plugin: 'marks' }]
    const config = (generation: number): SluiceConfig => ({
      upstreams: {
        main: {
          targets: [[a], [b, a], [b], [a, { url: b, weight: 2 }]][generation % 4],
          balance: ['round-robin', 'least-busy', 'peak-ewma'][generation % 3],
          connections: 20 + (generation % 5),
          concurrency: { limit: 40 + (generation % 2), queue: 100 },
          breaker: { minRequests: 10 + (generation % 7) }
        }
      },
      threads,
      log: { access: false },
      plugins,
      routes: [
        { name: `all-${generation}`, match: { path: '/*' }, upstream: 'main', policies },
        // Every tenth time the plugins are not those of before: new threads take over from the old ones.
        { name: 'more', match: { path: '/more' }, upstream: 'main', policies: generation % 10 === 0 ? policies : [] },
        {
          name: 'plain',
          match: { path: '/plain' },
          upstream: 'main',
          ...(generation % 3 === 0 && { cache: { ttl: `${1 + (generation % 2)}s` } })
        }
      ]
    })
    const sluice = await serve(t, config(0))
    const load = startLoad(sluice.port, 8)
    for (let generation = 1; generation <= reloads; generation++) {
      replace(sluice, config(generation))
      sluice.process.kill('SIGHUP')
      await sluice.until(line => reloaded(line) && line.includes('SIGHUP'), generation)
    }
    const { served, failures } = await load.stop()
    const each = sluice.lines.filter(reloaded).map(line => Number(JSON.parse(line).ms))
    t.comment(`${served} requests served, a reload took ${Math.max(...each)} ms at most`)
    t.strictSame(failures, [])
    t.ok(served > reloads, 'they were asked all the time')
    t.notOk(sluice.lines.some(refused))
  })
}

for (const threads of [1, 2]) {
  t.test(`weights edited under load move the traffic and fail no request, with ${threads} event loop(s)`, async t => {
    const sides = ['blue', 'green'] as const
    const servers = await Promise.all(sides.map(side => httpUpstream(t, (_, response) => response.end(side))))
    const urls = servers.map(({ port }) => `http://127.0.0.1:${port}`)
    const weighted = (...weights: readonly [number, number]): SluiceConfig => ({
      threads,
      log: { access: false },
      upstreams: {
        both: { targets: urls.map((url, i) => ({ url, weight: weights[i] })) },
        ...Object.fromEntries(sides.map((side, i) => [side, { targets: [urls[i]] }]))
      },
      routes: [
        { name: 'targets', match: { path: '/plain' }, upstream: 'both' },
        ...sides.map((side, i) => ({ name: side, match: { path: '/*', weight: weights[i] }, upstream: side }))
      ]
    })
    const sluice = await serve(t, weighted(1, 0))
    const met = async (path: string): Promise<string[]> => {
      const asked = Array.from({ length: 60 }, async () => {
        const init = { headers: { connection: 'close' } }
        return (await fetch(`http://127.0.0.1:${sluice.port}/${path}`, init)).text()
      })
      return [...new Set(await Promise.all(asked))].sort()
    }
    const all = async () => [await met('plain'), await met('policies')]
    const load = startLoad(sluice.port, 8)
    t.strictSame(await all(), [['blue'], ['blue']])
    replace(sluice, weighted(1, 1))
    await sluice.until(reloaded, 1)
    t.strictSame(await all(), [sides, sides], 'half of it: by targets, and by routes')
    replace(sluice, weighted(0, 1))
    await sluice.until(reloaded, 2)
    t.strictSame(await all(), [['green'], ['green']])
    t.strictSame((await load.stop()).failures, [])
  })
}

for (const http2 of [false, true]) {
  t.test(`a certificate file that changes is taken over: ${http2 ? "Node's listener" : 'uWebSockets.js'}`, async t => {
    const ca = authority(t)
    const [before, after] = [ca.issue({ subject: '/CN=before' }), ca.issue({ subject: '/CN=after' })]
    const own = ca.issue()
    const write = ({ cert, key }: Certificate): void => {
      writeFileSync(own.keyFile, key)
      writeFileSync(own.certFile, cert)
    }
    write(before)
    const tls = { certificates: [{ cert: own.certFile, key: own.keyFile }] }
    const sluice = await serve(t, { ...reply(await upstream(t), 'a'), listen: { port: 0, tls, http2 } })
    const shown = async () => {
      const socket = await connectSecure(t, sluice.port, { ca: ca.cert, ALPNProtocols: ['http/1.1'] })
      return { socket, name: socket.getPeerCertificate().subject.CN }
    }
    const open = await shown()
    t.equal(open.name, 'before')
    write(after)
    await sluice.until(reloaded)
    t.equal((await shown()).name, 'after')
    t.match(await ask(open.socket, request('GET', '/a')), { status: 200 }, 'open connections go on')
  })
}

/** Between two requests of a client: a load, not a flood, or the machine would be what is tested. */
const PAUSE_MS = 4

/** Clients that ask over and over on connections they keep, every other time with POST. A reset is a failure like any other. */
function startLoad(port: number, clients: number): { stop(): Promise<{ served: number; failures: string[] }> } {
  let stopped = false
  let served = 0
  const failures: string[] = []
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const pause = (): Promise<void> => new Promise(resolve => setTimeout(resolve, PAUSE_MS))
  const once = (path: string, method: 'GET' | 'POST'): Promise<void> =>
    new Promise(resolve => {
      const asked = httpRequest({ agent, port, path, method, host: '127.0.0.1' }, response => {
        response.resume()
        response.on('end', () => {
          if (response.statusCode === 200) served++
          else failures.push(`${method} ${path}: ${response.statusCode}`)
          resolve()
        })
        response.on('error', error => failures.push(`${method} ${path}: ${error.message}`))
      })
      asked.on('error', error => {
        failures.push(`${method} ${path}: ${error.message}`)
        resolve()
      })
      asked.end(method === 'POST' ? 'a body' : undefined)
    })
  const all = Array.from({ length: clients }, async (_, i) => {
    for (let count = 0; !stopped; count++) {
      await once(i % 2 === 0 ? '/policies' : '/plain', count % 2 === 0 ? 'GET' : 'POST')
      await pause()
    }
  })
  return {
    stop: async () => {
      stopped = true
      await Promise.all(all)
      agent.destroy()
      return { served, failures }
    }
  }
}
