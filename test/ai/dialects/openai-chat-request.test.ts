import fc from 'fast-check'
import t from 'tap'
import type { ChatRequest } from '../../../core/ai/chat.js'
import { openaiChat } from '../../../core/ai/dialects/openai-chat/index.js'
import type { JsonObject } from '../../../core/ai/members.js'
import { GatewayError } from '../../../core/base/errors.js'
import { Refusal } from '../../../core/base/refusal.js'
import { chatRequests } from '../chats.js'
import { dropped, HINTS, plain } from '../dialect-parts.js'

const { chat } = openaiChat

const read = (body: JsonObject) => chat.readRequest(body, HINTS)
const message = (content: unknown) => ({ model: 'm', messages: [{ role: 'user', content }] })

t.test('a chat that the dialect can carry is the same after it was written and read', async t => {
  fc.assert(
    fc.property(chatRequests, request => {
      const names = dropped()
      const written = chat.writeRequest(structuredClone(request), names)
      t.strictSame(plain(read(JSON.parse(JSON.stringify(written)))), plain(request))
      t.strictSame(names.names, [])
    }),
    { numRuns: 300 }
  )
})

t.test('anything that is JSON is read or refused, by an error of the gateway’s', async t => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...MEMBERS), fc.jsonValue()), body => {
      for (const each of [body, { model: 'm', ...body }, message(body.content), message([body]), withMessage(body)]) {
        try {
          read(each as JsonObject)
        } catch (thrown) {
          if (!(thrown instanceof GatewayError)) throw thrown
        }
      }
    }),
    { numRuns: 2_000 }
  )
  t.pass('no other error')
})

t.test('what is wrong is named with where it is and what was expected', async t => {
  const wrong: [JsonObject, string][] = [
    [{ messages: [] }, 'model: expected a string, found nothing'],
    [{ model: 'm' }, 'messages: expected a list of messages, found nothing'],
    [{ model: 'm', messages: [1] }, 'messages[0]: expected an object, found 1'],
    [
      { model: 'm', messages: [{ role: 'robot', content: '' }] },
      'messages[0].role: expected "system", "developer", "user", "assistant" or "tool", found "robot"'
    ],
    [
      message([{ type: 'smell' }]),
      'messages[0].content[0].type: expected "text", "image_url", "input_audio" or "file", found "smell"'
    ],
    [
      message([{ type: 'image_url', image_url: {} }]),
      'messages[0].content[0].image_url.url: expected a string, found nothing'
    ],
    [{ ...message('x'), temperature: 'hot' }, 'temperature: expected a number, found "hot"'],
    [{ ...message('x'), tools: [{ type: 'function' }] }, 'tools[0].function: expected an object, found nothing'],
    [{ ...message('x'), n: 0 }, 'n: expected a whole number, at least 1, found 0']
  ]
  for (const [body, text] of wrong) {
    try {
      read(body)
      t.fail(`taken: ${text}`)
    } catch (thrown) {
      t.ok(thrown instanceof Refusal)
      t.match(thrown, { code: 'GW_AI_REQUEST_INVALID', message: text })
    }
  }
})

t.test('members of OpenAI that the canonical chat has no place for are kept, and written again', async t => {
  const own = {
    store: true,
    modalities: ['text', 'audio'],
    audio: { voice: 'alloy', format: 'wav' },
    prediction: { type: 'content', content: 'x' },
    web_search_options: {},
    prompt_cache_key: 'k',
    safety_identifier: 's'
  }
  const request = read({ ...message('x'), ...own, unheard_of: 1 })
  const written = chat.writeRequest(request, dropped())
  t.match(written, own)
  t.notOk('unheard_of' in written)
  t.strictSame([...request.extra.keys()], ['unheard_of'], 'what nobody took is left to be named')
})

t.test('unknown members within messages and tools are kept by their path', async t => {
  const request = read({
    model: 'm',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'x', mood: 'good' }], weather: 'fine' }],
    tools: [
      { type: 'web_search', depth: 3 },
      { type: 'function', function: { name: 'f', examples: [] } }
    ]
  })
  t.strictSame(
    [...request.extra.keys()],
    ['messages[0].content[0].mood', 'messages[0].weather', 'tools[0]', 'tools[1].function.examples']
  )
  t.strictSame(plain(request.tools), [{ name: 'f' }])
})

