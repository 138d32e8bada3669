import t, { type Test } from 'tap'
import type { Ask, LedgerCalls } from '../../../core/ai/budgets/ledger.js'
import { LocalLedger } from '../../../core/ai/budgets/local-ledger.js'
import { budgetRules } from '../../../core/ai/budgets/rules.js'
import { textTokens } from '../../../core/ai/tokens/chat.js'
import { preloadEncoding } from '../../../core/ai/tokens/encoding.js'
import type { Mock } from '../../../core/cli/mock/server.js'
import { dollars } from '../../../core/gateway/ai/headers.js'
import { createMetrics } from '../../../core/gateway/metrics.js'
import { readConfig } from '../../../core/gateway/read-config.js'
import { connect } from '../../support/client.js'
import { mockProvider } from '../../support/mock.js'
import { configFile, type RunningSluice, startSluice } from '../../support/sluice.js'
import { httpUpstream, recordingUpstream } from '../../support/upstream.js'
import { aiConfig, ask, callers, type Json, SPOKEN, SPOKEN_NAMES, say, unplaced } from './parts.js'

t.setTimeout(120_000)

/** A Wednesday noon. */
const NOON = Date.UTC(2026, 10, 25, 12)

interface Budgeted {
  readonly mock: Mock
  readonly sluice: RunningSluice
  readonly ledger: LocalLedger
  /** Moves the ledger's clock on. */
  pass(ms: number): void
  /** Rule → spent; accounts of a rule by what tells them apart. */
  spent(): Record<string, number>
  reserved(): number
}

/** Sluice with budgets, whose clock is the test's. */
async function budgeted(t: Test, budgets: readonly object[], more: object = {}): Promise<Budgeted> {
  const mock = await mockProvider(t, { keep: 5_000 })
  const { ai = {}, ...rest } = more as { ai?: object }
  const config = aiConfig(mock, { ai: { budgets, ledger: { file: false }, ...ai }, ...rest })
  let now = NOON
  const rules = budgetRules(readConfig(configFile(t, config)).config.ai.budgets)
  const ledger = new LocalLedger({ rules, now: () => now })
  const sluice = await startSluice(t, config, { ledger })
  return {
    mock,
    sluice,
    ledger,
    pass: ms => {
      now += ms
    },
    spent: () =>
      Object.fromEntries(
        ledger.report().map(({ rule, dimensions, spent }) => [[rule, ...Object.values(dimensions)].join(' '), spent])
      ),
    reserved: () => ledger.report().reduce((sum, each) => sum + each.reserved, 0)
  }
}

const bills = (mock: Mock) => mock.requests().flatMap(({ bill }) => bill ?? [])
const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)

/** The booking of a stream ends when the stream does; a client may hear of the end a little earlier. */
async function settled({ reserved }: Pick<Budgeted, 'reserved'>): Promise<void> {
  while (reserved() > 0) await new Promise(resolve => setImmediate(resolve))
}

const MONTHLY = ['requests', 'tokens', 'inputTokens', 'outputTokens', 'dollars'].map(count => {
  return { name: count, count, limit: 1_000_000, every: 'month' }
})

for (const spoken of SPOKEN_NAMES) {
  t.test(`${spoken}: what is booked is the provider's own bill, with and without a stream`, async t => {
    const budgets = await budgeted(t, MONTHLY)
    const { mock, sluice, spent } = budgets
    for (const stream of [false, true]) {
      for (const text of ['one', 'a somewhat longer question, with more words in it']) {
        t.equal((await say(sluice.port, spoken, { stream, text })).status, 200)
      }
    }
    await settled(budgets)
    const input = sum(bills(mock).map(bill => bill.input))
    const output = sum(bills(mock).map(bill => bill.output))
    const { dollars = 0, ...counted } = spent()
    t.strictSame(counted, { requests: 4, tokens: input + output, inputTokens: input, outputTokens: output })
    t.ok(dollars > 0, 'the model has a price')
    const headers = (await say(sluice.port, spoken)).headers
    t.equal(headers.get('x-ratelimit-limit-requests'), '1000000')
    t.equal(headers.get('x-ratelimit-remaining-requests'), String(1_000_000 - 5))
    t.match(headers.get('x-ratelimit-limit-tokens'), '1000000')
    t.match(headers.get('x-ratelimit-reset-tokens'), /^\d+h\d+m\d+s$/)
  })

  t.test(`${spoken}: a budget that is spent refuses in that dialect, and says when to come again`, async t => {
    const { mock, sluice, pass } = await budgeted(t, [{ name: 'few', count: 'requests', limit: 2, every: 'minute' }])
    pass(15_000)
    for (const _ of [1, 2]) t.equal((await say(sluice.port, spoken)).status, 200)
    for (const stream of [false, true]) {
      const refused = await say(sluice.port, spoken, { stream })
      t.equal(refused.status, 429)
      t.equal(refused.headers.get('retry-after'), '45', 'the minute has 45 seconds left')
      const left = ['limit', 'remaining'].map(what => refused.headers.get(`x-ratelimit-${what}-requests`))
      t.strictSame(left, ['2', '0'])
      t.match(refused.json, ERRORS[spoken])
      t.notMatch(refused.text, /few/, 'the names of budgets are the operator’s')
    }
    t.equal(mock.requests().length, 2, 'the provider was not asked')
    pass(45_000)
    t.equal((await say(sluice.port, spoken)).status, 200, 'a new minute has room')
  })

  for (const [across, model] of [
    ['in its own dialect', SPOKEN[spoken].native],
    ['translated', spoken === 'anthropic' ? 'main/gpt-5' : 'claude/claude-haiku-4-5']
  ] as const) {
    t.test(`${spoken}, ${across}: near the end of a budget the model is asked for less`, async t => {
      const { mock, sluice } = await budgeted(t, [{ name: 'out', count: 'outputTokens', limit: 300, every: 'day' }])
      for (const most of [5_000, 100, undefined]) await say(sluice.port, spoken, { model, most })
      const received = mock.requests().map(({ body, target }) => mostIn(target, JSON.parse(body.toString())))
      const outputs = bills(mock).map(bill => bill.output)
      t.equal(received[0], 300, 'all there is')
      t.equal(received[1], 100, 'less than there is stays')
      t.equal(received[2], 300 - (outputs[0] ?? 0) - (outputs[1] ?? 0), 'what is left')
    })
  }
}

