import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import t from 'tap'
import { sluice as command } from '../../command.js'
import { mockProvider } from '../../support/mock.js'
import { serve } from '../../support/serve.js'
import { startSluice } from '../../support/sluice.js'
import { aiConfig, ask, callers, get } from './parts.js'

t.setTimeout(200_000)

const version = (text: string, more: object = {}) => ({
  model: 'main/gpt-5',
  messages: [{ role: 'user', content: text }],
  variables: { name: { type: 'string' } },
  ...more
})

const INLINE = {
  greet: {
    labels: { production: 'v1', split: { v1: 50, v2: 50 } },
    versions: { v1: version('reply with: Hello {{name}}'), v2: version('reply with: Howdy {{name}}') }
  },
  facts: {
    versions: {
      v1: version('Facts of {{name}}', {
        response: { schema: { type: 'object', properties: { size: { type: 'integer' } }, required: ['size'] } }
      })
    }
  }
}

const call = (port: number, path: string, variables: object, more: object = {}, headers = {}) =>
  ask(port, path, { variables, ...more }, headers)

t.test('a prompt is an endpoint: its answer, its stream, its versions and labels', async t => {
  const mock = await mockProvider(t)
  const { port } = await startSluice(t, aiConfig(mock, { prompts: { inline: INLINE } }))
  const got = await call(port, '/prompts/greet', { name: 'Ann' })
  t.match(got, { status: 200, json: { prompt: 'greet', version: 'v1', label: 'production', text: 'Hello Ann' } })
  const v2 = await call(port, '/prompts/greet/versions/v2', { name: 'Ann' })
  t.match(v2.json, { version: 'v2', text: 'Howdy Ann' })
  const stream = await call(port, '/prompts/greet', { name: 'Ann' }, { stream: true })
  t.match(stream.headers.get('content-type'), /event-stream/)
  const events = stream.text.split('\n\n').map(each => /^event: (\w+)/.exec(each)?.[1])
  t.equal(events[0], 'start')
  t.equal(events.at(-2), 'completion')
  t.match(stream.text, /"text":"Hello Ann"/)
  const facts = await call(port, '/prompts/facts', { name: 'Rome' })
  t.match(facts, { status: 200, json: { json: { size: Number } } })
  const places = new Set<string>()
  for (const user of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']) {
    const [one, two] = [1, 2].map(() => call(port, '/prompts/greet?label=split', { name: 'X' }, { user }))
    const versions = [(await one)?.json.version, (await two)?.json.version]
    t.equal(versions[0], versions[1], 'a user stays with a version')
    places.add(String(versions[0]))
  }
  t.strictSame([...places].sort(), ['v1', 'v2'])
})

t.test('what is wrong with a call is said, and policies come first', async t => {
  const mock = await mockProvider(t)
  const policies = [callers({ ann: {} })]
  const { port } = await startSluice(t, aiConfig(mock, { policies, prompts: { inline: INLINE } }))
  const ann = { 'x-caller': 'ann' }
  t.equal((await call(port, '/prompts/greet', { name: 'Ann' })).status, 401)
  const wrong = await call(port, '/prompts/greet', { nam: 'Ann' }, {}, ann)
  t.equal(wrong.headers.get('content-type'), 'application/problem+json')
  t.match(wrong.json, { status: 400, code: 'GW_PROMPT_VARIABLES', title: String, detail: /variables\.name is missing/ })
  t.match(wrong.json.errors, [
    { variable: 'nam', message: /did you mean "name"/ },
    { variable: 'name', message: /expected a string/ }
  ])
  t.match(await call(port, '/prompts/none', {}, {}, ann), { status: 404, json: { code: 'GW_PROMPT_UNKNOWN' } })
  t.match(await call(port, '/prompts/greet/versions/v9', {}, {}, ann), { status: 404 })
  const method = await get(port, '/prompts/greet', ann)
  t.strictSame([method.status, method.headers.get('allow')], [405, 'POST'])
  t.match(method.json, { code: 'GW_METHOD_NOT_ALLOWED' })
  t.equal(mock.requests().length, 0)
  mock.fault({ faults: 'status=503', times: 1 })
  const down = await call(port, '/prompts/greet', { name: 'Ann' }, {}, ann)
  t.match(down, { status: 503, json: { status: 503, code: 'GW_AI_PROVIDER_FAILED', detail: String } })
  t.equal(down.headers.get('content-type'), 'application/problem+json')
  t.equal(down.headers.get('x-sluice-provider'), 'main')
  mock.fault({ faults: 'error-in-stream=3,tokens=20', times: 1 })
  const failed = await call(port, '/prompts/greet', { name: 'Ann' }, { stream: true }, ann)
  t.match(failed.text, /event: error\ndata: .*\n\n$/, 'a stream that fails says so in its last event')
})

