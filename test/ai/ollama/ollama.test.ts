import { Buffer } from 'node:buffer'
import t from 'tap'
import type { ChatRequest } from '../../../core/ai/chat.js'
import type { Operation } from '../../../core/ai/dialects/dialect.js'
import { ollamaChat } from '../../../core/ai/dialects/ollama-chat/index.js'
import { ollamaGenerate } from '../../../core/ai/dialects/ollama-generate/index.js'
import type { JsonObject } from '../../../core/ai/members.js'
import { ollama } from '../../../core/ai/providers/ollama.js'
import { dropping, eventsOf, NO_HINTS, wishFor, written } from '../support/replay.js'

const CHAT: ChatRequest = {
  model: 'qwen3',
  stream: false,
  max_tokens: 9,
  stop: ['END'],
  user: 'u',
  messages: [
    { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is it?' },
        { type: 'image', source: { kind: 'base64', media_type: 'image/png', data: 'AA' } },
        { type: 'image', source: { kind: 'url', url: 'https://a.example/x.png' } }
      ]
    },
    { role: 'assistant', content: [{ type: 'tool_call', id: 'a', name: 'look', arguments: '{"at":1}' }] },
    { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: 'a cat' }] }
  ],
  tools: [{ name: 'look', strict: true }],
  tool_choice: 'required',
  response_format: { type: 'json_schema', name: 'x', schema: { type: 'object' } },
  reasoning: { effort: 'high' },
  extra: new Map<string, unknown>([['keep_alive', '5m']])
}

t.test('a conversation with calls is told in Ollama’s words: results by the name of the tool', async t => {
  const dropped = dropping()
  const body = ollamaChat.chat.writeRequest({ ...CHAT, extra: new Map(CHAT.extra) }, dropped)
  t.strictSame(JSON.parse(JSON.stringify(body)), {
    model: 'qwen3',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'What is it?', images: ['AA'] },
      { role: 'assistant', content: '', tool_calls: [{ id: 'a', function: { name: 'look', arguments: { at: 1 } } }] },
      { role: 'tool', content: 'a cat', tool_name: 'look', tool_call_id: 'a' }
    ],
    tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }],
    stream: false,
    options: { num_predict: 9, stop: ['END'] },
    format: { type: 'object' },
    think: true,
    keep_alive: '5m'
  })
  t.strictSame(dropped.names, ['messages[1].content[2]', 'tool_choice', 'tools[0].strict', 'user'])
  const gptOss = { ...CHAT, model: 'gpt-oss:20b', extra: new Map() }
  t.equal(ollamaChat.chat.writeRequest(gptOss, dropping()).think, 'high')
})

t.test('a conversation becomes one prompt where there is but one', async t => {
  const dropped = dropping()
  const body = ollamaGenerate.chat.writeRequest({ ...CHAT, extra: new Map() }, dropped)
  t.match(body, { system: 'Be brief.', prompt: 'User: What is it?\n\nAssistant: \n\nTool: a cat', images: ['AA'] })
  t.match(dropped.names, ['messages[1].content[2]', 'tools', 'tool_choice', 'user'])
})

t.test('what clients send is read: a stream unless they say otherwise, results by order', async t => {
  const chat = ollamaChat.chat.readRequest(
    {
      model: 'm',
      messages: [
        {
          role: 'assistant',
          content: '',
          tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }, { function: { name: 'g', arguments: '{}' } }]
        },
        { role: 'tool', tool_name: 'g', content: 'G' },
        { role: 'tool', content: 'F' }
      ],
      options: { num_predict: -1, min_p: 0.1 },
      format: 'json',
      think: false
    },
    NO_HINTS
  )
  t.match(chat, {
    stream: true,
    max_tokens: undefined,
    response_format: { type: 'json_object' },
    reasoning: { effort: 'none' },
    messages: [
      {
        content: [
          { id: 'call_0', arguments: '{"a":1}' },
          { id: 'call_1', arguments: '{}' }
        ]
      },
      { tool_call_id: 'call_1', name: 'g' },
      { tool_call_id: 'call_0', name: 'f' }
    ]
  })
  const wrong: [JsonObject, string][] = [
    [{}, 'model: expected a string, found nothing'],
    [{ model: 'm', format: 3 }, 'format: expected "json" or a JSON schema, found 3'],
    [{ model: 'm', think: 3 }, 'think: expected true, false or a level, found 3'],
    [
      { model: 'm', messages: [{ role: 'x' }] },
      'messages[0].role: expected "system", "user", "assistant" or "tool", found "x"'
    ]
  ]
  for (const [body, message] of wrong) {
    t.throws(() => ollamaChat.chat.readRequest(body, NO_HINTS), { code: 'GW_AI_REQUEST_INVALID', message })
  }
})

