import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { damage } from '../../../core/plugin-host/catalog/damage.js'
import { type FetchedPlugin, fetchPlugin } from '../../../core/plugin-host/catalog/fetch.js'
import { installPlugin, lockedPlugin, removePlugin } from '../../../core/plugin-host/catalog/install.js'
import { installedFolder, type LockedPlugin, readLock } from '../../../core/plugin-host/catalog/lock.js'
import { openSource, readCatalog } from '../../../core/plugin-host/catalog/open.js'
import { manifest, module, writeCatalog, writePlugin } from '../../support/catalog.js'

interface Made {
  readonly fetched: FetchedPlugin
  readonly locked: LockedPlugin
}

/** Plugins of a catalog, ready to be installed. */
async function made(t: Test, ...plugins: readonly Record<string, unknown>[]): Promise<Made[]> {
  const folder = join(t.testdir(), 'catalog')
  for (const [i, fields] of plugins.entries()) writePlugin(join(folder, `${i}`), fields, module(i))
  await writeCatalog(folder)
  const source = openSource(folder, '/')
  const { entries } = await readCatalog(source)
  const fetched = await Promise.all(entries.map(entry => fetchPlugin(source, entry)))
  return fetched.map(each => ({ fetched: each, locked: lockedPlugin(each, 'catalog') }))
}

function places(t: Test) {
  return { pluginsDir: join(t.testdirName, 'plugins'), lockFile: join(t.testdirName, 'plugins.lock') }
}

/** Every file below a folder, with its content. */
function filesOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  return Object.fromEntries(
    names.map(entry => {
      const file = join(entry.parentPath, entry.name)
      return [file.slice(folder.length), readFileSync(file, 'latin1')]
    })
  )
}

t.test('a plugin is written into its folder and the lock file', async t => {
  const [one, two] = await made(t, manifest('hello'), manifest('a', { permissions: { log: true } }))
  if (one === undefined || two === undefined) throw new Error('no plugins')
  const at = places(t)
  installPlugin(two.fetched, two.locked, undefined, at)
  installPlugin(one.fetched, one.locked, undefined, at)
  t.strictSame([...(readLock(at.lockFile)?.plugins.values() ?? [])], [one.locked, two.locked], 'in the order of names')
  t.strictSame(one.locked.permissions, { log: true })
  t.equal(await damage(at.pluginsDir, one.locked), undefined)
  t.equal(await damage(at.pluginsDir, two.locked), undefined)
  t.strictSame(readdirSync(at.pluginsDir).sort(), ['a', 'hello'], 'nothing else is left')

  const text = readFileSync(at.lockFile, 'utf8')
  removePlugin('a', at)
  installPlugin(one.fetched, one.locked, undefined, at)
  t.equal(readFileSync(at.lockFile, 'utf8'), text, 'the lock file does not tell the order')
})

t.test('an upgrade leaves the new version alone', async t => {
  const [old, young] = await made(t, manifest('hello'), manifest('hello', { version: '1.1.0' }))
  if (old === undefined || young === undefined) throw new Error('no plugins')
  const at = places(t)
  installPlugin(old.fetched, old.locked, undefined, at)
  installPlugin(young.fetched, young.locked, old.locked, at)
  t.strictSame([...(readLock(at.lockFile)?.plugins.values() ?? [])], [young.locked])
  t.strictSame(readdirSync(join(at.pluginsDir, 'hello')).length, 1)
  t.equal(await damage(at.pluginsDir, young.locked), undefined)
})

t.test('what was damaged is put back', async t => {
  const [one] = await made(t, manifest('hello'))
  if (one === undefined) throw new Error('no plugin')
  const at = places(t)
  installPlugin(one.fetched, one.locked, undefined, at)
  const file = join(installedFolder(at.pluginsDir, one.locked), 'build/hello.wasm')
  writeFileSync(file, module(7))
  t.match(await damage(at.pluginsDir, one.locked), /hello\.wasm has the SHA-256/)
  installPlugin(one.fetched, one.locked, one.locked, at)
  t.equal(await damage(at.pluginsDir, one.locked), undefined)
  t.equal(readdirSync(join(at.pluginsDir, 'hello')).length, 1)
})

