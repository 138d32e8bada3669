import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Recording, readRecording } from '../../../core/plugin-host/record/format.js'
import { sluice as command, type Finished } from '../../command.js'
import { callsSeen, pluginFolders } from '../../support/plugins.js'
import { recordingOf } from '../../support/recordings.js'
import { type LogLine, startSluice } from '../../support/sluice.js'
import { recordingUpstream } from '../../support/upstream.js'
import { guest, says, verdictAt } from '../../support/wat.js'

// It starts many processes, and each takes a second of CPU time: on a busy machine that is long.
t.setTimeout(600_000)

const CLOCKS = `(import "sluice" "random" (func $random (param i32 i32)))
  (import "sluice" "now" (func $now (result f64)))
  (import "sluice" "log" (func $log (param i32 i32 i32)))`

/** Sixteen random bytes and the time, as its state. */
const DRAW = `(call $random (i32.const 512) (i32.const 16)) (f64.store (i32.const 528) (call $now))
  (call $log (i32.const 1) (i32.const 600) (i32.const 5))`
const DICE = guest({
  imports: CLOCKS,
  hooks: { on_request: `${DRAW} (call $keep (i32.const 512) (i32.const 24))` },
  more: '(data (i32.const 600) "drawn")'
})

/** Draws in on_configure too, and tells it in a hook: what an instance is made with is part of a recording. */
const SEEDED = guest({
  imports: CLOCKS,
  hooks: {
    on_configure: '(call $random (i32.const 512) (i32.const 8)) (i32.const 0)',
    on_request: '(call $keep (i32.const 512) (i32.const 8))'
  }
})

/** Asks the store, and keeps the answer's input and a draw. */
const ASKER = guest({
  imports: CLOCKS,
  hooks: {
    on_request: '(i32.const 1024)',
    on_effect: `${DRAW} (call $keep (i32.const 512) (i32.const 24))`
  },
  more: `${verdictAt(1024, { effects: [{ id: 'a', kv: { key: 'k' } }] })} (data (i32.const 600) "drawn")`
})

/** Keeps how many calls it had, this one included. */
const COUNTER = guest({
  hooks: {
    on_request: `(i32.store8 (i32.const 700) (i32.add (i32.const 1) (i32.load8_u (i32.const 700))))
      (i32.store8 (i32.const 512) (i32.load8_u (i32.const 700))) (call $keep (i32.const 512) (i32.const 1))`
  }
})

/** Keeps what it finds in the body, says so with a field, and counts it. */
const READER = guest({
  imports: `(import "sluice" "json_get" (func $json_get (param i32 i32 i32 i32) (result i32)))
    (import "sluice" "log_fields" (func $log_fields (param i32 i32 i32 i32 i32)))
    (import "sluice" "metric_add" (func $metric_add (param i32 i32 i32 i32 f64)))`,
  hooks: {
    on_request_body: `(call $metric_add (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (f64.const 1))
      (call $log_fields (i32.const 1) (i32.const 600) (i32.const 4) (i32.const 620) (i32.const 7))
      (call $keep (i32.const 512) (call $json_get (i32.const 640) (i32.const 2) (i32.const 512) (i32.const 16)))`
  },
  more: '(data (i32.const 600) "read") (data (i32.const 620) "{\\"n\\":1}") (data (i32.const 640) "/a")'
})

const TRAPS = guest({
  imports: CLOCKS,
  hooks: { on_request: `${DRAW} unreachable` },
  more: '(data (i32.const 600) "drawn")'
})
const LOOPS = guest({ hooks: { on_request: '(call $forever) unreachable' } })

interface Recorder {
  readonly port: number
  readonly folder: string
  readonly plugins: Record<string, { path: string }>
  readonly access: () => Promise<LogLine>
  readonly others: readonly LogLine[]
}

interface Setup {
  readonly wasm?: Parameters<typeof pluginFolders>[1]
  readonly policies: readonly object[]
  /** null: there is no such section. */
  readonly record?: object | null
}

async function open(t: Test, { wasm = {}, policies, record = { sample: 1 } }: Setup): Promise<Recorder> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-recordings-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const upstream = await recordingUpstream(t, (seen, response) => response.end(seen.all('x-flag').join()))
  const plugins = pluginFolders(t, wasm)
  const { port, access, others } = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    plugins,
    limits: { bufferedBodyBytes: '16MiB' },
    ...(record && { record: { folder, ...record } }),
    routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', policies }]
  })
  return { port, access, others, folder, plugins }
}

