import t, { type Test } from 'tap'
import { LocalLedger } from '../../../core/ai/budgets/local-ledger.js'
import { budgetRules } from '../../../core/ai/budgets/rules.js'
import type { Mock } from '../../../core/cli/mock/server.js'
import { buildSnapshot } from '../../../core/gateway/build.js'
import { readConfig } from '../../../core/gateway/read-config.js'
import { createLog } from '../../../core/observe/log.js'
import { Listeners } from '../../../core/server/listeners.js'
import { upstreamReport } from '../../../core/upstream/report.js'
import { connect } from '../../support/client.js'
import { mockProvider } from '../../support/mock.js'
import { configFile } from '../../support/sluice.js'
import { dialectOf, readStream, readWhole } from './clients.js'
import {
  type Answer,
  accounts,
  aiConfig,
  ask,
  callers,
  type Json,
  SPOKEN,
  SPOKEN_NAMES,
  type Spoken,
  say
} from './parts.js'

t.setTimeout(120_000)

interface Cached {
  readonly mock: Mock
  readonly port: number
  /** Chats the provider was asked for. */
  asked(): number
  /** Requests that targets still count as under way. */
  busy(): number
  spent(): number
}

/** Sluice with an AI cache, and a budget that counts requests. */
async function cached(t: Test, cache: object = {}, more: { ai?: object; [section: string]: unknown } = {}) {
  const mock = await mockProvider(t)
  const { ai = {}, ...rest } = more
  const budgets = [{ name: 'all', count: 'requests', limit: 1_000, every: 'month' }]
  const { main, claude } = accounts(mock)
  const providers = {
    ...accounts(mock),
    us: { ...main, region: 'us-east-1', models: ['gpt-5'] },
    eu: { ...claude, region: 'eu', models: ['claude-haiku-4-5'] }
  }
  const config = aiConfig(mock, {
    route: { cache },
    ai: { providers, budgets, ledger: { file: false }, ...ai },
    ...rest
  })
  const loaded = readConfig(configFile(t, config))
  const ledger = new LocalLedger({ rules: budgetRules(loaded.config.ai.budgets) })
  const snapshot = await buildSnapshot(loaded, { log: createLog('silent'), ledger })
  const listener = await Listeners.open(
    snapshot,
    loaded.config.listen.map(each => ({ ...each, port: 0 }))
  )
  t.teardown(async () => {
    await listener.drain(0)
    await snapshot.close()
  })
  const found: Cached = {
    mock,
    port: listener.ports[0] ?? 0,
    asked: () => mock.requests().filter(({ target }) => !target.includes('embed')).length,
    busy: () =>
      upstreamReport(snapshot)
        .flatMap(({ targets }) => targets)
        .reduce((sum, { inFlight }) => sum + inFlight, 0),
    spent: () => ledger.report().reduce((sum, { spent }) => sum + spent, 0)
  }
  return found
}

const statusOf = ({ headers }: { headers: Headers }) => headers.get('x-sluice-cache')

/** What an answer says, as a client of the dialect reads it. */
function saidIn(spoken: Spoken, { text, headers, status }: Answer): string {
  const streamed = headers.get('content-type')?.includes('event-stream') === true
  const dialect = dialectOf(spoken)
  return (streamed ? readStream(dialect, text) : readWhole(dialect, status, text)).text
}

async function idle({ busy }: Cached): Promise<void> {
  while (busy() > 0) await new Promise(resolve => setImmediate(resolve))
}

for (const spoken of SPOKEN_NAMES) {
  t.test(`${spoken}: an answer is given again, whole and as a stream, whichever it was`, async t => {
    for (const first of [false, true]) {
      const sluice = await cached(t)
      const answers = []
      for (const stream of [first, first, !first]) answers.push(await say(sluice.port, spoken, { stream }))
      t.strictSame(answers.map(statusOf), ['miss', 'hit', 'hit'])
      t.equal(sluice.asked(), 1)
      const [fresh, same, other] = answers
      if (first === false) t.strictSame(same?.json, fresh?.json)
      else t.equal(same?.text, fresh?.text, 'a stream is given again as it came')
      t.equal(other?.headers.get('content-type')?.includes('event-stream'), !first)
      const said = answers.map(each => saidIn(spoken, each))
      t.strictSame(said, [said[0], said[0], said[0]], 'and says what it said')
      t.match(said[0], /You said: Hello there/)
      t.match(same?.headers.get('x-sluice-cache-age'), /^\d+$/)
      t.equal(sluice.spent(), 1, 'what is given again costs nothing')
      await idle(sluice)
    }
  })
}

