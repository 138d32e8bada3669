import t, { type Test } from 'tap'
import { type RunningSluice, startSluice } from '../../support/sluice.js'
import { recordingUpstream } from '../../support/upstream.js'
import { ask } from './parts.js'
import { sse } from './scripted.js'

t.setTimeout(60_000)

interface Said {
  /** A whole answer, the events of a stream, or its bytes. */
  body: object | readonly object[] | string
  headers?: Readonly<Record<string, string>>
}

/** Sluice before accounts of every dialect that answer as they are told to. */
async function told(
  t: Test,
  route: object = {}
): Promise<{ sluice: RunningSluice; says(said: Said): void; asked(): number }> {
  let said: Said = { body: {} }
  const { port, seen } = await recordingUpstream(t, (_, response) => {
    const { body, headers } = said
    const stream = typeof body === 'string' || Array.isArray(body)
    response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : Array.isArray(body) ? sse(body) : JSON.stringify(body))
  })
  const baseUrl = `http://127.0.0.1:${port}`
  const account = (provider: string) => ({ provider, baseUrl, keys: ['key'] })
  const sluice = await startSluice(t, {
    upstreams: {},
    ai: {
      providers: {
        main: account('openai'),
        claude: account('anthropic'),
        google: account('gemini'),
        local: { provider: 'ollama', baseUrl },
        co: account('cohere')
      }
    },
    routes: [{ name: 'ai', match: { path: '/*' }, ai: route }]
  })
  return {
    sluice,
    asked: () => seen.length,
    says: next => {
      said = next
    }
  }
}

const messages = [{ role: 'user', content: 'Well?' }]
const usage = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 }
const chat = { id: 'x', object: 'chat.completion', model: 'gpt-5' }
const answer = {
  ...chat,
  choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }]
}

t.test(
  'an answer from the cache has no headers about the call that once was, nor about what was left then',
  async t => {
    const { sluice, says, asked } = await told(t, { cache: {} })
    const old = {
      'x-request-id': 'req-1',
      'request-id': 'req-2',
      'x-amzn-requestid': 'req-3',
      'apim-request-id': 'req-4',
      'x-ratelimit-remaining-tokens': '7',
      'anthropic-ratelimit-requests-remaining': '8',
      'retry-after': '9',
      'retry-after-ms': '9000',
      'x-model-version': '3'
    }
    says({ body: { ...answer, usage }, headers: old })
    for (const status of ['miss', 'hit']) {
      const got = await ask(sluice.port, '/v1/chat/completions', { model: 'main/gpt-5', messages })
      t.equal(got.headers.get('x-sluice-cache'), status)
      for (const [name, value] of Object.entries(old)) {
        t.equal(
          got.headers.get(name),
          status === 'miss' || name === 'x-model-version' ? value : null,
          `${name} of a ${status}`
        )
      }
    }
    t.equal(asked(), 1)
  }
)

/** What is said of the one exchange there was, to the client and in the log. */
async function booked(sluice: RunningSluice): Promise<unknown> {
  const { ai } = (await sluice.access()) as { ai: Record<string, unknown> }
  return [ai.input, ai.output, ai.estimated]
}

const question = 'What is the answer to life, the universe and everything?'
const words = 'It is forty-two, or so the story goes. '.repeat(4)
const call = { name: 'look', arguments: JSON.stringify({ words }) }
const turn = (content: string) => [{ role: 'user', content }]

interface Spoken {
  path: string
  body: object
  /** Its answer with such counts of what was asked and answered; undefined: left out. */
  whole(input: unknown, output: unknown, said?: string): object
}

