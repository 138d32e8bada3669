import t from 'tap'
import { EditOp, RequestInput, ResponseInput } from '../../../core/plugin-host/abi.js'
import { callsSeen, pluginFolders } from '../../support/plugins.js'
import { startSluice } from '../../support/sluice.js'
import { recordingUpstream } from '../../support/upstream.js'
import { guest, says, verdictAt } from '../../support/wat.js'

const set = (name: string, value: string) => ({ op: EditOp.SET, name, value })
/** Replies with the input it got. */
const shower = (hook: string) => guest({ hooks: { [hook]: '(call $show (local.get $ptr) (local.get $len))' } })
const bytes = async (reply: Response) => new Uint8Array(await reply.arrayBuffer())

t.test('a chain of three plugins takes one hop, and each sees what those before it did', async t => {
  const upstream = await recordingUpstream(t)
  const plugins = pluginFolders(t, {
    first: says({ headers: [set('x-first', '1')], tags: ['first', 'yes'], consumer: 'ann' }),
    second: says({ headers: [set('x-first', '2'), set('x-second', '2')], tags: ['second', 'yes'], query: 'by=second' }),
    third: says({ headers: [{ op: EditOp.RENAME, name: 'x-second', value: 'x-third' }], path: '/moved' }),
    shower: shower('on_request')
  })
  const policies = [{ plugin: 'first' }, { plugin: 'second' }, { plugin: 'third' }]
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    plugins,
    routes: [
      { name: 'chain', match: { path: '/chain/{id}' }, upstream: 'main', policies },
      { name: 'shown', match: { path: '/shown/{id}' }, upstream: 'main', policies: [...policies, { plugin: 'shower' }] }
    ]
  })
  const calls = callsSeen(t)
  const reply = await fetch(`http://127.0.0.1:${sluice.port}/chain/7?a=1`, { headers: { 'x-first': 'client' } })
  t.equal(reply.status, 200)
  t.equal(calls.length, 1, 'one call for the whole chain')
  t.equal(calls[0]?.steps.length, 3)
  const [seen] = upstream.seen
  t.equal(seen?.target, '/moved?by=second')
  t.strictSame(
    ['x-first', 'x-second', 'x-third'].map(name => seen?.all(name)),
    [['2'], [], ['2']]
  )
  t.match(await sluice.access(), {
    status: 200,
    route: 'chain',
    consumer: 'ann',
    tags: { first: 'yes', second: 'yes' }
  })

  const shown = RequestInput.decode(await bytes(await fetch(`http://127.0.0.1:${sluice.port}/shown/7?a=1`)))
  t.match(shown.context, {
    route: 'shown',
    upstream: 'main',
    consumer: 'ann',
    params: ['id', '7'],
    tags: ['first', 'yes', 'second', 'yes']
  })
  t.match(shown.request, { method: 'GET', path: '/moved', query: 'by=second', clientIp: '127.0.0.1' })
  const names = shown.request?.headers.filter((_, i) => i % 2 === 0) ?? []
  t.ok(names.includes('x-first') && names.includes('x-third') && !names.includes('x-second'))
  t.equal(upstream.seen.length, 1, 'a reply keeps the request from the upstream')
})

t.test('every hook has its turn, one call for each phase', async t => {
  const upstream = await recordingUpstream(t, (_, response) => response.writeHead(200, { 'x-up': '1' }).end('reply'))
  const all = {
    on_request: says({ headers: [set('x-1', 'head')] }),
    on_request_body: says({ body: Buffer.from('request body') }, 'on_request_body'),
    on_response: says(
      { headers: [set('x-3', 'head'), { op: EditOp.REMOVE, name: 'x-up' }], status: 203 },
      'on_response'
    ),
    on_response_body: says({ body: Buffer.from('response body') }, 'on_response_body')
  }
  const plugins = pluginFolders(t, {
    one: all.on_request,
    two: all.on_request_body,
    three: all.on_response,
    four: all.on_response_body
  })
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    plugins,
    routes: [
      {
        name: 'all',
        match: { path: '/*' },
        upstream: 'main',
        policies: [{ plugin: 'four' }, { plugin: 'three' }, { plugin: 'two' }, { plugin: 'one' }]
      }
    ]
  })
  const calls = callsSeen(t)
  const reply = await fetch(`http://127.0.0.1:${sluice.port}/x`, { method: 'POST', body: 'old' })
  t.strictSame(
    calls.map(({ hook, steps }) => `${hook} ${steps.length}`),
    ['on_request 1', 'on_request_body 1', 'on_response 1', 'on_response_body 1']
  )
  t.equal(upstream.seen[0]?.body.toString(), 'request body')
  t.strictSame(upstream.seen[0]?.all('content-length'), ['12'])
  t.strictSame(upstream.seen[0]?.all('x-1'), ['head'])
  t.equal(reply.status, 203)
  t.equal(reply.headers.get('x-3'), 'head')
  t.equal(reply.headers.get('x-up'), null)
  t.equal(await reply.text(), 'response body')
})

