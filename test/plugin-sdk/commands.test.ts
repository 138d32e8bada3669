import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, readFileSync, rmSync, symlinkSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { list } from 'tar'
import { benchPlugin } from '../../core/cli/plugin/bench.js'
import { buildPlugin } from '../../core/cli/plugin/build.js'
import { checkPlugin } from '../../core/cli/plugin/check-plugin.js'
import { packPlugin } from '../../core/cli/plugin/pack.js'
import { reportOn } from '../../core/cli/plugin/test.js'
import { running, SLUICE, sluice } from '../command.js'
import { author, put } from './author.js'

/** The commands of a plugin's author: what they find, print and write, and their exit codes. */

t.setTimeout(600_000)

const SOURCE = `
import { countUp, log, onConfigure, onRequest, onResponse, RequestView, ResponseView, Settings, Verdict } from '@sluice/plugin-sdk/assembly'
let kept: string[] = []
let mode = ''
export function on_configure(p: i32, n: i32): i32 { return onConfigure(p, n, configure) }
export function on_request(p: i32, n: i32): i32 { return onRequest(p, n, check) }
export function on_response(p: i32, n: i32): i32 { return onResponse(p, n, reply) }
function configure(settings: Settings): string { mode = settings.string('mode'); return '' }
function check(request: RequestView): Verdict {
  if (mode == 'leak') for (let i = 0; i < 10; i++) kept.push(request.path + i.toString() + 'a long text that is kept for ever')
  if (mode == 'trap') throw new Error('on purpose')
  if (mode == 'count') countUp('a', 1, 10, 0)
  if (mode == 'log') log.info('seen')
  if (mode == 'all') return Verdict.next().setHeader('x-a', '1').setPath('/b').setConsumer('me').setUpstream('u')
  return Verdict.next()
}
function reply(response: ResponseView): Verdict { return Verdict.next().setHeader('x-r', '1') }
`

const SETTINGS = {
  type: 'object',
  additionalProperties: false,
  properties: {
    mode: { type: 'string', description: 'What it does.' },
    list: { type: 'array', items: { type: 'object', properties: { deep: { type: 'string' } } } },
    named: { type: 'object', additionalProperties: { type: 'object', properties: { limit: { type: 'integer' } } } },
    either: { anyOf: [{ type: 'object', properties: { left: { type: 'string', description: 'Left.' } } }] }
  }
}

const HOOKS = ['on_configure', 'on_request', 'on_response'] as const

const PERMISSIONS = { counters: true, responseHeaders: { write: ['x-r'] } }

const built = author(t, {
  source: SOURCE,
  manifest: {
    hooks: [...HOOKS],
    permissions: { ...PERMISSIONS, log: true },
    settings: SETTINGS
  },
  files: { 'README.md': '# gate\n', LICENSE: 'Do as you like.\n', 'notes.txt': 'not packed' }
})
await buildPlugin(built, { quiet: true })

/** The same module under another manifest and with other cases. */
function variant(t: Parameters<typeof author>[0], given: Parameters<typeof author>[1]): string {
  const folder = author(t, {
    source: SOURCE,
    ...given,
    manifest: { hooks: [...HOOKS], permissions: PERMISSIONS, settings: SETTINGS, ...given.manifest }
  })
  cpSync(join(built, 'build'), join(folder, 'build'), { recursive: true })
  return folder
}

const NEXT = { expect: { next: true } } as const

t.test('a test says which hooks no case calls and which settings no case uses', async t => {
  const none = variant(t, {})
  t.strictSame((await reportOn(none)).uncovered, [
    'no case calls the hook on_configure',
    'no case calls the hook on_request',
    'no case calls the hook on_response',
    'no case uses the settings mode, list, list[].deep, named, named.*.limit, either, either.left'
  ])
  const most = variant(t, {
    cases: {
      a: { settings: { mode: 'x', list: [{}, { deep: 'a' }], named: { a: { limit: 1 } } }, ...NEXT },
      b: { settings: { either: {} }, response: {}, ...NEXT }
    }
  })
  t.strictSame((await reportOn(most)).uncovered, ['no case uses the setting either.left'])
  const { code, stdout } = await sluice(['plugin', 'test', most, most])
  t.equal(code, 0, stdout)
  t.match(stdout, /ok {3}gate: a\nok {3}gate: b\n2 of 2 cases pass\nno case uses the setting either\.left\n/)
})