/** One exchange, and its access line. */
async function ask(
  { port, access }: Pick<Recorder, 'port' | 'access'>,
  init: RequestInit = {}
): Promise<{ status: number; text: string; line: LogLine }> {
  const response = await fetch(`http://127.0.0.1:${port}/orders?a=1`, init)
  return { status: response.status, text: await response.text(), line: await access() }
}

function recordingIn(file: string): Recording {
  return readRecording(readFileSync(file, 'utf8'))
}

function replay(recorder: Pick<Recorder, 'plugins'>, file: string, ...more: string[]): Promise<Finished> {
  const folders = Object.values(recorder.plugins).flatMap(({ path }) => ['--plugin', path])
  return command(['plugin', 'replay', file, ...folders, ...more])
}

t.test(
  'a recorded exchange of buckets, clocks, chance and effects is the same byte for byte when it is replayed',
  async t => {
    const recorder = await open(t, {
      wasm: { dice: DICE, seeded: SEEDED, asker: ASKER },
      policies: [
        { plugin: 'rate-limit', settings: { limits: [{ requests: 5, per: '1m' }] } },
        { plugin: 'dice' },
        { plugin: 'seeded' },
        { plugin: 'asker' }
      ]
    })
    const { status, line } = await ask(recorder)
    t.equal(status, 200)
    const file = await recordingOf(line)
    t.equal(statSync(file).mode & 0o777, 0o600, 'nobody else may read it')
    const recording = recordingIn(file)
    t.match(recording, {
      reason: 'sampled',
      exchange: { id: line.id, route: 'all', method: 'GET', path: '/orders', status: 200 }
    })
    const names = recording.calls.map(({ hook, host = [] }) => [hook, host.map(({ name }) => name).join(' ')])
    t.ok(
      names.some(([, host]) => host?.includes('bucket_take') || host?.includes('counter_add')),
      'a shared table was asked'
    )
    t.ok(names.some(([hook, host]) => hook === 'on_effect' && host === 'random now'))
    t.match(
      recording.calls.find(({ log }) => log.length > 0),
      { log: ['1drawn'] }
    )
    const { code, stdout } = await replay(recorder, file)
    t.equal(code, 0, stdout)
    t.equal(stdout.match(/^ {2}same {4}/gm)?.length, recording.calls.length)
    t.ok(recording.calls.length >= 5)
  }
)

t.test(
  'what a plugin reads of the body through the host, counts, and logs with fields is the same when replayed',
  async t => {
    const metrics = [{ name: 'read_total', type: 'counter', help: 'Bodies.' }] as const
    const recorder = await open(t, {
      wasm: { reader: { wasm: READER, metrics: [...metrics] } },
      policies: [{ plugin: 'reader' }]
    })
    const file = await recordingOf((await ask(recorder, { method: 'POST', body: '{"a":"here"}' })).line)
    const [call] = recordingIn(file).calls
    t.ok(Buffer.from(call?.output ?? '', 'base64').includes('"here"'), 'it found what it looked for')
    const { code, stdout } = await replay(recorder, file)
    t.equal(code, 0, stdout)
    t.match(stdout, /same {4}reader on_request_body/)
  }
)

t.test(
  'what a plugin remembers of other exchanges does not reach one that is recorded, nor the other way round',
  async t => {
    const header = { name: 'x-flag', token: 'please, this one' }
    const recorder = await open(t, {
      wasm: { counter: COUNTER },
      policies: [{ plugin: 'counter' }],
      record: { header }
    })
    for (let i = 0; i < 3; i++) t.equal((await ask(recorder)).line.recorded, undefined)
    for (let i = 0; i < 2; i++) {
      const file = await recordingOf((await ask(recorder, { headers: { 'x-flag': 'please, this one' } })).line)
      t.match(recordingIn(file), { reason: 'flagged', calls: [{ hook: 'on_request', served: 0 }] })
      const { code, stdout } = await replay(recorder, file)
      t.equal(code, 0, stdout)
    }
  }
)

