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
