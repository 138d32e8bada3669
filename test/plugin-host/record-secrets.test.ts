import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { DEFAULT_LIMITS } from '../../core/base/manifest.js'
import { Plugins } from '../../core/cli/plugin/replay/plugins.js'
import { type CallReport, replayFile } from '../../core/cli/plugin/replay/run.js'
import { AiVerdict, EffectInput, PromptInput, RequestInput, Verdict } from '../../core/plugin-host/abi.js'
import type { RecordedCall } from '../../core/plugin-host/record/format.js'
import { pluginFolders } from '../support/plugins.js'
import { ALL } from '../support/pool.js'
import { guest, says, verdictAt } from '../support/wat.js'

const NEW = '2.0.0'

/** The reports of calls of the plugin "it", with these settings, when they are made again by `wasm`. */
async function replayed(
  t: Test,
  wasm: Uint8Array,
  calls: readonly Partial<RecordedCall>[],
  settings: object = {},
  secrets: readonly string[] = []
): Promise<readonly CallReport[]> {
  const { it } = pluginFolders(t, { it: { wasm, version: NEW, settings: { type: 'object' } } })
  const file = join(t.testdir({}), 'recording.json')
  const recording = {
    format: 'sluice-recording',
    version: 1,
    node: process.version,
    reason: 'sampled',
    exchange: { id: '1', time: '', route: 'all', method: 'GET', path: '/', status: 200 },
    bindings: [
      {
        index: 0,
        where: 'routes[0].policies[0]',
        plugin: 'it',
        version: '1.0.0',
        sha256: '00',
        settings: JSON.stringify(settings),
        asked: ALL,
        granted: 'asked',
        limits: DEFAULT_LIMITS,
        secrets
      }
    ],
    calls: calls.map(call => ({
      binding: 0,
      hook: 'on_request',
      phase: 'on_request',
      input: '',
      output: '',
      log: [],
      host: [],
      configure: [],
      served: 0,
      ...call
    })),
    leftOut: 0
  }
  writeFileSync(file, JSON.stringify(recording))
  return (await replayFile(file, await Plugins.in([it?.path ?? '']))).calls
}

const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64')
const verdict = (init: Parameters<typeof Verdict.encode>[0]) => base64(Verdict.encode(init).finish())

/** Keeps its input as its state. */
const ECHO = guest({
  hooks: {
    on_request: '(call $keep (local.get $ptr) (local.get $len))',
    on_effect: '(call $keep (local.get $ptr) (local.get $len))'
  }
})

t.test('what differs does not show the credentials that the plugin was given', async t => {
  const headers = [
    ...['authorization', 'Bearer tok-of-the-client'],
    ...['proxy-authorization', `Basic ${base64('me:pass-of-mine')}`],
    ...['cookie', 'theme=dark; session="id of the session"'],
    ...['accept', 'text/plain']
  ]
  const input = base64(RequestInput.encode({ request: { method: 'GET', path: '/', headers } }).finish())
  const log = ['1checks tok-of-the-client', '1user me has pass-of-mine']
  const recorded = verdict({ state: Buffer.from('session="id of the session"'), tags: ['seen', 'tok-of-the-client'] })
  const text = JSON.stringify(await replayed(t, ECHO, [{ input, log, output: recorded }]))
  t.match(text, /log line 1: recorded info checks \[hidden\], now none/)
  t.match(text, /verdict\.state: recorded \\"session=\[hidden\]\\", now \[hidden\]/)
  t.match(text, /verdict\.tags\[1\]: recorded \\"\[hidden\]\\", now none/)
  for (const secret of ['tok-of-the-client', 'pass-of-mine', 'id of the session', base64('me:pass-of-mine')]) {
    t.notMatch(text, secret)
  }
})

t.test('two credentials that differ are said to differ, and neither is shown', async t => {
  const edit = (value: string) => ({ headers: [{ op: 0, name: 'authorization', value }] })
  const [report] = await replayed(t, says(edit('Bearer new-token')), [{ output: verdict(edit('Bearer old-token')) }])
  t.ok(report?.differences.includes('verdict.headers[0].value: recorded "[hidden]", now "[hidden]"'))
})

