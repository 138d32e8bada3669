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