t.test('an answer of one dialect is for those of others where the route says so', async t => {
  const sluice = await cached(t, { key: { dialects: 'any' } })
  const said = new Set<string>()
  const text = async (spoken: Spoken, stream: boolean) => {
    const got = await say(sluice.port, spoken, { model: 'claude/claude-haiku-4-5', most: 500, stream })
    t.equal(got.status, 200)
    said.add(saidIn(spoken, got))
    return statusOf(got)
  }
  t.equal(await text('anthropic', false), 'miss')
  t.equal(await text('openai-chat', false), 'hit')
  t.equal(await text('openai-chat', true), 'hit')
  t.equal(await text('gemini', true), 'hit')
  t.match([...said], [/You said: Hello there/], 'all say the same')
  t.equal(said.size, 1)
  t.equal(sluice.asked(), 1)
})

t.test('tenants never get each other’s answers, consumers where the route says so', async t => {
  const policies = [callers({ ann: { tenant: 'a' }, amy: { tenant: 'a' }, bob: { tenant: 'b' } })]
  const of = async (port: number, who: string) => statusOf(await say(port, 'openai-chat', {}, { 'x-caller': who }))
  const { port } = await cached(t, {}, { policies })
  t.strictSame([await of(port, 'ann'), await of(port, 'amy'), await of(port, 'bob')], ['miss', 'hit', 'miss'])
  const own = (await cached(t, { key: { scope: 'consumer' } }, { policies })).port
  t.strictSame([await of(own, 'ann'), await of(own, 'amy'), await of(own, 'ann')], ['miss', 'miss', 'hit'])
})

t.test('clients may pass by, renew, and not be stored', async t => {
  const { port, asked } = await cached(t)
  const wish = async (headers: Record<string, string>) => statusOf(await say(port, 'openai-chat', {}, headers))
  t.equal(await wish({ 'x-sluice-cache': 'no-store' }), 'miss')
  t.equal(await wish({}), 'miss', 'it was not stored')
  t.equal(await wish({ 'x-sluice-cache': 'bypass' }), 'bypass')
  t.equal(await wish({ 'x-sluice-cache': 'refresh' }), 'miss')
  t.equal(await wish({}), 'hit')
  t.equal(await wish({ 'cache-control': 'no-cache' }), 'miss')
  t.equal(asked(), 5)
  const other = await cached(t)
  const brief = { 'x-sluice-cache-ttl': '0' }
  t.equal(statusOf(await say(other.port, 'openai-chat', {}, brief)), 'miss')
  t.equal(statusOf(await say(other.port, 'openai-chat', {}, brief)), 'miss', 'a time of nothing stores nothing')
})

t.test('what was cut, failed, or filtered is not stored', async t => {
  for (const [faults, stream] of [
    ['filter', false],
    ['filter', true],
    ['error-in-stream=3,tokens=20', true],
    ['truncate,tokens=20', true],
    ['status=500', false]
  ] as const) {
    const sluice = await cached(t)
    sluice.mock.fault({ faults, times: 1 })
    await say(sluice.port, 'openai-chat', { stream })
    const next = await say(sluice.port, 'openai-chat', { stream })
    t.strictSame([next.status, statusOf(next)], [200, 'miss'], faults)
    await idle(sluice)
  }
  const sluice = await cached(
    t,
    {},
    { ai: { budgets: [{ name: 'out', count: 'outputTokens', limit: 340, every: 'month' }], ledger: { file: false } } }
  )
  await say(sluice.port, 'openai-chat', { text: 'first' })
  sluice.mock.fault({ faults: 'tokens=300,slow=500/s' })
  const both = await Promise.all(
    ['a', 'b'].map(text => say(sluice.port, 'openai-chat', { text, stream: true, most: 300 }))
  )
  const cut = both.findIndex(({ text }) => text.includes('"length"'))
  t.not(cut, -1, `one was cut: ${both.map(({ status, text }) => `${status} ${text.slice(-300)}`)}`)
  const again = await say(sluice.port, 'openai-chat', { text: ['a', 'b'][cut], stream: true, most: 300 })
  t.not(statusOf(again), 'hit')
  await idle(sluice)
})

t.test('a budget that is used up, or nearly, is that of its owner alone', async t => {
  const policies = [callers({ ann: { tenant: 'a' }, bob: { tenant: 'a' }, eve: { tenant: 'a' } })]
  const budgets = ['ann', 'bob'].map(consumer => ({
    name: consumer,
    when: { consumer: [consumer] },
    count: 'outputTokens',
    limit: consumer === 'ann' ? 1 : 40,
    every: 'month'
  }))
  const sluice = await cached(
    t,
    { semantic: { embedding: 'main/text-embedding-3-small+delay=200ms' } },
    { policies, ai: { budgets, ledger: { file: false } } }
  )
  const as = (who: string, text: string, stream = false) =>
    say(sluice.port, 'openai-chat', { text, stream, most: 400 }, { 'x-caller': who })
  const [ann, eve] = await Promise.all([as('ann', 'who leads'), as('eve', 'who leads')])
  t.strictSame([ann?.status, eve?.status], [429, 200])
  sluice.mock.fault({ faults: 'tokens=120,slow=1000/s' })
  for (const stream of [true, false]) {
    const text = `who is cut ${stream}`
    const [bob, whole] = await Promise.all([as('bob', text, stream), as('eve', text, stream)])
    t.ok(bob.status === 429 || /"finish_reason":"length"/.test(bob.text), 'it has room for 40 tokens')
    t.match(whole?.text, /"finish_reason":"stop"/)
    t.equal(whole && statusOf(whole), 'miss')
  }
  await idle(sluice)
})

