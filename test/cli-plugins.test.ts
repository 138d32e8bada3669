import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import t, { type Test } from 'tap'
import { confirm } from '../core/cli/plugins/confirm.js'
import { ROOT, SLUICE, sluice } from './command.js'
import { httpServer, manifest, module, serveFolder, tamper, writeCatalog, writePlugin } from './support/catalog.js'

// It starts many processes, and each takes a second of CPU time: on a busy machine that is long.
t.setTimeout(600_000)

const CONFIG = `upstreams: { api: { targets: ["http://127.0.0.1:9"] } }
routes:
  - { name: a, match: { path: /a }, upstream: api, policies: [{ plugin: hello }] }
`

const FIRST = manifest('hello', { permissions: { requestHeaders: { read: ['x-team'] } } })
const SECOND = manifest('hello', {
  version: '1.1.0',
  description: 'Says hello to more.\u001b[2J',
  permissions: { requestHeaders: { read: ['x-team', 'cookie'] }, rewrite: true },
  settings: { type: 'object', properties: { greeting: { type: 'string' } } }
})

interface Shop {
  /** Where the command runs. */
  readonly cwd: string
  readonly catalog: string
  /** The catalog's address. */
  readonly url: string
}

/** A catalog of two versions of a plugin and one more, on a server, and a folder with a configuration that uses it. */
async function shop(t: Test): Promise<Shop> {
  const cwd = t.testdir({ 'sluice.yaml': CONFIG, catalog: {} })
  const catalog = join(cwd, 'catalog')
  writePlugin(join(catalog, 'hello-1.0.0'), FIRST, module(1))
  writePlugin(join(catalog, 'hello-1.1.0'), SECOND, module(2))
  writePlugin(join(catalog, 'hello-2.0.0-rc.1'), manifest('hello', { version: '2.0.0-rc.1' }), module(3))
  writePlugin(join(catalog, 'team-limit'), manifest('team-limit', { description: 'Limits teams.' }), module(4))
  await writeCatalog(catalog)
  return { cwd, catalog, url: `${await serveFolder(t, catalog)}plugins/` }
}

function lockOf(cwd: string): unknown[] {
  return JSON.parse(readFileSync(join(cwd, 'plugins.lock'), 'utf8')).plugins
}

/** The lock file, and every file of the installed plugins. */
function installed(cwd: string): string[] {
  const files = readdirSync(join(cwd, 'plugins'), { recursive: true, encoding: 'utf8' }).sort()
  return [readFileSync(join(cwd, 'plugins.lock'), 'utf8'), ...files]
}

