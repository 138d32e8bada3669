import t from 'tap'
import { aiGateway, lastBody } from './gateway.js'
import { ask } from './parts.js'

/** What providers get of requests in other dialects, at the gateway's level. */

const { sluice, mock } = await aiGateway(t)
const HELLO = { messages: [{ role: 'user', content: 'Hello' }] }

t.test('Bedrock is told how long an answer may be by its own word for the model, and by nobody else’s', async t => {
  const most = async (model: string, more: object = {}) => {
    await ask(sluice.port, '/v1/chat/completions', { ...HELLO, model: `bedrock/${model}`, ...more })
    return (lastBody(mock).inferenceConfig as { maxTokens?: number } | undefined)?.maxTokens
  }
  t.equal(await most('eu.anthropic.claude-sonnet-4-5-20250929-v1:0'), 64_000)
  t.equal(await most('amazon.nova-pro-v1:0'), 10_000)
  t.equal(
    await most('mistral.mistral-large-2407-v1:0'),
    undefined,
    'Mistral’s own service has another model by the name'
  )
  t.equal(await most('openai.gpt-oss-120b-1:0'), undefined, 'a whole window leaves no room for the question')
  t.equal(await most('mistral.mistral-large-2407-v1:0', { max_tokens: 5 }), 5)
})

t.test('tokens are counted by the provider of the model, whoever asks', async t => {
  const lines = ['Hello there, how are you today?']
  const anthropic = (model: string) =>
    ask(sluice.port, '/v1/messages/count_tokens', {
      model,
      max_tokens: 9,
      metadata: { user_id: 'u' },
      system: 'Be brief.',
      messages: [{ role: 'user', content: lines[0] }]
    })
  const responses = (model: string) => ask(sluice.port, '/v1/responses/input_tokens', { model, input: lines[0] })
  const asked = async (count: (model: string) => ReturnType<typeof ask>, model: string) => {
    const { status, json } = await count(model)
    t.equal(status, 200, model)
    t.type(json.input_tokens, 'number')
    return mock.requests().at(-1)?.target
  }
  t.equal(await asked(responses, 'anthropic/claude-sonnet-4-5'), '/v1/messages/count_tokens')
  t.match(await asked(responses, 'gemini/gemini-2.5-pro'), /gemini-2\.5-pro:countTokens/)
  t.match(await asked(responses, 'bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0'), /count-tokens/)
  t.equal(await asked(anthropic, 'openai/gpt-5'), '/v1/responses/input_tokens')
  t.strictSame(lastBody(mock), {
    model: 'gpt-5',
    instructions: 'Be brief.',
    input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: lines[0] }] }]
  })
  t.match(await sluice.access(), {})
})

t.test('where there is no such endpoint, or the conversation is kept elsewhere, tokens are counted here', async t => {
  const before = mock.requests().length
  const cohere = await ask(sluice.port, '/v1/messages/count_tokens', { ...HELLO, model: 'cohere/command-a-03-2025' })
  t.match(cohere, { status: 200, json: { input_tokens: Number } })
  const made = await ask(sluice.port, '/v1/responses', { model: 'anthropic/claude-sonnet-4-5', input: 'Hello' })
  const after = mock.requests().length
  const input = { model: 'anthropic/claude-sonnet-4-5', input: 'And?', previous_response_id: made.json.id }
  t.match(await ask(sluice.port, '/v1/responses/input_tokens', input), { status: 200, json: { input_tokens: Number } })
  t.strictSame([after - before, mock.requests().length - after], [1, 0])
})

t.test('what is lost of a message is named by where the client has it', async t => {
  const source = { type: 'base64', media_type: 'application/pdf', data: 'AAAA' }
  const content = [
    { type: 'text', text: 'a' },
    { type: 'document', source }
  ]
  const lost = async (path: string, body: object) => {
    const { headers } = await ask(sluice.port, path, body)
    return headers.get('x-sluice-dropped-params')
  }
  const anthropic = { max_tokens: 9, system: 'Be brief.', messages: [{ role: 'user', content }] }
  t.equal(await lost('/v1/messages', { ...anthropic, model: 'cohere/command-a-03-2025' }), 'messages[0].content[1]')
  const parts = [{ text: 'a' }, { inlineData: { mimeType: 'application/pdf', data: 'AAAA' } }]
  const gemini = { systemInstruction: { parts: [{ text: 'Be brief.' }] }, contents: [{ role: 'user', parts }] }
  const path = `/v1beta/models/${encodeURIComponent('ollama/llama3.2')}:generateContent`
  t.equal(await lost(path, gemini), 'contents[0].parts[1]')
})
