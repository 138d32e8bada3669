import t from 'tap'
import { ask, wrongError } from './clients.js'
import { accountsOf, gateway, headerOf } from './gateway.js'

const CHAT = { client: 'openai-chat', model: 'any', stream: false } as const
const IMAGE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const withImage = [
  {
    role: 'user',
    content: [
      { type: 'text', text: 'What is it?' },
      { type: 'image_url', image_url: { url: IMAGE } }
    ]
  }
]
const tool = { type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }

t.test('weighted: targets get their share, and one of weight 0 nothing', async t => {
  const targets = [
    { model: 'a/m', weight: 3 },
    { model: 'b/m', weight: 1 },
    { model: 'c/m', weight: 0 }
  ]
  const accounts = { a: {}, b: {}, c: {} }
  const { mock, port } = await gateway(t, { accounts, models: { any: { strategy: 'weighted', targets } } })
  for (let i = 0; i < 30; i++) await Promise.all(Array.from({ length: 10 }, () => ask(port, CHAT)))
  const count = (name: string) => accountsOf(mock).filter(each => each === name).length
  // Three quarters of 300, give or take six standard deviations: by chance beyond that once in 500 million runs.
  t.ok(Math.abs(count('a') - 225) <= 45, `${count('a')} : ${count('b')}`)
  t.equal(count('a') + count('b'), 300)
  t.equal(count('c'), 0)
})

t.test(
  'conditional: on parameters, metadata, tokens, images, tools and streams, whatever the client speaks',
  async t => {
    const rules = [
      { when: { metadata: 'tier', is: 'gold' }, target: 'gold/m' },
      { when: { param: 'temperature', above: 1 }, target: 'hot/m' },
      { when: { has: ['images'] }, target: 'eyes/m' },
      { when: { has: ['tools'] }, target: 'hands/m' },
      { when: { tokens: { above: 1000 } }, target: 'long/m' },
      { when: { stream: true }, target: 'stream/m' }
    ]
    const accounts = { gold: {}, hot: {}, eyes: {}, hands: {}, long: {}, stream: {}, rest: {} }
    const models = { any: { strategy: 'conditional', rules, default: 'rest/m' } }
    const { mock, port } = await gateway(t, { accounts, models })
    const went = async (more: object, by: object = {}) => {
      const got = await ask(port, { ...CHAT, more: { ...more }, ...by })
      t.equal(got.status, 200, got.raw)
      return got.headers.get('x-sluice-provider')
    }
    t.equal(await went({}), 'rest')
    t.equal(await went({}, { headers: { 'x-sluice-metadata': '{"tier":"gold"}' } }), 'gold')
    t.ok(
      mock.requests().every(sent => headerOf(sent, 'x-sluice-metadata') === undefined),
      'which goes to no provider'
    )
    t.equal(await went({}, { headers: { 'x-sluice-metadata': 'no json' } }), 'rest')
    t.equal(await went({ metadata: { tier: 'gold' } }), 'gold', 'or in the request')
    t.equal(await went({ temperature: 1.5 }), 'hot')
    t.equal(await went({ temperature: 0.5 }), 'rest')
    t.equal(await went({ messages: withImage }), 'eyes')
    t.equal(await went({ tools: [tool] }), 'hands')
    t.equal(await went({}, { prompt: 'word '.repeat(2_000) }), 'long')
    t.equal(await went({}, { stream: true }), 'stream')
    t.equal(await went({ generationConfig: { temperature: 1.5 } }, { client: 'gemini' }), 'hot')
    t.equal(await went({ temperature: 1.5 }, { client: 'openai-responses' }), 'hot')
    const tools = [{ name: 'look', input_schema: { type: 'object' } }]
    t.equal(await went({ tools }, { client: 'anthropic' }), 'hands')
  }
)

t.test('cheapest: by what this request costs, the next when that fails', async t => {
  const targets = ['a/gpt-5', 'b/gpt-5-nano', 'c/gpt-5-mini']
  const accounts = { a: {}, b: {}, c: {} }
  const { mock, port } = await gateway(t, { accounts, models: { any: { strategy: 'cheapest', targets } } })
  await ask(port, CHAT)
  mock.fault({ faults: 'status=500', model: 'gpt-5-nano' })
  t.equal((await ask(port, CHAT)).headers.get('x-sluice-model'), 'gpt-5-mini')
  t.strictSame(accountsOf(mock), ['b', 'b', 'c'])
})

for (const stream of [false, true]) {
  t.test(`fastest: by the time to the first token, also where the head waits for it (${stream})`, async t => {
    const targets = ['a/m+delay=300ms', 'b/m+ttft=300ms', 'c/m']
    const any = { strategy: 'fastest', targets, explore: 0 }
    const { mock, port } = await gateway(t, { accounts: { a: {}, b: {}, c: {} }, models: { any } })
    await ask(port, { ...CHAT, stream }) // from now on it is measured
    for (const model of targets) await ask(port, { ...CHAT, model, stream })
    for (let i = 0; i < 3; i++) await ask(port, { ...CHAT, stream })
    t.strictSame(accountsOf(mock).slice(-3), ['c', 'c', 'c'])
  })
}

