import t, { type Test } from 'tap'
import { ErrorInput, LogInput, TickInput } from '../../../core/plugin-host/abi.js'
import { callsSeen, pluginFolders } from '../../support/plugins.js'
import { startSluice } from '../../support/sluice.js'
import { recordingUpstream } from '../../support/upstream.js'
import { guest, says, verdictAt, when } from '../../support/wat.js'

const KEEP = '(call $show (local.get $ptr) (local.get $len))'
const LOGS = {
  imports: '(import "sluice" "log" (func $log (param i32 i32 i32)))',
  hook: '(call $log (i32.const 1) (local.get $ptr) (local.get $len)) (i32.const 0)'
}

async function serve(
  t: Test,
  plugins: Parameters<typeof pluginFolders>[1],
  policies: readonly object[],
  upstreamPort?: number
) {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstreamPort ?? upstream.port}`] } },
    plugins: pluginFolders(t, plugins),
    routes: [{ name: 'all', match: { path: '/*' }, upstream: 'main', policies }]
  })
  return {
    sluice,
    upstream,
    get: (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${sluice.port}${path}`, init)
  }
}

t.test('on_error sees the reply that is about to go out, and may make another', async t => {
  const { get, sluice } = await serve(t, { shower: guest({ hooks: { on_error: KEEP } }) }, [{ plugin: 'shower' }], 1)
  const reply = await get('/p?q=1')
  t.equal(reply.status, 200, 'the reply is the policy’s')
  const input = ErrorInput.decode(new Uint8Array(await reply.arrayBuffer()))
  t.match(input, {
    code: 'GW_UPSTREAM_REFUSED',
    blame: 'upstream',
    retryable: true,
    response: { status: 502 },
    request: { path: '/p', query: 'q=1' }
  })
  t.ok(input.response?.headers.includes('application/problem+json'))
  t.match(await sluice.access(), { error: 'GW_UPSTREAM_REFUSED', status: 200 })
})

t.test('on_error may change status and headers of the problem document', async t => {
  const set = { op: 0, name: 'retry-after', value: '7' }
  const { get } = await serve(
    t,
    { mender: says({ status: 503, headers: [set] }, 'on_error') },
    [{ plugin: 'mender' }],
    1
  )
  const reply = await get('/')
  t.equal(reply.status, 503)
  t.equal(reply.headers.get('retry-after'), '7')
  t.match(await reply.json(), { code: 'GW_UPSTREAM_REFUSED' })
})

t.test('a policy that fails in on_error leaves the reply as it is', async t => {
  const { get } = await serve(t, { broken: guest({ hooks: { on_error: 'unreachable' } }) }, [{ plugin: 'broken' }], 1)
  const reply = await get('/')
  t.equal(reply.status, 502)
  t.match(await reply.json(), { code: 'GW_UPSTREAM_REFUSED' })
})

t.test('on_log gets the figures of every exchange once it is over, however it ended', async t => {
  const calls = callsSeen(t)
  const { get, sluice } = await serve(
    t,
    {
      logger: guest({ hooks: { on_log: LOGS.hook }, imports: LOGS.imports }),
      denier: guest({
        hooks: { on_request: `${when('/den', '(return (i32.const 1024))')} (i32.const 0)` },
        more: verdictAt(1024, { reply: { status: 403, headers: ['x-why', 'no'] }, tags: ['a', 'b'] })
      })
    },
    [{ plugin: 'logger' }, { plugin: 'denier' }]
  )
  await (await get('/fine', { method: 'POST', body: 'twelve bytes' })).text()
  await (await get('/denied')).text()
  await sluice.access()
  await sluice.access()
  const inputs = calls
    .filter(({ hook }) => hook === 'on_log')
    .map(({ steps }) => LogInput.decode(steps[0]?.input ?? new Uint8Array(0)))
  t.match(inputs, [
    { request: { path: '/fine' }, response: { status: 200 }, code: '', bytesIn: 12, target: /^http:/ },
    { request: { path: '/denied' }, response: { status: 403 }, context: { tags: ['a', 'b'] }, target: '' }
  ])
  t.ok(inputs[1]?.response?.headers.includes('x-why'))
  t.ok((inputs[0]?.durationUs ?? 0) > 0 && (inputs[0]?.bytesOut ?? 0) > 0)
})

t.test('what on_log and on_tick cannot change they may not try to', async t => {
  const { get, sluice } = await serve(t, { changer: says({ tags: ['a', 'b'] }, 'on_log') }, [{ plugin: 'changer' }])
  await (await get('/')).text()
  await sluice.access()
  await until(() => sluice.others.some(({ reason }) => reason === 'denied'))
  t.match(sluice.others.at(-1), { reason: 'denied', msg: /on_log can change nothing/ })
})

t.test('on_tick is called every so often and keeps its state', async t => {
  const calls = callsSeen(t)
  const wasm = guest({ hooks: { on_tick: '(call $keep (local.get $ptr) (i32.const 4))' } })
  await serve(t, { ticker: { wasm, tickMs: 100 } }, [{ plugin: 'ticker' }])
  await until(() => calls.filter(({ hook }) => hook === 'on_tick').length >= 3)
  const inputs = calls.map(({ steps }) => TickInput.decode(steps[0]?.input ?? new Uint8Array(0)))
  t.strictSame(
    inputs.slice(0, 3).map(({ tick }) => tick),
    [0, 1, 2]
  )
  t.strictSame(
    inputs.slice(0, 3).map(({ context }) => context?.state.length),
    [0, 4, 4]
  )
})

t.test('a plugin is told no more than its manifest says it needs', async t => {
  const calls = callsSeen(t)
  const { get } = await serve(
    t,
    {
      little: { wasm: says({}), input: ['path'], permissions: { requestHeaders: { read: ['x-key'] } } },
      nothing: { wasm: says({}), input: [], permissions: {} }
    },
    [{ plugin: 'little' }, { plugin: 'nothing' }]
  )
  await get('/p?q=1', { headers: { 'x-key': 'k', 'x-other': 'o' } })
  const sizes = calls[0]?.steps.map(({ input }) => input.length)
  t.strictSame(sizes, [5 + 2 + '/p'.length + 2 + 'x-key'.length + 2 + 'k'.length, 0])
})

/** Resolves once `holds`. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate)
}
