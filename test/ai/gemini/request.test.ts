import t from 'tap'
import type { ChatMessage, ChatRequest } from '../../../core/ai/chat.js'
import { gemini } from '../../../core/ai/dialects/gemini/index.js'
import type { JsonObject } from '../../../core/ai/members.js'
import { dropping, NO_HINTS } from '../support/replay.js'

function chatOf(messages: ChatMessage[], more: Partial<ChatRequest> = {}): ChatRequest {
  return { model: 'gemini-3-pro', messages, stream: false, extra: new Map(), ...more }
}

function user(text: string): ChatMessage {
  return { role: 'user', content: [{ type: 'text', text }] }
}

function write(chat: ChatRequest): { body: JsonObject; dropped: readonly string[] } {
  const dropped = dropping()
  const body = JSON.parse(JSON.stringify(gemini.chat.writeRequest(chat, dropped))) as JsonObject
  return { body, dropped: dropped.names }
}

t.test('a conversation with a call is told in turns, with system prompts apart and the call signed', async t => {
  const { body, dropped } = write(
    chatOf([
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      user('Weather in Paris and Rome?'),
      {
        role: 'assistant',
        content: [
          { type: 'thinking', text: 'Two calls.', signature: 'of another provider' },
          { type: 'tool_call', id: 'a', name: 'weather', arguments: '{"city":"Paris"}' },
          { type: 'tool_call', id: 'b', name: 'weather', arguments: '{"city":"Ro' }
        ]
      },
      { role: 'tool', tool_call_id: 'a', content: [{ type: 'text', text: '{"celsius":21}' }] },
      { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: 'no such place' }], is_error: true },
      user('And tomorrow?')
    ])
  )
  t.strictSame(body, {
    model: 'gemini-3-pro',
    systemInstruction: { parts: [{ text: 'Be brief.' }] },
    contents: [
      { role: 'user', parts: [{ text: 'Weather in Paris and Rome?' }] },
      {
        role: 'model',
        parts: [
          { text: 'Two calls.', thought: true },
          {
            functionCall: { id: 'a', name: 'weather', args: { city: 'Paris' } },
            thoughtSignature: 'skip_thought_signature_validator'
          },
          { functionCall: { id: 'b', name: 'weather', args: { arguments: '{"city":"Ro' } } }
        ]
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'a', name: 'weather', response: { celsius: 21 } } },
          { functionResponse: { id: 'b', name: 'weather', response: { error: 'no such place' } } }
        ]
      },
      { role: 'user', parts: [{ text: 'And tomorrow?' }] }
    ]
  })
  t.strictSame(dropped, ['messages[2].content[0].signature'], 'of another provider')
})

t.test('a signature of Gemini goes back with its part, through a client of any dialect', async t => {
  const read = gemini.chat.readResponse({
    candidates: [
      {
        content: {
          parts: [
            { text: 'Hm.', thought: true, thoughtSignature: 'dGhvdWdodA==' },
            { text: 'Yes.', thoughtSignature: 'dGV4dA==' },
            { functionCall: { name: 'f', args: {} }, thoughtSignature: 'Y2FsbA==' },
            { functionCall: { name: 'g', args: {} } }
          ]
        }
      }
    ],
    responseId: 'r'
  })
  const answer: ChatMessage = { role: 'assistant', content: read.choices[0]?.content ?? [] }
  const { body } = write(chatOf([user('?'), answer]))
  t.match((body.contents as JsonObject[])[1], {
    parts: [
      { text: 'Hm.', thought: true, thoughtSignature: 'dGhvdWdodA==' },
      { text: 'Yes.', thoughtSignature: 'dGV4dA==' },
      { functionCall: { name: 'f' }, thoughtSignature: 'Y2FsbA==' },
      { functionCall: { name: 'g' }, thoughtSignature: undefined }
    ]
  })
})

t.test('models before Gemini 3 get no signature made up, and images of results beside them', async t => {
  const { body } = write(
    chatOf(
      [
        user('?'),
        { role: 'assistant', content: [{ type: 'tool_call', id: 'a', name: 'look', arguments: '' }] },
        {
          role: 'tool',
          tool_call_id: 'a',
          content: [{ type: 'image', source: { kind: 'base64', media_type: 'image/png', data: 'AA' } }]
        }
      ],
      { model: 'gemini-2.5-flash' }
    )
  )
  t.strictSame((body.contents as JsonObject[]).slice(1), [
    { role: 'model', parts: [{ functionCall: { id: 'a', name: 'look', args: {} } }] },
    {
      role: 'user',
      parts: [
        { functionResponse: { id: 'a', name: 'look', response: { output: '' } } },
        { inlineData: { mimeType: 'image/png', data: 'AA' } }
      ]
    }
  ])
})

