import t, { type Test } from 'tap'
import { callsSeen, pluginFolders } from '../support/plugins.js'
import { startSluice } from '../support/sluice.js'
import { httpUpstream } from '../support/upstream.js'
import { guest, says, when } from '../support/wat.js'

interface Timing {
  readonly name: string
  readonly dur: number
  readonly desc: string | undefined
}

/** Metrics of a Server-Timing header, read by its grammar. @throws Error for what is not of it */
function timings(reply: Response): Timing[] {
  const value = reply.headers.get('server-timing')
  if (value === null) return []
  return value.split(', ').map(text => {
    const parts = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:;dur=(\d+(?:\.\d+)?))?(?:;desc="([^"\\]*)")?$/.exec(text)
    if (parts === null) throw new Error(`not a metric: ${text}`)
    return { name: parts[1] ?? '', dur: Number(parts[2]), desc: parts[3] }
  })
}

async function started(t: Test) {
  const upstream = await httpUpstream(t, (_, response) => {
    response.setHeader('server-timing', ['db;dur=53', 'cache;desc="hit"'])
    response.end('ok')
  })
  const both = guest({
    hooks: { on_request: '(call $spin (i32.const 2000000)) (i32.const 0)', on_response: '(i32.const 0)' }
  })
  const plugins = pluginFolders(t, {
    both,
    answers: says({ reply: { status: 403 } }),
    fails: guest({ hooks: { on_request: `${when('fail', 'unreachable')} (i32.const 0)` } }),
    total: says({}),
    loops: { wasm: guest({ hooks: { on_request: '(call $forever) (i32.const 0)' } }), limits: { timeoutMs: 30 } }
  })
  const route = (name: string, ...names: string[]) => ({
    name,
    match: { path: `/${name}/*` },
    upstream: 'main',
    serverTiming: name !== 'silent',
    policies: names.map(plugin => ({ plugin }))
  })
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] }, down: { targets: ['http://127.0.0.1:1'] } },
    plugins,
    routes: [
      route('chain', 'both', 'fails'),
      route('twice', 'both', 'total', 'both'),
      route('refused', 'both', 'answers', 'fails'),
      route('ended', 'both', 'loops'),
      { ...route('open', 'both', 'loops'), policies: [{ plugin: 'loops', failure: 'open' }, { plugin: 'both' }] },
      {
        ...route('between'),
        policies: [{ plugin: 'both' }, { plugin: 'loops', failure: 'open' }, { plugin: 'total' }]
      },
      route('bare'),
      route('silent', 'both'),
      { ...route('down', 'both'), upstream: 'down' }
    ]
  })
  return (path: string) => fetch(`http://127.0.0.1:${sluice.port}/${path}`)
}

t.test('a route can say where the time of an exchange went', async t => {
  const get = await started(t)
  const found = timings(await get('chain/x'))
  t.strictSame(
    found.map(({ name }) => name),
    ['db', 'cache', 'both', 'fails', 'request-policies', 'response-policies', 'upstream', 'total'],
    'the upstream’s own come first'
  )
  const dur = (name: string) => found.find(each => each.name === name)?.dur ?? Number.NaN
  t.ok(dur('both') > 0.1, `${dur('both')} ms for a loop of two million`)
  t.ok(dur('request-policies') >= dur('both') / 2, 'the phase holds its policies')
  t.ok(
    dur('total') >= dur('request-policies') + dur('upstream') + dur('response-policies') - 0.01,
    'and the whole its parts'
  )
  t.strictSame([dur('db'), found[1]?.desc], [53, 'hit'])
})

t.test('a plugin that stands twice in a route, or is called like a part of it, is told apart by its place', async t => {
  const get = await started(t)
  const found = timings(await get('twice/x')).slice(2)
  t.strictSame(
    found.map(({ name, desc }) => [name, desc]),
    [
      ['both', 'policies[0]'],
      ['total', 'policies[1]'],
      ['both', 'policies[2]'],
      ['request-policies', undefined],
      ['response-policies', undefined],
      ['upstream', undefined],
      ['total', undefined]
    ]
  )
})

t.test('only what ran is named: not what came behind a reply, a fault or an upstream that is down', async t => {
  const get = await started(t)
  const names = async (path: string, status: number) => {
    const reply = await get(path)
    t.equal(reply.status, status, path)
    return timings(reply).map(({ name }) => name)
  }
  t.strictSame(await names('refused/x', 403), ['both', 'answers', 'request-policies', 'response-policies', 'total'])
  t.strictSame(await names('chain/fail', 500), ['both', 'fails', 'request-policies', 'total'])
  t.strictSame(await names('bare/x', 200), ['db', 'cache', 'upstream', 'total'])
  t.strictSame(await names('down/x', 502), ['both', 'request-policies', 'upstream', 'total'])
})

t.test(
  'a plugin that was ended for its time is named with the time it took, whether the exchange goes on or not',
  async t => {
    const get = await started(t)
    for (const [path, status, names] of [
      ['ended/x', 500, ['both', 'loops', 'request-policies', 'total']],
      ['open/x', 200, ['db', 'cache', 'loops', 'both', 'request-policies', 'response-policies', 'upstream', 'total']],
      [
        'between/x',
        200,
        ['db', 'cache', 'both', 'loops', 'total', 'request-policies', 'response-policies', 'upstream', 'total']
      ]
    ] as const) {
      const reply = await get(path)
      t.equal(reply.status, status, path)
      const found = timings(reply)
      t.strictSame(
        found.map(({ name }) => name),
        names,
        path
      )
      const dur = (name: string) => found.find(each => each.name === name)?.dur ?? Number.NaN
      t.ok(dur('loops') > 30, `${dur('loops')} ms`)
      t.ok(dur('both') > 0.1, `${dur('both')} ms for a loop of two million, also where its thread was lost afterwards`)
      t.ok(dur('request-policies') >= dur('loops'), 'the phase holds it')
    }
  }
)

t.test('other routes say nothing, and take no time to know', async t => {
  const get = await started(t)
  const calls = callsSeen(t)
  t.equal(
    (await get('silent/x')).headers.get('server-timing'),
    'db;dur=53, cache;desc="hit"',
    'but what the upstream says'
  )
  t.strictSame(
    calls.map(({ timed }) => timed),
    [false, false]
  )
})
