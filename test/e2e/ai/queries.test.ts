import t from 'tap'
import { aiGateway } from './gateway.js'

/** What clients say in their query is for providers of their dialect alone. */

const { mock, url } = await aiGateway(t)

const said = [{ role: 'user', content: 'Hello there' }]
const claude = { max_tokens: 10, messages: said }
const contents = { contents: [{ role: 'user', parts: [{ text: 'Hello there' }] }] }

async function target(path: string, body: object): Promise<string> {
  mock.reset()
  const reply = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body)
  })
  t.equal(reply.status, 200, path)
  await reply.arrayBuffer()
  return mock.requests()[0]?.target ?? ''
}

t.test('across dialects no query goes on', async t => {
  const gemini = 'gemini/gemini-2.5-pro'
  const asked = '/v1beta/models/gemini-2.5-pro:generateContent'
  t.equal(await target('/v1/messages?beta=true', { model: gemini, ...claude }), asked)
  t.equal(
    await target(`/openai/deployments/${encodeURIComponent(gemini)}/chat/completions?api-version=2024-10-21`, {
      messages: said
    }),
    asked
  )
  const streamed = await target('/v1/messages?beta=true', { model: gemini, stream: true, ...claude })
  t.equal(streamed, '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse')
  const other = await target('/v1beta/models/anthropic%2Fclaude-sonnet-4-5:generateContent?prettyPrint=1', contents)
  t.equal(other, '/v1/messages')
})

t.test('in the same dialect it goes on as it came, but for what another cloud has in it', async t => {
  const model = 'anthropic/claude-sonnet-4-5'
  t.equal(await target('/v1/messages?beta=true', { model, ...claude }), '/v1/messages?beta=true')
  t.equal(await target('/v1/messages?api-version=1&beta=true&alt=sse', { model, ...claude }), '/v1/messages?beta=true')
  const own = '/v1beta/models/gemini-2.5-pro:generateContent'
  t.equal(await target(`${own}?prettyPrint=1&key=mine`, contents), `${own}?prettyPrint=1`)
})