t.test('files go by their bytes or address; names of another provider are dropped by name', async t => {
  const { body, dropped } = write(
    chatOf([
      {
        role: 'user',
        content: [
          { type: 'image', source: { kind: 'url', url: 'https://a.example/x.webp?y' } },
          { type: 'file', source: { kind: 'id', file_id: 'files/abc', of: 'openai' } },
          { type: 'file', source: { kind: 'id', file_id: 'file-openai', of: 'openai' } },
          { type: 'audio', format: 'wav', data: 'AA' }
        ]
      }
    ])
  )
  t.strictSame((body.contents as JsonObject[])[0]?.parts, [
    { fileData: { mimeType: 'image/webp', fileUri: 'https://a.example/x.webp?y' } },
    { fileData: { fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc' } },
    { inlineData: { mimeType: 'audio/wav', data: 'AA' } }
  ])
  t.strictSame(dropped, ['messages[0].content[2].file_id'])
})

t.test('there is always something to answer', async t => {
  const { body } = write(chatOf([{ role: 'system', content: [{ type: 'text', text: 'Say hello.' }] }]))
  t.strictSame(body.contents, [{ role: 'user', parts: [{ text: 'Say hello.' }] }])
  t.equal(body.systemInstruction, undefined)
})

t.test('thinking is asked for in the words of the model', async t => {
  const asked = (model: string, reasoning: ChatRequest['reasoning']) => {
    const { body, dropped } = write(chatOf([user('?')], { model, reasoning }))
    return { ...((body.generationConfig as JsonObject)?.thinkingConfig as JsonObject), dropped: dropped.join() }
  }
  t.strictSame(asked('gemini-3-pro', { effort: 'minimal' }), { thinkingLevel: 'low', dropped: '' })
  t.strictSame(asked('gemini-3-flash', { effort: 'none' }), { thinkingLevel: 'minimal', dropped: '' })
  t.strictSame(asked('gemini-3-flash', { effort: 'xhigh', summary: 'auto' }), {
    thinkingLevel: 'high',
    includeThoughts: true,
    dropped: ''
  })
  t.strictSame(asked('gemini-2.5-flash', { effort: 'none' }), { thinkingBudget: 0, dropped: '' })
  t.strictSame(asked('gemini-2.5-pro', { effort: 'none' }), { thinkingBudget: 128, dropped: '' })
  t.strictSame(asked('gemini-2.5-flash', { budget_tokens: 2_000 }), {
    thinkingBudget: 2_000,
    includeThoughts: true,
    dropped: ''
  })
  t.strictSame(asked('gemini-2.5-flash', { budget_tokens: 31_999, effort: 'high', summary: 'none' }), {
    thinkingBudget: 24_576,
    dropped: ''
  })
  t.strictSame(asked('gemini-2.0-flash', { effort: 'high' }), { dropped: 'reasoning' })
})

t.test('what Gemini has no place for is dropped by name', async t => {
  const { body, dropped } = write(
    chatOf([user('?')], {
      stop: ['1', '2', '3', '4', '5', '6'],
      seed: 2 ** 40,
      logit_bias: { 1: 1 },
      user: 'u',
      parallel_tool_calls: false,
      service_tier: 'flex',
      tools: [{ name: 'f', strict: true }],
      tool_choice: 'required',
      extra: new Map<string, unknown>([
        ['safety_settings', []],
        ['unknown', 1]
      ])
    })
  )
  t.strictSame(dropped, ['stop[5]', 'seed', 'tools[0].strict', 'logit_bias', 'user', 'parallel_tool_calls'])
  t.match(body, { serviceTier: 'flex', safetySettings: [], toolConfig: { functionCallingConfig: { mode: 'ANY' } } })
})

t.test('schemas are put in the subset of OpenAPI, and given as they are where that would lose something', async t => {
  const parameters = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    additionalProperties: false,
    properties: {
      kind: { const: 'a' },
      unit: { type: ['string', 'null'], enum: ['c', 'f', null] },
      when: { type: 'string', format: 'uri' },
      size: { type: 'integer', exclusiveMinimum: 0 },
      either: { oneOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }] },
      place: { $ref: '#/$defs/place' },
      tags: { type: 'array', items: { allOf: [{ type: 'string' }, { minLength: 1 }] } }
    },
    required: ['kind'],
    $defs: { place: { type: 'object', properties: { city: { type: 'string' } } } }
  }
  const { body } = write(chatOf([user('?')], { tools: [{ name: 'f', parameters }] }))
  t.strictSame((body.tools as JsonObject[])[0]?.functionDeclarations, [
    {
      name: 'f',
      parameters: {
        required: ['kind'],
        type: 'object',
        properties: {
          kind: { enum: ['a'], type: 'string' },
          unit: { nullable: true, type: 'string', enum: ['c', 'f'] },
          when: { type: 'string' },
          size: { minimum: 1, type: 'integer' },
          either: { nullable: true, anyOf: [{ type: 'string' }, { type: 'number' }] },
          place: { type: 'object', properties: { city: { type: 'string' } } },
          tags: { type: 'array', items: { type: 'string', minLength: 1 } }
        }
      }
    }
  ])

  const tree = {
    type: 'object',
    properties: { children: { type: 'array', items: { $ref: '#' } }, level: { enum: [1, 2] } }
  }
  const format = { type: 'json_schema' as const, name: 'tree', schema: tree }
  const now = write(chatOf([user('?')], { tools: [{ name: 'f', parameters: tree }], response_format: format })).body
  t.match(now.tools, [{ functionDeclarations: [{ parametersJsonSchema: tree }] }])
  t.match(now.generationConfig, { responseMimeType: 'application/json', responseJsonSchema: tree })
  const old = write(chatOf([user('?')], { model: 'gemini-2.0-flash', response_format: format })).body
  t.strictSame((old.generationConfig as JsonObject).responseSchema, {
    type: 'object',
    properties: {
      children: {
        type: 'array',
        items: { type: 'object', properties: { children: { type: 'array', items: { type: 'object' } }, level: LEVEL } }
      },
      level: LEVEL
    }
  })
})