t.test('a plugin is found, looked at, installed, served, upgraded and removed', async t => {
  const { cwd, url } = await shop(t)
  const plugins = (...args: string[]) => sluice(['plugins', ...args], { cwd })
  t.match(
    await sluice(['check', '-c', 'sluice.yaml'], { cwd }),
    { code: 1, stderr: /no plugin "hello"/ },
    'not there yet'
  )

  const found = await plugins('search', 'HELLO', 'on_request', '--catalog', url)
  t.strictSame([found.code, found.stderr], [0, ''])
  t.match(found.stdout.split('\n'), [
    /^ID +VERSION +KIND +STATE +DESCRIPTION$/,
    /^hello +1\.1\.0 +traffic +available +Says hello to more\.\\u001b\[2J$/,
    ''
  ])
  t.match(await plugins('search', 'nonsense', '--catalog', url), {
    code: 0,
    stdout: 'no plugin has to do with "nonsense"\n'
  })

  const info = await plugins('info', 'hello', '--catalog', url)
  t.match(info, { code: 0, stdout: /^hello 1\.1\.0\n/ })
  for (const text of [
    'state     not installed',
    'versions  1.0.0, 1.1.0, 2.0.0-rc.1',
    'It asks to:\n  - read the request header x-team\n  - read the request header cookie\n  - change the method',
    '"greeting"'
  ]) {
    t.match(info.stdout, text)
  }

  const first = await plugins('install', 'hello@1.0.0', '--catalog', url, '--yes')
  t.match(first, {
    code: 0,
    stderr: '',
    stdout: /It asks to:\n {2}- read the request header x-team\nhello 1\.0\.0 is installed/
  })
  t.match(lockOf(cwd), [{ id: 'hello', version: '1.0.0', source: url, permissions: FIRST.permissions }])
  t.match(await sluice(['check', '-c', 'sluice.yaml'], { cwd }), { code: 0, stderr: '' }, 'it is used by its name')
  t.match(await plugins('list', '--catalog', url), {
    stdout: /hello +1\.1\.0 +traffic +installed 1\.0\.0, newer available/
  })
  t.match(await plugins('install', 'hello@1.0.0', '--catalog', url), {
    code: 0,
    stdout: 'hello 1.0.0 is installed already\n'
  })

  const upgrade = await plugins('install', 'hello', '--catalog', url, '--yes')
  t.equal(upgrade.code, 0, upgrade.stderr)
  t.match(
    upgrade.stdout,
    /It replaces 1\.0\.0\.\nWARNING: 1\.0\.0 was not granted to:\n {2}\+ read the request header cookie\n {2}\+ change the method[^\n]*\nhello 1\.1\.0 is installed/
  )
  t.match(lockOf(cwd), [{ version: '1.1.0', permissions: SECOND.permissions }])
  t.match(await sluice(['check', '-c', 'sluice.yaml'], { cwd }), { code: 0 })

  const removed = await plugins('remove', 'hello')
  t.strictSame(removed, {
    code: 0,
    stdout: 'hello 1.1.0 is removed\n',
    stderr: 'warning: sluice.yaml still uses hello: routes[0].policies[0]\n'
  })
  t.strictSame([lockOf(cwd), readdirSync(join(cwd, 'plugins'))], [[], []])
  t.match(await plugins('remove', 'hello'), { code: 1, stderr: /hello is not installed/ })
})

t.test('what was tampered with is not served, and installing puts it back', async t => {
  const { cwd, catalog } = await shop(t)
  const plugins = (...args: string[]) => sluice(['plugins', ...args, '--catalog', 'catalog'], { cwd })
  t.match(await plugins('install', 'hello', '--yes'), { code: 0 })
  t.match(lockOf(cwd), [{ source: 'catalog' }], 'a folder is named as seen from the lock file')
  const [version = ''] = readdirSync(join(cwd, 'plugins/hello'))
  cpSync(join(catalog, 'hello-1.0.0/build/hello.wasm'), join(cwd, 'plugins/hello', version, 'build/hello.wasm'))
  for (const command of ['check', 'serve']) {
    const { code, stdout, stderr } = await sluice([command, '-c', 'sluice.yaml'], { cwd })
    t.strictSame([code, stdout], [1, ''], command)
    t.match(
      stderr,
      /^sluice\.yaml:3:\d+ {2}routes\[0\]\.policies\[0\]\.plugin {2}.*hello\.wasm has the SHA-256 .*expected/
    )
  }
  t.match(await plugins('list'), { stdout: /hello .* installed 1\.1\.0, DAMAGED/ })
  t.match(await plugins('install', 'hello', '--yes'), { code: 0 })
  t.match(await sluice(['check', '-c', 'sluice.yaml'], { cwd }), { code: 0 })
})

for (const place of ['folder', 'server'] as const) {
  t.test(
    `a tampered or missing artifact in a catalog on a ${place} is refused, and what was installed stays`,
    async t => {
      const { cwd, catalog, url } = await shop(t)
      const from = place === 'folder' ? 'catalog' : url
      const install = (version: string) =>
        sluice(['plugins', 'install', `hello@${version}`, '--yes', '--catalog', from], { cwd })
      t.match(await install('1.0.0'), { code: 0 })
      const before = installed(cwd)
      const wasm = join(catalog, 'hello-1.1.0/build/hello.wasm')
      writeFileSync(wasm, module(9))
      const tampered = await install('1.1.0')
      t.equal(tampered.code, 1)
      t.match(
        tampered.stderr,
        /hello@1\.1\.0 of .*: hello-1\.1\.0\/build\/hello\.wasm has the SHA-256 .*; expected .*, as the catalog says/
      )
      rmSync(wasm)
      const missing = await install('1.1.0')
      t.equal(missing.code, 1)
      t.match(missing.stderr, /hello-1\.1\.0\/build\/hello\.wasm/)
      t.strictSame(installed(cwd), before)
      t.match(await sluice(['check', '-c', 'sluice.yaml'], { cwd }), { code: 0 })
    }
  )
}

t.test('without --yes and without a terminal nothing is installed', async t => {
  const { cwd, url } = await shop(t)
  const { code, stdout, stderr } = await sluice(['plugins', 'install', 'hello', '--catalog', url], { cwd })
  t.equal(code, 1)
  t.match(stdout, 'It asks to:', 'what it would have asked')
  t.equal(stderr, 'hello was not installed: there is no terminal to ask on; expected --yes\n')
  t.notOk(existsSync(join(cwd, 'plugins')) || existsSync(join(cwd, 'plugins.lock')))
})

t.test('nothing is installed from a catalog that leads on to another origin', async t => {
  const { cwd, url } = await shop(t)
  const from = await httpServer(t, ({ url: path }, response) => {
    response.writeHead(302, { location: `${url}${path}`.replace('127.0.0.1', 'localhost') }).end()
  })
  const installed = await sluice(['plugins', 'install', 'hello', '--catalog', from, '--yes'], { cwd })
  t.match(installed, { code: 1, stderr: /catalog\.json: leads on to another origin \(http:\/\/localhost:\d+\)/ })
  t.notOk(existsSync(join(cwd, 'plugins')) || existsSync(join(cwd, 'plugins.lock')))
})

t.test('on a terminal it asks', async t => {
  const { cwd, url } = await shop(t)
  const command = `'${SLUICE.join("' '")}' plugins install hello@1.0.0 --catalog ${url}`
  for (const [answer, code] of [
    ['n', 1],
    ['', 1],
    ['y', 0]
  ] as const) {
    // script(1) gives it a terminal.
    const child = spawn('script', ['-qec', command, '/dev/null'], { cwd, stdio: ['pipe', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const asked = output.includes('[y/N]')
      output += text
      if (!asked && output.includes('[y/N]')) child.stdin.write(`${answer}\n`)
    })
    const [exit] = await once(child, 'close')
    t.equal(exit, code, `"${answer}": ${output}`)
    t.equal(existsSync(join(cwd, 'plugins.lock')), code === 0)
  }
})

t.test('only "y" and "yes" are yes, and a terminal that closes is no', async t => {
  const ask = (answer: string | undefined): Promise<boolean | undefined> => {
    const input = Object.assign(new PassThrough(), { isTTY: true })
    if (answer === undefined) input.end()
    else input.write(`${answer}\n`)
    return confirm('?', { input, output: Object.assign(new PassThrough(), { isTTY: true }) })
  }
  for (const answer of ['y', 'Y', 'yes', ' yes ']) t.equal(await ask(answer), true, answer)
  for (const answer of ['', 'n', 'no', 'yeah', 'yes, no', undefined]) t.equal(await ask(answer), false, `${answer}`)
  t.equal(await confirm('?', { input: new PassThrough(), output: new PassThrough() }), undefined)
})

t.test('a plugin may not have the name of one that comes with Sluice, and one near it is pointed out', async t => {
  const cwd = t.testdir()
  const catalog = join(cwd, 'catalog')
  writePlugin(join(catalog, 'auth-key'), manifest('auth-key'))
  writePlugin(join(catalog, 'auth-kye'), manifest('auth-kye'))
  await writeCatalog(catalog)
  const plugins = (...args: string[]) => sluice(['plugins', ...args, '--catalog', 'catalog', '--yes'], { cwd })
  t.match(await plugins('install', 'auth-key'), { code: 1, stderr: /auth-key comes with Sluice/ })
  t.match(await plugins('list'), { stdout: /auth-key +1\.0\.0 +traffic +has the name of a built-in/ })
  t.match(await plugins('install', 'auth-kye'), {
    code: 0,
    stdout: /WARNING: auth-kye is not auth-key, which comes with Sluice/
  })
})

t.test('the catalog that is named first counts, whatever version a later one has', async t => {
  const { cwd } = await shop(t)
  writePlugin(join(cwd, 'ours/hello'), manifest('hello', { version: '0.9.0' }))
  await writeCatalog(join(cwd, 'ours'))
  writeFileSync(join(cwd, 'sluice.yaml'), `catalogs: [./ours, ./catalog]\n${CONFIG}`)
  t.match(await sluice(['plugins', 'install', 'hello', '--yes'], { cwd }), {
    code: 0,
    stdout: /hello 0\.9\.0 is installed/
  })
  t.match(await sluice(['plugins', 'info', 'team-limit'], { cwd }), { code: 0, stdout: /catalog +.*\/catalog\n/ })
  const other = await sluice(['plugins', 'install', 'hello', '--yes', '--catalog', 'catalog'], { cwd })
  t.match(other, { code: 0, stdout: /WARNING: that came from ours\./ }, 'another source is said')
  const older = await sluice(['plugins', 'install', 'hello', '--yes'], { cwd })
  t.match(older, {
    code: 1,
    stderr: /hello 1\.1\.0 is installed, .*ours has 0\.9\.0 at most; say hello@0\.9\.0 to go back/
  })
})

t.test('the same version with other content is said', async t => {
  const { cwd, catalog } = await shop(t)
  const install = () => sluice(['plugins', 'install', 'team-limit', '--yes', '--catalog', 'catalog'], { cwd })
  t.match(await install(), { code: 0 })
  writePlugin(join(catalog, 'team-limit'), manifest('team-limit'), module(40))
  await writeCatalog(catalog)
  t.match(await install(), { code: 0, stdout: /WARNING: that is the same version with other content/ })
})

t.test('the catalog that comes with Sluice is shown without being named', async t => {
  const cwd = t.testdir()
  const { code, stdout } = await sluice(['plugins', 'list'], { cwd })
  t.equal(code, 0)
  const folders = readdirSync(`${ROOT}plugins`, { withFileTypes: true }).filter(entry => entry.isDirectory())
  for (const { name } of folders) t.match(stdout, new RegExp(`^${name} +\\d.*built-in`, 'm'))
  t.match(await sluice(['plugins', 'info', 'auth-key'], { cwd }), { code: 0, stdout: /state +built-in/ })
})

t.test('a plugin for another ABI is listed, and not installed', async t => {
  const { cwd, catalog } = await shop(t)
  tamper(catalog, () => ({ id: 'later', version: '1.0.0', abi: 2 }))
  const plugins = (...args: string[]) => sluice(['plugins', ...args, '--catalog', 'catalog'], { cwd })
  t.match(await plugins('list'), { code: 0, stdout: /later +1\.0\.0 +- +needs a Sluice with ABI 2/ })
  t.match(await plugins('install', 'later', '--yes'), {
    code: 1,
    stderr: /later@1\.0\.0 is made for ABI 2; this Sluice/
  })
})

for (const [what, path] of [
  ['a file: URL', 'file:///etc/passwd'],
  ['a path out of it', '../../etc/passwd']
] as const) {
  t.test(`a catalog on a server with ${what} is refused, and nothing changes`, async t => {
    const { cwd, catalog, url } = await shop(t)
    tamper(catalog, entry => ({ ...entry, module: { ...entry.module, path } }))
    const { code, stdout, stderr } = await sluice(['plugins', 'install', 'hello', '--yes', '--catalog', url], { cwd })
    t.strictSame([code, stdout], [1, ''])
    t.ok(
      stderr.startsWith(`${url}  plugins[0].module.path  got ${JSON.stringify(path)}; expected a path below`),
      stderr
    )
    t.notOk(existsSync(join(cwd, 'plugins')) || existsSync(join(cwd, 'plugins.lock')))
  })
}

t.test('a name that nobody knows is said, with one that may have been meant', async t => {
  const { cwd } = await shop(t)
  const plugins = (...args: string[]) => sluice(['plugins', ...args, '--catalog', 'catalog'], { cwd })
  t.match(await plugins('install', 'helo', '--yes'), {
    code: 1,
    stderr: /no plugin "helo" in .*; did you mean "hello"\?/
  })
  t.match(await plugins('info', 'hello@9.9.9'), {
    code: 1,
    stderr: /has no hello@9\.9\.9; expected one of 1\.0\.0, 1\.1\.0/
  })
  t.match(await plugins('install', '../hello', '--yes'), { code: 1, stderr: /no plugin "\.\.\/hello"/ })
})

t.test('plugins are not installed among those that come with Sluice', async t => {
  const { cwd } = await shop(t)
  writeFileSync(join(cwd, 'sluice.yaml'), `pluginsDir: ${ROOT}plugins\n${CONFIG}`)
  const installed = await sluice(['plugins', 'install', 'hello', '--yes', '--catalog', 'catalog'], { cwd })
  t.match(installed, { code: 1, stderr: /expected another pluginsDir/ })
  t.match(await sluice(['plugins', 'list']), { code: 0, stderr: '' }, 'one may look around there')
})

t.test('a configuration that is wrong elsewhere does not keep one from installing; wrong places do', async t => {
  const { cwd } = await shop(t)
  const install = ['plugins', 'install', 'hello', '--yes', '--catalog', 'catalog', '-c', 'my.yaml']
  writeFileSync(join(cwd, 'my.yaml'), 'catalogs: [ftp://plugins.example/]\nroutes: []\n')
  t.match(await sluice(install, { cwd }), {
    code: 1,
    stderr: /^my\.yaml:1:12 {2}catalogs\[0\] .*expected a folder or an address/
  })
  writeFileSync(join(cwd, 'my.yaml'), 'listen: { port: http }\npluginsDir: mine\n')
  t.match(await sluice(install, { cwd }), { code: 0 })
  t.ok(existsSync(join(cwd, 'mine/hello')))
})

for (const args of [
  [],
  ['lst'],
  ['list', 'x'],
  ['search'],
  ['info'],
  ['install'],
  ['install', 'a', 'b'],
  ['remove'],
  ['catalog']
]) {
  t.test(`"sluice plugins ${args.join(' ')}" is not understood`, async t => {
    t.match(await sluice(['plugins', ...args]), { code: 2, stdout: '', stderr: /sluice: plugins .*expected/ })
  })
}

t.test('a folder of plugins becomes a catalog, the same each time', async t => {
  const cwd = t.testdir()
  writePlugin(join(cwd, 'mine/b'), manifest('b'))
  writePlugin(join(cwd, 'mine/a'), manifest('a'))
  mkdirSync(join(cwd, 'mine/notes'))
  const catalog = (...args: string[]) => sluice(['plugins', 'catalog', ...args], { cwd })
  t.match(await catalog('mine', '--check'), {
    code: 1,
    stderr: /catalog\.json is not there; run: sluice plugins catalog mine/
  })
  t.strictSame(await catalog('mine'), { code: 0, stdout: 'mine/catalog.json: 2 plugins, written\n', stderr: '' })
  t.match(await catalog('mine'), { code: 0, stdout: /up to date/ })
  t.strictSame(await catalog('mine', '--check'), { code: 0, stdout: '', stderr: '' })
  writePlugin(join(cwd, 'mine/b'), manifest('b'), module(5))
  t.match(await catalog('mine', '--check'), { code: 1, stderr: /catalog\.json is not current/ })

  t.match(await catalog('mine', '-o', 'all.json'), { code: 0 })
  const { plugins } = JSON.parse(readFileSync(join(cwd, 'all.json'), 'utf8'))
  t.equal(plugins[0].module.path, 'mine/a/build/a.wasm', 'paths are relative to the catalog')
  t.match(await sluice(['plugins', 'install', 'a', '--yes', '--catalog', 'all.json'], { cwd }), { code: 0 })
  t.match(await catalog('mine', '-o', 'other/all.json'), { code: 1, stderr: /expected the catalog above its plugins/ })
})

t.test('what cannot be a catalog is said', async t => {
  const cwd = t.testdir({ empty: {} })
  const catalog = (folder: string) => sluice(['plugins', 'catalog', folder], { cwd })
  t.match(await catalog('empty'), { code: 1, stderr: /empty holds no plugin/ })
  t.match(await catalog('nowhere'), { code: 1, stderr: /nowhere cannot be read/ })
  writePlugin(join(cwd, 'p/a'), manifest('a'))
  t.match(await catalog('p/a'), { code: 1, stderr: /p\/a is a plugin itself/ })
  cpSync(join(cwd, 'p/a'), join(cwd, 'p/b'), { recursive: true })
  t.match(await catalog('p'), { code: 1, stderr: /a@1\.0\.0 is there twice/ })
  rmSync(join(cwd, 'p/b/build'), { recursive: true })
  t.match(await catalog('p'), {
    code: 1,
    stderr: /b\/build\/a\.wasm: there is no such file; build it with: sluice plugin build/
  })
  t.notOk(existsSync(join(cwd, 'p/catalog.json')))
})
