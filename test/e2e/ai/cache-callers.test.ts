import OpenAI from 'openai'
import t, { type Test } from 'tap'
import type { Mock } from '../../../core/cli/mock/server.js'
import { mockProvider } from '../../support/mock.js'
import { startSluice } from '../../support/sluice.js'
import { callers } from './parts.js'
import { chatStream, scripted } from './scripted.js'

t.setTimeout(120_000)

const TEAMS = callers({ ops: { tenant: 'acme', team: 'ops' }, joe: { tenant: 'acme', team: 'guest' } })

interface Shared {
  readonly mock: Mock
  /** What one caller gets. */
  as(caller: string, model: string, text: string, more?: object): Promise<Got>
}

interface Got {
  readonly text: string
  readonly calls: readonly string[]
  readonly cache: string | null
}

/** A route with a cache that callers of one tenant share, behind these policies. */
async function shared(t: Test, policies: readonly object[], models: object = {}): Promise<Shared> {
  const mock = await mockProvider(t)
  const { port } = await startSluice(t, {
    upstreams: {},
    ai: { providers: { main: { provider: 'openai', baseUrl: `${mock.url}/v1`, keys: ['k'] } }, models },
    routes: [{ name: 'ai', match: { path: '/*' }, ai: { cache: { ttl: '1h' } }, policies: [TEAMS, ...policies] }]
  })
  const client = new OpenAI({ apiKey: 'client', baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 })
  const as: Shared['as'] = async (caller, model, content, { stream = false, ...more }: { stream?: boolean } = {}) => {
    const asked = { model, messages: [{ role: 'user' as const, content }], ...more }
    const options = { headers: { 'x-caller': caller } }
    if (!stream) {
      const { data, response } = await client.chat.completions.create(asked, options).withResponse()
      const { message } = data.choices[0] ?? {}
      const calls = message?.tool_calls ?? []
      return {
        text: message?.content ?? '',
        calls: calls.map(call => ('function' in call ? call.function.name : '')),
        cache: response.headers.get('x-sluice-cache')
      }
    }
    const { data, response } = await client.chat.completions
      .create({ ...asked, stream: true as const }, options)
      .withResponse()
    let text = ''
    const calls: string[] = []
    for await (const { choices } of data) {
      text += choices[0]?.delta.content ?? ''
      for (const call of choices[0]?.delta.tool_calls ?? []) if (call.function?.name) calls.push(call.function.name)
    }
    return { text, calls, cache: response.headers.get('x-sluice-cache') }
  }
  return { mock, as }
}

const mail = (name: string) => `Write to ${name}@example.com.`

t.test('what a policy puts back into an answer goes to its own client alone', async t => {
  const { mock, as } = await shared(t, [{ plugin: 'ai-pii', settings: {} }])
  for (const stream of [false, true]) {
    for (const [caller, name] of [
      ['ops', 'alice'],
      ['joe', 'bob'],
      ['ops', 'carl']
    ] as const) {
      t.equal((await as(caller, 'main/gpt-5', mail(name), { stream })).text, `You said: ${mail(name)}`)
    }
  }
  t.equal(mock.requests().length, 1, 'without the names they all ask the same')
  t.notMatch(mock.requests()[0]?.body.toString(), /alice/)
})

t.test('so it does where several wait for one answer', async t => {
  const { mock, as } = await shared(t, [{ plugin: 'ai-pii', settings: {} }])
  const names = ['alice', 'bob', 'carl', 'dora']
  const got = await Promise.all(
    names.map((name, i) =>
      as(i % 2 === 0 ? 'ops' : 'joe', 'main/gpt-5+delay=50', mail(name), { stream: i > 0, temperature: 0 })
    )
  )
  t.strictSame(
    got.map(({ text }) => text),
    names.map(name => `You said: ${mail(name)}`)
  )
  t.equal(mock.requests().length, 1)
})