t.test('the choice among allowed tools is a choice to others, and whole to OpenAI', async t => {
  const allowed = [{ type: 'function', function: { name: 'f' } }]
  const body = {
    ...message('x'),
    tools: [{ type: 'function', function: { name: 'f' } }],
    tool_choice: { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: allowed } }
  }
  const request = read(body)
  t.equal(request.tool_choice, 'required')
  t.strictSame(chat.writeRequest(request, dropped()).tool_choice, body.tool_choice)
})

t.test('arguments of a tool are always an object that says its properties', async t => {
  const parameters = (given: JsonObject | undefined) => {
    const { tools } = chat.writeRequest({ ...read(message('x')), tools: [{ name: 'f', parameters: given }] }, dropped())
    return (tools as { function: JsonObject }[])[0]?.function.parameters
  }
  t.strictSame(parameters({ type: 'object' }), { type: 'object', properties: {} })
  t.strictSame(parameters({}), { type: 'object', properties: {} })
  const whole = { type: 'object', properties: { a: {} }, required: ['a'] }
  t.strictSame(parameters(whole), whole)
  t.equal(parameters(undefined), undefined)
})

t.test('an answer is held to a schema strictly only where OpenAI can', async t => {
  const object = (properties: JsonObject, more: JsonObject = {}) => {
    return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false, ...more }
  }
  const text = { type: 'string' }
  const open = { type: 'object', properties: { a: text }, required: ['a'] }
  const optional = object({ a: text, b: text }, { required: ['a'] })
  const strict: JsonObject[] = [
    object({}, { required: undefined }),
    object({ a: text, b: { type: ['string', 'null'] } }),
    object({ a: { type: 'array', items: object({ b: text }) } }),
    object({ a: { anyOf: [text, { $ref: '#/$defs/d' }] } }, { $defs: { d: object({ b: { $ref: '#' } }) } })
  ]
  const loose: JsonObject[] = [
    open,
    optional,
    object({ a: open }),
    object({ a: { type: 'array', items: optional } }),
    object({ a: { type: 'array' } }),
    object({ a: { anyOf: [text, open] } }),
    object({ a: { $ref: '#/$defs/d' } }, { $defs: { d: optional } }),
    object({ a: { oneOf: [text] } }),
    object({ a: {} }),
    { ...object({}), anyOf: [object({})] },
    { type: 'array', items: object({}) },
    {}
  ]
  const written = (schema: JsonObject) => {
    const names = dropped()
    const request: ChatRequest = {
      ...read(message('x')),
      tools: [{ name: 'f', parameters: schema, strict: true }],
      response_format: { type: 'json_schema', name: 'n', schema, strict: true }
    }
    return { ...chat.writeRequest(request, names), names: names.names }
  }
  for (const schema of strict) {
    t.match(
      written(schema),
      {
        response_format: { json_schema: { schema, strict: true } },
        tools: [{ function: { strict: true } }],
        names: []
      },
      JSON.stringify(schema)
    )
  }
  for (const schema of loose) {
    const { names, ...body } = written(schema)
    t.notMatch(JSON.stringify(body), '"strict"', JSON.stringify(schema))
    t.match(body, { response_format: { json_schema: { schema } } })
    t.strictSame(names, ['tools[0].strict', 'response_format.strict'])
  }
})

t.test('functions, as it was before there were tools, are tools', async t => {
  const request = read({
    model: 'm',
    messages: [
      { role: 'user', content: 'x' },
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{"a":1}' } },
      { role: 'function', name: 'f', content: 'y' }
    ],
    functions: [{ name: 'f', parameters: { type: 'object' } }],
    function_call: { name: 'f' }
  })
  const [, call, result] = request.messages
  t.match(call, { content: [{ type: 'tool_call', id: 'call_1', name: 'f', arguments: '{"a":1}' }] })
  t.match(result, { role: 'tool', tool_call_id: 'call_1', name: 'f' })
  t.match(request, { tools: [{ name: 'f' }], tool_choice: { name: 'f' } })
})