const LEVEL = { type: 'integer', description: 'One of: 1, 2.' }

t.test('snake case, single objects for lists and missing ids are read as the API does', async t => {
  const chat = gemini.chat.readRequest(
    {
      system_instruction: { parts: { text: 'Be brief.' } },
      contents: [
        { parts: { text: 'Hi' } },
        {
          role: 'model',
          parts: [
            { function_call: { name: 'f', args: { snake_case: 1 } }, thought_signature: 's' },
            { functionCall: { name: 'f' } }
          ]
        },
        {
          role: 'function',
          parts: [
            { function_response: { name: 'f', response: { snake_case: 2 } } },
            { functionResponse: { name: 'f', response: { result: 'x' } } },
            { text: 'ok?' }
          ]
        }
      ],
      generation_config: { max_output_tokens: 5, response_mime_type: 'application/json', media_resolution: 'LOW' },
      tools: [{ google_search: {} }, { function_declarations: { name: 'f' } }],
      cached_content: 'c/1',
      novel: true
    },
    { ...NO_HINTS, model: 'gemini-x', stream: true }
  )
  t.strictSame(JSON.parse(JSON.stringify({ ...chat, extra: [...chat.extra] })), {
    model: 'gemini-x',
    messages: [
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      {
        role: 'assistant',
        content: [
          { type: 'tool_call', id: 'call_0', name: 'f', arguments: '{"snake_case":1}', signature: 's' },
          { type: 'tool_call', id: 'call_1', name: 'f', arguments: '{}' }
        ]
      },
      { role: 'tool', tool_call_id: 'call_0', name: 'f', content: [{ type: 'text', text: '{"snake_case":2}' }] },
      { role: 'tool', tool_call_id: 'call_1', name: 'f', content: [{ type: 'text', text: 'x' }] },
      { role: 'user', content: [{ type: 'text', text: 'ok?' }] }
    ],
    stream: true,
    max_tokens: 5,
    response_format: { type: 'json_object' },
    tools: [{ name: 'f' }],
    extra: [
      ['generationConfig.mediaResolution', 'LOW'],
      ['tools[0].googleSearch', {}],
      ['cachedContent', 'c/1'],
      ['novel', true]
    ]
  })
  const { body } = write(chat)
  t.match(body, {
    tools: [{ functionDeclarations: [{ name: 'f' }] }, { googleSearch: {} }],
    generationConfig: { mediaResolution: 'LOW' },
    cachedContent: 'c/1'
  })
  t.strictSame([...chat.extra.keys()], ['novel'], 'what nobody took is left to be named')
})

t.test('functions that may not be called are left out, or the list of those that may is named', async t => {
  const asked = (mode: string | undefined, ...allowedFunctionNames: string[]) => {
    const { tools, tool_choice, extra } = gemini.chat.readRequest(
      {
        contents: [{ parts: [{ text: 'Hi' }] }],
        tools: [{ functionDeclarations: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] }],
        toolConfig: { functionCallingConfig: { ...(mode && { mode }), allowedFunctionNames } }
      },
      { ...NO_HINTS, model: 'm' }
    )
    return [tools?.map(({ name }) => name).join(''), tool_choice, [...extra.keys()]]
  }
  const named = ['toolConfig.functionCallingConfig.allowedFunctionNames']
  t.strictSame(asked('ANY', 'a', 'b'), ['ab', 'required', []])
  t.strictSame(asked('ANY', 'a'), ['a', { name: 'a' }, []])
  t.strictSame(asked('VALIDATED', 'a', 'b'), ['ab', 'auto', []])
  t.strictSame(asked('VALIDATED', 'a'), ['a', 'auto', []])
  t.strictSame(asked('VALIDATED'), ['abc', 'auto', []])
  t.strictSame(asked('AUTO', 'a'), ['abc', 'auto', named])
  t.strictSame(asked(undefined, 'a'), ['abc', undefined, named])
  t.strictSame(asked('NONE', 'a'), ['abc', 'none', []])
})