t.test('an answer that does not fit its schema is not given again, and is told with who gave it', async t => {
  const mock = await mockProvider(t)
  const a = { type: 'string', pattern: '^[0-9]{40}$' }
  const schema = { type: 'object', properties: { a }, required: ['a'] }
  const inline = { odd: { versions: { v1: version('Hi {{name}}', { response: { schema } }) } } }
  const { port } = await startSluice(t, aiConfig(mock, { route: { cache: {} }, prompts: { inline } }))
  for (const stream of [false, true, false]) {
    const got = await call(port, '/prompts/odd', { name: 'Ann' }, { stream })
    t.equal(got.status, stream ? 200 : 502)
    t.match(got.text, /GW_UPSTREAM_BAD_RESPONSE/)
    if (stream) continue
    const told = ['provider', 'attempts', 'cache'].map(name => got.headers.get(`x-sluice-${name}`))
    t.strictSame(told, ['main', '1', 'miss'])
    t.match(got.headers.get('x-sluice-cost'), /^0\.0/)
  }
  t.equal(mock.requests().length, 3)
})

t.test('operators take answers out of the cache, of a route or all', async t => {
  const mock = await mockProvider(t)
  const sluice = await serve(
    t,
    aiConfig(mock, { admin: { port: 0 }, route: { cache: {} }, prompts: { inline: INLINE } })
  )
  const { admin } = JSON.parse(sluice.lines.find(line => line.includes('"listening"')) ?? '{}')
  const purge = async (what: object) => (await ask(Number(new URL(admin).port), '/cache/purge', what)).json
  await call(sluice.port, '/prompts/greet', { name: 'Ann' })
  t.strictSame(await purge({ route: 'other' }), { purged: 0 })
  t.strictSame(await purge({ route: 'ai' }), { purged: 1 })
  await call(sluice.port, '/prompts/greet', { name: 'Ann' })
  t.equal(mock.requests().length, 2)
  t.strictSame(await purge({ all: true }), { purged: 1 })
})

t.test('its description is OpenAPI', async t => {
  const mock = await mockProvider(t)
  const { port } = await startSluice(t, aiConfig(mock, { prompts: { inline: INLINE } }))
  for (const path of ['/prompts/greet/openapi.json', '/prompts/openapi.json']) {
    const { json } = await get(port, path)
    t.match(await new Validator().validate(json), { valid: true }, path)
  }
})

t.test('behind a prefix it has the address that clients know', async t => {
  const mock = await mockProvider(t)
  const config = aiConfig(mock, { prompts: { inline: INLINE } })
  const routes = [{ name: 'ai', match: { path: '/ai/*' }, stripPrefix: '/ai', ai: {} }]
  const { port } = await startSluice(t, { ...config, routes })
  const { servers, paths } = (await get(port, '/ai/prompts/openapi.json')).json
  const [path = ''] = Object.keys(paths)
  const { pathname } = new URL(servers[0].url + path)
  t.match(await call(port, pathname, { name: 'Ann' }), { status: 200, json: { prompt: 'facts' } })
})

t.test('with two event loops any of them takes feedback, and operators see how versions do', async t => {
  const mock = await mockProvider(t)
  const sluice = await serve(t, aiConfig(mock, { threads: 2, admin: { port: 0 }, prompts: { inline: INLINE } }))
  const away = { connection: 'close' }
  for (let i = 0; i < 6; i++) {
    const { json } = await call(sluice.port, '/prompts/greet', { name: 'Ann' }, {}, away)
    const rated = await ask(sluice.port, '/feedback', { id: json.id, rating: 'up', comment: `no ${i}` }, away)
    t.match(rated, { status: 200, json: { prompt: 'greet', version: 'v1' } })
  }
  t.equal((await ask(sluice.port, '/feedback', { id: 'cmpl_none', score: 1 })).status, 404)
  mock.fault({ faults: 'status=503', times: 1 })
  await call(sluice.port, '/prompts/greet', { name: 'Ann' })
  const { admin } = JSON.parse(sluice.lines.find(line => line.includes('"listening"')) ?? '{}')
  const { json } = await get(Number(new URL(admin).port), '/ai/prompts')
  const [arm] = json.arms
  t.match(arm, { prompt: 'greet', version: 'v1', label: 'production', calls: 7, failures: 1 })
  t.match(arm.feedback, { count: 6, mean: 1 })
  t.ok(arm.inputTokens > 0 && arm.outputTokens > 0 && arm.microDollars > 0)
})

