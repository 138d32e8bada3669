import t from 'tap'
import type { ChatMessage, ChatRequest } from '../../../core/ai/chat.js'
import { conversationKey, needsOf } from '../../../core/ai/routing/needs.js'

const said = (role: 'system' | 'user' | 'assistant', text: string): ChatMessage => ({
  role,
  content: [{ type: 'text', text }]
})
const chat = (more: Partial<ChatRequest>): ChatRequest => ({
  model: 'm',
  messages: [said('user', 'hi')],
  stream: false,
  extra: new Map(),
  ...more
})
const has = (more: Partial<ChatRequest>) => [...needsOf(chat(more), 1).has]

t.test('what a chat asks of a model is read from all of it', async t => {
  t.strictSame(needsOf(chat({ max_tokens: 50 }), 7), { inputTokens: 7, outputTokens: 50, has: new Set() })
  t.strictSame(has({ tools: [] }), [])
  t.strictSame(has({ tools: [{ name: 'f' }] }), ['tools'])
  t.strictSame(
    has({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { kind: 'url', url: 'x' } },
            { type: 'audio', format: 'wav', data: '' }
          ]
        }
      ]
    }),
    ['images', 'audio']
  )
  t.strictSame(
    has({
      messages: [
        {
          role: 'tool',
          tool_call_id: '1',
          content: [{ type: 'file', source: { kind: 'id', file_id: 'f', of: 'openai' } }]
        }
      ]
    }),
    ['files'],
    'in a tool’s answer too'
  )
  t.strictSame(has({ response_format: { type: 'text' } }), [])
  t.strictSame(has({ response_format: { type: 'json_object' } }), ['json'])
  t.strictSame(has({ response_format: { type: 'json_schema', name: 'n', schema: {} } }), ['json-schema'])
  t.strictSame(has({ reasoning: { effort: 'high' } }), ['reasoning'])
  t.strictSame(has({ reasoning: { budget_tokens: 100 } }), ['reasoning'])
  t.strictSame(has({ reasoning: { effort: 'none' } }), [])
  t.strictSame(has({ extra: new Map([['modalities', ['text', 'audio', 'image']]]) }), ['image-output', 'audio-output'])
})

t.test('requests of one conversation have one key, others another', async t => {
  const begun = [said('system', 's'), said('user', 'one')]
  const key = (messages: ChatMessage[], consumer = 'c') => conversationKey({ messages }, consumer)
  const first = key(begun)
  t.match(first, /^[\w-]{43}$/)
  t.equal(key([...begun, said('assistant', 'yes'), said('user', 'two')]), first)
  t.not(key([said('system', 's'), said('user', 'two')]), first)
  t.not(key([said('system', 'z'), said('user', 'one')]), first)
  t.not(key(begun, 'another'), first)
  t.not(key([said('user', 's'), said('user', 'one')]), first)
  t.equal(key([]), undefined)
  t.ok(key([said('assistant', 'x')]), 'without a user, what comes first')
})