/** What each dialect says of a limit. */
const ERRORS = {
  'openai-chat': { error: { type: 'rate_limit_error', code: 'GW_AI_LIMIT_EXCEEDED' } },
  'openai-responses': { error: { code: 'rate_limit_exceeded' } },
  anthropic: { type: 'error', error: { type: 'rate_limit_error' } },
  gemini: { error: { code: 429, status: 'RESOURCE_EXHAUSTED' } }
} as const

/** The most tokens a request asks for, by where it went. */
function mostIn(target: string, body: Json): unknown {
  if (target.includes('/messages')) return body.max_tokens
  if (target.includes('/responses')) return body.max_output_tokens
  if (target.includes('generateContent') || target.includes('GenerateContent'))
    return body.generationConfig?.maxOutputTokens
  return body.max_completion_tokens ?? body.max_tokens
}

for (const spoken of SPOKEN_NAMES) {
  for (const [across, model] of [
    ['in its own dialect', SPOKEN[spoken].native],
    ['translated', spoken === 'anthropic' ? 'main/gpt-5' : 'claude/claude-haiku-4-5']
  ] as const) {
    t.test(
      `${spoken}, ${across}: two streams that come to the end of a budget are cut with its word for length`,
      async t => {
        const limit = 340
        const budgets = await budgeted(t, [{ name: 'out', count: 'outputTokens', limit, every: 'day' }])
        const { mock, sluice, spent } = budgets
        await say(sluice.port, spoken, { model }) // the gateway learns that answers are short: it holds little for the next
        // Each alone has room for nearly all of the budget, and is told so; together there is too little.
        mock.fault({ faults: 'tokens=300,slow=500/s' })
        const both = await Promise.all([1, 2].map(() => say(sluice.port, spoken, { model, stream: true, most: 300 })))
        await settled(budgets)
        const cut = both.find(({ text }) => SPOKEN[spoken].length.test(text))
        t.ok(cut !== undefined, 'one of them ended for length')
        if (spoken !== 'openai-chat') t.match(cut?.text, /usage/i, 'what was used is said')
        if (spoken === 'openai-responses') t.strictSame(unplaced(cut?.text ?? ''), [])
        await mock.until(all => all.some(({ outcome }) => outcome === 'aborted'))
        t.ok(Number(spent().out) > limit * 0.8, `what came is booked, by an estimate: ${spent().out}`)
        const whole = sum(bills(mock).map(({ output }) => output))
        t.ok(Number(spent().out) < whole, `and not what the models would have said: ${spent().out} of ${whole}`)
      }
    )
  }
}

t.test('what failed costs nothing, and a fallback is booked where it was answered', async t => {
  const budgets = await budgeted(
    t,
    [...MONTHLY, { name: 'by', per: ['provider', 'model'], count: 'requests', limit: 100, every: 'month' }],
    { ai: { models: { both: { strategy: 'fallback', targets: ['main/gpt-5', 'claude/claude-haiku-4-5'] } } } }
  )
  const { mock, sluice, spent, reserved } = budgets
  mock.fault({ faults: 'status=503', path: '/chat/completions' })
  t.equal((await say(sluice.port, 'openai-chat')).status, 503)
  t.equal(reserved(), 0)
  t.equal(sum(Object.values(spent())), 0, 'nothing is booked')
  for (const stream of [false, true])
    t.equal((await say(sluice.port, 'openai-chat', { model: 'both', stream })).status, 200)
  await settled(budgets)
  const { requests, tokens } = spent()
  t.equal(requests, 2)
  t.equal(tokens, sum(bills(mock).map(({ input, output }) => input + output)), 'only answers have bills')
  t.strictSame(
    Object.entries(spent()).filter(([name, count]) => name.startsWith('by') && count > 0),
    [['by claude claude-haiku-4-5', 2]]
  )
})

t.test('a budget of one account or model alone is a reason to ask the next target', async t => {
  const targets = ['main/gpt-5', 'claude/claude-haiku-4-5']
  const { sluice } = await budgeted(
    t,
    [{ name: 'main', when: { provider: ['main'] }, count: 'requests', limit: 1, every: 'month' }],
    {
      ai: {
        models: {
          both: { strategy: 'fallback', targets },
          errors: { strategy: 'fallback', on: ['error'], targets }
        }
      }
    }
  )
  const providers: (string | null)[] = []
  for (const _ of [1, 2])
    providers.push((await say(sluice.port, 'openai-chat', { model: 'both' })).headers.get('x-sluice-provider'))
  t.strictSame(providers, ['main', 'claude'])
  t.equal((await say(sluice.port, 'openai-chat', { model: 'errors' })).status, 429, 'limits are none of its reasons')
})

t.test('a whole reply says what is left once it is booked', async t => {
  const { sluice, spent } = await budgeted(t, [{ name: 'all', count: 'tokens', limit: 1_000, every: 'day' }])
  for (const _ of [1, 2]) {
    const { headers } = await say(sluice.port, 'openai-chat')
    t.equal(headers.get('x-ratelimit-remaining-tokens'), String(1_000 - (spent().all ?? 0)))
  }
})

