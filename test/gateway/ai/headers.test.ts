import t from 'tap'
import { dialects } from '../../../core/ai/dialects/index.js'
import { findEndpoint } from '../../../core/ai/endpoints.js'
import { AiExchange } from '../../../core/gateway/ai/ai-exchange.js'
import { replyNotes } from '../../../core/gateway/ai/headers.js'

t.test('whatever a client calls a model or a member, a reply has the headers it should have', async t => {
  const endpoint = findEndpoint('POST', '/v1/chat/completions', '', [])
  const dialect = dialects.get('openai-chat')
  if (endpoint === undefined || dialect === undefined) throw new Error('no chat')
  const ai = new AiExchange(endpoint, dialect)
  ai.target = `gpt\r\nset-cookie: a\r\n${'m'.repeat(20_000)}`
  ai.dropped = Array.from({ length: 600 }, (_, i) => `messages[${i}].${'é\r\n'.repeat(i)}`)
  const notes = replyNotes(ai)
  t.strictSame(
    notes.filter((_, i) => i % 2 === 0),
    ['x-sluice-model', 'x-sluice-dropped-params']
  )
  t.ok(
    notes.every(each => /^[\x20-\x7e]{1,1100}$/.test(each)),
    'short, and one line each'
  )
})
