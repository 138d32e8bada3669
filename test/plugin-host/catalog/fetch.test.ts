import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { fetchPlugin } from '../../../core/plugin-host/catalog/fetch.js'
import type { CatalogEntry } from '../../../core/plugin-host/catalog/format.js'
import { openSource, readCatalog } from '../../../core/plugin-host/catalog/open.js'
import { sha256 } from '../../../core/plugin-host/load.js'
import { catalogOf, manifest, module, serveFolder, tamper } from '../../support/catalog.js'
import { wat } from '../../support/wat.js'

/** Fetches the first plugin of the catalog in a folder, by HTTP. */
async function fetchFirst(t: Test, folder: string) {
  const source = openSource(`${await serveFolder(t, folder)}plugins/`, '/')
  const { entries } = await readCatalog(source)
  const [entry] = entries
  if (entry === undefined) throw new Error('the catalog is empty')
  return fetchPlugin(source, entry)
}

/** Puts other files into a catalog, with the digests it then has. */
function replace(folder: string, files: { readonly manifest?: unknown; readonly module?: Buffer }): void {
  tamper(folder, entry => {
    const changed: Record<string, unknown> = { ...entry }
    for (const name of ['manifest', 'module'] as const) {
      const content = files[name]
      if (content === undefined) continue
      const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content))
      writeFileSync(join(folder, entry[name].path), bytes)
      changed[name] = { path: entry[name].path, size: bytes.length, sha256: sha256(bytes) }
    }
    return changed
  })
}

t.test('a plugin comes whole', async t => {
  const folder = await catalogOf(t, 'hello')
  const fetched = await fetchFirst(t, folder)
  t.ok(fetched.moduleBytes.equals(readFileSync(join(folder, 'hello/build/hello.wasm'))))
  t.ok(fetched.manifestBytes.equals(readFileSync(join(folder, 'hello/plugin.json'))))
  t.equal(fetched.modulePath, 'build/hello.wasm')
})

t.test('a module that was changed is refused, also at the same size', async t => {
  const folder = await catalogOf(t, 'hello')
  const file = join(folder, 'hello/build/hello.wasm')
  const bytes = readFileSync(file)
  const changed = Buffer.from(bytes)
  changed.set([(bytes.at(-1) ?? 0) ^ 1], bytes.length - 1)
  writeFileSync(file, changed)
  await t.rejects(fetchFirst(t, folder), {
    code: 'GW_CATALOG_INVALID',
    message: new RegExp(
      `hello@1\\.0\\.0 of .*hello\\.wasm has the SHA-256 ${sha256(changed)}; expected ${sha256(bytes)}`
    )
  })
  writeFileSync(file, bytes.subarray(1))
  await t.rejects(fetchFirst(t, folder), { code: 'GW_CATALOG_INVALID', message: /has \d+ bytes; expected \d+/ })
  writeFileSync(file, Buffer.concat([bytes, Buffer.alloc(1)]))
  await t.rejects(fetchFirst(t, folder), { code: 'GW_CATALOG_INVALID', message: /has more than \d+ bytes/ })
})

t.test('a manifest that was changed is refused', async t => {
  const folder = await catalogOf(t, 'hello')
  const file = join(folder, 'hello/plugin.json')
  writeFileSync(file, readFileSync(file, 'utf8').replace('on_request', 'on_respons'))
  await t.rejects(fetchFirst(t, folder), { code: 'GW_CATALOG_INVALID', message: /plugin\.json has the SHA-256/ })
})

for (const [field, change] of [
  ['id', { id: 'hullo' }],
  ['version', { version: '2.0.0' }],
  ['kind', { kind: 'auth' }],
  ['description', { description: 'Does nothing at all.' }],
  ['hooks', { hooks: ['on_request', 'on_response'] }],
  ['permissions', { permissions: {} }],
  ['settings', { settings: { type: 'object' } }]
] as const satisfies readonly (readonly [string, Partial<CatalogEntry>])[]) {
  t.test(`a catalog that says something else about ${field} than the manifest is refused`, async t => {
    const folder = await catalogOf(t, 'hello', { permissions: { requestHeaders: { read: ['cookie'] } } })
    tamper(folder, entry => ({ ...entry, ...change }))
    await t.rejects(fetchFirst(t, folder), {
      code: 'GW_CATALOG_INVALID',
      message: new RegExp(`the catalog disagree about ${field}; expected the same`)
    })
  })
}

t.test('a manifest that is none is refused, though its digest is right', async t => {
  const folder = await catalogOf(t, 'hello')
  replace(folder, { manifest: manifest('hello', { kind: 'malware' }) })
  await t.rejects(fetchFirst(t, folder), { code: 'GW_PLUGIN_INVALID', message: /plugin\.json: \/kind/ })
})

for (const path of ['../../evil.wasm', '/tmp/evil.wasm', 'build\\evil.wasm', 'file:///tmp/evil.wasm']) {
  t.test(`a manifest that puts its module at ${path} is refused`, async t => {
    const folder = await catalogOf(t, 'hello')
    replace(folder, { manifest: manifest('hello', { module: path }) })
    await t.rejects(fetchFirst(t, folder), { code: 'GW_CATALOG_INVALID', message: /expected a path in its folder/ })
  })
}

t.test('a module that the host would not load is refused, though its digest is right', async t => {
  const bad = wat(`(module (import "env" "fetch" (func)) (memory (export "memory") 1)
    (func (export "on_request") (param i32 i32) (result i32) i32.const 0))`)
  const hooks = wat('(module (memory (export "memory") 1) (func (export "on_boot")))')
  for (const bytes of [Buffer.from(bad), Buffer.from(hooks), Buffer.from('#!/bin/sh\n'), module().subarray(0, 40)]) {
    const folder = await catalogOf(t, 'hello')
    replace(folder, { module: bytes })
    await t.rejects(fetchFirst(t, folder), { code: 'GW_PLUGIN_INVALID', message: /plugin hello@1\.0\.0 of http/ })
  }
})