const OPENAI: Spoken = {
  path: '/v1/chat/completions',
  body: { model: 'main/gpt-5', messages: turn(question) },
  whole: (prompt_tokens, completion_tokens, content = words) => ({
    ...chat,
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens, completion_tokens }
  })
}
const HALVES: Readonly<Record<string, Spoken>> = {
  'openai-chat': OPENAI,
  'openai-chat, a call': {
    ...OPENAI,
    whole: (prompt_tokens, completion_tokens, said) => {
      const tool_calls = said === '' ? [] : [{ id: 'c', type: 'function', function: call }]
      const message = { role: 'assistant', content: null, tool_calls }
      const choices = [{ index: 0, message, finish_reason: 'stop' }]
      return { ...chat, choices, usage: { prompt_tokens, completion_tokens } }
    }
  },
  'openai-completions': {
    path: '/v1/completions',
    body: { model: 'main/gpt-3.5-turbo-instruct', prompt: question },
    whole: (prompt_tokens, completion_tokens, text = words) => ({
      ...chat,
      choices: [{ index: 0, text, finish_reason: 'stop' }],
      usage: { prompt_tokens, completion_tokens }
    })
  },
  'openai-responses': {
    path: '/v1/responses',
    body: { model: 'main/gpt-5', input: question },
    whole: (input_tokens, output_tokens, text = words) => ({
      id: 'resp_1',
      object: 'response',
      status: 'completed',
      model: 'gpt-5',
      output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }],
      usage: { input_tokens, output_tokens }
    })
  },
  anthropic: {
    path: '/v1/messages',
    body: { model: 'claude/claude-haiku-4-5', max_tokens: 500, messages: turn(question) },
    whole: (input_tokens, output_tokens, text = words) => ({
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'claude-haiku-4-5',
      content: [{ type: 'text', text }],
      stop_reason: 'end_turn',
      usage: { input_tokens, output_tokens }
    })
  },
  gemini: {
    path: '/v1beta/models/google%2Fgemini-2.5-flash:generateContent',
    body: { contents: [{ role: 'user', parts: [{ text: question }] }] },
    whole: (promptTokenCount, candidatesTokenCount, text = words) => ({
      candidates: [{ content: { role: 'model', parts: text === '' ? [] : [{ text }] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount, candidatesTokenCount }
    })
  },
  'ollama-chat': {
    path: '/api/chat',
    body: { model: 'local/llama3.2', stream: false, messages: turn(question) },
    whole: (prompt_eval_count, eval_count, content = words) => ({
      model: 'llama3.2',
      message: { role: 'assistant', content },
      done: true,
      done_reason: 'stop',
      prompt_eval_count,
      eval_count
    })
  },
  cohere: {
    path: '/v2/chat',
    body: { model: 'co/command-a-03-2025', messages: turn(question) },
    whole: (input_tokens, output_tokens, text = words) => ({
      id: 'c',
      finish_reason: 'COMPLETE',
      message: { role: 'assistant', content: [{ type: 'text', text }] },
      usage: { tokens: { input_tokens, output_tokens } }
    })
  }
}

for (const [name, { path, body, whole }] of Object.entries(HALVES)) {
  t.test(`${name}: the half of a usage that is missing or cannot be is estimated, and marked so`, async t => {
    const { sluice, says } = await told(t)
    const used = async (input: unknown, output: unknown, said?: string) => {
      says({ body: whole(input, output, said) })
      const got = await ask(sluice.port, path, body)
      t.equal(got.status, 200, got.text)
      return (await booked(sluice)) as [number, number, boolean | undefined]
    }
    t.strictSame(await used(9, 8), [9, 8, undefined], 'what is said counts')
    for (const odd of [undefined, 0, -3, 'many', null]) {
      const [, output, marked] = await used(9, odd)
      t.strictSame([output > 30 && output < 100, marked], [true, true], `an answer of ${odd}: ${output}`)
      const [input, known, also] = await used(odd, 8)
      t.strictSame([input > 10 && input < 40, known, also], [true, 8, true], `a prompt of ${odd}: ${input}`)
    }
    t.strictSame(await used(9, undefined, ''), [9, 0, undefined], 'of nothing it says that it took none')
  })
}

t.test('the half that a stream leaves out is estimated as well, in its own dialect and across', async t => {
  const { sluice, says } = await told(t)
  const asking = { stream: true, messages: turn(question) }
  const ndjson = { 'content-type': 'application/x-ndjson' }
  const parts = [{ text: words }]
  const streams: Readonly<Record<string, [model: string, path: string, body: object, said: Said]>> = {
    openai: ['main/gpt-5', '/v1/chat/completions', asking, { body: chatStream({ prompt_tokens: 9 }) }],
    gemini: [
      'google/gemini-2.5-flash',
      '/v1beta/models/google%2Fgemini-2.5-flash:streamGenerateContent?alt=sse',
      { contents: [{ role: 'user', parts: [{ text: question }] }] },
      {
        body: [{ candidates: [{ content: { parts }, finishReason: 'STOP' }], usageMetadata: { promptTokenCount: 9 } }]
      }
    ],
    ollama: [
      'local/llama3.2',
      '/api/chat',
      { messages: turn(question) },
      {
        headers: ndjson,
        body: [{ message: { content: words } }, { done: true, done_reason: 'stop', eval_count: 50 }]
          .map(line => `${JSON.stringify(line)}\n`)
          .join('')
      }
    ]
  }
  for (const [name, [model, path, body, said]] of Object.entries(streams)) {
    says(said)
    for (const [to, asked] of [
      [path, { model, ...body }],
      ['/v1/messages', { model, max_tokens: 500, ...asking }]
    ] as const) {
      t.equal((await ask(sluice.port, to, asked)).status, 200)
      const [input, output, marked] = (await booked(sluice)) as [number, number, boolean]
      t.ok(input >= 9 && input < 40, `${name} by ${to}: ${input} asked`)
      t.ok(output > 30 && output < 100, `${name} by ${to}: ${output} answered`)
      t.equal(marked, true)
    }
  }
})

function chatStream(used: object): string {
  const delta = (more: object, finish_reason: string | null = null) => {
    return { ...chat, choices: [{ index: 0, delta: more, finish_reason }] }
  }
  return `${sse([delta({ content: words }), delta({}, 'stop'), { ...chat, choices: [], usage: used }])}data: [DONE]\n\n`
}

t.test('of embeddings and rankings for which nothing was used, what was asked is counted', async t => {
  const { sluice, says } = await told(t)
  const zero = { prompt_tokens: 0, total_tokens: 0 }
  says({ body: { object: 'list', data: [{ index: 0, embedding: [0.1] }], usage: zero } })
  await ask(sluice.port, '/v1/embeddings', { model: 'main/text-embedding-3-small', input: question })
  const [input, output, marked] = (await booked(sluice)) as [number, number, boolean]
  t.strictSame([input > 8 && input < 20, output, marked], [true, 0, true], `${input}`)
  says({ body: { results: [{ index: 0, relevance_score: 1 }], meta: { billed_units: { search_units: 1 } } } })
  await ask(sluice.port, '/v2/rerank', { model: 'co/rerank-v3.5', query: question, documents: ['a'] })
  t.strictSame(await booked(sluice), [0, 0, undefined], 'one that is billed by the search has no tokens')
})

t.test('a price that was said before a stream broke off is not that of what came after', async t => {
  const { sluice, says } = await told(t)
  const delta = { ...chat, choices: [{ index: 0, delta: { content: words }, finish_reason: null }] }
  const early = { ...delta, usage: { prompt_tokens: 9, completion_tokens: 1, cost: 0.000001 } }
  says({ body: [early, delta, delta] })
  await ask(sluice.port, '/v1/chat/completions', { model: 'main/gpt-5', stream: true, messages })
  const { ai } = (await sluice.access()) as { ai: Record<string, number> }
  t.match(ai, { input: 9, estimated: true })
  t.ok((ai.output ?? 0) > 100)
  t.ok((ai.microDollars ?? 0) > 1_000, `${ai.microDollars}: by the catalog's price`)
})

t.test('an answer to what nobody here can read passes all the same, and is guessed where it has to be', async t => {
  const { sluice, says } = await told(t)
  const odd = { model: 'main/gpt-5', messages: [{ role: 'user', content: [{ type: 'hologram', rays: 7 }] }, 'what'] }
  for (const [used, expected] of [
    [{ prompt_tokens: 3, completion_tokens: 2 }, [3, 2, undefined]],
    [{ completion_tokens: 2 }, [Number, 2, true]],
    [undefined, [Number, Number, true]]
  ] as const) {
    says({ body: { ...answer, usage: used } })
    const got = await ask(sluice.port, '/v1/chat/completions', odd)
    t.equal(got.status, 200, got.text)
    t.match(await booked(sluice), expected)
  }
})

t.test('what a provider does not get to say of a dearer tier is taken for granted', async t => {
  const { sluice, says } = await told(t)
  const delta = { ...chat, choices: [{ index: 0, delta: { content: words }, finish_reason: null }] }
  const early = { ...delta, usage: { prompt_tokens: 9, completion_tokens: 1 } }
  const cost = async (body: object[], more: object, model = 'main/gpt-5', path = '/v1/chat/completions') => {
    says({ body })
    await ask(sluice.port, path, { model, stream: true, messages, max_tokens: 500, ...more })
    const { ai } = (await sluice.access()) as { ai: { microDollars: number } }
    return ai.microDollars
  }
  for (const body of [
    [delta, delta],
    [early, delta]
  ]) {
    const usual = await cost(body, {})
    t.ok(usual > 100)
    t.ok(Math.abs((await cost(body, { service_tier: 'priority' })) - usual * 2) <= 1)
    t.equal(await cost(body, { service_tier: 'flex' }), usual, 'it may be served at the usual one')
    const said = body.map(each => ({ ...each, service_tier: 'default' }))
    if (body[0] === early) t.equal(await cost(said, { service_tier: 'priority' }), usual, 'what is said counts')
  }
  const claude = [
    { type: 'message_start', message: { id: 'm', usage: { input_tokens: 1_000, output_tokens: 0 } } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: words } }
  ]
  const usual = await cost(claude, {}, 'claude/claude-opus-5', '/v1/messages')
  t.equal(await cost(claude, { speed: 'fast' }, 'claude/claude-opus-5', '/v1/messages'), usual * 2)
})