t.test('a failing case, and a plugin without cases, end with 1', async t => {
  const bad = variant(t, { cases: { a: { expect: { reply: { status: 403 } } } } })
  const { code, stdout } = await sluice(['plugin', 'test', bad])
  t.equal(code, 1)
  t.match(stdout, /FAIL gate: a\n {7}the policy let the request go on, expected a reply\n0 of 1 cases pass\n/)
  t.match(await sluice(['plugin', 'test', variant(t, {})]), { code: 1, stdout: /^0 of 0 cases pass/ })
})

t.test('snapshots are written by the command, and said', async t => {
  const folder = variant(t, { cases: { a: { settings: { mode: 'x' } } } })
  t.match(await sluice(['plugin', 'test', folder]), { code: 1, stdout: /--snapshot/ })
  t.match(await sluice(['plugin', 'test', '--snapshot', folder]), { code: 0, stdout: /ok {3}gate: a \(written\)/ })
  t.equal(
    readFileSync(join(folder, 'cases/a.json'), 'utf8'),
    '{\n  "settings": { "mode": "x" },\n  "expect": { "next": true }\n}\n'
  )
})

t.test('--watch plays again when a case or the source changes', async t => {
  const folder = variant(t, { cases: { a: NEXT } })
  const watching = (line: string) => line.startsWith('watching ')
  const { lines, until, end } = await running(t, [...SLUICE, 'plugin', 'test', '--watch', folder], watching)
  put(folder, 'cases/b.json', JSON.stringify({ expect: { reply: {} } }))
  await until(watching, 2)
  t.ok(lines.includes('FAIL gate: b'), lines.join('\n'))
  put(folder, 'assembly/index.ts', 'nonsense(')
  await until(watching, 3)
  t.match(lines.join('\n'), /gate: does not compile/)
  await end()
})

t.test('a bench measures the hooks its cases call, and sees memory that grows', async t => {
  const folder = variant(t, {
    cases: { calm: { times: 3, response: {}, ...NEXT }, bad: { settings: { mode: 5 }, expect: { refused: 'mode' } } }
  })
  const report = await benchPlugin(folder, 200)
  t.strictSame(
    report.calls.map(each => [each.case, each.hook, each.calls]),
    [
      ['calm', 'on_request', 200],
      ['calm', 'on_response', 200]
    ]
  )
  t.strictSame(
    report.hooks.map(each => each.hook),
    ['on_request', 'on_response']
  )
  for (const { meanUs, p50Us, p99Us } of report.calls) t.ok(meanUs > 0 && p50Us > 0 && p99Us >= p50Us)
  t.strictSame(report.memory, { pages: 1, grownBy: 0, limit: 64 })

  const leaking = variant(t, { cases: { leak: { settings: { mode: 'leak' }, ...NEXT } } })
  const { memory } = await benchPlugin(leaking, 2000)
  t.ok(memory.grownBy > 0 && memory.pages > memory.grownBy, JSON.stringify(memory))
})

t.test('a bench is printed as a table or as JSON, and says what it cannot measure', async t => {
  const folder = variant(t, { cases: { a: NEXT, b: NEXT } })
  const table = await sluice(['plugin', 'bench', folder, '--calls', '100'])
  t.match(table, { code: 0, stderr: '' })
  t.match(
    table.stdout,
    /^gate\nhook +case +calls +mean µs +p50 +p99\non_request +a +100 .*\non_request +b .*\non_request +all +200 /
  )
  t.match(table.stdout, /memory: 1 of 64 pages of 64 KiB; it did not grow\n$/)
  const json = await sluice(['plugin', 'bench', folder, '--calls', '100', '--json'])
  t.match(JSON.parse(json.stdout), { plugin: 'gate', calls: [{ case: 'a', hook: 'on_request', calls: 100 }] })
  t.match(await sluice(['plugin', 'bench', variant(t, {})]), { code: 1, stderr: /no case calls a hook/ })
  const trap = variant(t, { cases: { t: { settings: { mode: 'trap' }, ...NEXT } } })
  t.match(await sluice(['plugin', 'bench', trap]), { code: 1, stderr: /cases\/t\.json: GW_PLUGIN_FAILED/ })
})

