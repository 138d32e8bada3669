import { createHmac } from 'node:crypto'
import t from 'tap'
import { mockProvider } from '../../support/mock.js'
import { startSluice } from '../../support/sluice.js'
import { accountsOf, gateway } from './gateway.js'
import { accounts, aiConfig, ask, callers, say } from './parts.js'

/** What depends on who asks. */

const CHAT = { model: 'any', messages: [{ role: 'user', content: 'Hi' }] }
const CHATS = '/v1/chat/completions'

t.test('regions by tenant, by consumer and for all others: where it was worked on stands in the reply', async t => {
  const who = { ann: { tenant: 'acme' }, bob: { tenant: 'other' }, pin: { tenant: 'other' }, both: { tenant: 'acme' } }
  const regions = {
    default: ['us', 'eu'],
    tags: { tenant: { acme: ['eu'] } },
    consumers: { pin: ['ap'], both: ['us'] }
  }
  const { mock, port } = await gateway(t, {
    accounts: { us: { region: 'us-east-1' }, eu: { region: 'eu-west-1' }, ap: { region: 'ap-south-1' }, none: {} },
    models: { any: { strategy: 'fallback', targets: ['none/m', 'ap/m', 'us/m', 'eu/m'] } },
    ai: { regions },
    more: { routes: [{ name: 'ai', match: { path: '/*' }, ai: {}, policies: [callers(who)] }] }
  })
  for (const stream of [false, true]) {
    for (const [caller, region] of [
      ['ann', 'eu-west-1'],
      ['bob', 'us-east-1'],
      ['pin', 'ap-south-1']
    ] as const) {
      mock.reset()
      const got = await ask(port, CHATS, { ...CHAT, stream }, { 'x-caller': caller })
      t.equal(got.status, 200, got.text)
      t.equal(got.headers.get('x-sluice-region'), region, caller)
      t.strictSame(accountsOf(mock), [region.slice(0, 2)], caller)
    }
    mock.reset()
    const held = await ask(port, CHATS, { ...CHAT, stream }, { 'x-caller': 'both' })
    t.equal(held.status, 403, 'nothing is in both')
    t.match(held.json, { error: { code: 'GW_AI_REGION_FORBIDDEN' } })
    t.equal((await ask(port, CHATS, { ...CHAT, model: 'us/m', stream }, { 'x-caller': 'ann' })).status, 403)
    t.equal(mock.requests().length, 0)
  }
})

const SECRET = 'a secret of at least 32 characters'

function token(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ exp: Math.floor(Date.now() / 1000) + 600, ...claims })}`
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`
}

t.test('conditional: on claims that auth-jwt found in a token, and on no others', async t => {
  const jwt = {
    plugin: 'auth-jwt',
    settings: {
      keys: [{ secret: SECRET }],
      algorithms: ['HS256'],
      tags: { plan: '/plan', 'claim.level': '/acl/level' }
    }
  }
  const rules = [
    { when: { claim: 'plan', is: 'gold' }, target: 'gold/m' },
    { when: { claim: 'level', atLeast: 7 }, target: 'high/m' },
    { when: { claim: 'secret', present: true }, target: 'wrong/m' }
  ]
  const { port } = await gateway(t, {
    accounts: { gold: {}, high: {}, wrong: {}, rest: {} },
    models: { any: { strategy: 'conditional', rules, default: 'rest/m' } },
    more: { routes: [{ name: 'ai', match: { path: '/*' }, ai: {}, policies: [jwt] }] }
  })
  for (const [claims, provider] of [
    [{ sub: 'a', plan: 'gold' }, 'gold'],
    [{ sub: 'b', plan: 'silver', acl: { level: 8 } }, 'high'],
    [{ sub: 'c', acl: { level: 6 } }, 'rest'],
    [{ sub: 'd', secret: 'x' }, 'rest']
  ] as const) {
    const got = await ask(port, CHATS, CHAT, { authorization: `Bearer ${token(claims)}` })
    t.equal(got.status, 200, got.text)
    t.equal(got.headers.get('x-sluice-provider'), provider, JSON.stringify(claims))
  }
  const forged = token({ sub: 'e', plan: 'gold' }).replace(/.{4}$/, 'AAAA')
  t.equal((await ask(port, CHATS, CHAT, { authorization: `Bearer ${forged}` })).status, 401)
})

t.test(
  'ai-prompt-decorate: what it says and sets reaches every provider, whoever asks, whole and streamed',
  async t => {
    const mock = await mockProvider(t)
    const decorate = {
      plugin: 'ai-prompt-decorate',
      settings: {
        prepend: [{ role: 'system', content: 'You speak to {consumer} of {tag.tenant}.' }],
        append: [{ role: 'user', content: 'Be brief.' }],
        parameters: { temperature: 0.25, seed: null },
        maxTokens: 50
      }
    }
    const { port } = await startSluice(
      t,
      aiConfig(mock, { policies: [callers({ ann: { tenant: 'acme' } }), decorate] })
    )
    for (const spoken of ['openai-chat', 'anthropic', 'gemini'] as const) {
      for (const model of ['main/gpt-4.1', 'claude/claude-haiku-4-5', 'google/gemini-2.5-flash']) {
        for (const stream of [false, true]) {
          const got = await say(port, spoken, { model, text: 'Hello', stream, most: 500 }, { 'x-caller': 'ann' })
          const what = `${spoken} to ${model}: ${got.text}`
          t.equal(got.status, 200, what)
          const sent = JSON.parse(mock.requests().at(-1)?.body.toString() ?? '')
          const text = JSON.stringify(sent)
          t.ok(text.includes('You speak to ann of acme.') && text.includes('Be brief.'), what)
          t.ok(text.indexOf('"Hello"') < text.indexOf('Be brief.'), what)
          const { temperature = sent.generationConfig?.temperature } = sent
          t.equal(temperature, 0.25, what)
          const most = sent.max_tokens ?? sent.max_completion_tokens ?? sent.generationConfig?.maxOutputTokens
          t.equal(most, 50, what)
        }
      }
    }
  }
)

t.test('a model that is retired is asked for all the same: whether it is there its provider knows', async t => {
  const mock = await mockProvider(t)
  const catalog = {
    models: { openai: { 'gpt-5': { retires: '2020-01-01' }, 'gpt-5-mini': { retires: '2020-01-01' } } }
  }
  const models = { any: { strategy: 'fallback', targets: ['main/gpt-5+status=404', 'claude/claude-haiku-4-5'] } }
  const { port } = await startSluice(t, aiConfig(mock, { ai: { providers: accounts(mock), catalog, models } }))
  const still = await ask(port, CHATS, { ...CHAT, model: 'main/gpt-5-mini' })
  t.equal(still.status, 200, still.text)
  const gone = await ask(port, CHATS, { ...CHAT, model: 'main/gpt-5+status=404' })
  t.equal(gone.status, 404)
  t.equal((await ask(port, CHATS, CHAT)).headers.get('x-sluice-provider'), 'claude', 'others answer in its place')
})
