import fc from 'fast-check'
import t from 'tap'
import { exactKey, meaningOf } from '../../../core/ai/cache/key.js'
import { planCache } from '../../../core/ai/cache/plan.js'
import { readWishes } from '../../../core/ai/cache/wishes.js'
import type { ChatRequest } from '../../../core/ai/chat.js'
import type { SemanticRules } from '../../../core/config/resolve-ai-cache.js'
import { askOf, callerOf, chatOf, rulesOf } from './toys.js'

const OWN = rulesOf().key
const ANY = rulesOf({ key: { dialects: 'any' } }).key
const SEMANTIC = rulesOf({ semantic: { embedding: 'e' } }).semantic as SemanticRules

t.test('every member that changes the answer is part of the key', async t => {
  const changes: Partial<ChatRequest>[] = [
    { model: 'other' },
    { max_tokens: 5 },
    { temperature: 0.5 },
    { top_p: 0.5 },
    { top_k: 5 },
    { n: 2 },
    { stop: ['x'] },
    { seed: 1 },
    { presence_penalty: 1 },
    { frequency_penalty: 1 },
    { logit_bias: { 1: 2 } },
    { logprobs: true },
    { tools: [{ name: 'f' }] },
    { tool_choice: 'none' },
    { parallel_tool_calls: false },
    { response_format: { type: 'json_object' } },
    { reasoning: { effort: 'low' } },
    { verbosity: 'low' },
    { extra: new Map([['min_p', 0.1]]) },
    {
      messages: [
        { role: 'system', content: [{ type: 'text', text: 's' }] },
        { role: 'user', content: [{ type: 'text', text: 'q' }] }
      ]
    }
  ]
  for (const rules of [OWN, ANY]) {
    const keys = [{}, ...changes].map(change => exactKey(askOf(chatOf('q', change)), rules))
    t.equal(new Set(keys).size, keys.length, 'no two of them are the same')
  }
})

t.test('so are the way a request goes, what goes with it, and whose call it is', async t => {
  const chat = chatOf('q')
  const edited = (more: Partial<ChatRequest>) => ({ body: { same: true }, edited: chatOf('q', more) })
  const asks = [
    {},
    { model: 'chosen' },
    { ruled: '1()' },
    { prompt: '["p","v1"]' },
    { query: 'fields=candidates' },
    { headers: ['x-goog-fieldmask', 'candidates'] },
    { forwarded: ['x-style'], headers: ['x-style', '1'] },
    { forwarded: ['x-style'], headers: ['x-style', '2'] },
    edited({}),
    edited({ extra: new Map([['foo', 1]]) }),
    edited({ reasoning: { effort: 'high' } })
  ]
  const keys = asks.map(more => exactKey(askOf(chat, more), OWN))
  t.equal(new Set(keys).size, keys.length)
})

t.test('how an answer is delivered and accounted is no part of the key', async t => {
  const changes: Partial<ChatRequest>[] = [
    { stream: true },
    { user: 'u' },
    { metadata: { a: 'b' } },
    { service_tier: 'flex' },
    {
      extra: new Map<string, unknown>([
        ['stream_options', { include_usage: true }],
        ['prompt_cache_key', 'k']
      ])
    }
  ]
  for (const rules of [OWN, ANY]) {
    const keys = new Set([{}, ...changes].map(change => exactKey(askOf(chatOf('q', change)), rules)))
    t.equal(keys.size, 1)
  }
})

t.test('the order of members does not matter, the order of lists does', async t => {
  const json = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 })
  fc.assert(
    fc.property(json, fc.infiniteStream(fc.nat()), (body, numbers) => {
      const order = Object.entries(body)
        .map(entry => ({ entry, at: numbers.next().value }))
        .sort((a, b) => a.at - b.at)
      const shuffled = Object.fromEntries(order.map(({ entry }) => entry))
      return exactKey(askOf(chatOf('q'), { body }), OWN) === exactKey(askOf(chatOf('q'), { body: shuffled }), OWN)
    })
  )
  const key = (tools: string[]) => exactKey(askOf(chatOf('q'), { body: { tools } }), OWN)
  t.not(key(['a', 'b']), key(['b', 'a']))
})

