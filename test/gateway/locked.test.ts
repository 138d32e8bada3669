import { cpSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ConfigError } from '../../core/config/problems.js'
import { loadBindings } from '../../core/gateway/bindings.js'
import { readConfig } from '../../core/gateway/read-config.js'
import { fetchPlugin } from '../../core/plugin-host/catalog/fetch.js'
import { installPlugin, lockedPlugin } from '../../core/plugin-host/catalog/install.js'
import { formatLock, installedFolder, type LockedPlugin } from '../../core/plugin-host/catalog/lock.js'
import { openSource, readCatalog } from '../../core/plugin-host/catalog/open.js'
import { manifest, module, writeCatalog, writePlugin } from '../support/catalog.js'

interface Site {
  readonly folder: string
  readonly lockFile: string
  readonly locked: Readonly<Record<string, LockedPlugin>>
  /** Where an installed plugin lies. */
  at(id: string): string
}

/** A folder with these plugins installed. */
async function site(t: Test, ...plugins: readonly Record<string, unknown>[]): Promise<Site> {
  const folder = t.testdir()
  for (const [i, fields] of plugins.entries()) writePlugin(join(folder, 'catalog', `${i}`), fields, module(i))
  await writeCatalog(join(folder, 'catalog'))
  const source = openSource('catalog', folder)
  const places = { pluginsDir: join(folder, 'plugins'), lockFile: join(folder, 'plugins.lock') }
  const locked: Record<string, LockedPlugin> = {}
  for (const entry of (await readCatalog(source)).entries) {
    const fetched = await fetchPlugin(source, entry)
    locked[entry.id] = lockedPlugin(fetched, 'catalog')
    installPlugin(fetched, lockedPlugin(fetched, 'catalog'), undefined, places)
  }
  const at = (id: string): string => {
    const plugin = locked[id]
    if (plugin === undefined) throw new Error(`${id} is not installed`)
    return installedFolder(places.pluginsDir, plugin)
  }
  return { folder, lockFile: places.lockFile, locked, at }
}

/** What a configuration whose one route has these policies is bound to, or everything that is wrong with it. */
async function bound(folder: string, policies: readonly string[], more: Readonly<Record<string, unknown>> = {}) {
  const file = join(folder, 'sluice.yaml')
  const route = { name: 'a', match: { path: '/a' }, upstream: 'api', policies: policies.map(plugin => ({ plugin })) }
  const upstreams = { api: { targets: ['http://127.0.0.1:9'] } }
  writeFileSync(file, JSON.stringify({ upstreams, routes: [route], ...more }))
  try {
    const { all, problems } = await loadBindings(readConfig(file))
    return {
      grants: all.map(({ grants }) => grants),
      problems: problems.map(({ path, message }) => `${path}  ${message}`)
    }
  } catch (thrown) {
    if (!(thrown instanceof ConfigError)) throw thrown
    return { grants: [], problems: thrown.problems.map(({ file, path, message }) => `${file}  ${path}  ${message}`) }
  }
}

t.test('an installed plugin is used by its name, with what it was granted', async t => {
  const { folder } = await site(t, manifest('hello', { permissions: { log: true, consumer: true } }))
  const { grants, problems } = await bound(folder, ['hello'])
  t.strictSame(problems, [])
  t.match(grants, [{ log: true, consumer: true, counters: false }])
})

t.test('an entry narrows what an installed plugin was granted', async t => {
  const { folder } = await site(t, manifest('hello', { permissions: { log: true, consumer: true } }))
  const plugins = { hello: { grant: { log: true, counters: true }, limits: { timeoutMs: 1 } } }
  const { grants, problems } = await bound(folder, ['hello'], { plugins })
  t.strictSame(problems, [])
  t.match(grants, [{ log: true, consumer: false, counters: false }])
})

