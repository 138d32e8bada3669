import { Mistral } from '@mistralai/mistralai'
import t from 'tap'
import { mockProvider } from '../../support/mock.js'
import { post } from './post.js'

const model = 'mistral-large-2512'
const tools = ['get_weather', 'get_time'].map(name => ({
  type: 'function' as const,
  function: { name, parameters: { type: 'object', properties: { place: { type: 'string' } } } }
}))

t.test('Mistral’s SDK: answers, calls, thoughts, usage', async t => {
  const mock = await mockProvider(t, { keys: ['secret'] })
  const mistral = new Mistral({ apiKey: 'secret', serverURL: `${mock.url}/mistral`, retryConfig: { strategy: 'none' } })
  const question = { role: 'user' as const, content: 'call get_weather with {"place":"Paris"} and get_time' }
  const whole = await mistral.chat.complete({ model, messages: [question], tools })
  const { message } = whole.choices[0] ?? {}
  t.match(mock.requests()[0]?.bill, { input: whole.usage.promptTokens, output: whole.usage.completionTokens })
  const calls = message?.toolCalls ?? []
  t.match(calls, [{ id: /^[a-z0-9]{9}$/, function: { arguments: '{"place":"Paris"}' } }, {}])
  const results = calls.map(({ id, function: { name } }) => {
    return { role: 'tool' as const, toolCallId: id ?? '', name, content: `${name} done` }
  })
  const answer = { role: 'assistant' as const, content: '', toolCalls: calls }
  const then = await mistral.chat.complete({ model, tools, messages: [question, answer, ...results] })
  t.equal(then.choices[0]?.message?.content, 'The tools answered: get_weather done; get_time done')
  let usage = {}
  const parts: unknown[] = []
  const magistral = { model: 'magistral-medium-2507', messages: [{ role: 'user' as const, content: 'Why?' }] }
  for await (const { data } of await mistral.chat.stream(magistral)) {
    usage = data.usage ?? usage
    parts.push(data.choices[0]?.delta.content)
  }
  t.match(parts[1], [{ type: 'thinking' }])
  t.match(usage, { promptTokens: Number, completionTokens: mock.requests().at(-1)?.bill?.output })
})

t.test('what Mistral refuses is refused', async t => {
  const mock = await mockProvider(t)
  const user = { role: 'user', content: 'x' }
  const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }
  const named = { ...call, id: 'abcdefghi' }
  const result = { role: 'tool', tool_call_id: 'abcdefghi', content: 'y' }
  for (const [more, status, says] of [
    [{ stream_options: {} }, 422, /body\.stream_options/],
    [{ messages: [{ ...user, name: 'me' }] }, 422, /body\.messages\.0\.user\.name/],
    [{ messages: [user, { role: 'assistant', tool_calls: [call] }] }, 400, /Tool call id was call_1/],
    [{ messages: [user, { role: 'assistant', tool_calls: [named] }] }, 400, /Not the same number/],
    [{ messages: [user, { role: 'assistant', tool_calls: [named] }, result, user] }, 400, /'user' after role 'tool'/],
    [{ messages: [user, { role: 'assistant', content: 'I' }] }, 400, /Expected last role/],
    [{ messages: [user, { role: 'assistant', content: '' }, user] }, 400, /must have either content or tool_calls/],
    [{ tools: [{ type: 'function', function: { name: 'f' } }] }, 400, /parameters: Field required/],
    [{ tool_choice: 'REQUIRED' }, 400, /tool_choice/]
  ] as const) {
    const got = await post(mock, '/mistral/v1/chat/completions', { model, messages: [user], ...more })
    t.match(got, { status, text: says }, JSON.stringify(more))
  }
})