t.test('an answer is rated by the trace it was given in, by who got it', async t => {
  const mock = await mockProvider(t)
  const policies = [callers({ ann: {}, joe: {} })]
  const { port } = await startSluice(t, aiConfig(mock, { policies, prompts: { inline: INLINE } }))
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const ann = { 'x-caller': 'ann', traceparent: `00-${trace}-00f067aa0ba902b7-01` }
  const { json } = await call(port, '/prompts/greet', { name: 'Ann' }, {}, ann)
  const rate = (caller: string) => ask(port, '/feedback', { trace, rating: 'up' }, { 'x-caller': caller })
  t.match(await rate('ann'), { status: 200, json: { id: json.id, prompt: 'greet', version: 'v1' } })
  t.match(await rate('joe'), { status: 404, json: { code: 'GW_FEEDBACK_UNKNOWN' } })
})

t.test('a split between versions: each arm has its own calls, cost, latency and feedback', async t => {
  const mock = await mockProvider(t)
  const sluice = await serve(t, aiConfig(mock, { admin: { port: 0 }, prompts: { inline: INLINE } }))
  const { admin } = JSON.parse(sluice.lines.find(line => line.includes('"listening"')) ?? '{}')
  const counted: Record<string, number> = { v1: 0, v2: 0 }
  for (let i = 0; i < 40; i++) {
    const { json } = await call(sluice.port, '/prompts/greet?label=split', { name: 'Ann' }, { user: `user ${i}` })
    counted[json.version] = (counted[json.version] ?? 0) + 1
    const rating = json.version === 'v1' ? 'up' : 'down'
    t.equal((await ask(sluice.port, '/feedback', { id: json.id, rating })).status, 200)
  }
  const { json } = await get(Number(new URL(admin).port), '/ai/prompts')
  t.equal(json.arms.length, 2)
  for (const version of ['v1', 'v2']) {
    const arm = json.arms.find((each: { version: string }) => each.version === version)
    t.ok((counted[version] ?? 0) > 5, `${counted.v1} : ${counted.v2}`)
    t.match(arm, { prompt: 'greet', label: 'split', calls: counted[version], failures: 0 }, version)
    t.match(arm.feedback, { count: counted[version], mean: version === 'v1' ? 1 : 0 }, version)
    t.ok(arm.latencyMs.mean > 0 && arm.latencyMs.p95 >= arm.latencyMs.p50, version)
    t.ok(arm.microDollars > 0 && arm.inputTokens > 0 && arm.outputTokens > 0, version)
  }
})

/** How the only version there is has done, once as many calls were counted. */
async function onlyArm(sluice: { lines: readonly string[] }, calls: number) {
  const { admin } = JSON.parse(sluice.lines.find(line => line.includes('"listening"')) ?? '{}')
  for (;;) {
    const { json } = await get(Number(new URL(admin).port), '/ai/prompts')
    if (json.arms[0]?.calls === calls) return json.arms[0]
  }
}

t.test('an answer from the cache is counted as a hit: it has no tokens, no cost and no latency', async t => {
  const mock = await mockProvider(t)
  const config = aiConfig(mock, { admin: { port: 0 }, route: { cache: {} }, prompts: { inline: INLINE } })
  const sluice = await serve(t, config)
  const ask = (stream: boolean) => call(sluice.port, '/prompts/greet', { name: 'Ann' }, { stream })
  await ask(false)
  const { inputTokens, outputTokens, microDollars, latencyMs } = await onlyArm(sluice, 1)
  await ask(false)
  await ask(true)
  t.equal(mock.requests().length, 1)
  const counted = { inputTokens, outputTokens, microDollars, latencyMs }
  t.match(await onlyArm(sluice, 3), { hits: 2, failures: 0, left: 0, ...counted })
})