t.test('answers are kept apart by tenant, consumer or credential, as far as they are known', async t => {
  const key = (tenant: string, consumer: string, credential: string, scope: string) =>
    exactKey(askOf(chatOf('q'), { who: { tenant, consumer, credential } }), rulesOf({ key: { scope } }).key)
  t.equal(key('t', 'a', '', 'tenant'), key('t', 'b', '', 'tenant'), 'a tenant shares')
  t.not(key('t', 'a', '', 'tenant'), key('u', 'a', '', 'tenant'), 'two tenants do not')
  t.not(key('t', 'a', '', 'consumer'), key('t', 'b', '', 'consumer'), 'nor two consumers where each has its own')
  t.not(key('', 'a', '', 'tenant'), key('', 'b', '', 'tenant'), 'nor where there is no tenant')
  t.not(key('', '', 'x', 'tenant'), key('', '', 'y', 'tenant'), 'nor two credentials nobody knows')
  t.not(key('', 'x', '', 'tenant'), key('', '', 'x', 'tenant'), 'a consumer is no credential')
  t.not(key('x', '', '', 'tenant'), key('', 'x', '', 'tenant'), 'nor a tenant')
  t.equal(key('t', 'a', 'x', 'shared'), key('u', 'b', 'y', 'shared'), 'all share where it says so')
})

t.test('dialects are kept apart unless the route says otherwise', async t => {
  const key = (dialect: 'openai-chat' | 'anthropic', rules: typeof OWN) =>
    exactKey(askOf(chatOf('q'), { caller: callerOf({ dialect }) }), rules)
  t.not(key('openai-chat', OWN), key('anthropic', OWN))
  t.equal(key('openai-chat', ANY), key('anthropic', ANY))
})

t.test('routes and beta headers are part of the key, and metadata that is named', async t => {
  const plain = exactKey(askOf(chatOf('q')), OWN)
  t.not(exactKey(askOf(chatOf('q'), { route: 'other' }), OWN), plain)
  t.not(exactKey(askOf(chatOf('q'), { headers: ['anthropic-beta', 'x'] }), OWN), plain)
  const { key } = rulesOf({ key: { metadata: ['plan'] } })
  const withPlan = (plan: string) => exactKey(askOf(chatOf('q', { metadata: { plan, id: plan } })), key)
  t.not(withPlan('pro'), withPlan('free'))
})

t.test('a body that is nested beyond measure goes past the cache', async t => {
  let deep: unknown = 1
  for (let i = 0; i < 50_000; i++) deep = [deep]
  t.strictSame(planCache(askOf(chatOf('q'), { body: { deep } }), rulesOf()), { bypass: 'too-deep' })
})

t.test('who asks a question by name, and what of its answer is wanted, is not a matter of its meaning', async t => {
  const partition = (body: Record<string, unknown>, name?: string) => {
    const content = [{ type: 'text' as const, text: 'what is it?' }]
    const ask = { ...askOf(chatOf('', { messages: [{ role: 'user', content, name }] })), body }
    return meaningOf(ask, OWN, SEMANTIC)?.partition
  }
  const plain = partition({})
  t.ok(plain)
  t.equal(partition({ store: null }), plain)
  t.not(partition({}, 'bob'), plain, 'a name')
  t.not(partition({}, 'bob'), partition({}, 'joe'), 'another name')
  t.not(partition({ include: ['reasoning.encrypted_content'] }), plain, 'include')
  t.not(partition({ store: false }), plain, 'store')
})

t.test('only the last question is compared by meaning; all else parts the questions', async t => {
  const meaning = (chat: ChatRequest, tenant = 't') =>
    meaningOf(askOf(chat, { who: { tenant, consumer: '', credential: '' } }), OWN, SEMANTIC)
  const a = meaning(chatOf('what is it?'))
  const b = meaning(chatOf('what is this?'))
  t.equal(a?.text, 'what is it?')
  t.equal(a?.partition, b?.partition)
  t.not(meaning(chatOf('what is it?'), 'u')?.partition, a?.partition, 'the tenant')
  t.not(meaning(chatOf('what is it?', { tools: [{ name: 'f' }] }))?.partition, a?.partition, 'the tools')
  t.not(meaning(chatOf('what is it?', { temperature: 0 }))?.partition, a?.partition, 'the parameters')
  const system = (text: string): ChatRequest =>
    chatOf('', {
      messages: [
        { role: 'system', content: [{ type: 'text', text }] },
        { role: 'user', content: [{ type: 'text', text: 'what is it?' }] }
      ]
    })
  t.not(meaning(system('be kind'))?.partition, meaning(system('be rude'))?.partition, 'the system prompt')
})

t.test('several questions are compared where the route says so, with the answers in between', async t => {
  const user = (text: string) => ({ role: 'user' as const, content: [{ type: 'text' as const, text }] })
  const assistant = (text: string) => ({ role: 'assistant' as const, content: [{ type: 'text' as const, text }] })
  const chat = chatOf('', { messages: [user('a'), assistant('b'), user('c'), assistant('d'), user('e')] })
  const two = meaningOf(askOf(chat), OWN, { ...SEMANTIC, messages: 2 })
  t.equal(two?.text, 'c\nassistant: d\nuser: e')
  t.not(two?.partition, meaningOf(askOf(chat), OWN, SEMANTIC)?.partition)
})

