import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { HOOKS } from '../../core/base/hooks.js'
import { ConfigError } from '../../core/config/problems.js'
import { buildSnapshot } from '../../core/gateway/build.js'
import { readConfig } from '../../core/gateway/read-config.js'
import { createLog } from '../../core/observe/log.js'
import { sluice } from '../command.js'
import { binary, functions, leb, repeat, section, wat } from '../plugin-host/module/guest.js'
import { configFile } from '../support/sluice.js'
import { guest } from '../support/wat.js'
import { field } from './harness.js'

t.setTimeout(120_000)

const MARK = `(func (export "sluice_abi") (result i32) i32.const 1)
  (func (export "sluice_alloc") (param i32) (result i32) i32.const 1024)`
const HOOK = '(func (export "on_request") (param i32 i32) (result i32) i32.const 0)'
const MEMORY = '(memory (export "memory") 1)'
const plugin = (more: string, memory = MEMORY) => wat(`(module ${more} ${memory} ${MARK} ${HOOK})`)
const good = plugin('')
const unchecked = (text: string) => wat(text, { check: false })

/** The good plugin with a second memory in its memory section (05 03 01 00 01). */
function twoMemories(): Uint8Array {
  const at = good.indexOf(5, 8)
  return Uint8Array.from([...good.subarray(0, at), 5, 5, 2, 0, 1, 0, 1, ...good.subarray(at + 5)])
}

/** Modules that never get as far as a request, and what the operator is told. */
const REFUSED: Record<string, [wasm: Uint8Array, message: RegExp]> = {
  '2 a loop in the start section': [plugin('(func $go (loop $again (br $again))) (start $go)'), /has a start section/],
  '3 a loop in _initialize': [
    guest({ hooks: { on_request: '(i32.const 0)' }, more: '(func (export "_initialize") (call $forever))' }),
    /initialisation in time/
  ],
  '4 a loop in on_configure': [
    guest({ hooks: { on_configure: '(call $forever) (i32.const 0)', on_request: '(i32.const 0)' } }),
    /initialisation in time/
  ],
  '4 a trap in on_configure': [
    guest({ hooks: { on_configure: 'unreachable', on_request: '(i32.const 0)' } }),
    /unreachable/
  ],
  '10 functions without end': [binary(section(3, leb(4_000_000_000))), /4000000000 functions; at most/],
  '10 50,000 locals': [functions([1, ...leb(50_000), 0x7f, 0x0b]), /50000 locals/],
  '10 a giant br_table': [
    functions([0, 0x41, 0, 0x0e, ...leb(65_000), ...repeat(65_001, 0), 0x0b]),
    /65000 targets of one br_table/
  ],
  '13 2 GiB of memory at start': [plugin('', '(memory (export "memory") 32768)'), /32768 pages/],
  '14 a table of ten million': [plugin('(table 10000000 funcref)'), /tables of 10000000 elements/],
  '14 tables that grow without end': [
    plugin('(table $t 1 funcref) (func ref.null func i32.const 1 table.grow $t drop)'),
    /uses table\.grow/
  ],
  '30 an import nobody offers': [
    plugin('(import "env" "system" (func (param i32)))'),
    /does not offer it: "env\.system"/
  ],
  '30 an import of another signature': [
    plugin('(import "sluice" "now" (func (param i64) (result i64)))'),
    /imports "sluice\.now" as \(i64\) -> i64; expected \(\) -> f64/
  ],
  '30 an imported memory': [wat(`(module (import "env" "memory" (memory 1)) ${MARK} ${HOOK})`), /imports the memory/],
  '30 an imported table': [plugin('(import "a" "t" (table 1 funcref))'), /imports the table/],
  '30 an imported global': [plugin('(import "a" "g" (global i32))'), /imports the global/],
  '30 two exports of one name': [
    unchecked(
      `(module ${MEMORY} ${MARK} ${HOOK} (func (export "on_request") (param i32 i32) (result i32) i32.const 0))`
    ),
    /twice|two exports/
  ],
  '30 no memory for the host': [plugin('', '(memory 1)'), /does not export its memory/],
  '30 a shared memory': [
    unchecked(`(module (memory (export "memory") 1 2 shared) ${MARK} ${HOOK})`),
    /has a memory that is shared/
  ],
  '30 two memories': [twoMemories(), /has 2 memories/],
  '30 an exported global that changes': [
    plugin('(global (export "g") (mut i32) (i32.const 0))'),
    /exports mutable globals: "g"/
  ],
  '31 cut short': [good.subarray(0, good.length - 7), /ends|fit|bytes/],
  '31 a number that does not end': [binary([1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), /LEB|number|large|long/],
  '31 sections out of order': [binary(section(3, [0]), section(1, [0])), /order|after/],
  '31 no module at all': [Buffer.from('MZ not a module'), /not a W/i],
  '31 a component': [Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]), /component/i]
}