t.test('an error within a stream that had begun books what was said', async t => {
  const budgets = await budgeted(t, MONTHLY)
  const { mock, sluice, spent } = budgets
  mock.fault({ faults: 'tokens=40,error-in-stream=20' })
  const got = await say(sluice.port, 'openai-chat', { stream: true })
  t.match(got.text, /"error"/)
  await settled(budgets)
  const { requests, outputTokens = 0, inputTokens = 0 } = spent()
  t.equal(requests, 1)
  t.ok(outputTokens > 5 && outputTokens <= 40, `about what came: ${outputTokens}`)
  t.ok(inputTokens > 0)
})

t.test('a client that leaves in the middle pays for what came, and holds nothing any more', async t => {
  const budgets = await budgeted(t, MONTHLY)
  const { mock, sluice, spent } = budgets
  mock.fault({ faults: 'tokens=400,stall,after=50' })
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
  await mock.until(all => all[0]?.outcome === 'aborted')
  await settled(budgets)
  t.equal(spent().requests, 1)
  t.ok(Number(spent().outputTokens) > 0 && Number(spent().outputTokens) < 400, 'what came')
})

t.test('a client that leaves before an answer comes pays for what it asked, and its request counts', async t => {
  const budgets = await budgeted(t, MONTHLY)
  const { mock, sluice, spent } = budgets
  mock.fault({ faults: 'stall,after=0' })
  for (const [i, stream] of [false, true].entries()) {
    const leave = new AbortController()
    const asked = fetch(`http://127.0.0.1:${sluice.port}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(SPOKEN['openai-chat'].body('main/gpt-5', stream, 'Hello there')),
      signal: leave.signal
    }).catch(() => undefined)
    await mock.until(all => all.length === i + 1)
    leave.abort()
    await asked
    await mock.until(all => all[i]?.outcome === 'aborted')
    await settled(budgets)
    while (spent().requests !== i + 1) await new Promise(resolve => setImmediate(resolve))
    t.ok(Number(spent().inputTokens) > 0, 'the prompt')
    t.equal(spent().outputTokens, 0)
  }
})

t.test('callers, tenants, models, accounts and routes have accounts of their own', async t => {
  const per = (dimension: string) => ({ name: dimension, per: [dimension], count: 'requests', limit: 2, every: 'day' })
  const { sluice, spent } = await budgeted(
    t,
    [
      ...['consumer', 'tenant', 'app', 'model', 'provider', 'route'].map(each => ({ ...per(each), limit: 100 })),
      { ...per('two'), per: ['consumer', 'model'] },
      { name: 'trial', when: { app: ['trial-*'] }, count: 'requests', limit: 1, every: 'day' }
    ],
    {
      policies: [
        callers({ ann: { tenant: 'acme', app: 'trial-1' }, bob: { tenant: 'acme' }, eve: { tenant: 'other' } })
      ]
    }
  )
  const as = (caller: string, model = 'main/gpt-5') =>
    say(sluice.port, 'openai-chat', { model }, { 'x-caller': caller }).then(({ status }) => status)
  t.strictSame([await as('ann'), await as('ann')], [200, 429], 'the trial is over')
  t.strictSame([await as('bob'), await as('bob'), await as('bob')], [200, 200, 429], 'bob’s two of this model')
  t.equal(await as('bob', 'main/gpt-5-mini'), 200, 'another model has its own')
  t.equal(await as('eve'), 200)
  const all = spent()
  t.match(all, {
    'consumer ann': 1,
    'consumer bob': 3,
    'consumer eve': 1,
    'tenant acme': 4,
    'tenant other': 1,
    'model gpt-5': 4,
    'model gpt-5-mini': 1,
    'provider main': 5,
    'route ai': 5,
    trial: 1
  })
})

t.test('a rolling window moves on with the clock', async t => {
  const { sluice, pass } = await budgeted(t, [{ name: 'r', count: 'requests', limit: 1, every: { rolling: '1h' } }])
  t.equal((await say(sluice.port, 'openai-chat')).status, 200)
  pass(59 * 60_000)
  t.equal((await say(sluice.port, 'openai-chat')).status, 429)
  pass(3 * 60_000)
  t.equal((await say(sluice.port, 'openai-chat')).status, 200)
})

t.test('money that is spent is refused as money, and a rule that does not enforce refuses nothing', async t => {
  const { sluice, spent } = await budgeted(t, [
    { name: 'watch', count: 'tokens', limit: 1, every: 'day', enforce: false },
    { name: 'money', count: 'dollars', limit: '0.000600', every: 'day' }
  ])
  let { status, json } = await say(sluice.port, 'openai-chat')
  t.equal(status, 200)
  while (status === 200) ({ status, json } = await say(sluice.port, 'openai-chat'))
  t.equal(status, 429)
  t.equal(json.error.code, 'GW_AI_BUDGET_EXCEEDED')
  t.ok(Number(spent().watch) > 1)
})

t.test('tokens are those that were used, and money is what the provider bills', async t => {
  const usage = {
    billed_units: { input_tokens: 5, output_tokens: 418 },
    tokens: { input_tokens: 71_000, output_tokens: 418 }
  }
  const content = [{ type: 'text', text: 'Hi' }]
  const upstream = await httpUpstream(t, (_, response) => {
    const answer = { id: '1', finish_reason: 'COMPLETE', message: { role: 'assistant', content }, usage }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  const providers = { co: { provider: 'cohere', baseUrl: `http://127.0.0.1:${upstream.port}`, keys: ['key'] } }
  const { sluice, spent } = await budgeted(t, MONTHLY, { ai: { providers } })
  const body = { model: 'co/command-a-03-2025', messages: [{ role: 'user', content: 'Hi' }] }
  for (const path of ['/v2/chat', '/v1/chat/completions']) {
    const { headers } = await ask(sluice.port, path, body)
    t.equal(headers.get('x-sluice-usage'), 'input=71000, output=418, source=provider', path)
    t.equal(headers.get('x-sluice-cost'), '0.004193', path)
  }
  t.match(spent(), { inputTokens: 142_000, outputTokens: 836, dollars: 8_386 })
})

t.test('several answers to one question share what there is', async t => {
  const { mock, sluice } = await budgeted(t, [{ name: 'out', count: 'outputTokens', limit: 300, every: 'day' }])
  const body = { model: 'main/gpt-5', n: 3, max_tokens: 5_000, messages: [{ role: 'user', content: 'Hi' }] }
  t.equal((await ask(sluice.port, '/v1/chat/completions', body)).status, 200)
  t.equal(JSON.parse(String(mock.requests()[0]?.body)).max_tokens, 100)
})

t.test('what says nothing of tokens is a request, and holds nothing when it is over', async t => {
  const { sluice, spent, reserved } = await budgeted(t, MONTHLY)
  const form = new FormData()
  form.set('file', new Blob(['RIFF']), 'a.wav')
  form.set('model', 'main/whisper-1')
  form.set('response_format', 'text')
  const url = `http://127.0.0.1:${sluice.port}/v1/audio/transcriptions`
  t.equal((await fetch(url, { method: 'POST', body: form })).status, 200)
  t.match(spent(), { requests: 1, tokens: 0 })
  t.equal(reserved(), 0)
})

t.test('a number that no answer can have used is none: what was used is counted, marked and booked', async t => {
  const message = { role: 'assistant', content: 'Yes.' }
  const said = {
    id: 'm',
    type: 'message',
    model: 'claude',
    content: [{ type: 'text', text: 'Yes.' }],
    stop_reason: 'end_turn'
  }
  const upstream = await httpUpstream(t, (request, response) => {
    const answer =
      request.url === '/messages'
        ? { ...said, role: 'assistant', usage: { input_tokens: 1e300, output_tokens: 1 } }
        : {
            choices: [{ index: 0, message, finish_reason: 'stop' }],
            usage: { prompt_tokens: 1, completion_tokens: Number.MAX_SAFE_INTEGER }
          }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  const baseUrl = `http://127.0.0.1:${upstream.port}`
  const providers = {
    main: { provider: 'openai', baseUrl, keys: ['key'] },
    claude: { provider: 'anthropic', baseUrl, keys: ['key'] }
  }
  const { sluice, spent } = await budgeted(t, MONTHLY, { ai: { providers } })
  for (const model of ['main/gpt-5', 'claude/claude-sonnet-4-5']) {
    const got = await ask(sluice.port, '/v1/chat/completions', {
      model,
      messages: [{ role: 'user', content: 'Well?' }]
    })
    t.match(got.headers.get('x-sluice-usage'), /^input=\d{1,2}, output=\d, source=estimated$/, model)
  }
  t.ok((spent().tokens ?? 0) < 100)
})

t.test('where a provider says nothing of what was used, what was asked is counted, marked and booked', async t => {
  const upstream = await httpUpstream(t, (request, response) => {
    const vectors = request.url?.includes('mbed') === true
    const answer = vectors ? { embeddings: [{ values: [0.1] }, { values: [0.2] }] } : { results: [], data: [] }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  const baseUrl = `http://127.0.0.1:${upstream.port}`
  const providers = {
    google: { provider: 'gemini', baseUrl, keys: ['key'] },
    co: { provider: 'cohere', baseUrl, keys: ['key'] },
    main: { provider: 'openai', baseUrl, keys: ['key'] }
  }
  const catalog = { models: { cohere: { 'rerank-v3.5': { price: { input: 0, output: 0, perSearch: 0.002 } } } } }
  const { sluice, spent } = await budgeted(t, MONTHLY, { ai: { providers, catalog } })
  const texts = ['The quick brown fox', 'jumps over the lazy dog']
  const count = textTokens(texts, 'gemini-embedding-001')
  const model = 'google/gemini-embedding-001'
  const across = await ask(sluice.port, '/v1/embeddings', { model, input: texts })
  t.equal(across.headers.get('x-sluice-usage'), `input=${count}, output=0, source=estimated`)
  t.equal(across.headers.get('x-sluice-cost'), dollars(Math.round(count * 0.15)))
  t.strictSame(across.json.usage, { prompt_tokens: count, total_tokens: count })
  t.match(spent(), { inputTokens: count, outputTokens: 0, dollars: Math.round(count * 0.15) })

  const estimate = async (path: string, body: object) =>
    (await ask(sluice.port, path, body)).headers.get('x-sluice-usage')
  const requests = texts.map(text => ({ content: { parts: [{ text }] } }))
  const same = `/v1beta/models/${encodeURIComponent(model)}:batchEmbedContents`
  t.equal(await estimate(same, { requests }), `input=${count}, output=0, source=estimated`)
  t.match(await estimate(same, { requests: 'odd' }), /^input=\d+, output=0, source=estimated$/, 'by its size')
  t.equal(
    await estimate('/v1/embeddings', { model: 'main/mine', input: [[1, 2, 3], [4]] }),
    'input=4, output=0, source=estimated',
    'tokens are counted already'
  )
  const picture = { model: 'main/dall-e-3', prompt: 'a cat' }
  const said = textTokens(['a cat'], 'dall-e-3')
  t.equal(await estimate('/v1/images/generations', picture), `input=${said}, output=0, source=estimated`)

  const documents = Array.from({ length: 101 }, (_, i) => `text ${i}`)
  const ranked = await ask(sluice.port, '/v2/rerank', { model: 'co/rerank-v3.5', query: 'a', documents })
  t.equal(ranked.headers.get('x-sluice-cost'), '0.004000', 'two searches')
})

t.test('what was reserved for a target that cannot do what is asked is given back', async t => {
  const budgets = await budgeted(t, MONTHLY, {
    ai: {
      models: {
        vectors: { strategy: 'fallback', targets: ['claude/claude-sonnet-4-5', 'main/text-embedding-3-small'] }
      }
    }
  })
  const { status } = await ask(budgets.sluice.port, '/v1/embeddings', { model: 'vectors', input: 'a' })
  t.equal(status, 200)
  t.match(budgets.spent(), { requests: 1 })
  t.equal(budgets.reserved(), 0)
})

t.test('streams of speech and of transcriptions are booked by their last event', async t => {
  const { mock, sluice, spent } = await budgeted(t, MONTHLY)
  const speech = { model: 'main/gpt-4o-mini-tts', input: 'Hello there', voice: 'alloy', stream_format: 'sse' }
  const { text, headers } = await ask(sluice.port, '/v1/audio/speech', speech)
  t.match(headers.get('content-type'), 'text/event-stream')
  t.match(text, /"speech.audio.delta"[\s\S]*"speech.audio.done"/)
  const [spoken] = bills(mock)
  while (spent().tokens === 0) await new Promise(resolve => setImmediate(resolve))
  t.match(spent(), { inputTokens: spoken?.input, outputTokens: spoken?.output })
  t.match((await sluice.access()).ai, { input: spoken?.input, output: spoken?.output, stream: true, microDollars: 241 })

  const form = new FormData()
  form.set('file', new Blob(['RIFF']), 'a.wav')
  form.set('model', 'main/gpt-4o-transcribe')
  form.set('stream', 'true')
  const url = `http://127.0.0.1:${sluice.port}/v1/audio/transcriptions`
  t.match(await (await fetch(url, { method: 'POST', body: form })).text(), 'transcript.text.done')
  const heard = bills(mock)[1]
  t.match((await sluice.access()).ai, { input: heard?.input, output: heard?.output, microDollars: Number })
})

t.test('a transcription that was to be streamed and is not comes whole', async t => {
  const upstream = await httpUpstream(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('Hello\n') // whisper-1 passes "stream" over
  })
  const main = { provider: 'openai', baseUrl: `http://127.0.0.1:${upstream.port}`, keys: ['key'] }
  const { sluice } = await budgeted(t, MONTHLY, { ai: { providers: { main } } })
  const form = new FormData()
  form.set('file', new Blob(['RIFF']), 'a.wav')
  form.set('model', 'main/whisper-1')
  form.set('stream', 'true')
  const url = `http://127.0.0.1:${sluice.port}/v1/audio/transcriptions`
  const reply = await fetch(url, { method: 'POST', body: form })
  t.equal(reply.headers.get('content-type'), 'text/plain')
  t.equal(await reply.text(), 'Hello\n')
})

t.test('looking at an answer again is free, and counts nowhere a second time', async t => {
  const { sluice, spent } = await budgeted(t, MONTHLY)
  const body = { model: 'main/gpt-5', input: 'Hello there', store: true }
  const { json } = await ask(sluice.port, '/v1/responses', body)
  t.match((await sluice.access()).ai, { output: Number })
  const before = spent()
  const again = await fetch(`http://127.0.0.1:${sluice.port}/v1/responses/${json.id}`)
  t.match(await again.json(), { id: json.id, usage: { output_tokens: Number } })
  t.equal(again.headers.get('x-sluice-usage'), null)
  t.strictSame(spent(), before)
  const { ai } = (await sluice.access()) as { ai?: { output?: number } }
  t.equal(ai?.output, undefined)
})

t.test('an answer that is made in the background is booked when it is fetched, once', async t => {
  let status = 'queued'
  const upstream = await httpUpstream(t, (_, response) => {
    const whole = status === 'completed'
    const usage = whole ? { input_tokens: 10, output_tokens: 500, total_tokens: 510 } : null
    const body = { id: 'resp_1', object: 'response', model: 'gpt-5', status, background: true, output: [], usage }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  const main = { provider: 'openai', baseUrl: `http://127.0.0.1:${upstream.port}/v1`, keys: ['k'] }
  const { sluice, spent, reserved } = await budgeted(t, MONTHLY, { ai: { providers: { main } } })
  const asked = { model: 'main/gpt-5', input: 'Hello there', background: true }
  t.equal((await ask(sluice.port, '/v1/responses', asked)).json.status, 'queued')
  const fetched = async () => (await fetch(`http://127.0.0.1:${sluice.port}/v1/responses/resp_1`)).headers
  status = 'in_progress'
  t.equal((await fetched()).get('x-sluice-usage'), null)
  t.match(spent(), { requests: 1 })
  t.equal(spent().outputTokens ?? 0, 0)
  t.ok(reserved() > 0, 'what it may use is held')
  status = 'completed'
  t.equal((await fetched()).get('x-sluice-usage'), 'input=10, output=500, source=provider')
  const all = { requests: 1, inputTokens: 10, outputTokens: 500, tokens: 510, dollars: 5_013 }
  t.match(spent(), all)
  t.equal(reserved(), 0)
  t.equal((await fetched()).get('x-sluice-usage'), null)
  t.match(spent(), all)
})

t.test('counting tokens is free', async t => {
  const { sluice, spent } = await budgeted(t, MONTHLY)
  const body = { model: 'claude/claude-haiku-4-5', messages: [{ role: 'user', content: 'Hi' }] }
  t.equal((await ask(sluice.port, '/v1/messages/count_tokens', body)).status, 200)
  t.equal(spent().requests ?? 0, 0)
})

t.test('1,000 streams at once overspend one budget by no more than what was in flight', async t => {
  const limit = 20_000
  const budgets = await budgeted(t, [{ name: 'out', count: 'outputTokens', limit, every: 'day' }])
  const { mock, sluice, spent, ledger } = budgets
  let most = 0
  const { reserve } = ledger
  ledger.reserve = given => {
    const answer = reserve.call(ledger, given)
    most = Math.max(most, given.output)
    return answer
  }
  mock.fault({ faults: 'tokens=60' })
  const replies = await Promise.all(
    Array.from({ length: 1_000 }, () => say(sluice.port, 'openai-chat', { stream: true }))
  )
  await settled(budgets)
  const [answered, refused] = [200, 429].map(status => replies.filter(each => each.status === status).length)
  t.equal(Number(answered) + Number(refused), 1_000, 'each is answered or refused')
  t.ok(Number(refused) > 0 && Number(answered) > 0, `${answered} answered, ${refused} refused`)
  t.ok(Number(spent().out) <= limit, `what was held was enough: ${spent().out}`)
  t.equal(spent().out, sum(bills(mock).map(({ output }) => output)), 'and it is what the bills say')
})

t.test('with answers from other threads it is the same', async t => {
  const mock = await mockProvider(t)
  const config = aiConfig(mock, {
    ai: { budgets: [{ name: 'out', count: 'outputTokens', limit: 500, every: 'day' }], ledger: { file: false } }
  })
  const rules = budgetRules(readConfig(configFile(t, config)).config.ai.budgets)
  const ledger = new LocalLedger({ rules })
  const later = async <T>(value: T): Promise<T> => {
    await new Promise(resolve => setImmediate(resolve))
    return value
  }
  const remote: LedgerCalls = {
    reserve: async each => later(ledger.reserve(each)),
    cutAt: async (id, produced) => later(ledger.cutAt(id, produced)),
    defer: async id => later(ledger.defer(id)),
    settle: async (id, actual) => later(ledger.settle(id, actual)),
    release: async id => later(ledger.release(id)),
    standings: async each => later(ledger.standings(each)),
    report: async () => later(ledger.report())
  }
  const sluice = await startSluice(t, config, { ledger: remote })
  mock.fault({ faults: 'tokens=300' })
  const got = await say(sluice.port, 'openai-chat', { stream: true })
  t.match(got.text, /\[DONE\]/)
  t.equal((await say(sluice.port, 'openai-chat', { stream: true })).status, 200)
  t.equal((await say(sluice.port, 'openai-chat', { stream: true })).status, 429)
})

t.test('a file that is sent weighs what files usually do, not what its bytes would as text', async t => {
  const budgets = [{ name: 'tokens', count: 'tokens', limit: 20_000, every: 'minute' }]
  const models = { able: { strategy: 'capable', targets: ['main/gpt-4o-transcribe'] } }
  const { sluice, reserved } = await budgeted(t, budgets, { ai: { models } })
  const upload = (path: string, model: string, name: string) => {
    const form = new FormData()
    form.set(name, new Blob([Buffer.alloc(960_000, 7)]), `${name}.bin`)
    form.set('model', model)
    form.set('prompt', 'a cat')
    return fetch(`http://127.0.0.1:${sluice.port}${path}`, { method: 'POST', body: form })
  }
  for (const model of ['main/gpt-4o-transcribe', 'able']) {
    t.equal((await upload('/v1/audio/transcriptions', model, 'file')).status, 200, model)
  }
  t.equal((await upload('/v1/images/edits', 'main/gpt-image-1', 'image')).status, 200)
  t.equal(reserved(), 0)
})

/** What a ledger is asked for, from now on. */
function asks(ledger: LocalLedger): Ask[] {
  const asked: Ask[] = []
  const { reserve } = ledger
  ledger.reserve = given => {
    asked.push(given)
    return reserve.call(ledger, given)
  }
  return asked
}

t.test('many answers hold no more than one does where the model gives only one', async t => {
  const { mock, sluice, ledger } = await budgeted(t, [
    { name: 'out', count: 'outputTokens', limit: 9_000, every: 'day' }
  ])
  const held = asks(ledger)
  for (const model of ['claude/claude-haiku-4-5', 'main/gpt-5']) {
    const body = { model, n: 1_000_000, max_tokens: 1_000, messages: [{ role: 'user', content: 'Hi' }] }
    await ask(sluice.port, '/v1/chat/completions', body)
  }
  t.equal(held[0]?.output, 1_000)
  t.equal(JSON.parse(String(mock.requests()[0]?.body)).max_tokens, 1_000, 'and nothing is lowered')
  t.equal(held[1]?.output, 16_384)
})

t.test('pictures and speech hold what they usually take, at their own price', async t => {
  const price = { input: 5, output: 10, imageOutput: 40, audioOutput: 20 }
  const catalog = { models: { openai: { 'gpt-image-1': { price }, 'my-tts': { price } } } }
  const { sluice, ledger } = await budgeted(t, MONTHLY, { ai: { catalog } })
  const held = asks(ledger)
  await ask(sluice.port, '/v1/images/generations', { model: 'main/gpt-image-1', prompt: 'a cat', n: 2 })
  await ask(sluice.port, '/v1/audio/speech', { model: 'main/my-tts', input: 'Hi', voice: 'alloy' })
  await ask(sluice.port, '/v1/embeddings', { model: 'main/text-embedding-3-small', input: 'Hi' })
  t.strictSame(
    held.map(({ output }) => output),
    [2_048, 1_024, 0]
  )
  t.match([held[0]?.outputRate, held[1]?.outputRate], [40_000_000, 20_000_000])
})

t.test('Ollama’s word for no limit gives way to a budget', async t => {
  const seen: Json[] = []
  const upstream = await recordingUpstream(t, ({ body }, response) => {
    seen.push(JSON.parse(body.toString()))
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ model: 'm', message: { role: 'assistant', content: 'Hi' }, done: true }))
  })
  const ollama = { provider: 'ollama', baseUrl: `http://127.0.0.1:${upstream.port}` }
  const budgets = [{ name: 'out', count: 'outputTokens', limit: 500, every: 'day' }]
  const { sluice } = await budgeted(t, budgets, { ai: { providers: { ollama } } })
  const messages = [{ role: 'user', content: 'Hi' }]
  const body = { model: 'ollama/qwen3', stream: false, messages, options: { num_predict: -1 } }
  t.equal((await ask(sluice.port, '/api/chat', body)).status, 200)
  t.equal(seen[0].options.num_predict, 500)
})

t.test('vectors and rankings hold what their texts take', async t => {
  const { sluice, ledger } = await budgeted(t, MONTHLY)
  const held = asks(ledger)
  const text = 'word '.repeat(400)
  const picture = `data:image/png;base64,${'A'.repeat(400_000)}`
  const edit = { model: 'main/gpt-image-1', prompt: 'a cat', images: [{ image_url: picture }] }
  await preloadEncoding('o200k_base')
  await ask(sluice.port, '/v1/embeddings', { model: 'main/mine', input: [text, [1, 2, 3]] })
  await ask(sluice.port, '/v1/rerank', { model: 'main/mine', query: 'one', documents: [text, text] })
  await ask(sluice.port, '/v1/images/edits', edit)
  t.equal(held[0]?.input, textTokens([text], 'mine') + 3)
  t.equal(held[1]?.input, textTokens([text, text], 'mine') + 2 * textTokens(['one'], 'mine'))
  t.ok(Number(held[2]?.input) < 2_000, `a picture in JSON is one file: ${held[2]?.input}`)
})

t.test('a model that goes by a name of the operator’s own at its provider has the price of what it is', async t => {
  const upstream = await httpUpstream(t, (request, response) => {
    const usage = request.url?.includes('converse')
      ? { inputTokens: 1_000, outputTokens: 100, totalTokens: 1_100 }
      : { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 }
    const message = { role: 'assistant', content: request.url?.includes('converse') ? [{ text: 'Hi' }] : 'Hi' }
    const body = request.url?.includes('converse')
      ? { output: { message }, stopReason: 'end_turn', usage }
      : { object: 'chat.completion', choices: [{ index: 0, message, finish_reason: 'stop' }], usage }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  const baseUrl = `http://127.0.0.1:${upstream.port}`
  const profile = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'
  const providers = {
    one: { provider: 'openai', baseUrl, keys: ['k'], models: { 'gpt-5': 'my-deployment' } },
    two: { provider: 'azure-openai', baseUrl, keys: ['k'], models: { 'gpt-4.1': 'prod-41' } },
    three: { provider: 'bedrock', region: 'us-east-1', baseUrl, keys: ['k'], models: { 'claude-sonnet-4-5': profile } }
  }
  const budgets = [{ name: 'money', count: 'dollars', limit: 10, every: 'day', per: ['model'] }]
  const { sluice, spent, reserved } = await budgeted(t, budgets, { ai: { providers } })
  const costs = []
  for (const model of ['gpt-5', 'gpt-4.1', 'claude-sonnet-4-5']) {
    const body = { model, messages: [{ role: 'user', content: 'Hi' }] }
    costs.push((await ask(sluice.port, '/v1/chat/completions', body)).headers.get('x-sluice-cost'))
  }
  t.strictSame(costs, ['0.002250', '0.002800', '0.004500'])
  t.strictSame(spent(), { 'money my-deployment': 2_250, 'money prod-41': 2_800, [`money ${profile}`]: 4_500 })
  t.equal(reserved(), 0)
})

t.test('an answer without a price counts as one once, whoever was asked before', async t => {
  const mock = await mockProvider(t)
  const metrics = createMetrics(false)
  const models = { both: { strategy: 'fallback', targets: ['main/theirs', 'claude/ours'] } }
  const known = { contextTokens: 8_000 }
  const catalog = { models: { openai: { theirs: known }, anthropic: { ours: known } } }
  const config = aiConfig(mock, { ai: { models, catalog, budgets: MONTHLY, ledger: { file: false } } })
  const { port } = await startSluice(t, config, { metrics })
  mock.fault({ faults: 'status=503', path: '/chat/completions' })
  const body = { model: 'both', messages: [{ role: 'user', content: 'Hi' }] }
  t.equal((await ask(port, '/v1/chat/completions', body)).status, 200)
  t.strictSame([metrics.unpriced.of('openai'), metrics.unpriced.of('anthropic')], [0, 1])
})

/** A provider that makes responses in the background: what it says of them is the test's. */
async function inBackground(t: Test) {
  const made = { status: 'queued', more: {} as object, breaks: false }
  const upstream = await httpUpstream(t, (request, response) => {
    const id = request.url?.split('/')[3]?.split('?')[0] ?? 'resp_1'
    const begun = { id, object: 'response', model: 'gpt-5', background: true, output: [], usage: null }
    const whole = { ...begun, status: made.status, ...made.more }
    const event = (type: string, response: object) =>
      `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: 0, response })}\n\n`
    if (request.method === 'DELETE') response.end(JSON.stringify({ id, object: 'response', deleted: true }))
    else if (made.breaks || request.url?.includes('stream=true')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(event('response.created', { ...begun, status: 'queued' }))
      response.write(event('response.in_progress', { ...begun, status: 'in_progress' }))
      if (!made.breaks) response.end(event(`response.${made.status}`, whole))
    } else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(whole))
  })
  const main = { provider: 'openai', baseUrl: `http://127.0.0.1:${upstream.port}/v1`, keys: ['k'] }
  const route = { streams: { hold: '20ms' } }
  const budgets = await budgeted(t, MONTHLY, { ai: { providers: { main } }, route })
  const url = `http://127.0.0.1:${budgets.sluice.port}/v1/responses`
  const asked = { model: 'main/gpt-5', input: 'Hello there', background: true }
  return { made, url, asked, ...budgets }
}

const USED = { usage: { input_tokens: 10, output_tokens: 500, total_tokens: 510 } }
const BOOKED = { requests: 1, inputTokens: 10, outputTokens: 500, tokens: 510, dollars: 5_013 }

t.test('an answer that goes on in the background when its stream is left is booked when it is fetched', async t => {
  const { made, url, asked, sluice, spent, reserved } = await inBackground(t)
  made.breaks = true
  const away = new AbortController()
  const streamed = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...asked, stream: true }),
    signal: away.signal
  })
  await streamed.body?.getReader().read()
  away.abort()
  await sluice.access()
  t.ok(reserved() > 0, 'what it may use is held')
  t.equal(spent().outputTokens ?? 0, 0)
  t.ok((spent().inputTokens ?? 0) > 0, 'its prompt is booked')
  Object.assign(made, { breaks: false, status: 'completed', more: USED })
  const fetched = await fetch(`${url}/resp_1`)
  t.equal(fetched.headers.get('x-sluice-usage'), 'input=10, output=500, source=provider')
  t.match(spent(), BOOKED)
  t.equal(reserved(), 0)
})

t.test('an answer that is made in the background is booked by the stream it is fetched with', async t => {
  const { made, url, asked, sluice, spent, reserved } = await inBackground(t)
  await ask(sluice.port, '/v1/responses', asked)
  Object.assign(made, { status: 'completed', more: USED })
  t.match(await (await fetch(`${url}/resp_1?stream=true`)).text(), /response.completed/)
  t.match(spent(), BOOKED)
  t.equal(reserved(), 0)
})

t.test('of an answer that is made in the background, what is not said or cannot be is estimated', async t => {
  const text = 'It is forty-two, or so the story goes. '.repeat(4)
  const output = [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }]
  const said = textTokens([text], 'gpt-5')
  for (const [usage, expected] of [
    [null, { output: said, input: Number }],
    [
      { input_tokens: 10, output_tokens: 0 },
      { input: 10, output: said }
    ],
    [{ output_tokens: 500 }, { input: Number, output: 500 }],
    [
      { input_tokens: 10, output_tokens: 1e12 },
      { input: Number, output: said }
    ]
  ] as const) {
    const { made, url, asked, sluice, spent } = await inBackground(t)
    await ask(sluice.port, '/v1/responses', asked)
    Object.assign(made, { status: 'completed', more: { output, usage } })
    const { headers } = await fetch(`${url}/resp_1`)
    const [input = 0, answered] = headers.get('x-sluice-usage')?.match(/\d+/g)?.map(Number) ?? []
    t.match({ input, output: answered }, expected, JSON.stringify(usage))
    t.ok(input > 0 && headers.get('x-sluice-usage')?.endsWith('source=estimated'))
    t.match(spent(), { requests: 1, inputTokens: input, outputTokens: answered })
  }
})

