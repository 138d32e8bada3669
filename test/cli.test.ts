import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import wabt from 'wabt'
import { freePorts, ROOT, running, SLUICE, sluice } from './command.js'

// It starts many processes, and each takes a second of CPU time: on a busy machine that is long.
t.setTimeout(600_000)

const tools = await wabt()

/** The binary of a module in text form. */
function wasm(text: string): Buffer {
  const features = { multi_memory: true, mutable_globals: true, bulk_memory: true }
  const parsed = tools.parseWat('plugin.wat', text, features)
  const { buffer } = parsed.toBinary({})
  parsed.destroy()
  return Buffer.from(buffer)
}

/** What every plugin of the direct convention has. */
const ABI = `
  (func (export "sluice_abi") (result i32) i32.const 1)
  (func (export "sluice_alloc") (param i32) (result i32) i32.const 4096)`
const MEMORY = '(memory (export "memory") 1)'
const GO_ON = '(func (export "on_request") (param i32 i32) (result i32) i32.const 0)'
const GOOD = wasm(`(module ${MEMORY} ${ABI} ${GO_ON})`)

/** A plugin whose on_configure answers with an error: ConfigureResult { error = 1 }, its length in front. */
function refusing(message: string): Buffer {
  const result = Buffer.concat([Buffer.from([0x0a, message.length]), Buffer.from(message)])
  const length = Buffer.alloc(4)
  length.writeUInt32LE(result.length)
  const data = [...length, ...result].map(byte => `\\${byte.toString(16).padStart(2, '0')}`).join('')
  return wasm(`(module ${MEMORY} (data (i32.const 64) "${data}") ${ABI} ${GO_ON}
    (func (export "on_configure") (param i32 i32) (result i32) i32.const 64))`)
}

const LOOPING = wasm(`(module ${MEMORY} ${ABI} ${GO_ON}
  (func (export "on_configure") (param i32 i32) (result i32) (loop $again (br $again)) i32.const 0))`)

function manifest(name: string, hooks: readonly string[] = ['on_request']): string {
  const description = 'A plugin of a test.'
  return JSON.stringify({ name, version: '1.0.0', abi: 1, kind: 'traffic', description, hooks })
}

interface BadPlugin {
  readonly module: Buffer | undefined
  readonly hooks?: readonly string[]
  readonly says: RegExp
}

