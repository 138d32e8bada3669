import t, { type Test } from 'tap'
import { LocalLedger } from '../../../core/ai/budgets/local-ledger.js'
import { rule } from '../../ai/budgets/parts.js'
import { startSluice } from '../../support/sluice.js'
import { httpUpstream } from '../../support/upstream.js'
import { ask } from './parts.js'

t.setTimeout(120_000)

/** A provider that goes on and on, whatever it is told: budgets alone end its streams, in the words of whoever asked. */
const PIECE = 'word '.repeat(20)
const LIMIT = 1_000

async function talker(t: Test, piece = PIECE, most = 2_000) {
  const upstream = await httpUpstream(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    let sent = 0
    const more = (): void => {
      for (let i = 0; i < 5 && sent < most; i++, sent++) {
        const choices = [{ index: 0, delta: { content: piece }, finish_reason: null }]
        response.write(
          `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'gpt-5', choices })}\n\n`
        )
      }
      if (sent < most && !response.destroyed) setImmediate(more)
      else response.end('data: [DONE]\n\n')
    }
    more()
  })
  const ledger = new LocalLedger({ rules: [rule({ name: 'out', counted: 'outputTokens', limit: LIMIT })] })
  const budgets = [{ name: 'out', count: 'outputTokens', limit: LIMIT, every: 'hour' }]
  const main = { provider: 'deepseek', baseUrl: `http://127.0.0.1:${upstream.port}/v1`, keys: ['k'], models: ['gpt-5'] }
  const config = {
    upstreams: {},
    routes: [{ name: 'ai', match: { path: '/*' }, ai: {} }],
    ai: { providers: { main }, budgets, ledger: { file: false } }
  }
  const { port } = await startSluice(t, config, { ledger })
  return { port, spent: () => ledger.report()[0]?.spent ?? 0, held: () => ledger.report()[0]?.reserved ?? 0 }
}

const messages = [{ role: 'user', content: 'Hello' }]
/** How each dialect asks, and says that an answer came to its limit. */
const DIALECTS: Readonly<Record<string, { path: string; body: object; length: RegExp; end: RegExp }>> = {
  'openai-chat': {
    path: '/v1/chat/completions',
    body: { model: 'gpt-5', stream: true, messages },
    length: /"finish_reason":"length"/,
    end: /data: \[DONE\]\s*$/
  },
  azure: {
    path: '/openai/deployments/gpt-5/chat/completions?api-version=2024-10-21',
    body: { stream: true, messages },
    length: /"finish_reason":"length"/,
    end: /data: \[DONE\]\s*$/
  },
  completions: {
    path: '/v1/completions',
    body: { model: 'gpt-5', stream: true, prompt: 'Hello' },
    length: /"finish_reason":"length"/,
    end: /data: \[DONE\]\s*$/
  },
  responses: {
    path: '/v1/responses',
    body: { model: 'gpt-5', stream: true, input: 'Hello' },
    length: /"reason":"max_output_tokens"/,
    end: /response\.incomplete[^\n]*\s*$/
  },
  anthropic: {
    path: '/v1/messages',
    body: { model: 'gpt-5', stream: true, max_tokens: 50_000, messages },
    length: /"stop_reason":"max_tokens"/,
    end: /"message_stop"[^\n]*\s*$/
  },
  gemini: {
    path: '/v1beta/models/gpt-5:streamGenerateContent?alt=sse',
    body: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
    length: /"finishReason":"MAX_TOKENS"/,
    end: /\}\s*$/
  },
  'gemini, as a list': {
    path: '/v1beta/models/gpt-5:streamGenerateContent',
    body: { contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] },
    length: /"finishReason":"MAX_TOKENS"/,
    end: /\]\s*$/
  },
  'ollama chat': {
    path: '/api/chat',
    body: { model: 'gpt-5', messages },
    length: /"done_reason":"length"/,
    end: /"done":true[^\n]*\s*$/
  },
  'ollama generate': {
    path: '/api/generate',
    body: { model: 'gpt-5', prompt: 'Hello' },
    length: /"done_reason":"length"/,
    end: /"done":true[^\n]*\s*$/
  },
  cohere: {
    path: '/v2/chat',
    body: { model: 'gpt-5', stream: true, messages },
    length: /"finish_reason":"MAX_TOKENS"/,
    end: /message-end[\s\S]*$/
  },
  converse: {
    path: '/model/gpt-5/converse-stream',
    body: { messages: [{ role: 'user', content: [{ text: 'Hello' }] }] },
    length: /"stopReason":"max_tokens"/,
    end: /metadata/
  },
  'invoke, Claude': {
    path: '/model/gpt-5/invoke-with-response-stream',
    body: { anthropic_version: 'bedrock-2023-05-31', max_tokens: 50_000, messages },
    length: /"stop_reason":"max_tokens"/,
    end: /message_stop/
  }
}

