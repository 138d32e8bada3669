import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { Compile } from 'typebox/compile'
import { buildPlugin } from '../../core/cli/plugin/build.js'
import { newPlugin } from '../../core/cli/plugin/new.js'
import { RequestInput } from '../../core/plugin-host/gen/policy.js'
import { Guest } from './guest.js'

const parent = mkdtempSync(join(tmpdir(), 'sluice-test-'))
t.teardown(() => rmSync(parent, { recursive: true, force: true }))

t.test('a new plugin compiles as it is, and its cases describe what it does', async t => {
  const dir = newPlugin('my-gate', join(parent, 'deep/er'))
  t.equal(dir, join(parent, 'deep/er/my-gate'))
  const files = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter(name => /\.\w+$/.test(name))
  t.strictSame(files.sort(), [
    '.gitignore',
    'README.md',
    'assembly/index.ts',
    'cases/asks-for-the-key.json',
    'cases/lets-the-right-key-through.json',
    'cases/refuses-a-wrong-key.json',
    'package.json',
    'plugin.json',
    'tsconfig.json'
  ])
  for (const file of files) t.notMatch(readFileSync(join(dir, file), 'utf8'), /__[A-Z]+__/, `${file} is filled in`)

  const { compilerOptions } = JSON.parse(readFileSync(join(dir, 'tsconfig.json'), 'utf8'))
  t.strictSame(
    compilerOptions.paths['@sluice/plugin-sdk/*'],
    ['./', '../'].map(at => `${at}node_modules/sluice/plugin-sdk/*`),
    'an editor finds the SDK beside the plugin and beside its parent, where the tutorial has it'
  )

  const { name, file } = await buildPlugin(dir, { quiet: true })
  t.equal(name, 'my-gate')
  const settings = Compile(JSON.parse(readFileSync(join(dir, 'plugin.json'), 'utf8')).settings)
  for (const each of readdirSync(join(dir, 'cases'))) {
    const found = JSON.parse(readFileSync(join(dir, 'cases', each), 'utf8'))
    t.ok(settings.Check(found.settings), `${each}: its settings fit the manifest`)
    const guest = new Guest(readFileSync(file))
    t.equal(guest.configure(found.settings), '')
    const headers = Object.entries(found.request.headers as Record<string, string>).flat()
    const verdict = guest.verdict('on_request', RequestInput.encode({ request: { headers } }).finish())
    t.equal(verdict.reply?.status, found.expect.reply?.status, each)
    const body = JSON.parse(Buffer.from(verdict.reply?.body ?? []).toString() || '{}')
    t.match(body, found.expect.reply?.body ?? {}, each)
  }
})

t.test('a bad name is refused before anything is written', async t => {
  for (const name of ['', 'Gate', '9lives', '../up', 'a/b', 'a b', 'node_modules', 'build', 'a'.repeat(64)]) {
    t.throws(
      () => newPlugin(name, join(parent, 'none')),
      { code: 'GW_PLUGIN_INVALID', message: /cannot be the name/ },
      name
    )
  }
  t.notOk(readdirSync(parent).includes('none'))
})

t.test('a folder that is there is left alone', async t => {
  newPlugin('twice', parent)
  t.throws(() => newPlugin('twice', parent), { code: 'GW_PLUGIN_INVALID', message: /is there already/ })
})