t.test('what is no plain question is not compared by meaning', async t => {
  const meaning = (chat: ChatRequest) => meaningOf(askOf(chat), OWN, SEMANTIC)
  const image = { type: 'image' as const, source: { kind: 'url' as const, url: 'https://example.com/a.png' } }
  const text = { type: 'text' as const, text: 'q' }
  t.equal(meaning(chatOf('q', { n: 2 })), undefined, 'several answers')
  t.equal(meaning(chatOf('', { messages: [{ role: 'user', content: [text, image] }] })), undefined, 'an image')
  t.equal(meaning(chatOf('', { messages: [{ role: 'assistant', content: [text] }] })), undefined, 'no question')
  const tool = { role: 'tool' as const, tool_call_id: '1', content: [text] }
  t.equal(meaning(chatOf('', { messages: [tool, { role: 'user', content: [text] }] })), undefined, 'tool results')
  t.equal(meaning(chatOf('  ')), undefined, 'nothing')
  t.equal(meaning(chatOf('q'.repeat(8_001))), undefined, 'too long')
})

t.test('requests that ask for variety, or leave something at the provider, go past the cache', async t => {
  const why = (chat: Partial<ChatRequest>, requests = 'unvaried') => {
    const plan = planCache(askOf(chatOf('q', chat)), rulesOf({ requests }))
    return 'bypass' in plan ? plan.bypass : 'cached'
  }
  t.equal(why({}), 'cached')
  t.equal(why({ temperature: 0 }), 'cached')
  t.equal(why({ temperature: 0.7 }), 'varied')
  t.equal(why({ temperature: 0.7, seed: 1 }), 'cached')
  t.equal(why({ n: 2 }), 'varied')
  t.equal(why({ temperature: 0.7, n: 2 }, 'all'), 'cached')
  t.equal(why({}, 'deterministic'), 'not-deterministic')
  t.equal(why({ seed: 1 }, 'deterministic'), 'cached')
  t.equal(why({ extra: new Map([['previous_response_id', 'r']]) }, 'all'), 'previous_response_id')
  t.equal(why({ extra: new Map([['background', false]]) }, 'all'), 'cached')
})

t.test('clients say what they want of the cache', async t => {
  const rules = rulesOf({ ttl: '1h', maxTtl: '2h' })
  const wishes = (...headers: string[]) => readWishes(headers, rules)
  const usual = { lookUp: true, store: true, share: true, ttlMs: 3_600_000, maxAgeMs: Number.POSITIVE_INFINITY }
  t.strictSame(wishes(), usual)
  t.strictSame(wishes('x-sluice-cache', 'refresh'), { ...usual, lookUp: false })
  t.strictSame(wishes('cache-control', 'no-cache'), { ...usual, lookUp: false })
  t.strictSame(wishes('x-sluice-cache', 'No-Store'), { ...usual, store: false, share: false })
  t.strictSame(wishes('cache-control', 'no-store'), { ...usual, store: false, share: false })
  t.strictSame(wishes('x-sluice-cache', 'bypass'), { ...usual, lookUp: false, store: false, share: false })
  t.strictSame(wishes('cache-control', 'max-age=60, foo'), { ...usual, maxAgeMs: 60_000 })
  t.equal(wishes('x-sluice-cache-ttl', '5m').ttlMs, 300_000)
  t.equal(wishes('x-sluice-cache-ttl', '90').ttlMs, 90_000)
  t.equal(wishes('x-sluice-cache-ttl', '5h').ttlMs, 7_200_000, 'not more than the operator lets it')
  t.equal(wishes('x-sluice-cache-ttl', '0').store, false)
  t.strictSame(wishes('x-sluice-cache-ttl', 'soon'), usual, 'what is not understood does not count')
  t.strictSame(readWishes(['x-sluice-cache', 'bypass'], rulesOf({ clientControl: false })), usual)
})

t.test('whatever is in a body, there is a plan or a reason for none', async () => {
  const rules = rulesOf({ semantic: { embedding: 'e' }, key: { dialects: 'any' } })
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), fc.string(), (body, header, value) => {
      const chat = chatOf('q', { extra: new Map(Object.entries(body)) })
      const headers = ['x-sluice-cache', header, 'cache-control', value, 'x-sluice-cache-ttl', value]
      const plan = planCache(askOf(chat, { body, headers }), rules)
      return 'bypass' in plan || plan.key.length === 43
    })
  )
})
