import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { type Compiler, runCompiler } from '../../core/cli/plugin/asc.js'
import { buildPlugin, buildPlugins } from '../../core/cli/plugin/build.js'
import { hintsFor } from '../../core/cli/plugin/hints.js'
import { RequestInput } from '../../core/plugin-host/gen/policy.js'
import { finished, SLUICE } from '../command.js'
import { Guest, ROOT } from './guest.js'

const POLICY = `
import { onRequest, RequestView, Verdict } from '@sluice/plugin-sdk/assembly'
export { sluice_abi, sluice_alloc } from '@sluice/plugin-sdk/assembly'
export function on_request(ptr: i32, len: i32): i32 { return onRequest(ptr, len, check) }
function check(request: RequestView): Verdict {
  return request.header('x-key') == '' ? Verdict.deny(401, 'missing key') : Verdict.next()
}
`

t.test('a plugin outside the repository is compiled, and runs', async t => {
  const dir = outside(t, POLICY)
  const built = await buildPlugin(dir, { quiet: true })
  t.equal(built.file, join(dir, 'build/gate.wasm'))
  t.equal(built.level, '-O2')
  t.equal(built.bytes, statSync(built.file).size)
  t.strictSame(readdirSync(join(dir, 'build')).sort(), ['gate.wasm', 'gate.wasm.stamp'], 'nothing else is left')

  const guest = new Guest(readFileSync(built.file))
  const verdict = guest.verdict('on_request', RequestInput.encode({}).finish())
  t.equal(verdict.reply?.status, 401)
  const request = { headers: ['x-key', '1'] }
  t.equal(guest.run('on_request', RequestInput.encode({ request }).finish())?.length, 0, 'an empty verdict')
})

t.test('names of headers that a policy writes may be in any case: the host gets them in lower case', async t => {
  const dir = outside(
    t,
    `${POLICY.replace('onRequest,', 'Effect, HeaderEdit, onRequest,').replace(/function check[\s\S]*/, '')}
function check(request: RequestView): Verdict {
  if (request.method == 'REPLY') return Verdict.reply(200).withHeader('X-Reply', 'A')
  if (request.method == 'EDITS') return Verdict.next().setEdits([HeaderEdit.set('X-Set', 'A'), HeaderEdit.rename('X-Old', 'X-New')])
  return Verdict.ask(Effect.http('it', '/').header('Content-Type', 'Text/Plain'))
    .setHeader('X-Set', 'A')
    .renameHeader('X-Old', 'X-New')
    .renameResponseHeader('X-OLD', 'X-NEW')
    .removeResponseHeader('Server')
}`
  )
  const guest = new Guest(readFileSync((await buildPlugin(dir, { quiet: true })).file))
  const verdict = (method: string) => guest.verdict('on_request', RequestInput.encode({ request: { method } }).finish())
  t.strictSame(verdict('REPLY').reply?.headers, ['x-reply', 'A'])
  const edits = [
    { name: 'x-set', value: 'A' },
    { name: 'x-old', value: 'x-new' }
  ]
  t.match(verdict('EDITS').headers, edits)
  const { headers, responseHeaders, effects } = verdict('GET')
  t.match(headers, edits)
  t.match(responseHeaders, [{ name: 'x-old', value: 'x-new' }, { name: 'server' }])
  t.strictSame(effects[0]?.http?.headers, ['content-type', 'Text/Plain'])
})

t.test('the same sources make the same bytes, in whatever folder: a catalog has their digest', async t => {
  const [one, two] = await Promise.all(
    [outside(t, POLICY), outside(t, POLICY)].map(dir => buildPlugin(dir, { quiet: true }))
  )
  if (one === undefined || two === undefined) throw new Error('nothing was built')
  t.not(one.file, two.file)
  t.ok(readFileSync(one.file).equals(readFileSync(two.file)))
})