t.test('what an effect that asks for a secret was answered is not shown, what another was is', async t => {
  const ask = {
    effects: [
      { id: 'key', secret: 'upstream-key' },
      { id: 'page', http: { url: '/' } }
    ]
  }
  const answers = [
    { id: 'key', body: Buffer.from('value-of-the-secret') },
    { id: 'page', body: Buffer.from('text-of-the-page') }
  ]
  const input = base64(EffectInput.encode({ hook: 'on_request', answers }).finish())
  const reports = await replayed(t, ECHO, [
    { output: verdict(ask) },
    { hook: 'on_effect', input, output: verdict({ state: Buffer.from([0xff, ...Buffer.from('value-of-the-secret')]) }) }
  ])
  const state = reports[1]?.differences.find(each => each.startsWith('verdict.state')) ?? ''
  t.match(state, /recorded \[hidden\], now .*text-of-the-page/, state)
  t.notMatch(JSON.stringify(reports), /value-of-the-secret/)
  t.notMatch(state, base64('value-of-the-secret').slice(4, 20))
})

t.test(
  'settings that are marked are not shown, in messages of the plugin and in keys of host calls either',
  async t => {
    const settings = { keys: [{ id: 'one-key', secret: 'shared-with-us' }], greeting: 'hello-there' }
    const key = 'x'.repeat(70) + settings.keys[0]?.secret
    const host = [
      { name: 'kv_get', reads: [base64(key)], result: -1 },
      { name: 'kv_get', reads: [base64('one-key')], result: -1 },
      { name: 'kv_get', reads: [base64(`\n${key}`)], result: -1 }
    ]
    const fault = 'trap hello-there shared-with-us'
    const [report] = await replayed(t, says({}), [{ host, fault }], settings, ['/keys/0/secret'])
    t.strictSame(report?.differences, [
      'fault: recorded trap hello-there [hidden], now none',
      `host call: does not ask for kv_get(${'x'.repeat(70)}[hidden])`,
      'host call: does not ask for kv_get(one-key)',
      'host call: does not ask for kv_get([hidden])'
    ])
  }
)

t.test('log lines differ by their level and their fields too', async t => {
  const wasm = guest({
    imports: '(import "sluice" "log_fields" (func $log (param i32 i32 i32 i32 i32)))',
    hooks: {
      on_request: '(call $log (i32.const 2) (i32.const 600) (i32.const 3) (i32.const 620) (i32.const 7)) (i32.const 0)'
    },
    more: '(data (i32.const 600) "odd") (data (i32.const 620) "{\\"n\\":1}")'
  })
  const [same, level, fields] = await replayed(
    t,
    wasm,
    ['6{"n":1}\nodd', '5{"n":1}\nodd', '2odd'].map(line => ({ log: [line] }))
  )
  t.match(same, { result: 'same', differences: [] })
  t.strictSame(level?.differences, ['log line 1: recorded info odd {"n":1}, now warn odd {"n":1}'])
  t.strictSame(fields?.differences, ['log line 1: recorded warn odd, now warn odd {"n":1}'])
})

t.test('verdicts of AI hooks are read as such', async t => {
  const wasm = guest({
    hooks: { on_prompt: '(i32.const 1024)' },
    more: verdictAt(1024, {}).replace('1024', '4096')
  })
  const output = base64(AiVerdict.encode({ model: 'gpt-x', verdict: { tags: ['a', 'b'] } }).finish())
  const input = base64(PromptInput.encode({ prompt: { model: 'm' } }).finish())
  const [report] = await replayed(t, wasm, [{ hook: 'on_prompt', phase: 'on_prompt', input, output }])
  t.strictSame([...(report?.differences ?? [])].sort(), [
    'verdict.model: recorded "gpt-x", now none',
    'verdict.verdict.tags[0]: recorded "a", now none',
    'verdict.verdict.tags[1]: recorded "b", now none'
  ])
})