const names = Object.keys(REFUSED)
const folderOf = (name: string): string => `m-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`

/** The sections of a configuration with a route for each of these modules. */
function sections(t: Test, which: readonly string[]) {
  const root = mkdtempSync(join(tmpdir(), 'sluice-refused-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  const plugins = which.map(name => {
    const [wasm] = REFUSED[name] ?? [good]
    const path = join(root, folderOf(name))
    const configured = name.includes('on_configure')
    const manifest = {
      name: folderOf(name),
      version: '1.0.0',
      abi: 1,
      kind: 'transform',
      description: 'A module that is to be refused.',
      hooks: HOOKS.filter(hook => hook === 'on_request' || (configured && hook === 'on_configure'))
    }
    mkdirSync(join(path, 'build'), { recursive: true })
    writeFileSync(join(path, 'plugin.json'), JSON.stringify(manifest))
    writeFileSync(join(path, 'build', `${folderOf(name)}.wasm`), wasm)
    return [folderOf(name), { path, grant: 'asked' }] as const
  })
  return {
    plugins: Object.fromEntries(plugins),
    routes: which.map(name => ({
      name: folderOf(name),
      match: { path: `/${folderOf(name)}` },
      upstream: 'main',
      policies: [{ plugin: folderOf(name) }]
    }))
  }
}

const config = (t: Test, which: readonly string[]): string =>
  configFile(t, { upstreams: { main: { targets: ['http://127.0.0.1:1'] } }, ...sections(t, which) })

/** Those that are refused by what they are, and those that are only found out when they run. */
const runs = (name: string): boolean => /^[34] /.test(name)

t.test('sluice check refuses them all, each with its place and reason, and ends', async t => {
  for (const which of [names.filter(name => !runs(name)), names.filter(runs)]) {
    const { code, stderr } = await sluice(['check', '-c', config(t, which)])
    t.equal(code, 1)
    for (const [i, name] of which.entries()) {
      const problem =
        stderr.split(/(?=^\S.*routes\[|\n.*routes\[)/m).find(text => text.includes(`routes[${i}].`)) ?? stderr
      t.match(problem, REFUSED[name]?.[1], name)
    }
    t.notMatch(stderr, /\n\s+at /, 'no stack: it is the operator who is told')
  }
})

t.test('a process that refuses them keeps its threads, and goes on serving', async t => {
  const threads = (): number => readdirSync('/proc/self/task').length
  const refuse = async (which: readonly string[]) => {
    const loaded = readConfig(config(t, which))
    await t.rejects(buildSnapshot(loaded, { log: createLog('silent') }), ConfigError)
  }
  await refuse(names.filter(runs)) // what is started once stays: libuv's own threads, V8's
  const before = threads()
  await refuse(names.filter(runs))
  await refuse(names)
  t.ok(threads() <= before, `${threads()} threads, ${before} before`)
})

t.test('a gateway that is to take them while it serves refuses each kind, and serves on', async t => {
  const sluice = await field(t, { plugins: {}, routes: {} })
  const kindOf = (name: string): string => name.split(' ')[0] ?? ''
  for (const kind of new Set(names.map(kindOf))) {
    const which = names.filter(name => kindOf(name) === kind)
    await sluice.during(t, `line ${kind}`, async () => {
      for (const name of which) {
        const { msg, ...wrong } = await sluice.reload(sections(t, [name]))
        t.equal(msg, 'reload refused')
        t.match(Object.values(wrong).join('\n'), REFUSED[name]?.[1], name)
      }
    })
  }
  t.equal((await sluice.reload({})).msg, 'reloaded', 'what is right is taken when they are gone')
})
