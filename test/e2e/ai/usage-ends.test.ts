import type { ServerResponse } from 'node:http'
import t from 'tap'
import { LocalLedger } from '../../../core/ai/budgets/local-ledger.js'
import { budgetRules } from '../../../core/ai/budgets/rules.js'
import { readConfig } from '../../../core/gateway/read-config.js'
import { configFile, startSluice } from '../../support/sluice.js'
import { httpUpstream, read } from '../../support/upstream.js'

t.setTimeout(120_000)

const messages = [{ role: 'user', content: 'Well, what is it?' }]
const chat = { model: 'main/gpt-5', messages }
const CHAT = '/v1/chat/completions'
const MESSAGES = '/v1/messages'

/** How a provider answers, and where the client leaves: when so many bytes came; 0: before any did. */
interface End {
  path: string
  body: object
  answer(response: ServerResponse): void
  leaves?: number
  /** Requests that are booked. */
  booked: number
  /** Tokens that are booked of one that was not answered. */
  used?: number
}

const json = (body: string) => (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(body)
const events =
  (end: 'ends' | 'breaks' | 'waits', ...data: string[]) =>
  (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(data.map(each => `data: ${each}\n\n`).join(''), () => {
      if (end === 'breaks') setImmediate(() => response.destroy())
    })
    if (end === 'ends') response.end()
  }
const chunk = (content: string) =>
  JSON.stringify({ id: 'x', model: 'gpt-5', choices: [{ index: 0, delta: { content } }] })
const error = JSON.stringify({ error: { message: 'no', type: 'server_error' } })
const usage = { prompt_tokens: 5, completion_tokens: 6, total_tokens: 11 }
const whole = {
  id: 'x',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }]
}
const stream = { ...chat, stream: true }
const google = { contents: [{ role: 'user', parts: [{ text: 'Well, what is it?' }] }] }
const GOOGLE = '/v1beta/models/google%2Fgemini-2.5-flash'
const usageMetadata = { promptTokenCount: 5, candidatesTokenCount: 6, totalTokenCount: 11 }
const blocked = JSON.stringify({ promptFeedback: { blockReason: 'SAFETY' }, usageMetadata })
const malformed = JSON.stringify({ candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL', index: 0 }], usageMetadata })
const across = { ...stream, max_tokens: 500 }

const ENDS: Readonly<Record<string, End>> = {
  'a whole answer': { path: CHAT, body: chat, answer: json(JSON.stringify({ ...whole, usage })), booked: 1 },
  'no answer': { path: CHAT, body: chat, answer: response => response.destroy(), booked: 0 },
  'a web page': {
    path: CHAT,
    body: chat,
    answer: response => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>Hello'),
    booked: 0
  },
  'what is no JSON': { path: CHAT, body: chat, answer: json('{"id":'), booked: 0 },
  'an error with status 200': { path: CHAT, body: chat, answer: json(error), booked: 0 },
  'half a body': {
    path: CHAT,
    body: chat,
    answer: response => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 }).write('{"id":')
      setImmediate(() => response.destroy())
    },
    booked: 0
  },
  'a client that does not wait': { path: CHAT, body: chat, answer: () => undefined, leaves: 0, booked: 1 },
  'a stream that ends': { path: CHAT, body: stream, answer: events('ends', chunk('Yes'), '[DONE]'), booked: 1 },
  'a stream that says nothing': { path: CHAT, body: stream, answer: events('ends'), booked: 0 },
  'a stream that breaks off before': { path: CHAT, body: stream, answer: events('breaks', ': hello'), booked: 0 },
  'a stream that breaks off': { path: CHAT, body: stream, answer: events('breaks', chunk('Yes')), booked: 1 },
  'a stream that breaks off, across': {
    path: MESSAGES,
    body: across,
    answer: events('breaks', chunk('Yes')),
    booked: 1
  },
  'an error within a stream, before': { path: CHAT, body: stream, answer: events('ends', error), booked: 0 },
  'an error within a stream, after': {
    path: CHAT,
    body: stream,
    answer: events('ends', chunk('Yes'), error),
    booked: 1
  },
  'a stream that is none, across': { path: MESSAGES, body: across, answer: events('ends', '{{{'), booked: 0 },
  'rubbish within a stream, across': {
    path: MESSAGES,
    body: across,
    answer: events('ends', chunk('Yes'), '{{{'),
    booked: 1
  },
  'a client that leaves before a stream': { path: CHAT, body: stream, answer: () => undefined, leaves: 0, booked: 1 },
  'a client that leaves a stream': {
    path: CHAT,
    body: stream,
    answer: events('waits', chunk('Yes')),
    leaves: 1,
    booked: 1
  },
  'a client that leaves a stream, across': {
    path: MESSAGES,
    body: across,
    answer: events('waits', chunk('Yes')),
    leaves: 1,
    booked: 1
  },
  'vectors that are none, across': {
    path: '/v2/embed',
    body: {
      model: 'main/text-embedding-3-small',
      texts: ['a'],
      input_type: 'search_query',
      embedding_types: ['float']
    },
    answer: json('{"data":7}'),
    booked: 0
  },
  'an answer that is none and tells what it used': {
    path: CHAT,
    body: chat,
    answer: json(JSON.stringify({ id: 'x', usage })),
    booked: 0,
    used: 11
  },
  'an answer that cannot be read and tells what it used, across': {
    path: MESSAGES,
    body: { ...chat, max_tokens: 500 },
    answer: json(JSON.stringify({ ...whole, choices: 7, usage })),
    booked: 0,
    used: 11
  },
  'vectors that are none and tell what they used, across': {
    path: '/v2/embed',
    body: {
      model: 'main/text-embedding-3-small',
      texts: ['a'],
      input_type: 'search_query',
      embedding_types: ['float']
    },
    answer: json('{"data":7,"usage":{"prompt_tokens":500,"total_tokens":500}}'),
    booked: 0,
    used: 500
  },
  'an error with status 200 that tells of usage': {
    path: CHAT,
    body: chat,
    answer: json(JSON.stringify({ ...JSON.parse(error), usage })),
    booked: 0,
    used: 11
  },
  'a prompt that is blocked': {
    path: `${GOOGLE}:generateContent`,
    body: google,
    answer: json(blocked),
    booked: 0,
    used: 11
  },
  'a prompt that is blocked, across': {
    path: CHAT,
    body: { ...chat, model: 'google/gemini-2.5-flash' },
    answer: json(blocked),
    booked: 0,
    used: 11
  },
  'a prompt that is blocked, as a stream': {
    path: `${GOOGLE}:streamGenerateContent?alt=sse`,
    body: google,
    answer: events('ends', blocked),
    booked: 0,
    used: 11
  },
  'a prompt that is blocked, as a stream across': {
    path: CHAT,
    body: { ...stream, model: 'google/gemini-2.5-flash' },
    answer: events('ends', blocked),
    booked: 0,
    used: 11
  },
  'a call that broke off, across': {
    path: CHAT,
    body: { ...chat, model: 'google/gemini-2.5-flash' },
    answer: json(malformed),
    booked: 0,
    used: 11
  },
  'a call that broke off, as a stream across': {
    path: CHAT,
    body: { ...stream, model: 'google/gemini-2.5-flash' },
    answer: events('ends', malformed),
    booked: 0,
    used: 11
  },
  'sound that breaks off': {
    path: '/v1/audio/speech',
    body: { model: 'main/gpt-4o-mini-tts', input: 'Yes.', voice: 'alloy' },
    answer: response => {
      response.writeHead(200, { 'content-type': 'audio/mpeg' }).write('abc')
      setImmediate(() => response.destroy())
    },
    booked: 1
  },
  'sound whose client leaves': {
    path: '/v1/audio/speech',
    body: { model: 'main/gpt-4o-mini-tts', input: 'Yes.', voice: 'alloy' },
    answer: response => response.writeHead(200, { 'content-type': 'audio/mpeg' }).write('abc'),
    leaves: 1,
    booked: 1
  }
}