t.test('a replay against another version shows what differs', async t => {
  const recorder = await open(t, { wasm: { dice: DICE }, policies: [{ plugin: 'dice' }] })
  const file = await recordingOf((await ask(recorder)).line)
  const denies = pluginFolders(t, {
    dice: { wasm: says({ reply: { status: 418, headers: [], body: Buffer.from('no') } }), version: '2.0.0' }
  })
  const { code, stdout } = await replay({ plugins: denies }, file)
  t.equal(code, 1, stdout)
  t.match(stdout, /differs dice on_request \(routes\[0\]\.policies\[0\]\)/)
  t.match(stdout, /verdict\.reply\.status: recorded none, now 418/)
  t.match(stdout, /verdict\.state: recorded .* now none/)
  t.match(stdout, /log line 1: recorded info drawn, now none/)
  t.match(stdout, /host call: does not ask for random\(16\)/)
  t.match(stdout, /recorded was version 1\.0\.0 \(sha256 [0-9a-f]{12}…\), here is 2\.0\.0/)

  const asksMore = DRAW.replace('(i32.const 16)', '(i32.const 32)')
  const other = pluginFolders(t, {
    dice: guest({ imports: CLOCKS, hooks: { on_request: `${asksMore} (call $keep (i32.const 512) (i32.const 24))` } })
  })
  const json = await replay({ plugins: other }, file, '--json')
  t.equal(json.code, 1)
  const [report] = JSON.parse(json.stdout)
  t.match(report.calls, [{ plugin: 'dice', hook: 'on_request', result: 'differs' }])
  t.ok(report.calls[0].differences.includes('host call: asks for random(32); recorded was random(16)'), json.stdout)
})

t.test('an exchange in which a plugin fails is recorded, and fails the same way again', async t => {
  for (const [name, wasm, reason] of [
    ['traps', TRAPS, /^trap unreachable/],
    ['loops', LOOPS, /^timeout ran longer than 50 ms/]
  ] as const) {
    const recorder = await open(t, { wasm: { [name]: wasm }, policies: [{ plugin: name }], record: { faults: true } })
    const { status, line } = await ask(recorder)
    t.equal(status, 500)
    const file = await recordingOf(line)
    const recording = recordingIn(file)
    t.match(recording, { reason: 'fault', calls: [{ hook: 'on_request', fault: reason }] }, name)
    const { code, stdout } = await replay(recorder, file)
    t.equal(code, 0, stdout)
    t.match(stdout, new RegExp(`same    ${name} on_request`))
  }
})

t.test('without a section record nothing is recorded, and nobody is asked to', async t => {
  const calls = callsSeen(t)
  const recorder = await open(t, { wasm: { dice: DICE }, policies: [{ plugin: 'dice' }], record: null })
  const { line } = await ask(recorder)
  t.equal(line.recorded, undefined)
  t.strictSame(readdirSync(recorder.folder), [])
  t.equal(calls.length, 1)
  t.equal(calls[0]?.record, undefined)
})

t.test('an exchange that is not drawn, not flagged and does not fail is not recorded', async t => {
  const recorder = await open(t, {
    wasm: { dice: DICE, flaky: TRAPS },
    policies: [{ plugin: 'dice' }],
    record: { sample: 0 }
  })
  const { status, line } = await ask(recorder)
  t.equal(status, 200)
  t.equal(line.recorded, undefined)
  t.strictSame(readdirSync(recorder.folder), [])
})

t.test('a header flags an exchange when its sender or its value may; it goes no further', async t => {
  const token = 'a-token-of-the-test'
  const policies = [{ plugin: 'dice' }]
  const flag = (value: string): RequestInit => ({ headers: { 'x-flag': value } })
  const stranger = await open(t, {
    wasm: { dice: DICE },
    policies,
    record: { header: { name: 'x-flag', from: ['192.0.2.0/24'], token } }
  })
  const ignored = await ask(stranger, flag('1'))
  t.equal(ignored.line.recorded, undefined)
  t.equal(ignored.text, '', 'the upstream does not see it')
  const known = await ask(stranger, flag(token))
  t.match(recordingIn(await recordingOf(known.line)), { reason: 'flagged' })
  t.notOk(
    readFileSync(await recordingOf(known.line), 'utf8').includes(Buffer.from(token).toString('base64').slice(2, 20))
  )
  t.equal(readdirSync(stranger.folder).length, 1)

  const friend = await open(t, {
    wasm: { dice: DICE },
    policies,
    record: { header: { name: 'x-flag', from: ['127.0.0.0/8'] } }
  })
  t.equal((await ask(friend)).line.recorded, undefined, 'without the header it is an exchange like any other')
  t.match(recordingIn(await recordingOf((await ask(friend, flag('1'))).line)), { reason: 'flagged' })
})