t.test('a call of a tool is for those alone to whom the policy leaves it', async t => {
  const settings = { allow: ['search'], offered: 'keep', roles: [{ tag: 'team', in: ['ops'], allow: ['*'] }] }
  const tool = { type: 'function' as const, function: { name: 'shell', parameters: { type: 'object' } } }
  for (const stream of [false, true]) {
    const { mock, as } = await shared(t, [{ plugin: 'ai-tool-guard', settings }])
    const ask = (caller: string) => as(caller, 'main/gpt-5', 'call shell with {}', { stream, tools: [tool] })
    t.strictSame((await ask('ops')).calls, ['shell'])
    const joe = await ask('joe')
    t.strictSame(joe.calls, [])
    t.equal(joe.cache, 'hit')
    t.strictSame((await ask('ops')).calls, ['shell'])
    t.equal(mock.requests().length, 1)
  }
})

t.test('a model that a policy chooses, or a rule about who asks, has answers of its own', async t => {
  const levels = [{ model: 'main/gpt-5-mini' }, { model: 'main/gpt-5', from: 5 }]
  const overrides = [{ consumers: ['ops'], model: 'main/gpt-5' }]
  const routed = await shared(t, [{ plugin: 'ai-model-router', settings: { models: ['auto'], levels, overrides } }])
  const rules = [{ when: { tag: 'team', is: 'ops' }, target: 'main/gpt-5' }]
  const ruled = await shared(t, [], { auto: { strategy: 'conditional', rules, default: 'main/gpt-5-mini' } })
  for (const { mock, as } of [routed, ruled]) {
    const caches = []
    for (const caller of ['ops', 'joe', 'ops', 'joe']) caches.push((await as(caller, 'auto', 'Hello')).cache)
    t.strictSame(caches, ['miss', 'miss', 'hit', 'hit'])
    t.strictSame(
      mock.requests().map(({ body }) => JSON.parse(body.toString()).model),
      ['gpt-5', 'gpt-5-mini']
    )
  }
})

t.test('what its provider keeps goes past the cache as it came', async t => {
  const { post, asked, says } = await scripted(t, { cached: { ai: { cache: { ttl: '1h' } } } })
  const content = [{ type: 'output_text', text: 'ok', annotations: [] }]
  const output = [{ type: 'message', id: 'm', role: 'assistant', status: 'completed', content }]
  says({ id: 'resp_1', object: 'response', created_at: 1, status: 'completed', model: 'gpt-5', output })
  const body = { model: 'openai/gpt-5', input: 'a' }
  t.equal((await post('cached', '/v1/responses', body)).headers.get('x-sluice-cache'), 'miss')
  for (const more of [
    { previous_response_id: 'resp_1' },
    { prompt: { id: 'pmpt_1' } },
    { conversation: 'conv_1' },
    { background: true },
    { input: [{ type: 'item_reference', id: 'm' }] }
  ]) {
    const before = asked.length
    for (let i = 0; i < 2; i++) {
      const got = await post('cached', '/v1/responses', { ...body, ...more })
      t.strictSame([got.status, got.headers.get('x-sluice-cache')], [200, 'bypass'], JSON.stringify(more))
    }
    t.equal(asked.length, before + 2)
  }
})

t.test('a stream that ends without a word of why is passed on and not kept', async t => {
  const { post, asked, says } = await scripted(t, { cached: { ai: { cache: { ttl: '1h' } } } })
  says(chatStream({ role: 'assistant', content: 'The answer is' }))
  const chat = { messages: [{ role: 'user', content: 'a' }], stream: true, model: 'openai/gpt-5' }
  for (const [path, more] of [
    ['/v1/chat/completions', {}],
    ['/v1/messages', { max_tokens: 10 }]
  ] as const) {
    const before = asked.length
    for (let i = 0; i < 2; i++) {
      const got = await post('cached', path, { ...chat, ...more })
      t.match(got.text, 'The answer is')
      t.equal(got.headers.get('x-sluice-cache'), 'miss')
    }
    t.equal(asked.length, before + 2)
  }
})