for (const drain of [undefined, '10s']) {
  t.test(
    `who leaves is counted as such, with what was used by then${drain ? ', also when that is read to its end' : ''}`,
    async t => {
      const mock = await mockProvider(t)
      const route = drain === undefined ? {} : { clientGone: { drain } }
      mock.fault({ faults: 'delay=200ms,slow=50/s', times: 2 })
      const sluice = await serve(t, aiConfig(mock, { admin: { port: 0 }, route, prompts: { inline: INLINE } }))
      for (const stream of [false, true]) {
        const leave = new AbortController()
        const body = JSON.stringify({ variables: { name: 'Ann '.repeat(40) }, stream })
        const asked = fetch(`http://127.0.0.1:${sluice.port}/prompts/greet`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
          signal: leave.signal
        })
        if (stream) await (await asked).body?.getReader().read()
        else await mock.until(all => all.length === 1)
        leave.abort()
        await asked.catch(() => undefined)
      }
      const arm = await onlyArm(sluice, 2)
      t.match(arm, { calls: 2, failures: 0, left: 2, hits: 0, latencyMs: null })
      t.ok(arm.inputTokens > 0 && arm.microDollars > 0)
    }
  )
}

t.test('prompts of a folder are listed, compared, published, and taken over when they change', async t => {
  const mock = await mockProvider(t)
  const sluice = await serve(t, aiConfig(mock, { prompts: { folder: './prompts', inline: INLINE } }), file => {
    const folder = join(dirname(file), 'prompts', 'bye')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'v1.yaml'), JSON.stringify(version('reply with: Bye {{name}}')))
  })
  const folder = join(dirname(sluice.file), 'prompts')
  const text = async (path: string) => (await call(sluice.port, path, { name: 'Ann' })).json.text
  t.equal(await text('/prompts/bye'), 'Bye Ann')
  writeFileSync(join(folder, 'bye', '.next'), JSON.stringify(version('reply with: So long {{name}}')))
  renameSync(join(folder, 'bye', '.next'), join(folder, 'bye', 'v1.yaml'))
  await sluice.until(line => line.includes('"msg":"reloaded"'))
  t.equal(await text('/prompts/bye'), 'So long Ann')
  mkdirSync(join(folder, '.new'))
  writeFileSync(join(folder, '.new', 'v1.yaml'), JSON.stringify(version('reply with: Ciao {{name}}')))
  renameSync(join(folder, '.new'), join(folder, 'ciao'))
  await sluice.until(line => line.includes('"msg":"reloaded"'), 2)
  t.equal(await text('/prompts/ciao'), 'Ciao Ann', 'also a new one')
  const run = (...args: string[]) => command(['prompts', ...args, '-c', sluice.file])
  t.match((await run('list')).stdout, /bye v1 {2}draft/)
  t.match((await run('show', 'bye', 'v1')).stdout, /So long/)
  t.match((await run('diff', 'greet', 'v1', 'v2')).stdout, /Howdy/)
  t.match(await run('publish', 'bye'), { code: 0, stdout: /published bye v1/ })
  await sluice.until(line => line.includes('"msg":"reloaded"'), 3)
  writeFileSync(join(folder, 'bye', 'v1.yaml'), JSON.stringify(version('reply with: Changed')))
  t.match(await sluice.until(line => line.includes('"msg":"reload refused"')), /published versions do not change/)
  t.equal(await text('/prompts/bye'), 'So long Ann')
})

t.test('a guard looks at what callers put into a prompt, wherever that stands in it', async t => {
  const mock = await mockProvider(t)
  const messages = [
    { role: 'system', content: 'You talk about {{name}}.' },
    { role: 'user', content: 'Go on.' }
  ]
  const policies = [{ plugin: 'ai-prompt-guard', settings: { deny: ['SECRETWORD'], allow: ['Go on'], score: false } }]
  const prompts = { inline: { talk: { versions: { v1: version('', { messages }) } } } }
  const { port } = await startSluice(t, aiConfig(mock, { policies, prompts }))
  t.equal((await call(port, '/prompts/talk', { name: 'a SECRETWORD' })).status, 422)
  t.equal(mock.requests().length, 0)
  t.equal((await call(port, '/prompts/talk', { name: 'Rome' })).status, 200)
  t.notMatch(mock.requests()[0]?.body.toString(), 'variables', 'the provider gets the prompt alone')
})