t.test('what did not change is not compiled again', async t => {
  const dir = outside(t, POLICY)
  const compiler = await fakeCompiler(dir)
  const level = async (options = {}) => (await buildPlugin(dir, { quiet: true, compiler, ...options })).level
  t.equal(await level(), '-O2')
  t.equal(await level(), undefined)
  t.equal(await level({ force: true }), '-O2')

  writeFileSync(join(dir, 'build/gate.wasm'), 'not what was built')
  t.equal(await level(), '-O2', 'the module was replaced')
  writeFileSync(join(dir, 'assembly/index.ts'), `${POLICY}\n// changed`)
  t.equal(await level(), '-O2', 'the source changed')
  manifest(dir, { limits: { memoryPages: 2 } })
  t.equal(await level(), '-O2', 'the manifest changed')
  t.equal(await level({ compiler: { ...compiler, version: 'next' } }), '-O2', 'the compiler changed')
  t.equal(await level({ compiler: { ...compiler, version: 'next' } }), undefined)
})

t.test('the memory is limited to what the manifest says', async t => {
  const dir = outside(t, `${POLICY}\nexport function grow(pages: i32): i32 { return memory.grow(pages) }`)
  manifest(dir, { limits: { memoryPages: 3 } })
  const { file } = await buildPlugin(dir, { quiet: true })
  const guest = new Guest(readFileSync(file))
  t.equal(guest.call('grow', 3), -1)
  t.ok(guest.call('grow', 1) > 0)
})

t.test('a mistake in the source is told with its place and a hint', async t => {
  const dir = outside(
    t,
    `${POLICY}
export function a(n: i32): i32 { return [1].map<i32>(x => x + n).length }
export function b(s: string): bool { return /a/.test(s) }
export function c(s: string): void { JSON.parse(s) }
export function d(): any { return 1 }
export function e(): i32 { return missing }
export function f(): void { try { f() } catch (e) {} }`
  )
  const thrown = await buildPlugin(dir, { quiet: true }).catch(error => error)
  t.equal(thrown.code, 'GW_PLUGIN_INVALID')
  t.match(thrown.message, /does not compile/)
  t.match(thrown.message, /assembly\/index\.ts\(13,35\)/, 'the place of "missing"')
  for (const hint of [
    /top-level/,
    /Regex\.compile/,
    /Json\.parse/,
    /every value has one exact type/,
    /no try\/catch/
  ]) {
    t.ok(
      thrown.message.split('\n').some((line: string) => line.startsWith('hint: ') && hint.test(line)),
      String(hint)
    )
  }
  t.strictSame(readdirSync(join(dir, 'build')), [], 'no module is left')
})

/** What someone who comes from TypeScript writes, and what must be said about it: what only the compiler's second pass finds. */
const HABITS: Readonly<Record<string, RegExp>> = {
  'export function a(n: i32): i32 { return [1].map<i32>(x => x + n).length }': /closures do not exist.*top-level/,
  'export function b(): void { try { b() } catch (e) {} }': /no try\/catch/,
  'export function c(s: string): bool { return /a/.test(s) }': /use the SDK's Regex\.compile/,
  'export function d(): any { return 1 }': /there is no any/,
  'export function e(s: string | null): bool { return s === undefined }': /there is no any, unknown or undefined/,
  'export function f(): Promise<i32> { return 1 }': /hooks are synchronous/,
  'export function g(x: i32 | null): void {}': /a number or bool is never null/,
  'export function h(): i32 { const b = { x: 1 }; return b.x }': /declare a class/,
  'export function i(b: i32[]): i32[] { return [...b] }': /there is no spread/,
  'export function j(b: i32[]): void { for (const c of b) j([c]) }': /no for…of/,
  'export function k(s: string | null): string { return s }': /test it against null/,
  'export function l(n: i32): string { return "a" + n }': /value\.toString\(\)/,
  'export function m(s: string): void { JSON.parse(s) }': /Json\.parse/,
  'export function n(): void { setTimeout(n, 1) }': /there are no timers/,
  'export function o(): i64 { return new Date().getTime() }': /new Date\(now\(\)\)/,
  'export function p(): void { log.info("x") }':
    /import \{ (\w+, )*log(, \w+)* \} from '@sluice\/plugin-sdk\/assembly'/,
  'export function q(s: string): bool { return s.match("a") != null }': /text has no regular expressions/,
  'export function r(v: RequestView): string { return v.bodyText }': /it is a method: call it/,
  'export function s(v: RequestView): string { return v.path() }': /a property, not a method: leave out the \(\)/,
  'export function t(m: Map<string, i32>): void { m.forEach((v, k) => {}) }': /keys\(\) and values\(\) of a Map/,
  'export function u(v: RequestView): i32 { return v.nowMs }': /needs a cast: <i32>value/,
  'export function v(n: f64): string { return n.toFixed(2) }': /there is no toFixed/,
  'export function w(s: string): bool { return new Set(["a"]).has(s) }': /new Set<string>\(\)/,
  'export function x(s: string): void { new URL(s) }': /path, query, queryParam/,
  'export function y(v: RequestView): void { Object.keys(v) }': /no list of its fields/,
  'export function z(n: i32, b?: i32): void {}': /an optional parameter needs a default/
}