t.test('capable: only models that can do what the request needs', async t => {
  const targets = ['a/gpt-3.5-turbo', 'b/gpt-4o']
  const any = { strategy: 'capable', targets }
  const { mock, port } = await gateway(t, { accounts: { a: {}, b: {} }, models: { any } })
  await ask(port, CHAT)
  await ask(port, { ...CHAT, more: { messages: withImage } })
  await ask(port, { ...CHAT, prompt: 'word '.repeat(30_000) })
  t.strictSame(accountsOf(mock), ['a', 'b', 'b'])
})

t.test('sticky: a conversation stays where it is, and moves only when its target fails', async t => {
  const names = ['a', 'b', 'c', 'd']
  const accounts = Object.fromEntries(names.map(name => [name, {}]))
  const any = { strategy: 'sticky', targets: names.map(name => `${name}/m`) }
  const { mock, port } = await gateway(t, { accounts, models: { any } })
  const where = async (opening: string, turns: number) => {
    const messages = [{ role: 'user', content: opening }]
    for (let i = 0; i < turns; i++)
      messages.push({ role: 'assistant', content: 'So.' }, { role: 'user', content: `${i}?` })
    return (await ask(port, { ...CHAT, more: { messages } })).headers.get('x-sluice-provider')
  }
  const first = await where('once', 0)
  for (let turns = 1; turns < 4; turns++) t.equal(await where('once', turns), first)
  const places = new Set<string | null>()
  for (let i = 0; i < 16; i++) places.add(await where(`conversation ${i}`, 0))
  t.ok(places.size > 1, 'conversations are spread')
  mock.fault({ faults: 'status=503', times: 1 })
  t.not(await where('once', 5), first)
  t.equal(await where('once', 6), first)
})

t.test('regions: nothing leaves those that are allowed, and the reply proves it', async t => {
  const accounts = { us: { region: 'us-east-1' }, eu: { region: 'eu-west-1' }, nowhere: {} }
  const models = { any: { strategy: 'fallback', targets: ['us/m', 'nowhere/m', 'eu/m'] } }
  const { mock, port } = await gateway(t, { accounts, models, route: { regions: ['eu'] } })
  const got = await ask(port, CHAT)
  t.equal(got.headers.get('x-sluice-region'), 'eu-west-1')
  for (const client of ['openai-chat', 'openai-responses', 'anthropic', 'gemini'] as const) {
    for (const model of ['us/m', 'nowhere/m']) {
      const refused = await ask(port, { ...CHAT, client, model })
      t.equal(refused.status, 403, `${client} ${model}`)
      t.equal(wrongError(client, refused.raw), undefined)
      t.equal(refused.failure?.kind, 'permission')
      if (client !== 'anthropic') t.match(refused.raw, 'GW_AI_REGION_FORBIDDEN')
    }
  }
  mock.fault({ faults: 'status=500', model: 'm' })
  t.equal((await ask(port, CHAT)).status, 500, 'not even when there is nobody else')
  t.strictSame(accountsOf(mock), ['eu', 'eu'])
})

t.test('a route serves the models it allows, by the name that is asked for', async t => {
  const models = { mine: { strategy: 'single', targets: ['main/gpt-5'] } }
  const { mock, port } = await gateway(t, { models, route: { models: ['mine', 'main/open-*'] } })
  t.equal((await ask(port, { ...CHAT, model: 'mine' })).status, 200)
  t.equal((await ask(port, { ...CHAT, model: 'main/open-1' })).status, 200)
  for (const client of ['openai-chat', 'anthropic', 'gemini'] as const) {
    const refused = await ask(port, { ...CHAT, client, model: 'main/gpt-5' })
    t.equal(refused.status, 403)
    t.equal(wrongError(client, refused.raw), undefined)
  }
  const list = JSON.parse(await (await fetch(`http://127.0.0.1:${port}/v1/models`)).text())
  t.strictSame(
    list.data.map(({ id }: { id: string }) => id),
    ['mine']
  )
  t.equal(mock.requests().length, 2)
})

t.test('parameters of a target count before those of the client, in any dialect', async t => {
  const accounts = { open: {}, claude: { provider: 'anthropic' } }
  const params = { temperature: 0.25, top_p: null, max_tokens: 77 }
  const targets = (model: string) => ({ strategy: 'single', targets: [{ model, params }] })
  const models = { open: targets('open/gpt-test'), claude: targets('claude/claude-sonnet-4-5') }
  const { mock, port } = await gateway(t, { accounts, models })
  const more = { temperature: 0.9, top_p: 0.5, max_tokens: 5 }
  for (const client of ['openai-chat', 'anthropic'] as const) {
    for (const model of ['open', 'claude']) {
      t.equal((await ask(port, { client, model, stream: false, more })).status, 200)
      const sent = JSON.parse(mock.requests().at(-1)?.body.toString() ?? '')
      const most = sent.max_tokens ?? sent.max_completion_tokens
      t.match({ ...sent, most }, { temperature: 0.25, most: 77 }, `${client} to ${model}`)
      t.notOk('top_p' in sent, `${client} to ${model}`)
    }
  }
})
