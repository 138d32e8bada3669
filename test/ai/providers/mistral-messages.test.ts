import t from 'tap'
import type { ChatMessage } from '../../../core/ai/chat.js'
import { openaiChat } from '../../../core/ai/dialects/openai-chat/index.js'
import { mistral } from '../../../core/ai/providers/mistral.js'
import { inOrder, isForeign } from '../../../core/ai/providers/mistral-messages.js'

const user = { role: 'user', content: 'Hi' }
const call = (id: string) => ({ id, type: 'function', function: { name: 'look', arguments: '{}' } })
const called = { role: 'assistant', content: '', tool_calls: [call('abcdefghi')] }
const result = { role: 'tool', tool_call_id: 'abcdefghi', name: 'look', content: 'a cat' }
const tool = { type: 'function', function: { name: 'look', parameters: { type: 'object' } } }

t.test('a request that Mistral takes passes as it is', async t => {
  t.notOk(isForeign({ messages: [{ role: 'system', content: 'Be' }, user], tools: [tool] }))
  t.notOk(isForeign({ messages: [user, called, result] }))
  t.notOk(isForeign({ messages: [user, { role: 'assistant', content: 'I', prefix: true }] }))
  t.equal(mistral.rewrites?.('chat', { messages: [user] }), undefined)
  t.equal(mistral.rewrites?.('embeddings', { input: 'x' }), undefined)
})

t.test('a choice among some of the tools, and tools that take free text, are written anew', async t => {
  const allowed = { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [tool] } }
  t.equal(mistral.rewrites?.('chat', { messages: [user], tools: [tool], tool_choice: allowed }), 'request')
  const custom = { type: 'custom', custom: { name: 'write' } }
  t.equal(mistral.rewrites?.('chat', { messages: [user], tools: [custom] }), 'request')
  const named = { type: 'function', function: { name: 'look' } }
  t.equal(mistral.rewrites?.('chat', { messages: [user], tools: [tool], tool_choice: named }), undefined)
  t.equal(mistral.rewrites?.('chat', { messages: [user], tools: [tool], tool_choice: 'any' }), undefined)
})

t.test('what others take and Mistral refuses is written anew', async t => {
  for (const [what, messages] of Object.entries({
    'a call that another named': [user, { ...called, tool_calls: [call('call_1')] }, result],
    'a result of such a call': [user, called, { ...result, tool_call_id: 'call_1' }],
    'members of an answer of another': [user, { role: 'assistant', content: 'I', refusal: null }, user],
    'a name on who is not a tool': [{ ...user, name: 'me' }],
    'another role': [{ role: 'developer', content: 'Be' }, user],
    'the user right after a tool': [user, called, result, user],
    'instructions after an answer': [
      user,
      { role: 'assistant', content: 'I' },
      { role: 'system', content: 'Be' },
      user
    ],
    'an answer of nothing': [user, { role: 'assistant', content: '' }, user],
    'an answer to go on with': [user, { role: 'assistant', content: 'I' }]
  })) {
    t.equal(mistral.rewrites?.('chat', { messages }), 'request', what)
  }
  t.ok(
    isForeign({ messages: [user], tools: [{ type: 'function', function: { name: 'look' } }] }),
    'a tool without a schema'
  )
})

t.test('what is said among results comes after them, and an answer before it', async t => {
  const text = (text: string) => [{ type: 'text' as const, text }]
  const call = (id: string) => ({ type: 'tool_call' as const, id, name: 'look', arguments: '{}' })
  const messages: ChatMessage[] = [
    { role: 'user', content: text('Hi') },
    { role: 'assistant', content: [call('a'), call('b')] },
    { role: 'tool', tool_call_id: 'a', content: text('a cat') },
    { role: 'user', content: text('And?') },
    { role: 'tool', tool_call_id: 'b', content: text('a dog') }
  ]
  t.match(inOrder(messages), [
    { role: 'user' },
    { role: 'assistant' },
    { tool_call_id: 'a' },
    { tool_call_id: 'b' },
    { role: 'assistant', content: [{ text: 'OK.' }] },
    { role: 'user', content: [{ text: 'And?' }] }
  ])
})

t.test('messages are put in the order that it takes', async t => {
  const text = (text: string) => [{ type: 'text' as const, text }]
  const messages: ChatMessage[] = [
    { role: 'system', content: text('one') },
    { role: 'user', content: text('Hi') },
    { role: 'assistant', content: [{ type: 'tool_call', id: 'a', name: 'look', arguments: '{}' }] },
    { role: 'tool', tool_call_id: 'a', content: text('a cat') },
    { role: 'developer', content: text('two') },
    { role: 'assistant', content: text('') },
    { role: 'user', content: text('And?') }
  ]
  t.match(inOrder(messages), [
    { role: 'system' },
    { role: 'developer', content: [{ text: 'two' }] },
    { role: 'user', content: [{ text: 'Hi' }] },
    { role: 'assistant', content: [{ type: 'tool_call' }] },
    { role: 'tool' },
    { role: 'assistant', content: [{ text: 'OK.' }] },
    { role: 'user', content: [{ text: 'And?' }] }
  ])
})

t.test('what OpenAI’s clients send without being asked is taken out and named', async t => {
  const account = { baseUrl: '', region: '', options: {} }
  const body = { store: false, user: 'u', seed: 1, stream_options: {}, messages: [user] }
  const call = { operation: 'chat' as const, dialect: openaiChat, model: 'm', stream: false, path: '', query: '' }
  const address = mistral.address({ ...call, headers: [], account, body })
  t.match(address.edits, { set: { random_seed: 1 } })
  t.same([...(address.edits?.remove ?? [])].sort(), ['seed', 'store', 'stream_options', 'user'])
  t.strictSame(address.dropped, ['store', 'user'])
})