t.test('a check names permissions that are asked for and not used', async t => {
  const permissions = {
    requestHeaders: { read: ['x-never', '$/mode'], write: ['x-a', 'x-b', '*'] },
    responseHeaders: { read: ['*'], write: ['x-r'] },
    requestBody: 'read',
    rewrite: true,
    consumer: true,
    route: true,
    log: true,
    counters: true,
    callouts: ['idp'],
    secrets: ['key'],
    store: true,
    kv: true,
    bag: ['other.x']
  } as const
  const files = { 'README.md': '# gate' }
  const idle = variant(t, {
    manifest: { permissions: structuredClone(permissions) as object },
    cases: { a: NEXT, verdict: { response: { status: 204 }, ...NEXT } },
    files
  })
  const of = async (folder: string) =>
    (await checkPlugin(folder)).warnings.flatMap(each => /does not use: (.*)$/.exec(each)?.[1] ?? [])
  t.strictSame(await of(idle), [
    'requestBody: it has no hook on_request_body',
    'kv: it imports none of its functions',
    'log: no case shows its use',
    'consumer: no case shows its use',
    'route: no case shows its use',
    'rewrite: no case shows its use',
    'requestHeaders.read "x-never": no case has such a header',
    'requestHeaders.read "$/mode": no case has such a header',
    'requestHeaders.write "x-a": no case writes such a header',
    'requestHeaders.write "x-b": no case writes such a header',
    'requestHeaders.write "*": no case writes such a header',
    'responseHeaders.read "*": no case has such a header',
    'callouts "idp": no case shows its use',
    'secrets "key": no case shows its use',
    'store: no case shows its use',
    'bag "other.x": no case has such an entry'
  ])
  const busy = variant(t, {
    manifest: { permissions: structuredClone(permissions) as object },
    cases: {
      all: {
        settings: { mode: 'all' },
        request: { headers: { all: 'x' }, bag: { 'other.x': '1' } },
        response: { headers: { etag: 'a' } },
        ...NEXT
      },
      log: { settings: { mode: 'log' }, ...NEXT }
    },
    files
  })
  t.strictSame(await of(busy), [
    'requestBody: it has no hook on_request_body',
    'kv: it imports none of its functions',
    'requestHeaders.read "x-never": no case has such a header',
    'requestHeaders.write "x-b": no case writes such a header',
    'callouts "idp": no case shows its use',
    'secrets "key": no case shows its use',
    'store: no case shows its use'
  ])
})

t.test(
  'a check sees what cases show of callouts, secrets, the store and the bag, and who imports kv without asking',
  async t => {
    const source = `
    import { Effect, EffectAnswers, kv, onEffect, onRequest, RequestView, Verdict } from '@sluice/plugin-sdk/assembly'
    export function on_request(p: i32, n: i32): i32 { return onRequest(p, n, check) }
    export function on_effect(p: i32, n: i32): i32 { return onEffect(p, n, known) }
    function check(request: RequestView): Verdict {
      kv.setText('a', request.bag('other.x'), 1000)
      return Verdict.ask(Effect.http('idp', '/').named('http')).ask(Effect.secret('key').named('secret'))
        .ask(Effect.kvGet('k').named('kv')).ask(Effect.jwks('https://idp.example/keys').named('jwks'))
    }
    function known(request: RequestView, answers: EffectAnswers): Verdict { return Verdict.next() }`
    const permissions = { callouts: ['idp', 'https://idp.example'], secrets: ['key'], store: true, bag: ['other.*'] }
    const manifest = { hooks: ['on_request' as const, 'on_effect' as const], permissions }
    const files = { 'README.md': '# gate' }
    const asking = author(t, {
      source,
      manifest,
      files,
      cases: { a: { request: { bag: { 'other.x': '1' } }, ...NEXT } }
    })
    await buildPlugin(asking, { quiet: true })
    t.match((await checkPlugin(asking)).errors, ['it keeps values under keys and does not ask for the permission kv'])
    put(
      asking,
      'plugin.json',
      JSON.stringify({
        ...JSON.parse(readFileSync(join(asking, 'plugin.json'), 'utf8')),
        permissions: { ...permissions, kv: true }
      })
    )
    t.match(await checkPlugin(asking), { errors: [], warnings: [] })
  }
)