for (const [dialect, { path, body, length, end }] of Object.entries(DIALECTS)) {
  t.test(`${dialect}: a stream that goes on beyond a budget is cut with its word for length, and its end`, async t => {
    const { port, spent, held } = await talker(t)
    const got = await ask(port, path, body)
    t.equal(got.status, 200, got.text.slice(0, 200))
    // Bedrock's binary events have bytes of Claude's in base64.
    const said = got.text.replaceAll(/"bytes":"([A-Za-z0-9+/=]+)"/g, (_, bytes) => String(Buffer.from(bytes, 'base64')))
    t.match(said, length)
    t.match(said, end)
    while (held() > 0) await new Promise(setImmediate)
    t.ok(spent() >= LIMIT * 0.75 && spent() <= LIMIT * 2, `${spent()} of ${LIMIT}`)
  })
}

for (const [language, text] of Object.entries({
  Chinese: '你好世界再见朋友',
  Russian: 'Привет мир ',
  code: '{"a":[1,2]};\n'
})) {
  t.test(`a budget ends an answer in ${language} about where it is spent`, async t => {
    const { port, spent, held } = await talker(t, text.repeat(4))
    const { status } = await ask(port, '/v1/chat/completions', { model: 'gpt-5', stream: true, messages })
    t.equal(status, 200)
    while (held() > 0) await new Promise(setImmediate)
    t.ok(spent() >= LIMIT * 0.5 && spent() <= LIMIT * 1.5, `${spent()} of ${LIMIT}`)
  })
}

t.test('the end of a stream that is cut tells what is booked, and what the provider said of the prompt', async t => {
  const upstream = await httpUpstream(t, (_, response) => {
    const say = (event: { type: string; [member: string]: unknown }) =>
      response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    const usage = { input_tokens: 3, cache_read_input_tokens: 50_000, output_tokens: 1 }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    say({ type: 'message_start', message: { id: 'm', type: 'message', role: 'assistant', content: [], usage } })
    say({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } })
    const more = (): void => {
      say({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: PIECE } })
      if (!response.destroyed) setImmediate(more)
    }
    more()
  })
  const ledger = new LocalLedger({
    rules: [
      rule({ name: 'out', counted: 'outputTokens', limit: LIMIT }),
      rule({ name: 'in', counted: 'inputTokens', limit: 1_000_000 })
    ]
  })
  const claude = { provider: 'anthropic', baseUrl: `http://127.0.0.1:${upstream.port}/v1`, keys: ['k'] }
  const budgets = [{ name: 'out', count: 'outputTokens', limit: LIMIT, every: 'hour' }]
  const config = {
    upstreams: {},
    routes: [{ name: 'ai', match: { path: '/*' }, ai: {} }],
    ai: { providers: { claude }, budgets, ledger: { file: false } }
  }
  const { port } = await startSluice(t, config, { ledger })
  const body = { model: 'claude/claude-haiku-4-5', stream: true, max_tokens: 50_000, messages }
  const { text } = await ask(port, '/v1/messages', body)
  while (ledger.report().some(({ reserved }) => reserved > 0)) await new Promise(setImmediate)
  const [, told = ''] = /^data: (\{"type":"message_delta".*\})$/m.exec(text) ?? []
  const [out, prompt] = ledger.report().map(({ spent }) => spent)
  t.equal(prompt, 50_003)
  t.match(JSON.parse(told).usage, { input_tokens: 3, cache_read_input_tokens: 50_000, output_tokens: out })
})