t.test('a request that is wrong is refused with the place, and what was expected', async t => {
  const wrong: [JsonObject, string][] = [
    [{}, 'contents: expected a list of contents, found nothing'],
    [
      { contents: [{ role: 'bot', parts: [] }] },
      'contents[0].role: expected "user", "model" or "function", found "bot"'
    ],
    [
      { contents: [{ parts: [{ inlineData: { data: 'x' } }] }] },
      'contents[0].parts[0].inlineData.mimeType: expected a string, found nothing'
    ],
    [
      { contents: [{}], generationConfig: { temperature: 'hot' } },
      'generationConfig.temperature: expected a number, found "hot"'
    ]
  ]
  for (const [body, message] of wrong) {
    t.throws(() => gemini.chat.readRequest(body, NO_HINTS), { code: 'GW_AI_REQUEST_INVALID', message })
  }
})

t.test('embeddings are read in the forms of the Gemini API and of Vertex', async t => {
  const read = (body: JsonObject) => gemini.embeddings?.readRequest(body, NO_HINTS)
  const content = { parts: [{ text: 'a' }, { text: 'b' }] }
  t.match(read({ model: 'models/e', content, taskType: 'CLUSTERING' }), {
    model: 'e',
    input: ['ab'],
    task: 'clustering'
  })
  t.match(read({ content, embedContentConfig: { taskType: 'RETRIEVAL_QUERY', outputDimensionality: 8 } }), {
    task: 'retrieval_query',
    dimensions: 8
  })
  t.throws(() => read({ requests: [{}] }), {
    message: 'requests[0].content: expected an object with parts, found nothing'
  })
})

t.test('Gemma 3 knows no instructions: they come before what the user says first', async t => {
  const system: ChatMessage = { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] }
  const first = (messages: ChatMessage[], model = 'gemma-3-27b-it') => write(chatOf(messages, { model })).body
  const { systemInstruction, contents } = first([system, user('Hi')])
  t.equal(systemInstruction, undefined)
  t.strictSame(contents, [{ role: 'user', parts: [{ text: 'Be brief.' }, { text: 'Hi' }] }])
  const begun = first([system, { role: 'assistant', content: [{ type: 'text', text: 'Yes?' }] }, user('Hi')])
  t.match(begun.contents, [{ role: 'user', parts: [{ text: 'Be brief.' }] }, { role: 'model' }, { role: 'user' }])
  t.match(first([system, user('Hi')], 'gemini-2.5-flash'), { systemInstruction: { parts: [{ text: 'Be brief.' }] } })
})

t.test('a top_k that stands for none is left out', async t => {
  for (const top_k of [0, -1]) {
    const { body, dropped } = write(chatOf([user('Hi')], { top_k }))
    t.equal(body.generationConfig, undefined)
    t.strictSame(dropped, ['top_k'])
  }
  t.match(write(chatOf([user('Hi')], { top_k: 1 })), { body: { generationConfig: { topK: 1 } }, dropped: [] })
})

t.test('files of types that Gemini refuses are left out and named; those that are text are told as such', async t => {
  const file = (media_type: string) => ({
    type: 'file' as const,
    source: { kind: 'base64' as const, media_type, data: 'AAAA' }
  })
  const docx = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
  const chat: ChatRequest = {
    model: 'gemini-2.5-pro',
    messages: [
      { role: 'user', content: [file(docx), file('application/json'), file('application/pdf'), file('text/csv')] },
      { role: 'assistant', content: [{ type: 'tool_call', id: 'c', name: 'f', arguments: '{}' }] },
      { role: 'tool', tool_call_id: 'c', content: [{ type: 'text', text: 'a' }, file(docx)] }
    ],
    stream: false,
    extra: new Map()
  }
  const names: string[] = []
  const body = gemini.chat.writeRequest(chat, { drop: name => names.push(name) })
  t.match(body.contents, [
    {
      parts: ['text/plain', 'application/pdf', 'text/csv'].map(mimeType => ({ inlineData: { mimeType } }))
    }
  ])
  t.strictSame(names, ['messages[0].content[0]', 'messages[2].content[1]'])
})
