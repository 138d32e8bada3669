import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { openSource, readCatalog } from '../../../core/plugin-host/catalog/open.js'
import { catalogOf, httpServer, serveFolder } from '../../support/catalog.js'

const INVALID = 'GW_CATALOG_INVALID'

/** What a server sends for every request. */
function answering(t: Test, status: number, headers: Record<string, string>, body: string | Buffer = '') {
  return httpServer(t, (_, response) => response.writeHead(status, headers).end(body))
}

t.test('a catalog is read from a folder and from a server, named by folder or file', async t => {
  const folder = await catalogOf(t, 'hello')
  const url = await serveFolder(t, folder)
  for (const location of [
    folder,
    `${folder}/catalog.json`,
    `${url}plugins`,
    `${url}plugins/`,
    `${url}plugins/catalog.json`
  ]) {
    const source = openSource(location, '/')
    t.match(await readCatalog(source), { entries: [{ id: 'hello' }] }, location)
    t.equal((await source.read('hello/plugin.json', 1000)).toString('utf8').includes('"hello"'), true, location)
  }
  t.match(await readCatalog(openSource('catalog', join(folder, '..'))), { entries: [{ id: 'hello' }] }, 'relative')
})

for (const [location, reason] of [
  ['file:///etc', 'is no place of a catalog'],
  ['ftp://plugins.example/', 'is no place of a catalog'],
  ['data:application/json,{}', 'is no place of a catalog'],
  ['https:plugins.example', 'is no place of a catalog'],
  ['https://me:secret@plugins.example/', 'holds a user name or password'],
  ['https://plugins.example/?token=x', 'has a "?" or "#"'],
  ['', 'is empty']
] as const) {
  t.test(`${JSON.stringify(location)} is no place of a catalog`, async t => {
    t.throws(() => openSource(location, '/'), { code: INVALID, message: new RegExp(reason.replace('?', '\\?')) })
  })
}

t.test('a path does not leave the folder of the catalog, on a server or on disk', async t => {
  const folder = await catalogOf(t, 'hello')
  writeFileSync(join(folder, '..', 'secret'), 'secret')
  const url = await serveFolder(t, folder)
  for (const path of [
    '../secret',
    '/secret',
    'file:///etc/passwd',
    'http://other.example/x',
    '//other.example/x',
    '..\\secret',
    '%2e%2e/secret'
  ]) {
    await t.rejects(openSource(`${url}plugins/`, '/').read(path, 1000), { code: INVALID }, path)
    await t.rejects(openSource(folder, '/').read(path, 1000), { code: INVALID }, path)
  }
})

t.test('a symbolic link leads about in the folder of a catalog, not out of it', async t => {
  const folder = await catalogOf(t, 'hello')
  const outside = join(folder, '..', 'outside')
  mkdirSync(outside)
  writeFileSync(join(outside, 'secret'), 'secret')
  symlinkSync('hello/plugin.json', join(folder, 'inside'))
  symlinkSync('../outside/secret', join(folder, 'file'))
  symlinkSync('../outside', join(folder, 'folder'))
  symlinkSync('loop', join(folder, 'loop'))
  const source = openSource(folder, '/')
  t.ok((await source.read('inside', 1000)).length > 0)
  for (const path of ['file', 'folder/secret']) {
    await t.rejects(source.read(path, 1000), { code: INVALID, message: /leads out of the folder of the catalog/ }, path)
  }
  await t.rejects(source.read('loop', 1000), { code: INVALID, message: /cannot be read: ELOOP/ })
  symlinkSync(folder, join(outside, 'link'))
  t.ok((await openSource(join(outside, 'link'), '/').read('inside', 1000)).length > 0, 'the folder itself may be one')
})

t.test('what is no regular file is not read', async t => {
  const folder = await catalogOf(t, 'hello')
  execFileSync('mkfifo', [join(folder, 'pipe')])
  const source = openSource(folder, '/')
  await t.rejects(source.read('pipe', 1000), { code: INVALID, message: /is not a regular file/ })
  await t.rejects(source.read('hello', 1000), { code: INVALID, message: /is not a regular file/ })
  await t.rejects(source.read('nothing', 1000), { code: INVALID, message: /there is no such file/ })
})

t.test('no more is read than was asked for', async t => {
  const folder = await catalogOf(t, 'hello')
  writeFileSync(join(folder, 'large'), Buffer.alloc(1001))
  await t.rejects(openSource(folder, '/').read('large', 1000), {
    code: INVALID,
    message: /1001 bytes; expected at most 1000/
  })
  const url = await serveFolder(t, folder)
  await t.rejects(openSource(`${url}plugins/`, '/').read('large', 1000), {
    code: INVALID,
    message: /more than 1000 bytes/
  })
})

