import t from 'tap'
import { chatStream, scripted } from './scripted.js'

t.setTimeout(120_000)

const format = { plugin: 'ai-response-format', settings: { apply: 'always', status: 422 } }
const guard = {
  plugin: 'ai-tool-guard',
  settings: { allow: ['x'], calls: 'deny', status: 404, message: 'No such tool here.' }
}
const CHAT = '/v1/chat/completions'
const chat = { messages: [{ role: 'user', content: 'a' }], stream: true }
const TEXT = chatStream({ role: 'assistant', content: 'no JSON' }, { finish_reason: 'stop' })
const call = { index: 0, id: 'c1', type: 'function', function: { name: 'shell', arguments: '{}' } }
const CALL = chatStream({ role: 'assistant', tool_calls: [call] }, { finish_reason: 'tool_calls' })

const CASES = [
  { name: 'ai-response-format', route: 'format', answer: TEXT, status: 422, says: /JSON/ },
  { name: 'ai-tool-guard', route: 'guard', answer: CALL, status: 404, says: /No such tool here\./ }
]
const routes = { format: { policies: [format] }, guard: { policies: [guard] }, open: {} }
const CLIENTS = [
  { name: 'the same dialect', path: CHAT, more: {} },
  { name: 'another dialect', path: '/v1/messages', more: { max_tokens: 10 } }
]

for (const { name, route, answer, status, says } of CASES) {
  for (const client of CLIENTS) {
    t.test(`${name}, ${client.name}: a stream that is refused before it is out is the policy's reply`, async t => {
      const { post, asked, says: say, sluice } = await scripted(t, routes)
      say(answer)
      for (let i = 0; i < 2; i++) {
        const got = await post(route, client.path, { ...chat, ...client.more, model: 'openai/gpt-5' })
        t.equal(got.status, status)
        t.match(got.text, says)
        t.match(await sluice.access(), { status, ai: { input: 7, output: 5 } })
      }
      t.strictSame(
        asked.map(({ key }) => key),
        ['one', 'two'],
        'each time one key, and it goes on being used'
      )
      say(TEXT)
      const after = await post('open', client.path, { ...chat, ...client.more, model: 'openai/gpt-5' })
      t.equal(after.status, 200)
      t.equal(asked.at(-1)?.key, 'one')
    })
  }

  t.test(`${name}: no other provider is asked for what a policy refuses`, async t => {
    const { post, asked, says: say } = await scripted(t, routes)
    say(answer)
    const got = await post(route, CHAT, { ...chat, model: 'any' })
    t.equal(got.status, status)
    t.match(got.text, says)
    t.equal(asked.length, 1)
  })
}

t.test('with a cache the reply of a policy is its own as well, whole and streamed', async t => {
  const { post, asked, says } = await scripted(t, { cached: { ai: { cache: { exact: true } }, policies: [guard] } })
  const message = { role: 'assistant', content: null, tool_calls: [call] }
  const choices = [{ index: 0, message, finish_reason: 'tool_calls' }]
  const whole = { id: 'c', object: 'chat.completion', created: 1, model: 'gpt-5', choices }
  for (const stream of [false, true]) {
    says(stream ? CALL : whole)
    const both = [1, 2].map(() => post('cached', CHAT, { ...chat, stream, model: 'openai/gpt-5' }))
    for (const got of await Promise.all(both)) {
      t.equal(got.status, 404)
      t.match(got.text, /No such tool here\./)
    }
    await post('cached', CHAT, { ...chat, stream, model: 'openai/gpt-5' })
  }
  t.equal(asked.length, 1, 'what the model said is kept, and each is told of it by the policy')
})
