import t from 'tap'
import { startSluice } from '../../support/sluice.js'
import { httpUpstream, read } from '../../support/upstream.js'
import { scripted, sse } from './scripted.js'

/** Prompts that Gemini refuses: a reply of status 200 with no candidate. */

t.setTimeout(120_000)

const usageMetadata = { promptTokenCount: 4, totalTokenCount: 4 }
const BLOCKED = {
  promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
  usageMetadata,
  modelVersion: 'gemini-2.5-flash'
}
const STREAM = sse([BLOCKED])
const GEMINI = { contents: [{ role: 'user', parts: [{ text: 'a' }] }] }
const OTHERS = { max_tokens: 9, messages: [{ role: 'user', content: 'a' }] }
const PATH = '/v1beta/models/gemini%2Fgemini-2.5-flash'

t.test('a client of Gemini’s gets the refusal as it came, whole and streamed', async t => {
  const { post, says, sluice } = await scripted(t, { open: {} })
  says(BLOCKED)
  const whole = await post('open', `${PATH}:generateContent`, GEMINI)
  t.strictSame([whole.status, JSON.parse(whole.text)], [200, BLOCKED])
  says(STREAM)
  const streamed = await post('open', `${PATH}:streamGenerateContent?alt=sse`, GEMINI)
  t.strictSame([streamed.status, streamed.text], [200, STREAM])
  t.match(streamed.headers.get('content-type'), 'text/event-stream')
  t.match(await sluice.access(), { status: 200 })
  const listed = await post('open', `${PATH}:streamGenerateContent`, GEMINI)
  t.strictSame([listed.status, JSON.parse(listed.text)], [200, [BLOCKED]])
  t.match(listed.headers.get('content-type'), 'application/json')
})

t.test('clients of other dialects are told by an error of their own that it is the content', async t => {
  const { post, says } = await scripted(t, { open: {} })
  for (const stream of [false, true]) {
    says(stream ? STREAM : BLOCKED)
    const body = { ...OTHERS, stream, model: 'gemini/gemini-2.5-flash' }
    const openai = await post('open', '/v1/chat/completions', body)
    t.equal(openai.status, 400)
    t.match(JSON.parse(openai.text), { error: { message: /PROHIBITED_CONTENT/, code: /content|PROHIBITED/ } })
    const anthropic = await post('open', '/v1/messages', body)
    t.equal(anthropic.status, 400)
    t.match(JSON.parse(anthropic.text), { type: 'error', error: { type: 'invalid_request_error' } })
  }
})

t.test(
  'what broke off before anything came is an error to clients of other dialects, and passes to Gemini’s own',
  async t => {
    const { post, says } = await scripted(t, { open: {} })
    const broken = { candidates: [{ finishReason: 'MALFORMED_FUNCTION_CALL', index: 0 }], usageMetadata }
    for (const stream of [false, true]) {
      says(stream ? sse([broken]) : broken)
      const body = { ...OTHERS, stream, model: 'gemini/gemini-2.5-flash' }
      for (const path of ['/v1/chat/completions', '/v1/messages']) {
        const got = await post('open', path, body)
        t.equal(got.status, 500, got.text)
        t.match(JSON.parse(got.text).error.message, /MALFORMED_FUNCTION_CALL/)
      }
      const own = await post('open', `${PATH}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`, GEMINI)
      t.strictSame([own.status, own.text], [200, stream ? sse([broken]) : JSON.stringify(broken)])
    }
  }
)

const ANSWER = { candidates: [{ content: { parts: [{ text: 'ok' }], role: 'model' }, finishReason: 'STOP', index: 0 }] }

t.test(
  'where a fallback for refused content is configured it is asked, in a stream of the same dialect, too',
  async t => {
    const { port } = await httpUpstream(t, (request, response) => {
      void read(request).then(() => {
        response.writeHead(200, { 'content-type': 'text/event-stream' })
        response.end(request.url?.includes('gemini-2.5-pro') ? sse([ANSWER]) : STREAM)
      })
    })
    const sluice = await startSluice(t, {
      upstreams: {},
      ai: {
        providers: { gemini: { provider: 'gemini', baseUrl: `http://127.0.0.1:${port}`, keys: ['k'] } },
        models: {
          careful: {
            strategy: 'fallback',
            on: ['content-policy'],
            targets: ['gemini/gemini-2.5-flash', 'gemini/gemini-2.5-pro']
          }
        }
      },
      routes: [{ name: 'ai', match: { path: '/*' }, ai: {} }]
    })
    const path = '/v1beta/models/careful:streamGenerateContent?alt=sse'
    const got = await fetch(`http://127.0.0.1:${sluice.port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(GEMINI)
    })
    t.strictSame([got.status, await got.text()], [200, sse([ANSWER])])
  }
)

t.test('a refusal of Claude’s before anything came costs nothing, and nothing of it is estimated', async t => {
  const { post, says } = await scripted(t, { open: {} })
  const explanation = 'This request was declined because it could enable harm.'
  const stop = { stop_reason: 'refusal', stop_details: { type: 'refusal', category: 'cyber', explanation } }
  const usage = { input_tokens: 100, output_tokens: 0 }
  says({ id: 'm', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5', content: [], ...stop, usage })
  for (const path of ['/v1/messages', '/v1/chat/completions']) {
    const { status, headers } = await post('open', path, { ...OTHERS, model: 'anthropic/claude-sonnet-4-5' })
    t.equal(status, 200)
    t.equal(headers.get('x-sluice-usage'), 'input=100, output=0, source=provider')
    t.equal(headers.get('x-sluice-cost'), '0.000000')
  }
})
