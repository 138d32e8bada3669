import t from 'tap'
import { aiGateway } from './gateway.js'

/** Where a message of a model has its thoughts, in the words of several providers: each server reads some of them. */
const MAIL = 'Her address is jane@example.com.'
const block = { type: 'thinking', thinking: 'Fine.', signature: 's' }
const THOUGHTS: Readonly<Record<string, object>> = {
  'beside the content of it': { reasoning_content: 'Fine.', reasoning: MAIL },
  'beside blocks': { thinking_blocks: [block], reasoning_content: MAIL },
  'beside sealed blocks': { thinking_blocks: [{ type: 'redacted_thinking', data: 'x' }], reasoning: MAIL },
  'beside details': { reasoning_details: [{ type: 'reasoning.text', text: 'Fine.' }], reasoning: MAIL },
  'details beside blocks': {
    thinking_blocks: [block],
    reasoning_details: [{ type: 'reasoning.summary', summary: MAIL }]
  }
}

const request = (thoughts: object) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    model: 'openai/gpt-5',
    messages: [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello.', ...thoughts },
      { role: 'user', content: 'Go on.' }
    ]
  })
})

t.test('thoughts are seen wherever a message has them, and masked', async t => {
  const { mock, url } = await aiGateway(t, { route: { policies: [{ plugin: 'ai-pii' }] } })
  for (const [name, thoughts] of Object.entries(THOUGHTS)) {
    const reply = await fetch(`${url}/v1/chat/completions`, request(thoughts))
    t.equal(reply.status, 200, `${name}: ${await reply.text()}`)
    t.notMatch(mock.requests().at(-1)?.body.toString(), /jane/, name)
  }
})

t.test('thoughts that were seen twice over go out as they came', async t => {
  const { mock, url } = await aiGateway(t, { route: { policies: [{ plugin: 'ai-prompt-guard' }] } })
  for (const [name, thoughts] of Object.entries(THOUGHTS)) {
    const { body, ...rest } = request(thoughts)
    await fetch(`${url}/v1/chat/completions`, { body, ...rest })
    t.equal(mock.requests().at(-1)?.body.toString(), body.replace('openai/', ''), name)
  }
})