for (const [end, { path, body, answer, leaves, booked, used = 0 }] of Object.entries(ENDS)) {
  t.test(
    `${end}: nothing is held any more, and the request is booked ${booked === 1 ? 'once' : used > 0 ? 'by its tokens' : 'not at all'}`,
    async t => {
      let asked: (() => void) | undefined
      const reached = new Promise<void>(resolve => {
        asked = resolve
      })
      const { port } = await httpUpstream(t, (request, response) => {
        void read(request).then(() => {
          answer(response)
          asked?.()
        })
      })
      const counted = ['requests', 'tokens', 'dollars']
      const config = {
        upstreams: {},
        ai: {
          providers: {
            main: { provider: 'openai', baseUrl: `http://127.0.0.1:${port}`, keys: ['key', 'other'] },
            google: { provider: 'gemini', baseUrl: `http://127.0.0.1:${port}`, keys: ['key', 'other'] }
          },
          budgets: counted.map(count => ({ name: count, count, limit: 1_000_000, every: 'month' })),
          ledger: { file: false }
        },
        routes: [{ name: 'ai', match: { path: '/*' }, ai: {} }]
      }
      const ledger = new LocalLedger({ rules: budgetRules(readConfig(configFile(t, config)).config.ai.budgets) })
      const sluice = await startSluice(t, config, { ledger })
      const controller = new AbortController()
      const asking = fetch(`http://127.0.0.1:${sluice.port}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: controller.signal
      })
        .then(async reply => {
          if (leaves === undefined) return reply.arrayBuffer()
          for await (const _ of reply.body ?? []) controller.abort()
          return undefined
        })
        .catch(() => undefined)
      if (leaves === 0) {
        await reached
        controller.abort()
      }
      await asking
      await sluice.access()
      const report = ledger.report()
      t.equal(
        report.reduce((sum, each) => sum + each.reserved, 0),
        0
      )
      t.equal(report.find(each => each.rule === 'requests')?.spent ?? 0, booked)
      if (booked === 0) {
        t.equal(report.find(each => each.rule === 'tokens')?.spent ?? 0, used)
        t.equal((report.find(each => each.rule === 'dollars')?.spent ?? 0) > 0, used > 0)
      } else t.ok((report.find(each => each.rule === 'dollars')?.spent ?? 0) > 0)
    }
  )
}

t.test('what the first of two used without an answer is booked beside what the second answered with', async t => {
  const { port } = await httpUpstream(t, (request, response) => {
    void read(request).then(() => {
      json(request.url?.includes('gemini') ? blocked : JSON.stringify({ ...whole, usage }))(response)
    })
  })
  const baseUrl = `http://127.0.0.1:${port}`
  const config = {
    upstreams: {},
    ai: {
      providers: {
        main: { provider: 'openai', baseUrl, keys: ['key'] },
        google: { provider: 'gemini', baseUrl, keys: ['key'] }
      },
      models: {
        both: { strategy: 'fallback', targets: ['google/gemini-2.5-flash', 'main/gpt-5'], on: ['content-policy'] }
      },
      budgets: ['requests', 'tokens'].map(count => ({ name: count, count, limit: 1_000_000, every: 'month' })),
      ledger: { file: false }
    },
    routes: [{ name: 'ai', match: { path: '/*' }, ai: {} }]
  }
  const ledger = new LocalLedger({ rules: budgetRules(readConfig(configFile(t, config)).config.ai.budgets) })
  const sluice = await startSluice(t, config, { ledger })
  const reply = await fetch(`http://127.0.0.1:${sluice.port}${CHAT}`, {
    method: 'POST',
    body: JSON.stringify({ ...chat, model: 'both' })
  })
  t.equal(reply.status, 200)
  t.equal(reply.headers.get('x-sluice-usage'), 'input=5, output=6, source=provider', 'of the answer')
  const report = ledger.report()
  t.strictSame(
    report.map(({ rule, spent, reserved }) => [rule, spent, reserved]),
    [
      ['requests', 1, 0],
      ['tokens', 22, 0]
    ]
  )
})