/** What already the parser refuses, so that nothing else is looked at. */
const PARSED: Readonly<Record<string, RegExp>> = {
  'export async function a(): void {}': /hooks are synchronous/,
  'export function a(): void { await a() }': /hooks are synchronous/,
  'export function* a(): i32 { yield 1 }': /hooks are synchronous/,
  'type A = "a" | "b"\nexport function a(x: string | i32): void {}': /no unions but/,
  'export function a(b: i32[]): i32 { const [c] = b; return c }': /no destructuring/,
  'export function a({ b }: RequestView): void {}': /no destructuring/,
  'export function a(v: RequestView): void { const b = { ...v } }': /there is no spread/,
  'export function a(b: i32[]): void { for (const c in b) a(b) }': /no for…in/,
  'export function a(b) { return b }': /says its type/,
  'export function a(s: string | null): string { return s?.trim() ?? "" }': /no \?\. and no \?\?/,
  "import { b } from 'lodash'\nexport function a(): void { b() }": /packages of npm are for JavaScript/
}

t.test('what comes from the habit of TypeScript is told with what to write instead', async t => {
  const hintsOf = async (source: string): Promise<string[]> => {
    const thrown = await buildPlugin(outside(t, `${POLICY}\n${source}`), { quiet: true }).catch(error => error)
    return String(thrown.message)
      .split('\n')
      .filter(line => line.startsWith('hint: '))
  }
  const hints = await hintsOf(Object.keys(HABITS).join('\n'))
  for (const [source, hint] of Object.entries(HABITS))
    t.ok(
      hints.some(line => hint.test(line)),
      source
    )
  for (const [source, hint] of Object.entries(PARSED)) {
    const [only, ...more] = await hintsOf(source)
    t.match(only, hint, source)
    t.strictSame(more, [], 'and no other')
  }
})

t.test('what is a number is not said of what is none', async t => {
  const hints = (type: string) =>
    hintsFor(`ERROR TS2322: Type '${type}' is not assignable to type '~lib/string/String'.`)
  t.match(hints('i32'), [/value\.toString\(\)/])
  t.match(hints('~lib/string/String | null'), [/test it against null/])
  t.match(hints('(this: request/RequestView) => ~lib/string/String'), [/it is a method/])
  for (const type of ['~lib/string/String | null', '(this: request/RequestView) => ~lib/string/String'])
    t.equal(hints(type).length, 1, type)
})