t.test('what a budget left of a request is not given to others for the whole of it', async t => {
  const policies = [callers({ ann: { tenant: 'a' }, eve: { tenant: 'a' } })]
  const budgets = [{ name: 'ann', when: { consumer: ['ann'] }, count: 'outputTokens', limit: 40, every: 'month' }]
  const { port } = await cached(t, {}, { policies, ai: { budgets, ledger: { file: false } } })
  const thinking = { type: 'enabled', budget_tokens: 2_000 }
  const as = (who: string) =>
    ask(
      port,
      '/v1/messages',
      { model: 'claude/claude-haiku-4-5', max_tokens: 4_000, thinking, messages: [{ role: 'user', content: 'Hi' }] },
      { 'x-caller': who }
    )
  const ann = await as('ann')
  t.equal(ann.headers.get('x-sluice-dropped-params'), 'thinking')
  const eve = await as('eve')
  t.equal(statusOf(eve), 'miss')
  t.match(eve.text, /"type":"thinking"/)
  t.equal(statusOf(await as('eve')), 'hit')
})

t.test(
  'regions hold for what is stored too, and a stored answer says where it was made and what was left out',
  async t => {
    const policies = [callers({ eve: { tenant: 'a' }, pin: { tenant: 'a' } })]
    const ai = {
      regions: { consumers: { pin: ['eu'] } },
      models: { both: { strategy: 'fallback', targets: ['us/gpt-5', 'eu/claude-haiku-4-5'] } }
    }
    const sluice = await cached(t, {}, { policies, ai })
    const as = async (who: string) => {
      const messages = [{ role: 'user', content: 'Hi' }]
      const got = await ask(
        sluice.port,
        '/v1/chat/completions',
        { model: 'both', messages, presence_penalty: 1 },
        { 'x-caller': who }
      )
      return ['cache', 'region', 'dropped-params'].map(name => got.headers.get(`x-sluice-${name}`))
    }
    t.strictSame(await as('eve'), ['miss', 'us-east-1', null])
    t.strictSame(await as('eve'), ['hit', 'us-east-1', null])
    const eu = ['eu', 'presence_penalty']
    t.strictSame(await as('pin'), ['miss', ...eu])
    t.strictSame([await as('pin'), await as('eve')], Array(2).fill(['hit', ...eu]))
  }
)

t.test('what an answer used is told to who asks for it, also where the first one did not', async t => {
  const sluice = await cached(t)
  const as = (more: object) => {
    const messages = [{ role: 'user', content: 'Hi' }]
    return ask(sluice.port, '/v1/chat/completions', { model: 'main/gpt-5', messages, ...more })
  }
  const asking = { stream: true, stream_options: { include_usage: true } }
  sluice.mock.fault({ faults: 'tokens=60,slow=400/s' })
  const quiet = as({ stream: true })
  const all = [await quiet, ...(await Promise.all([as({}), as(asking), as({ stream: true })]))]
  const joined = await Promise.all([as({ stream: true, seed: 1 }), as({ ...asking, seed: 1 }), as({ seed: 1 })])
  t.strictSame(all.map(statusOf), ['miss', 'hit', 'hit', 'hit'])
  t.strictSame(joined.map(statusOf).sort(), ['coalesced', 'coalesced', 'miss'])
  for (const [without, whole, usage] of [
    [all[0], all[1], all[2]],
    [joined[0], joined[2], joined[1]]
  ]) {
    t.notMatch(without?.text, /prompt_tokens/)
    t.match(whole?.json.usage, { prompt_tokens: Number, completion_tokens: 60 })
    t.match(usage?.text, /"completion_tokens":60[\s\S]*\[DONE\]\n\n$/)
  }
  t.equal(all[3]?.text, all[0]?.text)
})

t.test('identical requests at once are one for the provider, and each gets the whole stream', async t => {
  const sluice = await cached(t)
  sluice.mock.fault({ faults: 'tokens=60,slow=400/s' })
  const all = await Promise.all([true, true, false, true].map(stream => say(sluice.port, 'openai-chat', { stream })))
  t.equal(sluice.asked(), 1)
  t.strictSame(all.map(statusOf).sort(), ['coalesced', 'coalesced', 'coalesced', 'miss'])
  const [a, b, whole, c] = all
  t.equal(a?.text, b?.text)
  t.equal(a?.text, c?.text)
  t.match(a?.text, /\[DONE\]/)
  t.equal(whole?.json.choices[0].finish_reason, 'stop')
  t.equal(sluice.spent(), 1)
  await idle(sluice)
})

