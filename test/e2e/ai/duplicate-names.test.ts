import t from 'tap'
import { policed } from './policed.js'

const BODIES = {
  chat: ['/v1/chat/completions', '{"model":"gpt-5","messages":[{"role":"user","content":"bad","content":"good"}]}'],
  list: ['/v1/chat/completions', '{"model":"gpt-5","messages":[],"messages":[{"role":"user","content":"good"}]}'],
  responses: ['/v1/responses', '{"model":"gpt-5","input":"bad","input":"good"}'],
  anthropic: [
    '/v1/messages',
    '{"model":"gpt-5","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"bad","text":"good"}]}]}'
  ],
  spellings: [
    '/v1beta/models/gpt-5:generateContent',
    '{"system_instruction":{"parts":[{"text":"bad"}]},"systemInstruction":{"parts":[]},"contents":[{"parts":[{"text":"good"}]}]}'
  ],
  counted: [
    '/v1/messages/count_tokens',
    '{"model":"gpt-5","messages":[{"role":"user","content":"bad"}],"messages":[{"role":"user","content":"good"}]}'
  ]
} as const

function post(port: number, [path, body]: readonly [string, string]): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body
  })
}

t.test('where policies look at prompts, a name that is there twice is refused in words of the dialect', async t => {
  const { sluice, mock } = await policed(t, { plugin: 'ai-prompt-guard', settings: { deny: ['bad'] } })
  const wanted = {
    chat: { error: { type: 'invalid_request_error', param: 'messages[0].content' } },
    list: { error: { type: 'invalid_request_error', param: 'messages' } },
    responses: { error: { type: 'invalid_request_error', param: 'input' } },
    anthropic: {
      type: 'error',
      error: { type: 'invalid_request_error', message: /messages\[0\]\.content\[0\]\.text/ }
    },
    spellings: { error: { code: 400, status: 'INVALID_ARGUMENT', message: /systemInstruction/ } },
    counted: { type: 'error', error: { type: 'invalid_request_error', message: /messages/ } }
  }
  for (const [name, request] of Object.entries(BODIES)) {
    const reply = await post(sluice.port, request)
    t.equal(reply.status, 400, name)
    t.match(await reply.json(), wanted[name as keyof typeof wanted])
  }
  t.equal(mock.requests().length, 0)
})

t.test('where none do, it passes byte for byte', async t => {
  const { sluice, mock } = await policed(t)
  const reply = await post(sluice.port, BODIES.chat)
  t.equal(reply.status, 200)
  t.equal(mock.requests()[0]?.body.toString(), BODIES.chat[1])
})