/** What can be wrong with a plugin, and what an operator must be told. */
const BAD: Readonly<Record<string, BadPlugin>> = {
  'no-module': {
    module: undefined,
    says: /no-module\.wasm: there is no such file; build it with: sluice plugin build/
  },
  'no-wasm': { module: Buffer.from('#!/bin/sh\necho hello\n'), says: /wasm/i },
  truncated: { module: GOOD.subarray(0, GOOD.length - 10), says: /ends|truncated|past/i },
  'unknown-import': {
    module: wasm(`(module (import "env" "fetch" (func (param i32))) ${MEMORY} ${ABI} ${GO_ON})`),
    says: /imports what Sluice does not offer it: "env\.fetch"/
  },
  wasi: {
    module: wasm(`(module (import "wasi_snapshot_preview1" "fd_write" (func)) ${MEMORY} ${ABI} ${GO_ON})`),
    says: /"wasi_snapshot_preview1\.fd_write" \(there is no WASI/
  },
  'two-memories': { module: wasm(`(module ${MEMORY} (memory 1) ${ABI} ${GO_ON})`), says: /memor(y|ies)/ },
  'start-section': {
    module: wasm(`(module ${MEMORY} (func $begin) (start $begin) ${ABI} ${GO_ON})`),
    says: /has a start section; build with --exportStart _initialize/
  },
  'no-memory': { module: wasm(`(module ${ABI} ${GO_ON})`), says: /has no memory; a plugin defines exactly one/ },
  'hidden-memory': { module: wasm(`(module (memory 1) ${ABI} ${GO_ON})`), says: /does not export its memory/ },
  'too-much-memory': {
    module: wasm(`(module (memory (export "memory") 1000) ${ABI} ${GO_ON})`),
    says: /asks for 1000 pages .* its limit is 64 pages/
  },
  huge: { module: Buffer.concat([GOOD, customSection(20 << 20)]), says: /20\d+ bytes|20 MiB|larger|at most/i },
  'missing-hook': {
    module: GOOD,
    hooks: ['on_request', 'on_response'],
    says: /does not export "?on_response"?, which its manifest lists/
  },
  'undeclared-hook': {
    module: wasm(`(module ${MEMORY} ${ABI} ${GO_ON}
      (func (export "on_response") (param i32 i32) (result i32) i32.const 0))`),
    says: /exports "?on_response"?, not among the hooks of its manifest/
  }
}

/** A custom section of that many bytes, which an engine would skip. */
function customSection(bytes: number): Buffer {
  const size: number[] = []
  let rest = bytes
  for (; rest > 0x7f; rest >>>= 7) size.push((rest & 0x7f) | 0x80)
  return Buffer.concat([Buffer.from([0, ...size, rest]), Buffer.alloc(bytes)])
}

/** A folder with a configuration that uses these plugins, each on its own route. */
function folder(t: Test, plugins: Readonly<Record<string, Omit<BadPlugin, 'says'>>>, port = 0): string {
  const names = Object.keys(plugins)
  const files = Object.entries(plugins).map(([name, { module, hooks }]) => [
    name,
    { 'plugin.json': manifest(name, hooks), build: module === undefined ? {} : { [`${name}.wasm`]: module } }
  ])
  const yaml = [
    `listen: { port: ${port} }`,
    'plugins:',
    ...names.map(name => `  ${name}: { path: ./${name}, grant: asked }`),
    'upstreams: { api: { targets: ["http://127.0.0.1:9"] } }',
    'routes:',
    ...names.flatMap(name => [
      `  - name: ${name}`,
      `    match: { path: /${name} }`,
      '    upstream: api',
      `    policies: [{ plugin: ${name} }]`
    ])
  ]
  return t.testdir({ ...Object.fromEntries(files), 'sluice.yaml': `${yaml.join('\n')}\n` })
}

const STACK = /\n\s+at .+:\d+/

t.test('the command says what it can do', async t => {
  t.match(await sluice(['--help']), { code: 0, stdout: /^sluice: [\s\S]*sluice serve -c/, stderr: '' })
  t.strictSame((await sluice([])).stdout, (await sluice(['-h'])).stdout, 'also when nothing is asked')
})

t.test('the command says its version', async t => {
  const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'))
  t.strictSame(await sluice(['--version']), { code: 0, stdout: `sluice ${version}\n`, stderr: '' })
})

for (const [args, message] of [
  [['sevre'], 'there is no command "sevre"'],
  [['serve'], 'say which configuration: -c sluice.yaml'],
  [['check'], 'say which configuration: -c sluice.yaml'],
  [['check', '--confg', 'x.yaml'], "Unknown option '--confg'"],
  [['plugin', 'biuld'], 'expected new, build, test, bench, check, pack, replay']
] as const) {
  t.test(`"sluice ${args.join(' ')}" is not understood: exit code 2 and a hint`, async t => {
    const { code, stdout, stderr } = await sluice(args)
    t.equal(code, 2)
    t.equal(stdout, '')
    t.match(stderr, message)
    t.notMatch(stderr, STACK)
  })
}

for (const command of ['check', 'serve']) {
  t.test(
    `sluice ${command}: a malformed configuration is said with file, line, column, path and what was expected`,
    async t => {
      const yaml =
        'listen: { port: http }\nupstreams: { api: { targets: [nowhere] } }\nroutes:\n  - name: a\n    match: { pth: /a }\n    upstream: apo\n'
      const file = `${t.testdir({ 'sluice.yaml': yaml })}/sluice.yaml`
      const { code, stdout, stderr } = await sluice([command, '-c', file])
      t.equal(code, 1)
      t.equal(stdout, '')
      const lines = stderr.trimEnd().split('\n')
      const places = lines.map(line => line.slice(file.length).split('  ').slice(0, 2).join(' '))
      t.ok(
        lines.every(line => line.startsWith(`${file}:`)),
        'each line begins with the file'
      )
      for (const place of [':1:17 listen.port', ':2:31 upstreams.api.targets[0]', ':6:15 routes[0].upstream']) {
        t.ok(places.includes(place), place)
      }
      t.ok(
        places.some(place => place.startsWith(':5:')),
        'the unknown key'
      )
      t.match(stderr, /expected/)
      t.notMatch(stderr, STACK)
    }
  )
}

t.test('what is not YAML is said with its place', async t => {
  const file = `${t.testdir({ 'sluice.yaml': 'routes: [\n  { name: a\n' })}/sluice.yaml`
  const { code, stderr } = await sluice(['check', '-c', file])
  t.equal(code, 1)
  t.match(stderr, /sluice\.yaml:\d+:\d+ /)
  t.notMatch(stderr, STACK)
})

t.test('a configuration that is not there is said by its name', async t => {
  const file = `${t.testdir()}/nothing.yaml`
  const { code, stderr } = await sluice(['check', '-c', file])
  t.equal(code, 1)
  t.match(stderr, `${file}  the configuration cannot be read`)
  t.notMatch(stderr, STACK)
})

t.test('a plugin that nobody knows is said, with the ones there are', async t => {
  const yaml =
    'upstreams: { api: { targets: ["http://127.0.0.1:9"] } }\nroutes:\n  - { name: a, match: { path: /a }, upstream: api, policies: [{ plugin: auth-kee }] }\n'
  const { code, stderr } = await sluice(['check', '-c', `${t.testdir({ 'sluice.yaml': yaml })}/sluice.yaml`])
  t.equal(code, 1)
  t.match(stderr, /sluice\.yaml:3:\d+ {2}routes\[0\]\.policies\[0\]\.plugin .*auth-kee.*auth-key/)
})

t.test('a folder without a plugin is said', async t => {
  const yaml =
    'plugins: { mine: { path: ./mine, grant: asked } }\nupstreams: { api: { targets: ["http://127.0.0.1:9"] } }\nroutes:\n  - { name: a, match: { path: /a }, upstream: api, policies: [{ plugin: mine }] }\n'
  const { code, stderr } = await sluice(['check', '-c', `${t.testdir({ 'sluice.yaml': yaml })}/sluice.yaml`])
  t.equal(code, 1)
  t.match(stderr, /sluice\.yaml:4:\d+ {2}routes\[0\]\.policies\[0\]\.plugin .*mine\/plugin\.json/)
  t.notMatch(stderr, STACK)
})

t.test('every bad plugin is said at once, in one line each, with its place, name and reason', async t => {
  const file = `${folder(t, BAD)}/sluice.yaml`
  const names = Object.keys(BAD)
  for (const command of ['check', 'serve']) {
    const { code, stdout, stderr } = await sluice([command, '-c', file])
    t.equal(code, 1)
    t.equal(stdout, '')
    const lines = stderr.trimEnd().split('\n')
    t.equal(lines.length, names.length, `${command}: one line each`)
    names.forEach((name, i) => {
      const line = lines.find(each => each.includes(`routes[${i}].policies[0].plugin  `)) ?? ''
      t.ok(line.startsWith(`${file}:`), `${name}: its place`)
      t.match(line, name)
      t.match(line, BAD[name]?.says)
    })
  }
})

t.test('settings that a plugin refuses are said with its own words', async t => {
  const hooks = ['on_configure', 'on_request']
  const file = `${folder(t, { picky: { module: refusing('the moon is full'), hooks } })}/sluice.yaml`
  const { code, stderr } = await sluice(['check', '-c', file])
  t.equal(code, 1)
  t.match(
    stderr,
    /sluice\.yaml:9:\d+ {2}routes\[0\]\.policies\[0\] {2}plugin picky refuses its settings: the moon is full/
  )
})

t.test('settings that the manifest does not allow are said with their place', async t => {
  const yaml =
    'upstreams: { api: { targets: ["http://127.0.0.1:9"] } }\nroutes:\n  - name: a\n    match: { path: /a }\n    upstream: api\n    policies:\n      - plugin: auth-key\n        settings: { kees: [] }\n'
  const { code, stderr } = await sluice(['check', '-c', `${t.testdir({ 'sluice.yaml': yaml })}/sluice.yaml`])
  t.equal(code, 1)
  t.match(stderr, /sluice\.yaml:8:\d+ {2}routes\[0\]\.policies\[0\]\.settings.*kees/)
})

t.test('a plugin that never finishes its configuration is ended and said', async t => {
  const file = `${folder(t, { endless: { module: LOOPING, hooks: ['on_configure', 'on_request'] } })}/sluice.yaml`
  const { code, stderr } = await sluice(['check', '-c', file])
  t.equal(code, 1)
  t.match(stderr, /routes\[0\]\.policies\[0\] {2}plugin endless does not finish its initialisation in time/)
})

t.test('check opens no port, serve needs it free', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  t.teardown(() => server.close())
  let connections = 0
  server.on('connection', () => connections++)
  const file = `${folder(t, { good: { module: GOOD } }, port)}/sluice.yaml`

  t.match(await sluice(['check', '-c', file]), {
    code: 0,
    stdout: `${file}: ok; routes: 1, upstreams: 1\n`,
    stderr: ''
  })
  const { code, stderr } = await sluice(['serve', '-c', file])
  t.equal(code, 1)
  t.match(stderr, `cannot listen on 127.0.0.1:${port}: the port is in use`)
  t.notMatch(stderr, STACK)
  t.equal(connections, 0)
})