t.test('a body without end is left', async t => {
  let closed: (() => void) | undefined
  const left = new Promise<void>(resolve => {
    closed = resolve
  })
  const url = await httpServer(t, (_, response) => {
    const more = (): void => {
      while (response.write(Buffer.alloc(65_536)));
    }
    response.on('drain', more).on('close', () => closed?.())
    more()
  })
  await t.rejects(openSource(url, '/').read('x', 1 << 20), { code: INVALID, message: /more than 1048576 bytes/ })
  await left
})

t.test('a body that is unpacked on the way counts as it comes out', async t => {
  const url = await answering(t, 200, { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(1 << 24)))
  await t.rejects(openSource(url, '/').read('x', 1 << 20), { code: INVALID, message: /more than 1048576 bytes/ })
})

t.test('a server that does not answer in time is given up', async t => {
  const silent = await httpServer(t, () => undefined)
  await t.rejects(openSource(silent, '/', { timeoutMs: 50 }).read('x', 10), { code: INVALID, message: /within 50 ms/ })
  const slow = await httpServer(t, (_, response) => void response.writeHead(200).write('a'))
  await t.rejects(openSource(slow, '/', { timeoutMs: 50 }).read('x', 10), { code: INVALID, message: /within 50 ms/ })
})

t.test('a server that is not there, and a file that is not, are said by their address', async t => {
  const url = await answering(t, 404, {})
  await t.rejects(openSource(url, '/').read('x', 10), {
    code: INVALID,
    message: `${url}x: was answered with 404; expected 200`
  })
  await t.rejects(openSource('http://127.0.0.1:1/', '/').read('x', 10), {
    code: INVALID,
    message: /127\.0\.0\.1:1\/x: cannot be read: .+/
  })
})

t.test('a server may lead on, within bounds', async t => {
  const folder = await catalogOf(t, 'hello')
  const other = await serveFolder(t, folder)
  const url = await httpServer(t, (request, response) => {
    if (request.url === '/round') response.writeHead(302, { location: '/round' }).end()
    else response.writeHead(302, { location: `${other}plugins${request.url}` }).end()
  })
  const manifest = await openSource(url, '/').read('hello/plugin.json', 1 << 16)
  t.ok(manifest.equals(readFileSync(join(folder, 'hello', 'plugin.json'))), 'to another host')
  await t.rejects(openSource(url, '/').read('round', 10), { code: INVALID, message: /leads on more than 5 times/ })
})

t.test('the catalog itself may lie elsewhere at its origin, and at no other', async t => {
  const folder = await catalogOf(t, 'hello')
  const other = await serveFolder(t, folder)
  const text = readFileSync(join(folder, 'catalog.json'))
  const url = await httpServer(t, ({ url: path }, response) => {
    const lead = (location: string) => response.writeHead(302, { location }).end()
    if (path === '/latest/catalog.json') lead('/v1/catalog.json')
    else if (path === '/v1/catalog.json') response.end(text)
    else if (path === '/twice/catalog.json') lead('/away/catalog.json')
    else lead(`${other.replace('127.0.0.1', 'localhost')}plugins/catalog.json`)
  })
  t.match(await readCatalog(openSource(`${url}latest/`, '/')), { entries: [{ id: 'hello' }] })
  for (const place of ['away/', 'away/catalog.json', 'away/other.json', 'twice/']) {
    await t.rejects(readCatalog(openSource(`${url}${place}`, '/')), {
      code: INVALID,
      message: /leads on to another origin \(http:\/\/localhost:\d+\); expected http:\/\/127\.0\.0\.1:\d+/
    })
  }
  const onlyPort = await answering(t, 302, { location: `${other}plugins/catalog.json` })
  await t.rejects(readCatalog(openSource(onlyPort, '/')), { code: INVALID, message: /leads on to another origin/ })
})

for (const location of ['file:///etc/passwd', 'ftp://127.0.0.1/x', 'data:text/plain,x', 'javascript:1']) {
  t.test(`a server may not lead on to ${location}`, async t => {
    const url = await answering(t, 302, { location })
    await t.rejects(openSource(url, '/').read('x', 1000), { code: INVALID, message: /leads on to another scheme/ })
  })
}

t.test('a server that leads on to nowhere is said', async t => {
  const nowhere = await answering(t, 302, {})
  await t.rejects(openSource(nowhere, '/').read('x', 10), { code: INVALID, message: /leads on to nowhere/ })
  const broken = await answering(t, 302, { location: 'http://[' })
  await t.rejects(openSource(broken, '/').read('x', 10), { code: INVALID, message: /leads on to nowhere/ })
})