t.test(
  'the lock file is the most an installed plugin gets, also where the configuration grants all it asks for',
  async t => {
    const { folder, lockFile, locked } = await site(
      t,
      manifest('hello', { permissions: { log: true, route: true, requestHeaders: { read: ['*', 'cookie'] } } })
    )
    const [hello] = Object.values(locked)
    if (hello === undefined) throw new Error('not installed')
    const permissions = { route: ['blue'], requestHeaders: { read: ['x-a'] } }
    writeFileSync(lockFile, formatLock([{ ...hello, permissions }]))
    const { grants } = await bound(folder, ['hello'], {
      plugins: { hello: { grant: 'asked' } },
      upstreams: { api: { targets: ['http://127.0.0.1:9'] }, blue: { targets: ['http://127.0.0.1:9'] } }
    })
    t.match(grants, [{ log: false, requestHeaders: { read: { all: false } } }])
    t.strictSame(
      grants.map(({ route, requestHeaders }) => [route, requestHeaders.read.names]),
      [[new Set(['blue']), new Set(['x-a'])]]
    )
  }
)

t.test('without a lock file a plugin with a path is loaded: it is under development', async t => {
  const folder = t.testdir()
  writePlugin(join(folder, 'mine'), manifest('mine'))
  t.strictSame((await bound(folder, ['mine'], { plugins: { mine: { path: './mine' } } })).problems, [])
})

t.test('with a lock file a plugin with a path must be in it', async t => {
  const { folder, lockFile } = await site(t, manifest('hello'))
  writePlugin(join(folder, 'mine'), manifest('mine'))
  const { problems } = await bound(folder, ['hello', 'mine'], { plugins: { mine: { path: './mine' } } })
  t.equal(problems.length, 1)
  t.ok(
    problems[0]?.startsWith(
      `routes[0].policies[1].plugin  plugin mine (${folder}/mine) is not in ${lockFile}; expected`
    )
  )

  cpSync(join(folder, 'catalog/0'), join(folder, 'copy'), { recursive: true })
  t.strictSame(
    (await bound(folder, ['hello'], { plugins: { hello: { path: './copy' } } })).problems,
    [],
    'one that is may lie anywhere'
  )
})

t.test('a plugin under another name than that in the lock file is not in it', async t => {
  const { folder } = await site(t, manifest('hello'))
  const { problems } = await bound(folder, ['alias'], { plugins: { alias: { path: './catalog/0' } } })
  t.match(problems, [/plugin alias .* is not in .*plugins\.lock/])
})

t.test('a plugin that comes with Sluice needs no lock file', async t => {
  const { folder } = await site(t, manifest('hello'))
  t.strictSame((await bound(folder, ['hello', 'bot-filter'])).problems, [])
})

for (const [what, change, says] of [
  [
    'a changed module',
    (at: string) => writeFileSync(`${at}/build/hello.wasm`, module(9)),
    /build\/hello\.wasm has the SHA-256 [0-9a-f]{64}, not [0-9a-f]{64}; expected/
  ],
  [
    'a changed manifest',
    (at: string) => writePlugin(at, manifest('hello', { permissions: { log: true } })),
    /plugin\.json has the SHA-256 [0-9a-f]{64}, not [0-9a-f]{64}; expected/
  ],
  ['a manifest that is none', (at: string) => writeFileSync(`${at}/plugin.json`, '{'), /plugin\.json: not JSON/],
  [
    'a missing module',
    (at: string) => rmSync(`${at}/build/hello.wasm`),
    /build\/hello\.wasm: there is no such file; expected/
  ],
  ['a missing folder', (at: string) => rmSync(at, { recursive: true }), /plugin\.json: there is no manifest/]
] as const) {
  t.test(`${what} is refused, saying what puts it back`, async t => {
    const { folder, at } = await site(t, manifest('hello'))
    change(at('hello'))
    const { problems } = await bound(folder, ['hello'])
    t.equal(problems.length, 1)
    t.match(problems[0], /^routes\[0\]\.policies\[0\]\.plugin {2}/)
    t.match(problems[0], says)
    t.match(problems[0], '"sluice plugins install hello@1.0.0" puts it back')
  })
}

t.test('an installed plugin in the place of another is refused, though both are locked', async t => {
  const { folder, at } = await site(t, manifest('guard'), manifest('hello'))
  rmSync(at('guard'), { recursive: true })
  cpSync(at('hello'), at('guard'), { recursive: true })
  t.match((await bound(folder, ['hello', 'guard'])).problems, [
    /^routes\[0\]\.policies\[1\]\.plugin {2}plugin guard .*SHA-256/
  ])
  rmSync(at('guard'), { recursive: true })
  symlinkSync(at('hello'), at('guard'))
  t.equal((await bound(folder, ['guard'])).problems.length, 1)
})