t.test('a stream ends with its done line, breaks off without, and tells an error within', async t => {
  const line = (more: JsonObject) => `${JSON.stringify({ model: 'm', created_at: '2024-01-01T00:00:00Z', ...more })}\n`
  const call = { function: { name: 'f', arguments: { a: 1 } } }
  const whole =
    line({ message: { thinking: 'Hm.' } }) +
    line({ message: { tool_calls: [call, call] } }) +
    line({ done: true, done_reason: 'stop', eval_count: 3 })
  const events = eventsOf(ollamaChat, [Buffer.from(whole)])
  t.match(
    events.map(({ type }) => type),
    ['start', 'thinking', 'tool_call', 'arguments', 'tool_call', 'arguments', 'finish', 'usage', 'end']
  )
  t.match(events[6], { reason: 'tool_calls' })
  const ids = events.flatMap(event => (event.type === 'tool_call' ? [event.id] : []))
  t.equal(new Set(ids).size, 2, 'calls that came without a name get one each')
  t.notOk(eventsOf(ollamaChat, [Buffer.from(line({ message: { content: 'x' } }))]).some(({ type }) => type === 'end'))
  t.match(eventsOf(ollamaGenerate, [Buffer.from('{"error":"server busy, please try again."}')]), [
    { type: 'failure', failure: { kind: 'overloaded' } },
    { type: 'end' }
  ])
})

t.test('an answer is written by lines, whose calls wait for the end of their arguments', async t => {
  const bytes = written(
    ollamaChat,
    [
      { type: 'start', id: '', model: '', created: 1_700_000_000 },
      { type: 'tool_call', choice: 0, call: 0, id: 'a', name: 'f' },
      { type: 'arguments', choice: 0, call: 0, text: '{"a"' },
      { type: 'arguments', choice: 0, call: 0, text: ':1}' },
      { type: 'finish', choice: 0, reason: 'length' },
      { type: 'end' }
    ],
    wishFor('alias')
  )
  const [first, last] = bytes
    .toString()
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  t.match(first, {
    model: 'alias',
    created_at: '2023-11-14T22:13:20.000Z',
    message: { tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }] },
    done: false
  })
  t.match(last, { done: true, done_reason: 'length', message: { content: '' } })
})

t.test('embeddings are read in both forms', async t => {
  const read = (body: JsonObject) => ollamaChat.embeddings?.readRequest(body, NO_HINTS)
  t.match(read({ model: 'm', input: 'a', truncate: true }), { input: ['a'] })
  t.match(read({ model: 'm', prompt: 'a' }), { input: ['a'] })
  const dropped = dropping()
  for (const [truncate, cut] of [
    ['END', true],
    ['NONE', false],
    ['START', undefined],
    [false, false]
  ] as const) {
    const asked = { model: 'm', input: ['a'], extra: new Map([['truncate', truncate]]) }
    t.equal(ollamaChat.embeddings?.writeRequest(asked, dropped).truncate, cut)
  }
  t.strictSame(dropped.names, ['truncate'], 'there is no cutting the start')
  const response = { model: '', embeddings: [[1, 2]], usage: undefined }
  t.strictSame(ollamaChat.embeddings?.writeResponse(response, wishFor('m', { prompt: 'a' })), { embedding: [1, 2] })
})

t.test('a local Ollama wants no key', async t => {
  const account = { baseUrl: '', region: '', options: {} }
  const path = (operation: Operation, dialect = ollamaChat) =>
    ollama.address({ operation, dialect, model: 'm', stream: false, path: '', query: '', headers: [], account }).path
  t.equal(path('chat'), '/api/chat')
  t.equal(path('chat', ollamaGenerate), '/api/generate')
  t.equal(path('embeddings'), '/api/embed')
  t.equal(path('models'), '/api/tags')
  const outgoing = { method: 'POST', url: new URL('http://x/'), headers: [], body: Buffer.alloc(0) }
  const postForm = () => Promise.reject(new Error('not asked'))
  t.strictSame(await ollama.authorize(outgoing, undefined, account, { now: () => 0, postForm, kept: new Map() }), [])
})