t.test('what is used and not asked for is an error, and so is a hook for a body it cannot see', async t => {
  const counting = variant(t, { manifest: { permissions: {} }, cases: { a: NEXT } })
  t.match((await checkPlugin(counting)).errors, ['it counts and does not ask for the permission counters'])
  const { code, stdout, stderr } = await sluice(['plugin', 'check', counting])
  t.equal(code, 1)
  t.match(stderr, /^error {4}gate: it counts and does not ask/)
  t.match(stdout, /gate \(.*\): 1 error, \d+ warnings\n$/)
})

t.test('a check says what a host would refuse, and what an operator would miss', async t => {
  const hooks = variant(t, { manifest: { hooks: ['on_configure', 'on_request', 'on_request_body'] } })
  t.strictSame((await checkPlugin(hooks)).errors, [
    'plugin.json lists the hook on_request_body, but assembly/index.ts does not export it',
    'assembly/index.ts exports on_response, but plugin.json does not list it in "hooks"'
  ])
  const broken = variant(t, { files: { 'build/gate.wasm': 'not a module' } })
  put(broken, 'build/gate.wasm', 'not a module')
  t.match((await checkPlugin(broken)).errors, [/wasm/i])
  const small = variant(t, { manifest: { limits: { memoryPages: 1 } }, cases: { a: NEXT } })
  t.match((await checkPlugin(small)).facts, [/KiB, ABI direct, \d+ functions/, /1 pages at the start, 1 at most/])

  const loose = variant(t, { manifest: { settings: { ...SETTINGS, additionalProperties: true } } })
  const { errors, warnings } = await checkPlugin(loose)
  t.strictSame(errors, [])
  for (const warning of [
    'settings without a description: list, list[].deep, named, named.*.limit, either',
    /allow unknown members/,
    'there is no README.md',
    /there are no cases/
  ]) {
    t.ok(
      warnings.some(each => (typeof warning === 'string' ? each === warning : warning.test(each))),
      String(warning)
    )
  }
  t.match(await sluice(['plugin', 'check', loose]), { code: 0, stdout: /the module is older than its sources/ })
  t.match(await sluice(['plugin', 'check', join(loose, 'assembly')]), { code: 1, stderr: /there is no manifest/ })
})

t.test('an archive has what a plugin needs, and the same files make the same bytes', async t => {
  const cases = { a: NEXT, b: { response: {}, ...NEXT } }
  const make = (): string =>
    variant(t, { cases, files: { 'README.md': '# gate\n', LICENSE: 'Do.\n', 'notes.txt': 'x', 'cases/more.txt': 'x' } })
  const one = await packPlugin(make(), join(t.testdir(), 'one.tgz'))
  const folder = make()
  chmodSync(join(folder, 'README.md'), 0o600)
  utimesSync(join(folder, 'plugin.json'), 1, 1)
  const two = await packPlugin(folder, join(t.testdirName, 'two.tgz'))
  t.equal(two.archiveSha256, one.archiveSha256)
  const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex')
  t.equal(one.archiveSha256, digest(one.file))
  t.equal(one.wasmSha256, digest(join(folder, 'build/gate.wasm')))
  const entries: unknown[] = []
  await list({
    file: one.file,
    onReadEntry: ({ path, type, mode, mtime, uid }) => entries.push([path, type, mode, mtime?.getTime(), uid ?? 0])
  })
  t.strictSame(
    entries,
    ['plugin.json', 'LICENSE', 'README.md', 'build/gate.wasm', 'cases/a.json', 'cases/b.json'].map(path => {
      return [path, 'File', 0o644, 0, 0]
    })
  )
})

