import { monitorEventLoopDelay } from 'node:perf_hooks'
import t from 'tap'
import type { Permissions } from '../../../core/base/manifest.js'
import { ConfigError } from '../../../core/config/problems.js'
import { EditOp, RequestInput } from '../../../core/plugin-host/abi.js'
import { pluginFolders } from '../../support/plugins.js'
import { startSluice } from '../../support/sluice.js'
import { recordingUpstream } from '../../support/upstream.js'
import { bytesAt, data, guest, says, when } from '../../support/wat.js'

type Test = Parameters<typeof startSluice>[0]
const show = '(call $show (local.get $ptr) (local.get $len))'
const shower = guest({ hooks: { on_request: show } })
const set = (name: string, value: string) => ({ op: EditOp.SET, name, value })

/** A Sluice with one upstream and these policies by route. */
async function serve(
  t: Test,
  plugins: Parameters<typeof pluginFolders>[1],
  routes: Readonly<Record<string, readonly object[]>>,
  grants: Parameters<typeof pluginFolders>[2] = {}
) {
  const upstream = await recordingUpstream(t)
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    plugins: pluginFolders(t, plugins, grants),
    routes: Object.entries(routes).map(([name, policies]) => ({
      name,
      match: { path: `/${name}/*` },
      upstream: 'main',
      policies
    }))
  })
  const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${sluice.port}/${path}`, init)
  return { sluice, upstream, get }
}

/** Goes wrong in its own way when the path says "fail". */
const FAILING: Record<string, { wasm: Uint8Array; reason: string; code?: string }> = {
  traps: { wasm: guest({ hooks: { on_request: `${when('fail', 'unreachable')} (i32.const 0)` } }), reason: 'trap' },
  loops: {
    wasm: guest({ hooks: { on_request: `${when('fail', '(call $forever)')} (i32.const 0)` } }),
    reason: 'timeout',
    code: 'GW_PLUGIN_TIMEOUT'
  },
  babbles: {
    wasm: guest({
      hooks: { on_request: `${when('fail', '(return (i32.const 1024))')} (i32.const 0)` },
      more: bytesAt(1024, Buffer.from([0xff, 0xff]))
    }),
    reason: 'output'
  },
  floods: {
    wasm: guest({
      imports: '(import "sluice" "now" (func $now (result f64)))',
      hooks: { on_request: `${when('fail', '(loop $again (drop (call $now)) (br $again))')} (i32.const 0)` }
    }),
    reason: 'budget'
  }
}

t.test('a plugin that fails closed answers 500, one that fails open is passed over, and both go on', async t => {
  const plugins = Object.fromEntries(Object.entries(FAILING).map(([name, { wasm }]) => [name, wasm]))
  const after = says({ headers: [set('x-after', 'ran')], tags: ['after', 'ran'] })
  const names = Object.keys(FAILING)
  const { sluice, upstream, get } = await serve(
    t,
    { ...plugins, after },
    Object.fromEntries(
      names.flatMap(name => [
        [`${name}-closed`, [{ plugin: name }, { plugin: 'after' }]],
        [`${name}-open`, [{ plugin: name, failure: 'open' }, { plugin: 'after' }]]
      ])
    )
  )
  for (const [name, { reason, code = 'GW_PLUGIN_FAILED' }] of Object.entries(FAILING)) {
    for (const time of ['first', 'second']) {
      const before = upstream.seen.length
      const closed = await get(`${name}-closed/fail`)
      t.equal(closed.status, 500, `${name}, closed, for the ${time} time`)
      t.equal(closed.headers.get('content-type'), 'application/problem+json')
      const problem = await closed.text()
      t.match(JSON.parse(problem), { status: 500, code })
      t.notMatch(
        problem,
        /unreachable|wasm|routes\[|plugins|policies\[|at |Error/,
        'the client sees none of the inside'
      )
      t.equal(upstream.seen.length, before, 'nothing went upstream')
      t.match(await sluice.access(), { status: 500, error: code, route: `${name}-closed` })
      t.match(sluice.others.at(-1), { plugin: name, where: /^routes\[\d\]\.policies\[0\]$/, reason, level: 40 })

      const open = await get(`${name}-open/fail`)
      t.equal(open.status, 200, `${name}, open`)
      t.strictSame(upstream.seen.at(-1)?.all('x-after'), ['ran'], 'the policies behind it ran')
      t.match(await sluice.access(), { status: 200, tags: { after: 'ran' } })
      t.match(sluice.others.at(-1), { plugin: name, reason })
      for (const route of ['closed', 'open']) {
        t.equal((await get(`${name}-${route}/fine`)).status, 200, 'and the next request works')
        await sluice.access()
      }
    }
  }
})

t.test('while a plugin loops, everyone else is served as if nothing had happened', async t => {
  const echo = says({ headers: [set('x-policy', 'ran')] })
  const looper = FAILING.loops?.wasm ?? new Uint8Array()
  const { get, upstream } = await serve(
    t,
    { looper, echo },
    { looping: [{ plugin: 'echo' }, { plugin: 'looper' }, { plugin: 'echo' }], other: [{ plugin: 'echo' }], plain: [] }
  )
  await Promise.all(Array.from({ length: 60 }, (_, i) => get(`${['looping', 'other', 'plain'][i % 3]}/warm`)))
  const before = upstream.seen.length
  const stall = monitorEventLoopDelay({ resolution: 1 })
  stall.enable()
  const times: number[] = []
  const all = Array.from({ length: 54 }, async (_, i) => {
    const fails = i === 20
    const path = `${['looping', 'other', 'plain'][i % 3]}/${fails ? 'x' : i}`
    const start = performance.now()
    const reply = await (fails ? get('looping/fail') : get(path))
    if (fails) times.push(performance.now() - start)
    await reply.arrayBuffer()
    return reply.status
  })
  const statuses = await Promise.all(all)
  stall.disable()
  t.strictSame(
    statuses,
    statuses.map((_, i) => (i === 20 ? 500 : 200)),
    'one is answered by its failure policy, the others by the upstream'
  )
  const seen = upstream.seen.slice(before).map(({ target }) => target)
  t.equal(new Set(seen).size, 53, 'each went upstream once')
  t.equal(seen.length, 53)
  t.comment(`the looping request took ${times[0]?.toFixed(1)} ms, its deadline is 50 ms`)
  t.comment(`longest stall of the event loop: ${(stall.max / 1e6).toFixed(1)} ms; clients and upstream run on it, too`)
  t.ok((times[0] ?? 0) < 1_000)
})

t.test('a plugin does no more than the operator grants, whatever it asks for', async t => {
  const writer = says({ headers: [set('x-a', '1'), set('x-b', '2')] })
  const { sluice, upstream, get } = await serve(
    t,
    { shower, writer, mute: shower, logger: logger('said by the plugin'), quiet: logger('never said') },
    {
      shown: [{ plugin: 'shower' }],
      muted: [{ plugin: 'mute' }],
      written: [{ plugin: 'writer' }],
      open: [{ plugin: 'writer', failure: 'open' }],
      logged: [{ plugin: 'logger' }, { plugin: 'quiet' }]
    },
    {
      shower: { requestHeaders: { read: ['x-a', 'cookie'] } } satisfies Permissions,
      writer: { requestHeaders: { write: ['x-a'] } } satisfies Permissions,
      mute: null,
      quiet: { rewrite: true } satisfies Permissions
    }
  )
  const headers = { 'x-a': '1', 'x-b': '2', cookie: 'c=1', authorization: 'Basic secret' }
  const seenBy = async (path: string) => {
    const reply = await get(path, { headers })
    return RequestInput.decode(new Uint8Array(await reply.arrayBuffer())).request?.headers
  }
  t.strictSame(await seenBy('shown/x'), ['x-a', '1'], 'cookie is hidden: the plugin asks for "*", which leaves it out')
  t.strictSame(await seenBy('muted/x'), [], 'a plugin from a folder without a grant sees no header')
  t.equal((await get('written/x')).status, 500)
  t.match(sluice.others.at(-1), { reason: 'denied', msg: /writing x-b is not granted/ })
  t.equal((await get('open/x')).status, 200)
  t.strictSame(upstream.seen.at(-1)?.all('x-a'), [], 'a verdict is taken whole or not at all')
  t.equal((await get('logged/x')).status, 200)
  const lines = sluice.others.map(({ msg }) => msg)
  t.ok(lines.includes('said by the plugin') && !lines.includes('never said'))
  t.match(
    sluice.others.find(({ msg }) => msg === 'said by the plugin'),
    { plugin: 'logger', level: 40, id: /./ }
  )
})

t.test('a configuration whose plugins cannot do their work is refused, with all that is wrong', async t => {
  const body = guest({ hooks: { on_request_body: '(i32.const 0)' } })
  const refusal = Buffer.concat([Buffer.from([0x0a, 11]), Buffer.from('no such day')])
  const refusing = guest({
    hooks: { on_configure: '(i32.const 1024)', on_request: '(i32.const 0)' },
    more: bytesAt(1024, refusal)
  })
  const looping = guest({ hooks: { on_configure: '(call $forever) (i32.const 0)', on_request: '(i32.const 0)' } })
  const problems = async (
    ...[plugins, routes, grants]: Parameters<typeof serve> extends [Test, ...infer R] ? R : never
  ) => {
    try {
      await serve(t, plugins, routes, grants)
    } catch (thrown) {
      if (thrown instanceof ConfigError) return thrown.problems.map(({ path, message }) => `${path}: ${message}`)
      throw thrown
    }
    return []
  }
  t.match(
    await problems({ scan: body }, { all: [{ plugin: 'scan' }] }, { scan: { requestHeaders: { read: ['*'] } } }),
    [/^routes\[0\]\.policies\[0\]\.plugin: plugin scan has the hook on_request_body and is not granted requestBody/]
  )
  t.match(await problems({ scan: body }, { all: [{ plugin: 'scan' }] }, { scan: null }), [/is not granted requestBody/])
  t.match(await problems({ scan: { wasm: body, permissions: {} } }, { all: [{ plugin: 'scan' }] }), [
    /does not ask for the permission requestBody/
  ])
  t.match(
    await problems({ split: { wasm: shower, permissions: { route: ['nowhere'] } } }, { all: [{ plugin: 'split' }] }),
    [
      /^routes\[0\]\.policies\[0\]\.settings: plugin split sends requests to the upstream "nowhere", which is not under upstreams/
    ]
  )
  const wrong = await problems(
    { fine: shower, refusing, looping },
    { a: [{ plugin: 'fine' }, { plugin: 'refusing' }], b: [{ plugin: 'looping' }, { plugin: 'fine' }] }
  )
  t.match(wrong, [
    /^routes\[0\]\.policies\[1\].*refusing.*no such day/,
    /^routes\[1\]\.policies\[0\].*looping.*initialisation in time/
  ])
  t.equal(wrong.length, 2)
})

function logger(text: string): Uint8Array {
  return guest({
    imports: '(import "sluice" "log" (func $log (param i32 i32 i32)))',
    more: data(1024, text),
    hooks: { on_request: `(call $log (i32.const 2) (i32.const 1024) (i32.const ${text.length})) (i32.const 0)` }
  })
}