t.test('what compiles but cannot be loaded is refused, with what to write instead', async t => {
  const dir = outside(
    t,
    `${POLICY}
declare function other(): void
export function a(): i64 { return Date.now() }
export function b(): f64 { return Math.random() }
export function c(): void { console.log("x") }
export function d(): void { other() }
export function on_response(ptr: i32, len: i32): i32 { return 0 }`
  )
  manifest(dir, { hooks: ['on_request', 'on_request_body'] })
  const thrown = await buildPlugin(dir, { quiet: true }).catch(error => error)
  t.match(
    thrown.message,
    /assembly\/index\.ts\(10,35\): use now\(\) from the SDK \(or request\.nowMs\), not Date\.now\(\)/
  )
  t.match(thrown.message, /use random\(\) or randomBytes\(count\) from the SDK, not Math\.random\(\)/)
  t.match(thrown.message, /use log\.debug.* not console/)
  t.match(thrown.message, /the host has no function "index\.other"/)
  t.match(thrown.message, /exports on_response, but plugin\.json does not/)
  t.match(thrown.message, /lists the hook on_request_body, but/)

  const empty = outside(t, 'export function on_request(ptr: i32, len: i32): i32 { return 0 }')
  await t.rejects(buildPlugin(empty, { quiet: true }), {
    message: /hint: assembly\/index\.ts must use the SDK/
  })
})

t.test('a folder that is no plugin, and a manifest that is wrong, are named', async t => {
  const dir = outside(t, POLICY)
  await t.rejects(buildPlugin(join(dir, 'assembly')), { code: 'GW_PLUGIN_INVALID', message: /there is no manifest/ })
  manifest(dir, { kind: 'other' })
  await t.rejects(buildPlugin(dir), { code: 'GW_PLUGIN_INVALID', message: /plugin\.json: \/kind/ })
  writeFileSync(join(dir, 'plugin.json'), '{')
  await t.rejects(buildPlugin(dir), { code: 'GW_PLUGIN_INVALID', message: /plugin\.json: not JSON/ })
  manifest(dir, {})
  rmSync(join(dir, 'assembly'), { recursive: true })
  await t.rejects(buildPlugin(dir), { code: 'GW_PLUGIN_INVALID', message: /there is no assembly\/index\.ts/ })
})

t.test('when the optimizer hangs, the next level is tried, and the last failure is told', async t => {
  const dir = outside(t, POLICY)
  const compiler = await fakeCompiler(dir, '-O2')
  t.equal((await buildPlugin(dir, { quiet: true, compiler, timeoutMs: 3000 })).level, '-Os')
  const hung = await fakeCompiler(dir, '-O2,-Os,-O1')
  await t.rejects(buildPlugin(dir, { quiet: true, compiler: hung, timeoutMs: 200 }), {
    code: 'GW_PLUGIN_INVALID',
    message: /did not end within 200 ms, at any of -O2, -Os, -O1/
  })
})

t.test('a compiler that is loaded compiles the next plugin too, until it crashes or hangs', async t => {
  const dir = outside(t, '')
  const log = join(dir, 'log')
  const file = compilerThat(
    dir,
    `appendFileSync(${JSON.stringify(log)}, process.pid + ' ')
     if (args[0] === 'throws') throw new Error('it crashed')
     if (args[0] === 'exits') { console.error('it gave up'); process.exit(3) }
     if (args[0] === 'hangs') for (;;);
     if (args[0] === 'refuses') return { error: new Error('1 compile error(s)') }`
  )
  const run = (what: string) => runCompiler({ file, version: '1' }, [what], dir, what === 'hangs' ? 100 : 60_000)
  const pids = () => readFileSync(log, 'utf8').trim().split(' ')
  t.match(await run('works'), { exitCode: 0 })
  t.match(await run('refuses'), { exitCode: 1 })
  t.match(await run('works'), { exitCode: 0 })
  t.equal(new Set(pids()).size, 1, 'also after a mistake in the sources')
  const together = await Promise.all([run('works'), run('works')])
  t.match(together, [{ exitCode: 0 }, { exitCode: 0 }])
  t.equal(new Set(pids()).size, 2, 'two at a time are two')
  const [first, second] = new Set(pids())
  t.match(await run('throws'), { exitCode: 1, output: /it crashed/ })
  t.match(await run('exits'), { exitCode: 3, output: /it gave up/ })
  t.match(await run('works'), { exitCode: 0 })
  t.notOk([first, second].includes(pids().at(-1)), 'neither is asked again')
  t.match(await run('hangs'), { exitCode: null })
  const hung = pids().at(-1)
  t.match(await run('works'), { exitCode: 0 })
  t.not(pids().at(-1), hung)
})