t.test('serve says where it listens, serves, and ends with 0 on SIGTERM', async t => {
  const [port = 0] = await freePorts(1)
  const file = `${folder(t, { good: { module: GOOD } }, port)}/sluice.yaml`
  const { lines, end } = await running(t, [...SLUICE, 'serve', '-c', file], line => line.includes('"listening"'))
  t.match(JSON.parse(lines[0] ?? ''), { msg: 'listening', url: `http://127.0.0.1:${port}` })
  const reply = await fetch(`http://127.0.0.1:${port}/nowhere`)
  t.equal(reply.status, 404)
  t.equal(reply.headers.get('content-type'), 'application/problem+json')
  t.equal(await end(), 0)
})

t.test('sluice reference prints the page that is in the repository', async t => {
  const { code, stdout } = await sluice(['reference'])
  t.equal(code, 0)
  const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
  t.equal(digest(stdout), digest(readFileSync(`${ROOT}core/config/gen/REFERENCE.md`, 'utf8')))
})

t.test('who has read enough of what a command says may close the pipe', async t => {
  const [node, main] = SLUICE
  for (const command of ['reference', 'models']) {
    const child = spawn(node, [main, command], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const [code] = await once(child, 'close')
    t.strictSame([code, said], [0, ''], command)
  }
})