for (const [what, prevent] of [
  ['the plugins folder is a file', (t: Test) => writeFileSync(places(t).pluginsDir, '')],
  [
    'the folder of the plugin is a file',
    (t: Test) => {
      mkdirSync(places(t).pluginsDir)
      writeFileSync(join(places(t).pluginsDir, 'hello'), '')
    }
  ],
  ['another process holds the lock file', (t: Test) => writeFileSync(`${places(t).lockFile}.new`, 'theirs')],
  ['the lock file is a folder', (t: Test) => mkdirSync(places(t).lockFile)],
  ['the lock file is none', (t: Test) => writeFileSync(places(t).lockFile, 'plugins: []')],
  [
    'somebody else installed another version meanwhile',
    (t: Test) => {
      const digest = '0'.repeat(64)
      const other = {
        id: 'hello',
        version: '3.0.0',
        sha256: digest,
        manifestSha256: digest,
        source: '',
        permissions: {}
      }
      writeFileSync(places(t).lockFile, JSON.stringify({ format: 1, plugins: [other] }))
    }
  ]
] as const) {
  t.test(`${what}: nothing is installed and nothing changes`, async t => {
    const [one] = await made(t, manifest('hello'))
    if (one === undefined) throw new Error('no plugin')
    prevent(t)
    const before = filesOf(t.testdirName)
    t.throws(() => installPlugin(one.fetched, one.locked, undefined, places(t)), { name: /GatewayError|ConfigError/ })
    t.strictSame(filesOf(t.testdirName), before)
  })
}

t.test('the last step fails: the version before stays, whole', async t => {
  const [old, young] = await made(t, manifest('hello'), manifest('hello', { version: '1.1.0' }))
  if (old === undefined || young === undefined) throw new Error('no plugins')
  const at = places(t)
  installPlugin(old.fetched, old.locked, undefined, at)
  const before = filesOf(t.testdirName)
  // What JSON cannot write is noticed when everything else is in place.
  const unwritable = {
    ...young.locked,
    toJSON: () => {
      throw new Error('the disk is full')
    }
  }
  t.throws(() => installPlugin(young.fetched, unwritable, old.locked, at), {
    message: 'hello cannot be installed: the disk is full'
  })
  t.strictSame(filesOf(t.testdirName), before)
  t.throws(() => installPlugin(old.fetched, { ...old.locked, ...{ toJSON: unwritable.toJSON } }, old.locked, at))
  t.strictSame(filesOf(t.testdirName), before, 'also when its folder was exchanged for the same')
})

t.test('a process that ended half-way does not keep the next from installing', async t => {
  const [one] = await made(t, manifest('hello'))
  if (one === undefined) throw new Error('no plugin')
  const at = places(t)
  const folder = installedFolder(at.pluginsDir, one.locked)
  writePlugin(folder, manifest('hello', { version: '0.0.1' }), module(9))
  installPlugin(one.fetched, one.locked, undefined, at)
  t.equal(await damage(at.pluginsDir, one.locked), undefined)
})

t.test('what is removed is gone, and only that', async t => {
  const [one] = await made(t, manifest('hello'))
  if (one === undefined) throw new Error('no plugin')
  const at = places(t)
  t.throws(() => removePlugin('hello', at), {
    code: 'GW_CATALOG_INVALID',
    message: /hello is not installed .*no plugin is/
  })
  t.notOk(existsSync(at.lockFile), 'no lock file comes of that')
  installPlugin(one.fetched, one.locked, undefined, at)
  writeFileSync(join(at.pluginsDir, 'hello', 'notes.txt'), 'mine')
  t.throws(() => removePlugin('../hello', at), {
    code: 'GW_CATALOG_INVALID',
    message: /is not installed .*expected one of hello/
  })
  removePlugin('hello', at)
  t.strictSame(readdirSync(join(at.pluginsDir, 'hello')), ['notes.txt'])
  t.equal(readLock(at.lockFile)?.plugins.size, 0)
})
