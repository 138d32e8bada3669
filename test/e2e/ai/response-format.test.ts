import t from 'tap'
import type { ResponseFormat } from '../../../core/ai/chat.js'
import { ask, CLIENTS, guarded, MODELS, user } from './guarded.js'

t.setTimeout(240_000)

const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'], additionalProperties: false }
const format: ResponseFormat = { type: 'json_schema', name: 'x', schema }
const answering = (text: string, stream: boolean) =>
  `openai/gpt-4o+answer=${encodeURIComponent(text)}${stream ? '+split=1' : ''}`
const BROKEN = '```json\n{a: 1}\n```'

for (const [from, client] of Object.entries(CLIENTS)) {
  t.test(`${from}: an answer is repaired, whole and streamed`, async t => {
    const gateway = await guarded(t, [{ plugin: 'ai-response-format' }])
    for (const stream of [false, true]) {
      const said = await ask(gateway, client, {
        model: answering(BROKEN, stream),
        stream,
        messages: [user('JSON, please')],
        response_format: format,
        structuredOutput: 'native'
      })
      t.equal(said.text, '{"a":1}')
      t.ok(said.whole)
      t.match(await gateway.sluice.access(), {
        tags: { 'response-format': 'repaired', 'response-format.repairs': 'keys,fence' }
      })
    }
  })

  t.test(`${from}: what cannot be repaired is an error of the dialect`, async t => {
    const gateway = await guarded(t, [{ plugin: 'ai-response-format' }])
    const asked = { messages: [user('JSON, please')], response_format: format, structuredOutput: 'native' as const }
    const whole = await ask(gateway, client, { model: answering('{"b":1}', false), ...asked })
    t.equal(whole.status, 502)
    t.match(JSON.parse(whole.raw), { error: {} })
    t.match(whole.raw, '/a is missing')
    const streamed = await ask(gateway, client, { model: answering('no', true), stream: true, ...asked })
    t.notOk(streamed.whole && streamed.status === 200, 'the client is told that it is no answer')
    t.match(streamed.raw, /error|failed/)
    t.equal(streamed.text, '')
  })
}

t.test('across dialects the schema of the request counts as well', async t => {
  const gateway = await guarded(t, [{ plugin: 'ai-response-format' }])
  for (const model of Object.values(MODELS)) {
    const said = await ask(gateway, CLIENTS.openai, { model, messages: [user('?')], response_format: format })
    t.equal(said.status, 200)
    t.match(JSON.parse(said.text), { a: Number })
  }
})
