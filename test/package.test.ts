import { createHash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t from 'tap'
import { type Finished, finished, freePorts, ROOT, running } from './command.js'
import { isShown, lineAs, stepsOf } from './tutorial.js'

/**
 * The package as it is published, in a folder that knows nothing of this repository: packed, installed, used. What a
 * file list forgets shows only here.
 */

t.setTimeout(600_000)

// Not t.testdir(): below the repository, Node would find the repository's own node_modules.
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-package-')))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

const { version, peerDependencies } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'))

/** What `npm test` tells its children about this repository would lead npm back to it. */
const env = Object.fromEntries(
  Object.keys(process.env)
    .filter(name => /^(?:npm_(?:package|lifecycle|command|config_local_prefix|config_workspace)|INIT_CWD)/.test(name))
    .map(name => [name, undefined])
)

const INSTALL = ['npm', 'install', '--prefer-offline', '--no-audit', '--no-fund'] as const

function inFolder(command: readonly string[], cwd = folder): Promise<Finished> {
  return finished(command, { cwd, env })
}

function npx(args: readonly string[], cwd = folder): Promise<Finished> {
  return inFolder(['npx', '--no', '--', 'sluice', ...args], cwd)
}

t.test('it is packed and installed', async t => {
  // Without scripts: prepack builds, and what is to be tested has just been built.
  const packed = await finished(['npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { env })
  t.equal(packed.code, 0, packed.stderr)
  const [tarball = ''] = readdirSync(folder)
  t.equal(tarball, `sluice-${version}.tgz`)
  const installed = await inFolder([...INSTALL, `./${tarball}`])
  t.equal(installed.code, 0, installed.stderr)
  t.strictSame(await npx(['--version']), { code: 0, stdout: `sluice ${version}\n`, stderr: '' })
})

t.test('it brings what it should, and no more', async t => {
  const files = readdirSync(`${folder}/node_modules/sluice`, { recursive: true, encoding: 'utf8' })
  for (const file of [
    'LICENSE',
    'README.md',
    'CHANGELOG.md',
    'core/RATIONALE.md',
    'core/config/gen/sluice.schema.json',
    'core/config/gen/plugin.schema.json',
    'plugins/catalog.json',
    'core/config/gen/case.schema.json',
    'plugin-sdk/REFERENCE.md',
    'plugin-sdk/proto/sluice/v1/policy.proto',
    'examples/quickstart/sluice.yaml'
  ]) {
    t.ok(files.includes(file), file)
  }
  const plugins = readdirSync(`${ROOT}plugins`, { withFileTypes: true }).filter(entry => entry.isDirectory())
  for (const { name } of plugins) {
    t.ok(files.includes(`plugins/${name}/build/${name}.wasm`), `the plugin ${name}, compiled`)
  }
  t.strictSame(
    files.filter(file => /\.map$|\.stamp$|\.d\.ts$|(^|\/)(test|bench|node_modules)(\/|$)|core\/.*\.ts$/.test(file)),
    []
  )
})

t.test('it serves a configuration with a built-in plugin', async t => {
  const [port = 0, upstream = 0] = await freePorts(2)
  const sha256 = createHash('sha256').update('a key').digest('hex')
  writeFileSync(
    `${folder}/sluice.yaml`,
    `listen: { port: ${port} }
upstreams: { api: { targets: ["http://127.0.0.1:${upstream}"] } }
routes:
  - name: api
    match: { path: /* }
    upstream: api
    policies:
      - { plugin: auth-key, settings: { keys: [{ sha256: ${sha256}, consumer: me }] } }
`
  )
  const script = `require('node:http').createServer((q, s) => s.end('it is ' + q.url)).listen(${upstream}, '127.0.0.1', () => console.log('listening'))`
  const listening = (line: string): boolean => line.includes('listening')
  await running(t, [process.execPath, '-e', script], listening, { cwd: folder, env })
  t.match(await npx(['check', '-c', 'sluice.yaml']), { code: 0, stdout: /ok/ })
  const serving = [join('node_modules', '.bin', 'sluice'), 'serve', '-c', 'sluice.yaml']
  const { end } = await running(t, serving, listening, { cwd: folder, env })
  const refused = await fetch(`http://127.0.0.1:${port}/a`)
  t.equal(refused.status, 401)
  const admitted = await fetch(`http://127.0.0.1:${port}/a`, { headers: { 'x-api-key': 'a key' } })
  t.strictSame([admitted.status, await admitted.text()], [200, 'it is /a'])
  t.equal(await end(), 0)
})

t.test('a plugin is made, built, tested and bound from there', async t => {
  t.match(await npx(['plugin', 'new', 'my-policy']), { code: 0, stdout: /my-policy: created/ })
  const without = await npx(['plugin', 'build', 'my-policy'])
  t.equal(without.code, 1, 'without the compiler')
  t.match(
    without.stderr,
    `npm install --save-dev assemblyscript@${peerDependencies.assemblyscript}`,
    'it says what to do'
  )
  const compiler = await inFolder([...INSTALL, '--save-dev', `assemblyscript@${peerDependencies.assemblyscript}`])
  t.equal(compiler.code, 0, compiler.stderr)
  t.match(await npx(['plugin', 'build'], `${folder}/my-policy`), { code: 0, stdout: /my-policy\.wasm.*built/ })
  t.match(await npx(['plugin', 'test', 'my-policy']), { code: 0, stdout: /(\d+) of \1 cases pass/ })
  writeFileSync(
    `${folder}/mine.yaml`,
    `plugins: { my-policy: { path: ./my-policy, grant: asked } }
upstreams: { api: { targets: ["http://127.0.0.1:9"] } }
routes:
  - { name: a, match: { path: /a }, upstream: api, policies: [{ plugin: my-policy, settings: { key: x } }] }
`
  )
  t.match(await npx(['check', '-c', 'mine.yaml']), { code: 0, stdout: /ok/ })
})

t.test('the tutorial of plugin-sdk/README.md leads where it says, followed literally', async t => {
  const ports = await freePorts(2)
  const page = readFileSync(`${ROOT}plugin-sdk/README.md`, 'utf8')
    .replaceAll('8080', String(ports[0]))
    .replaceAll('9000', String(ports[1]))
  const steps = stepsOf(page, 'Ten minutes')
  t.ok(steps.length > 15, 'the steps are found')

  // An empty folder but for what npm would install anew: that is tested above, and takes its time.
  const cwd = join(folder, 'tutorial')
  mkdirSync(cwd)
  for (const name of ['node_modules', 'package.json', 'package-lock.json'])
    renameSync(join(folder, name), join(cwd, name))
  const [install, ...rest] = steps
  t.match(install, { command: `npm install sluice assemblyscript@${peerDependencies.assemblyscript}` })

  for (const step of rest) {
    if (step.kind === 'file') {
      mkdirSync(dirname(join(cwd, step.path)), { recursive: true })
      writeFileSync(join(cwd, step.path), step.text)
      continue
    }
    const { command, shows } = step
    if (step.background) {
      const first = new RegExp(`^${lineAs(shows[0] ?? '')}$`)
      // npx does not pass on the signal that ends it.
      const direct = command.replace(/^npx sluice/, 'node_modules/.bin/sluice')
      await running(t, ['bash', '-c', `exec ${direct}`], line => first.test(line), { cwd, env })
      continue
    }
    const { code, stdout, stderr } = await finished(['bash', '-c', command], { cwd, env })
    t.equal(code, 0, `${command}\n${stderr}`)
    t.ok(isShown(shows, stdout), `${command}\n${stdout}`)
  }
})