t.test('no link and nothing from outside gets into an archive', async t => {
  const linked = variant(t, {})
  symlinkSync('/etc/hostname', join(linked, 'LICENSE'))
  const out = join(t.testdir(), 'a.tgz')
  await t.rejects(packPlugin(linked, out), { code: 'GW_PLUGIN_INVALID', message: /LICENSE: is a symbolic link/ })
  const elsewhere = variant(t, { manifest: { module: '../gate.wasm' } })
  await t.rejects(packPlugin(elsewhere, out), { message: /lies outside of the plugin's folder/ })
  const into = join(t.testdirName, 'none/a.tgz')
  await t.rejects(packPlugin(variant(t, {}), into), { message: /there is no such folder/ })
  t.notOk(existsSync(out))
})

t.test('pack builds, checks and tests first, and prints what it wrote', async t => {
  const out = join(t.testdir(), 'gate.tgz')
  const args = ['plugin', 'pack', built, '--output', out]
  t.match(await sluice(args), { code: 1, stdout: /0 of 0 cases pass/ }, 'not without a case')
  put(built, 'cases/a.json', JSON.stringify({ settings: { mode: 'log' }, ...NEXT }))
  const { code, stdout, stderr } = await sluice(args)
  t.equal(code, 0, stderr)
  t.match(stdout, /up to date[\s\S]*0 errors[\s\S]*1 of 1 cases pass[\s\S]*gate\.tgz: [\d.]+ KiB, 5 files\n/)
  const { archiveSha256, wasmSha256 } = await packPlugin(built, out)
  t.ok(stdout.endsWith(`sha256 of the module   ${wasmSha256}\nsha256 of the archive  ${archiveSha256}\n`), stdout)
})

t.test('every command says what it does, and what it does not understand', async t => {
  const help = await sluice(['plugin', '--help'])
  t.match(help, { code: 0, stderr: '' })
  const commands = [...help.stdout.matchAll(/^ {2}sluice plugin (\w+)/gm)].map(([, name]) => name ?? '')
  t.strictSame(commands, ['new', 'build', 'test', 'bench', 'check', 'pack', 'replay'])
  for (const name of commands) {
    const { code, stdout } = await sluice(['plugin', name, '--help'])
    t.equal(code, 0, name)
    t.match(stdout, new RegExp(`^sluice plugin ${name} [\\s\\S]*Exit codes: 0 (done|all the same), 1`))
  }
  for (const [args, message] of [
    [['new'], /new: say the name of the plugin/],
    [['test', '--snapshot', '--update'], /not both/],
    [['test', '--watch', 'a', 'b'], /one folder with --watch/],
    [['bench', '--calls', 'many'], /--calls is "many", expected a whole number/],
    [['pack', 'a', 'b'], /say one folder/],
    [['check', '--fast'], /Unknown option '--fast'/],
    [['publish'], /no command "publish"; expected new, build, test, bench, check, pack/]
  ] as const) {
    const { code, stdout, stderr } = await sluice(['plugin', ...args])
    t.equal(code, 2, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, message)
    t.match(stderr, /Try: sluice plugin .*--help/)
  }
})

t.test('a plugin that is made elsewhere is packed as it is, and not built', async t => {
  const folder = variant(t, { cases: { a: NEXT }, manifest: { permissions: { counters: true } } })
  rmSync(join(folder, 'assembly'), { recursive: true })
  t.match(await sluice(['plugin', 'build', folder]), { code: 0, stdout: /nothing to build/, stderr: '' })
  t.match(await sluice(['plugin', 'pack', folder, '-o', join(folder, 'gate.tgz')]), { code: 0 })
  rmSync(join(folder, 'build'), { recursive: true })
  t.match(await sluice(['plugin', 'build', folder]), { code: 1, stderr: /there is no assembly\/index\.ts/ })
})
