import t from 'tap'
import { mockProvider } from '../../support/mock.js'
import { startSluice } from '../../support/sluice.js'
import { type Policed, policed, WAYS } from './policed.js'

const LEVELS = [{ model: 'gpt-5-mini' }, { model: 'gpt-5', from: 4 }]
const HARD = 'Prove it step by step.'

/** The models the provider was asked for. */
function models({ mock }: Pick<Policed, 'mock'>): string[] {
  return mock.requests().map(({ body }) => {
    const { model }: { model: string } = JSON.parse(body.toString())
    return model
  })
}

for (const { name, ask } of WAYS) {
  t.test(`${name}: what is simple goes to one model, what is hard to another`, async t => {
    const given = await policed(t, { plugin: 'ai-model-router', settings: { levels: LEVELS, models: ['auto'] } })
    t.match((await ask(given, 'auto', 'Hello')).text, 'You said: Hello')
    t.match((await ask(given, 'auto', HARD)).text, `You said: ${HARD}`)
    await ask(given, 'gpt-4.1', HARD)
    t.strictSame(models(given), ['gpt-5-mini', 'gpt-5', 'gpt-4.1'])
    t.match(await given.sluice.access(), { tags: { 'model-router': 'gpt-5-mini' } })
    t.match(await given.sluice.access(), { tags: { 'model-router': 'gpt-5', 'model-router.why': /hard:4/ } })
    t.notOk(Object.hasOwn(Object((await given.sluice.access()).tags), 'model-router'))
  })
}

t.test('a conversation goes up to a stronger model and stays there, in each dialect', async t => {
  const given = await policed(t, { plugin: 'ai-model-router', settings: { levels: LEVELS, sticky: 'up' } })
  const turns = [
    { role: 'user' as const, content: 'Let us talk about knots.' },
    { role: 'assistant' as const, content: 'Yes.' },
    { role: 'user' as const, content: HARD },
    { role: 'assistant' as const, content: 'Done.' },
    { role: 'user' as const, content: 'Thank you.' }
  ]
  for (const count of [1, 3, 5]) {
    await given.openai.chat.completions.create({ model: 'auto', messages: turns.slice(0, count) })
  }
  const [first, ...others] = turns
  const renamed = [{ ...first, role: 'user' as const, content: 'Let us talk about ropes.' }, ...others]
  for (const count of [1, 3, 5]) {
    await given.anthropic.messages.create({ model: 'auto', max_tokens: 50, messages: renamed.slice(0, count) })
  }
  t.strictSame(models(given), ['gpt-5-mini', 'gpt-5', 'gpt-5', 'gpt-5-mini', 'gpt-5', 'gpt-5'])
})

t.test('a header that is named in an override chooses the model, and nothing else of the prompt changes', async t => {
  const overrides = [{ header: 'x-quality', in: ['best'], model: 'gpt-5' }]
  const given = await policed(t, { plugin: 'ai-model-router', settings: { levels: LEVELS, overrides } })
  const request = {
    model: 'auto',
    messages: [{ role: 'user' as const, content: 'Hello' }],
    seed: 7,
    odd_one: [1.0, 'é']
  }
  await given.openai.chat.completions.create(request, { headers: { 'x-quality': 'best' } })
  const sent = JSON.parse(given.mock.requests()[0]?.body.toString() ?? '')
  t.strictSame(sent, { ...request, model: 'gpt-5' })
})

t.test('a conversation is one of its route: another route has not begun it', async t => {
  const mock = await mockProvider(t)
  const router = (first: string, second: string) => {
    const levels = [{ model: first }, { model: second, from: 1000 }]
    return [{ plugin: 'ai-model-router', settings: { levels, sticky: 'keep' } }]
  }
  const sluice = await startSluice(t, {
    upstreams: {},
    ai: { providers: { main: { provider: 'openai', baseUrl: `${mock.url}/v1`, keys: ['secret'] } } },
    routes: [
      {
        name: 'strong',
        match: { path: '/*', headers: [{ name: 'x-team', value: 'strong' }] },
        ai: {},
        policies: router('gpt-5', 'gpt-5-mini')
      },
      { name: 'weak', match: { path: '/*' }, ai: {}, policies: router('gpt-5-mini', 'gpt-5') }
    ]
  })
  for (const team of ['strong', 'weak']) {
    const reply = await fetch(`http://127.0.0.1:${sluice.port}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-team': team },
      body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'Hello' }] })
    })
    t.equal(reply.status, 200)
    await reply.arrayBuffer()
  }
  t.strictSame(models({ mock }), ['gpt-5', 'gpt-5-mini'])
})