t.test('what a plugin keeps comes back to it in later phases, and to no other', async t => {
  const upstream = await recordingUpstream(t)
  const keeper = (text: string, answer: string) =>
    guest({
      hooks: { on_request: '(i32.const 1024)', on_response: answer },
      more: verdictAt(1024, { state: Buffer.from(text), tags: [text, 'kept'], consumer: text })
    })
  const show = '(call $show (local.get $ptr) (local.get $len))'
  const plugins = pluginFolders(t, { mine: keeper('my secret', '(i32.const 0)'), other: keeper('other secret', show) })
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    plugins,
    routes: [
      { name: 'all', match: { path: '/*' }, upstream: 'main', policies: [{ plugin: 'mine' }, { plugin: 'other' }] }
    ]
  })
  const reply = await fetch(`http://127.0.0.1:${sluice.port}/x`)
  const shown = ResponseInput.decode(await bytes(reply))
  t.equal(Buffer.from(shown.context?.state ?? '').toString(), 'other secret')
  t.match(shown.context, { consumer: 'other secret', tags: ['my secret', 'kept', 'other secret', 'kept'] })
  t.equal(shown.response?.status, 200)
  t.equal(upstream.seen.length, 1, 'the upstream had been asked: a response hook may still reply')
  t.equal(reply.status, 200)
})

t.test(
  'what plugins leave in the bag is under their own names, and later phases read what they are granted of it',
  async t => {
    const upstream = await recordingUpstream(t)
    const leaves = (bag: string[]) => says({ bag })
    const plugins = pluginFolders(t, {
      scorer: leaves(['score', '1', 'other', 'x', 'judge.score', 'forged']),
      judge: leaves(['score', '2']),
      reader: { wasm: shower('on_response'), permissions: { bag: ['judge.*', 'scorer.score'] } },
      blind: { wasm: shower('on_response'), permissions: {} }
    })
    const policies = [{ plugin: 'judge' }, { plugin: 'scorer' }]
    const route = (name: string) => ({
      name,
      match: { path: `/${name}` },
      upstream: 'main',
      policies: [...policies, { plugin: name }]
    })
    const sluice = await startSluice(t, {
      upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
      plugins,
      routes: [route('reader'), route('blind')]
    })
    const bagOf = async (path: string) =>
      ResponseInput.decode(await bytes(await fetch(`http://127.0.0.1:${sluice.port}/${path}`))).context?.bag ?? []
    t.strictSame(await bagOf('reader'), ['judge.score', '2', 'scorer.score', '1'])
    t.strictSame(await bagOf('blind'), [])
  }
)

t.test('the bag of an exchange does not grow without end', async t => {
  const upstream = await recordingUpstream(t)
  const names = Array.from({ length: 10 }, (_, i) => `filler-${i}`)
  const full = says({ bag: ['text', 'x'.repeat(32_000)] })
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    plugins: pluginFolders(t, {
      ...Object.fromEntries(names.map(name => [name, full])),
      reader: { wasm: shower('on_response'), permissions: { bag: ['*'] } }
    }),
    routes: [
      {
        name: 'all',
        match: { path: '/*' },
        upstream: 'main',
        policies: [...names, 'reader'].map(plugin => ({ plugin }))
      }
    ]
  })
  const reply = await fetch(`http://127.0.0.1:${sluice.port}/x`)
  const bag = ResponseInput.decode(await bytes(reply)).context?.bag ?? []
  t.strictSame(
    bag.filter((_, i) => i % 2 === 0),
    names.slice(0, 8).map(name => `${name}.text`),
    'a quarter of a million characters, and no more'
  )
})