t.test('old recordings are deleted, other files are let be', async t => {
  const recorder = await open(t, {
    wasm: { dice: DICE },
    policies: [{ plugin: 'dice' }],
    record: { sample: 1, maxFiles: 2 }
  })
  writeFileSync(join(recorder.folder, 'notes.json'), '{}')
  writeFileSync(join(recorder.folder, '20200101T000000000Z-old.json'), '{}')
  const names: string[] = []
  for (let i = 0; i < 3; i++)
    names.push((await recordingOf((await ask(recorder)).line)).slice(recorder.folder.length + 1))
  const kept = [...names.slice(1), 'notes.json']
  while (readdirSync(recorder.folder).length > kept.length) await new Promise(setImmediate)
  t.strictSame(readdirSync(recorder.folder).sort(), kept.sort())
})

t.test('bodies are part of a recording; a call too large for it is named, and the others are there', async t => {
  const hooks = { on_request: '(i32.const 0)', on_request_body: '(i32.const 0)' }
  const reader = { wasm: guest({ hooks }), limits: { memoryPages: 1024, timeoutMs: 5_000 } }
  const recorder = await open(t, { wasm: { reader }, policies: [{ plugin: 'reader' }] })
  const small = await ask(recorder, { method: 'POST', body: 'a body' })
  const recorded = recordingIn(await recordingOf(small.line)).calls.find(({ hook }) => hook === 'on_request_body')
  t.ok(
    Buffer.from(recorded?.input ?? '', 'base64')
      .toString()
      .endsWith('a body')
  )

  const large = await ask(recorder, { method: 'POST', body: 'x'.repeat(9 << 20) })
  t.equal(large.status, 200)
  const file = await recordingOf(large.line)
  t.match(recordingIn(file).calls, [
    { hook: 'on_request' },
    { hook: 'on_request_body', missing: /the limit is 8388608/ }
  ])
  t.ok(statSync(file).size < 1 << 20)
  const { code, stdout } = await replay(recorder, file)
  t.equal(code, 0)
  t.match(
    stdout,
    /same {4}reader on_request .*\n {2}skipped reader on_request_body .*\n +not in the recording: input and output/
  )
})

t.test('a plugin that fails open is recorded with the others of its phase, its host calls with it', async t => {
  const recorder = await open(t, {
    wasm: { dice: DICE, traps: TRAPS },
    policies: [{ plugin: 'dice' }, { plugin: 'traps', failure: 'open' }],
    record: {}
  })
  const { status, line } = await ask(recorder)
  t.equal(status, 200)
  const host = [{ name: 'random', numbers: [16] }, { name: 'now' }]
  t.match(recordingIn(await recordingOf(line)).calls, [
    { hook: 'on_request', host },
    { fault: /^trap/, host, log: ['1drawn'] }
  ])
  t.equal((await replay(recorder, await recordingOf(line))).code, 0)
})

t.test('what is no recording is refused by name, and a plugin that is not here is said', async t => {
  const recorder = await open(t, { wasm: { dice: DICE }, policies: [{ plugin: 'dice' }] })
  const file = await recordingOf((await ask(recorder)).line)
  const text = readFileSync(file, 'utf8')
  const folder = t.testdir({
    'half.json': text.slice(0, text.length / 2),
    'foreign.json': '{"a":1}',
    'later.json': text.replace('"version":1', '"version":2'),
    'odd.json': text.replace('"calls":[', '"calls":[1,')
  })
  for (const [name, says] of [
    ['half.json', /half\.json: not the whole of a recording/],
    ['foreign.json', /foreign\.json: not a recording; expected JSON with "format": "sluice-recording"/],
    ['later.json', /later\.json: a recording of format 2; this Sluice reads format 1/],
    ['odd.json', /odd\.json: not a recording that can be read: \/calls\/0/],
    ['none.json', /none\.json: ENOENT/]
  ] as const) {
    const { code, stderr } = await replay(recorder, join(folder, name))
    t.equal(code, 2, name)
    t.match(stderr, says)
  }
  const { code, stdout } = await replay({ plugins: {} }, file)
  t.equal(code, 2)
  t.match(stdout, /skipped dice on_request .*\n +there is no such plugin here; say where it is: --plugin FOLDER/)
  t.match(await command(['plugin', 'replay']), { code: 2, stderr: /say which recording/ })
})