t.test('a plugin that is not locked is not there, whatever lies in the folder', async t => {
  const { folder } = await site(t, manifest('hello'))
  writePlugin(join(folder, 'plugins/sneaky'), manifest('sneaky'))
  t.match((await bound(folder, ['sneaky'])).problems, [/no plugin "sneaky"; expected one of .*hello/])
})

t.test('folder and lock file may be elsewhere', async t => {
  const { folder, lockFile } = await site(t, manifest('hello'))
  mkdirSync(join(folder, 'etc'))
  renameSync(lockFile, join(folder, 'etc/my.lock'))
  renameSync(join(folder, 'plugins'), join(folder, 'etc/wasm'))
  const places = { pluginsDir: 'etc/wasm', pluginsLock: './etc/my.lock' }
  t.strictSame((await bound(folder, ['hello'], places)).problems, [])
})

t.test('a lock file that is named must be there', async t => {
  const { folder } = await site(t, manifest('hello'))
  const { problems } = await bound(folder, ['hello'], { pluginsLock: 'other.lock' })
  t.match(problems, [`${folder}/other.lock    there is no such file; expected`])
})

t.test('a lock file that leads nowhere is not none', async t => {
  const { folder, lockFile } = await site(t, manifest('hello'))
  rmSync(lockFile)
  symlinkSync('nowhere', lockFile)
  t.match((await bound(folder, [])).problems, [/plugins\.lock {4}the lock file cannot be read: there is no such file/])
})

t.test('a lock file that gives a plugin the name of a built-in one is refused', async t => {
  const { folder, lockFile, locked } = await site(t, manifest('hello'))
  const [hello] = Object.values(locked)
  if (hello === undefined) throw new Error('not installed')
  writeFileSync(lockFile, formatLock([hello, { ...hello, id: 'auth-key' }]))
  t.match((await bound(folder, ['hello'])).problems, [
    /plugins\.lock {2}plugins\[0\]\.id {2}"auth-key" is the name of a plugin that comes with Sluice/
  ])
})

const DIGEST = 'ab'.repeat(32)
const LOCKED = { id: 'x', version: '1.0.0', sha256: DIGEST, manifestSha256: DIGEST, source: '', permissions: {} }

for (const [what, content, says] of [
  ['no JSON', 'plugins: {}', /not JSON/],
  ['of another format', { format: 2, plugins: [] }, /format {2}got 2; expected 1/],
  ['without plugins', { format: 1 }, /"plugins" is missing/],
  [
    'with a digest in upper case',
    { format: 1, plugins: [{ ...LOCKED, sha256: DIGEST.toUpperCase() }] },
    /plugins\[0\]\.sha256 .*expected a SHA-256: 64 hexadecimal digits in lower case/
  ],
  [
    'with a short digest',
    { format: 1, plugins: [{ ...LOCKED, manifestSha256: 'ab' }] },
    /plugins\[0\]\.manifestSha256/
  ],
  ['without a digest', { format: 1, plugins: [{ ...LOCKED, sha256: undefined }] }, /"sha256" is missing/],
  ['with an id that leads elsewhere', { format: 1, plugins: [{ ...LOCKED, id: '../x' }] }, /plugins\[0\]\.id/],
  [
    'with a version that leads elsewhere',
    { format: 1, plugins: [{ ...LOCKED, version: '1.0.0/../..' }] },
    /plugins\[0\]\.version/
  ],
  [
    'with permissions nobody knows',
    { format: 1, plugins: [{ ...LOCKED, permissions: { sockets: true } }] },
    /permissions\.sockets/
  ],
  ['with a key nobody knows', { format: 1, plugins: [{ ...LOCKED, trust: true }] }, /trust/],
  ['with a plugin twice', { format: 1, plugins: [LOCKED, { ...LOCKED, version: '2.0.0' }] }, /a plugin is there twice/]
] as const) {
  t.test(`a lock file ${what} is refused, with its place`, async t => {
    const folder = t.testdir()
    writeFileSync(join(folder, 'plugins.lock'), typeof content === 'string' ? content : JSON.stringify(content))
    const { problems } = await bound(folder, [])
    t.ok(problems[0]?.startsWith(`${folder}/plugins.lock  `))
    t.match(problems[0], says)
  })
}