t.test('edits to the response made in a request phase wait for it', async t => {
  const upstream = await recordingUpstream(t, (_, response) =>
    response.writeHead(200, { 'x-powered-by': 'secret', 'x-old': 'value', 'x-two': ['a', 'b'] }).end('ok')
  )
  const plugins = pluginFolders(t, {
    editor: says({
      responseHeaders: [
        set('x-new', 'set'),
        { op: EditOp.REMOVE, name: 'x-powered-by', value: '' },
        { op: EditOp.RENAME, name: 'x-old', value: 'x-renamed' },
        { op: EditOp.ADD, name: 'x-two', value: 'c' }
      ]
    }),
    denier: says({ reply: { status: 403, headers: ['x-old', 'of the policy'], body: Buffer.from('no') } })
  })
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] }, dead: { targets: ['http://127.0.0.1:1'] } },
    plugins,
    routes: [
      { name: 'ok', match: { path: '/ok' }, upstream: 'main', policies: [{ plugin: 'editor' }] },
      {
        name: 'denied',
        match: { path: '/denied' },
        upstream: 'main',
        policies: [{ plugin: 'editor' }, { plugin: 'denier' }]
      },
      { name: 'dead', match: { path: '/dead' }, upstream: 'dead', policies: [{ plugin: 'editor' }] }
    ]
  })
  const get = (path: string) => fetch(`http://127.0.0.1:${sluice.port}${path}`)
  const ok = await get('/ok')
  t.strictSame(
    ['x-new', 'x-powered-by', 'x-old', 'x-renamed', 'x-two'].map(name => ok.headers.get(name)),
    ['set', null, null, 'value', 'a, b, c']
  )
  const denied = await get('/denied')
  t.equal(denied.status, 403)
  t.equal(await denied.text(), 'no')
  t.equal(denied.headers.get('x-new'), 'set', 'also on the reply of a policy')
  t.equal(denied.headers.get('x-renamed'), 'of the policy')
  const dead = await get('/dead')
  t.equal(dead.status, 502)
  t.equal(dead.headers.get('x-new'), 'set', 'and on an error of the gateway')
})

t.test('a reply made in a response hook takes the place of the upstream’s', async t => {
  const upstream = await recordingUpstream(t, (_, response) =>
    response.writeHead(200, { 'content-type': 'text/html', 'x-up': '1' }).end('x'.repeat(500_000))
  )
  const verdict = { reply: { status: 451, headers: ['content-type', 'text/plain'], body: Buffer.from('not for you') } }
  const plugins = pluginFolders(t, { head: says(verdict, 'on_response'), body: says(verdict, 'on_response_body') })
  const sluice = await startSluice(t, {
    upstreams: { main: { targets: [`http://127.0.0.1:${upstream.port}`] } },
    plugins,
    routes: ['head', 'body'].map(name => ({
      name,
      match: { path: `/${name}` },
      upstream: 'main',
      policies: [{ plugin: name }]
    }))
  })
  for (const name of ['head', 'body', 'head']) {
    const reply = await fetch(`http://127.0.0.1:${sluice.port}/${name}`)
    t.equal(reply.status, 451)
    t.equal(await reply.text(), 'not for you')
    t.equal(reply.headers.get('x-up'), null)
    t.equal(reply.headers.get('content-type'), 'text/plain')
  }
})

t.test('a plugin chooses among the upstreams there are', async t => {
  const one = await recordingUpstream(t, (_, response) => response.end('one'))
  const two = await recordingUpstream(t, (_, response) => response.end('two'))
  const plugins = pluginFolders(t, {
    chooser: says({ upstream: 'two' }),
    dreamer: says({ upstream: 'nowhere-secret' }),
    shower: shower('on_request')
  })
  const sluice = await startSluice(t, {
    upstreams: {
      one: { targets: [`http://127.0.0.1:${one.port}`] },
      two: { targets: [`http://127.0.0.1:${two.port}`] }
    },
    plugins,
    routes: [
      { name: 'plain', match: { path: '/plain' }, upstream: 'one' },
      { name: 'chosen', match: { path: '/chosen' }, upstream: 'one', policies: [{ plugin: 'chooser' }] },
      { name: 'dreamt', match: { path: '/dreamt' }, upstream: 'one', policies: [{ plugin: 'dreamer' }] },
      {
        name: 'shown',
        match: { path: '/shown' },
        upstream: 'one',
        policies: [{ plugin: 'chooser' }, { plugin: 'shower' }]
      }
    ]
  })
  const get = (path: string) => fetch(`http://127.0.0.1:${sluice.port}${path}`)
  t.equal(await (await get('/plain')).text(), 'one')
  t.equal(await (await get('/chosen')).text(), 'two')
  t.match(await sluice.access(), { route: 'plain', upstream: 'one' })
  t.match(await sluice.access(), { route: 'chosen', upstream: 'two' })
  t.equal(RequestInput.decode(await bytes(await get('/shown'))).context?.upstream, 'two')
  await sluice.access()
  const dreamt = await get('/dreamt')
  t.equal(dreamt.status, 500)
  const problem = await dreamt.text()
  t.match(problem, /GW_PLUGIN_FAILED/)
  t.notMatch(problem, /nowhere-secret/)
  t.match(await sluice.access(), { error: 'GW_PLUGIN_FAILED', detail: /nowhere-secret/ })
  t.equal(one.seen.length, 1)
})