t.test('who began a call may leave while others listen', async t => {
  const sluice = await cached(t)
  sluice.mock.fault({ faults: 'tokens=80,slow=200/s' })
  const body = JSON.stringify(SPOKEN['openai-chat'].body('main/gpt-5', true, 'Hello there'))
  const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nanthropic-version: 2023-06-01\r\ncontent-length: ${body.length}\r\n\r\n`
  const leader = await connect(t, sluice.port)
  const heard = new Promise<void>(resolve => {
    leader.socket.on('data', piece => piece.includes('river') && resolve())
  })
  leader.send(head + body)
  await heard
  const listening = say(sluice.port, 'openai-chat', { stream: true })
  const follower = await connect(t, sluice.port)
  const begun = new Promise(resolve => follower.socket.once('data', resolve))
  follower.send(head + body)
  await begun
  leader.socket.destroy()
  const got = await listening
  t.match(got.text, /\[DONE\]/, 'the whole answer')
  t.equal(sluice.asked(), 1)
  t.equal(sluice.mock.requests()[0]?.outcome, 'done')
  t.equal(statusOf(await say(sluice.port, 'openai-chat', { stream: true })), 'hit', 'and it was stored')
  await idle(sluice)
})

t.test('when everybody left the provider is told to stop, and nothing is held', async t => {
  const sluice = await cached(t)
  sluice.mock.fault({ faults: 'tokens=80,stall,after=20' })
  const body = JSON.stringify(SPOKEN['openai-chat'].body('main/gpt-5', true, 'Hello there'))
  const client = await connect(t, sluice.port)
  const heard = new Promise<void>(resolve => {
    client.socket.on('data', piece => piece.includes('river') && resolve())
  })
  client.send(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  )
  await heard
  client.socket.destroy()
  await sluice.mock.until(all => all[0]?.outcome === 'aborted')
  await idle(sluice)
  t.equal(sluice.spent(), 1)
})

t.test('a failure goes to all who wait, each in its dialect', async t => {
  const sluice = await cached(t, { key: { dialects: 'any' } })
  sluice.mock.fault({ faults: 'delay=300ms,status=503' })
  const model = 'claude/claude-haiku-4-5'
  const [openai, anthropic, gemini] = await Promise.all(
    (['openai-chat', 'anthropic', 'gemini'] as const).map(spoken =>
      say(sluice.port, spoken, { model, most: 500, stream: true })
    )
  )
  t.ok(sluice.asked() <= 3)
  t.match(openai?.json, { error: { message: /./, type: /./ } })
  t.match(anthropic?.json, { type: 'error', error: { type: /./ } })
  t.match(gemini?.json, { error: { code: Number, status: /./ } })
  for (const each of [openai, anthropic, gemini]) t.ok(Number(each?.status) >= 500, String(each?.status))
  await idle(sluice)
})

t.test('a question that means the same gets the same answer, of the same tenant, prompt and tools alone', async t => {
  const policies = [callers({ ann: { tenant: 'a' }, bob: { tenant: 'b' } })]
  const semantic = { embedding: 'main/text-embedding-3-small', threshold: 0.8 }
  const sluice = await cached(t, { semantic }, { policies })
  const question = async (text: string, more: Record<string, Json> = {}, who = 'ann') => {
    const { system, ...rest } = more
    const messages = [
      ...(system === undefined ? [] : [{ role: 'system', content: system }]),
      { role: 'user', content: text }
    ]
    const got = await ask(
      sluice.port,
      '/v1/chat/completions',
      { model: 'main/gpt-5', messages, ...rest },
      { 'x-caller': who }
    )
    t.equal(got.status, 200)
    return statusOf(got)
  }
  const [one, near] = ['what is the tallest mountain in the world', 'what is the tallest mountain of the world']
  t.equal(await question(one), 'miss')
  t.equal(await question(near), 'semantic-hit')
  t.equal(await question('how do I bake bread with rye'), 'miss')
  t.equal(await question(near, { system: 'Be rude.' }), 'miss')
  const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }]
  t.equal(await question(near, { tools }), 'miss')
  t.equal(await question(near, {}, 'bob'), 'miss')
  await idle(sluice)
})

t.test('answers take no more memory than they may', async t => {
  const sluice = await cached(t, { entryBytes: '1KiB' })
  sluice.mock.fault({ faults: 'tokens=1000' })
  for (const stream of [true, true]) t.equal(statusOf(await say(sluice.port, 'openai-chat', { stream })), 'miss')
  await idle(sluice)
})