t.test('a compiler ends with the process that started it', async t => {
  const dir = outside(t, POLICY)
  const ended = join(dir, 'ended')
  const { file: module } = await buildPlugin(join(ROOT, 'test/fixtures/guests/mirror'), { quiet: true })
  const does = `process.on('exit', () => appendFileSync(${JSON.stringify(ended)}, ''))\n${copies(module)}`
  const asc = join(dir, 'node_modules/assemblyscript')
  mkdirSync(join(asc, 'dist'), { recursive: true })
  writeFileSync(join(asc, 'package.json'), JSON.stringify({ name: 'assemblyscript', version: '9.9.9', type: 'module' }))
  cpSync(compilerThat(dir, does), join(asc, 'dist/asc.js'))

  const built = await finished([...SLUICE, 'plugin', 'build', dir])
  t.match(built, { code: 0, stdout: /^gate: .*built$/m, stderr: '' }, "the plugin's own compiler")
  while (!existsSync(ended)) await setImmediate()
})

t.test('several plugins are built together, and every failure is told', async t => {
  const good = outside(t, POLICY)
  const bad = outside(t, POLICY)
  manifest(bad, { hooks: ['on_request', 'on_response'] })
  const worse = outside(t, POLICY)
  manifest(worse, { kind: 'other' })
  const options = { quiet: true, compiler: await fakeCompiler(good) }
  const built = await buildPlugins([good, good, good], options)
  t.strictSame(
    built.map(each => each.name),
    ['gate', 'gate', 'gate']
  )
  await t.rejects(buildPlugins([bad, good, worse], options), {
    message: /on_response(.|\n)*\/kind|\/kind(.|\n)*on_response/
  })
})

t.test('what was built is told in one line', async t => {
  const dir = outside(t, POLICY)
  const compiler = await fakeCompiler(dir)
  const lines = t.capture(console, 'log', () => {})
  await buildPlugin(dir, { compiler })
  await buildPlugin(dir, { compiler })
  const [first, second] = lines().map(call => String(call.args[0]))
  t.match(first, /^gate: build\/gate\.wasm, [\d.]+ KiB, built$/)
  t.match(second, /^gate: build\/gate\.wasm, [\d.]+ KiB, up to date$/)
})

/** A compiler that never ends at the levels named in `hang`, and at any other gives a module compiled before. */
async function fakeCompiler(dir: string, hang = ''): Promise<Compiler> {
  const { file: module } = await buildPlugin(join(ROOT, 'test/fixtures/guests/mirror'), { quiet: true })
  const does = `
    if (${JSON.stringify(hang)}.split(',').some(level => args.includes(level))) for (;;);
    ${copies(module)}`
  return { file: compilerThat(dir, does), version: `fake ${hang}` }
}

function copies(module: string): string {
  return `copyFileSync(${JSON.stringify(module)}, args[args.indexOf('--outFile') + 1])`
}

/** @param does - with `args`, before it says that it went well */
function compilerThat(dir: string, does: string): string {
  const file = join(mkdtempSync(join(dir, 'asc-')), 'asc.mjs')
  const imports = "import { appendFileSync, copyFileSync } from 'node:fs'"
  writeFileSync(file, `${imports}\nexport async function main(args) {${does}\nreturn { error: null }\n}`)
  return file
}

/** A plugin folder outside the repository, so that nothing is found by looking upwards. */
function outside(t: Test, source: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  cpSync(join(ROOT, 'test/fixtures/guests/mirror/assembly'), join(dir, 'assembly'), { recursive: true })
  writeFileSync(join(dir, 'assembly/index.ts'), source)
  manifest(dir, {})
  return dir
}

function manifest(dir: string, more: object): void {
  const base = { name: 'gate', version: '1.0.0', abi: 1, kind: 'auth', description: 'A gate.', hooks: ['on_request'] }
  writeFileSync(join(dir, 'plugin.json'), JSON.stringify({ ...base, ...more }))
}