t.test('how much to think is understood in the words of each', async t => {
  const cases: [JsonObject, unknown][] = [
    [{ reasoning_effort: 'low' }, { effort: 'low' }],
    [{ reasoning: { effort: 'high', max_tokens: 2_000 } }, { effort: 'high', budget_tokens: 2_000 }],
    [{ reasoning: { enabled: false } }, { effort: 'none' }],
    [{ thinking: { type: 'enabled', budget_tokens: 4_096 } }, { budget_tokens: 4_096 }],
    [{ thinking: { type: 'enabled' } }, { effort: 'medium' }],
    [{ thinking: { type: 'disabled' } }, { effort: 'none' }],
    [{ thinking: { type: 'adaptive' } }, {}],
    [{ thinking: { type: 'adaptive', display: 'summarized' } }, { summary: 'auto' }],
    [
      { thinking: { type: 'adaptive', display: 'omitted' }, reasoning_effort: 'low' },
      { effort: 'low', summary: 'none' }
    ],
    [{ thinking: { type: 'auto' } }, {}],
    [{}, undefined]
  ]
  for (const [said, expected] of cases) t.strictSame(plain(read({ ...message('x'), ...said }).reasoning), expected)
  const budget = { ...read(message('x')), reasoning: { budget_tokens: 4_096 } }
  t.equal(chat.writeRequest(budget, dropped()).reasoning_effort, 'medium', 'tokens are told as an effort')
})

t.test('reasoning of earlier answers is read from each place it is kept in, once', async t => {
  const thoughts = (members: JsonObject) => {
    const [said] = read({ model: 'm', messages: [{ role: 'assistant', content: 'x', ...members }] }).messages
    return plain(said?.content)
  }
  const text = { type: 'text', text: 'x' }
  t.strictSame(thoughts({ reasoning_content: 'a' }), [{ type: 'thinking', text: 'a' }, text])
  t.strictSame(thoughts({ reasoning: 'a' }), [{ type: 'thinking', text: 'a' }, text])
  const blocks = [
    { type: 'thinking', thinking: 'a', signature: 's' },
    { type: 'redacted_thinking', data: 'd' }
  ]
  t.strictSame(thoughts({ reasoning_content: 'a', thinking_blocks: blocks }), [
    { type: 'thinking', text: 'a', signature: 's' },
    { type: 'redacted_thinking', data: 'd' },
    text
  ])
  const details = [
    { type: 'reasoning.text', text: 'a', signature: 's', index: 0 },
    { type: 'reasoning.encrypted', data: 'd', id: 'rs_1', index: 1 }
  ]
  t.strictSame(thoughts({ reasoning: 'a', reasoning_details: details }), [
    { type: 'thinking', text: 'a', signature: 's' },
    { type: 'redacted_thinking', data: 'd', id: 'rs_1' },
    text
  ])
  const chunks = [
    { type: 'thinking', thinking: [{ type: 'text', text: 'a' }] },
    { type: 'text', text: 'x' }
  ]
  t.strictSame(thoughts({ content: chunks }), [{ type: 'thinking', text: 'a' }, text])
})

t.test('images that a tool gave follow its answer in a message of the user', async t => {
  const request = read(message('x'))
  request.messages = [
    { role: 'assistant', content: [{ type: 'tool_call', id: 'c', name: 'shoot', arguments: '{}' }] },
    {
      role: 'tool',
      tool_call_id: 'c',
      content: [
        { type: 'text', text: 'here' },
        { type: 'image', source: { kind: 'base64', media_type: 'image/png', data: 'AA==' } }
      ]
    }
  ]
  t.match(chat.writeRequest(request, dropped()).messages, [
    { role: 'assistant', tool_calls: [{ id: 'c', type: 'function' }] },
    { role: 'tool', tool_call_id: 'c', content: 'here' },
    { role: 'user', content: [{ type: 'text' }, { image_url: { url: 'data:image/png;base64,AA==' } }] }
  ])
})

t.test('usage is asked for with every stream that is written', async t => {
  const request = read({ ...message('x'), stream: true, stream_options: { include_usage: false } })
  t.match(chat.writeRequest(request, dropped()), { stream: true, stream_options: { include_usage: true } })
  t.strictSame([...request.extra.keys()], [])
})

function withMessage(body: JsonObject): JsonObject {
  return {
    model: 'm',
    messages: [
      { role: 'assistant', ...body },
      { role: 'tool', ...body }
    ]
  }
}

const MEMBERS = [
  'model',
  'messages',
  'content',
  'role',
  'type',
  'text',
  'image_url',
  'file',
  'input_audio',
  'tools',
  'tool_choice',
  'tool_calls',
  'tool_call_id',
  'function_call',
  'functions',
  'response_format',
  'reasoning',
  'thinking',
  'thinking_blocks',
  'logit_bias',
  'metadata',
  'stop',
  'audio',
  'name'
]