for (const [what, how, booked] of [
  ['is cancelled', { status: 'cancelled', path: '/cancel', method: 'POST' }, { requests: 1 }],
  ['is deleted', { method: 'DELETE' }, { requests: 1 }],
  ['fails', { status: 'failed', more: { error: { code: 'server_error', message: 'No' } } }, { requests: 0, tokens: 0 }],
  ['fails after some of it', { status: 'failed', more: { error: { message: 'No' }, ...USED } }, BOOKED]
] as const) {
  t.test(`an answer in the background that ${what} holds nothing any more`, async t => {
    const { made, url, asked, sluice, spent, reserved } = await inBackground(t)
    const { method = 'GET', path = '', ...rest } = how as { method?: string; path?: string; status?: string }
    await ask(sluice.port, '/v1/responses', asked)
    t.ok(reserved() > 0)
    Object.assign(made, rest)
    const reply = await fetch(`${url}/resp_1${path}`, { method })
    t.equal(reply.status, 200)
    t.match(await reply.json(), { id: 'resp_1', object: 'response' })
    t.equal(reserved(), 0)
    t.match({ requests: 0, tokens: 0, ...spent() }, booked)
  })

  if (!('method' in how))
    t.test(`an answer in the background that ${what} is told as it is by the stream it is fetched with`, async t => {
      const { made, url, asked, sluice, spent, reserved } = await inBackground(t)
      await ask(sluice.port, '/v1/responses', asked)
      Object.assign(made, how)
      const reply = await fetch(`${url}/resp_1?stream=true`)
      t.equal(reply.status, 200)
      t.match(await reply.text(), /event: response.failed\ndata: .*"id":"resp_1".*\n\n$/)
      t.match(await sluice.access(), { status: 200 })
      t.equal(reserved(), 0)
      t.match({ requests: 0, tokens: 0, ...spent() }, booked)
    })
}
