import t from 'tap'
import { chatStream, scripted, sse } from './scripted.js'

t.setTimeout(120_000)

const rules = [{ name: 'x', words: ['SECRETWORD'] }]
const mask = { plugin: 'ai-output-moderation', settings: { action: 'mask', rules } }
const cut = { plugin: 'ai-output-moderation', settings: { rules, replacement: '[cut]' } }
const guard = { plugin: 'ai-tool-guard', settings: { deny: ['zzz'] } }
const routes = { mask: { policies: [mask] }, cut: { policies: [cut] }, guard: { policies: [guard] } }

const CHAT = '/v1/chat/completions'
const RESPONSES = '/v1/responses'
const GEMINI = '/v1beta/models/gemini-2.5-flash:'
const chat = { model: 'openai/gpt-5', messages: [{ role: 'user', content: 'a' }], logprobs: true }
const response = { model: 'openai/gpt-5', input: 'a', include: ['message.output_text.logprobs'] }
const contents = [{ role: 'user', parts: [{ text: 'a' }] }]
const SAID = 'it is SECRETWORD yes'
const logprobs = SAID.split(' ').map(token => ({ token, logprob: -1, bytes: [], top_logprobs: [] }))

const message = {
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: SAID, annotations: [], logprobs }]
}

function respond(...output: object[]) {
  const usage = { input_tokens: 7, output_tokens: 5, total_tokens: 12 }
  return { id: 'resp_1', object: 'response', created_at: 99, status: 'completed', model: 'gpt-5', output, usage }
}

const candidate = {
  content: { role: 'model', parts: [{ text: SAID }] },
  finishReason: 'STOP',
  index: 0,
  logprobsResult: { chosenCandidates: logprobs.map(({ token }) => ({ token, logProbability: -1 })) }
}
const place = { output_index: 0, content_index: 0, item_id: 'msg_1' }
const STREAMS = {
  chat: chatStream(
    { role: 'assistant', content: '' },
    ...logprobs.map(each => ({ content: `${each.token} `, logprobs: { content: [each] } })),
    { finish_reason: 'stop' }
  ),
  responses: sse([
    { type: 'response.created', response: { ...respond(), status: 'in_progress' } },
    { type: 'response.output_item.added', output_index: 0, item: { ...message, content: [] } },
    ...logprobs.map(each => {
      return { type: 'response.output_text.delta', ...place, delta: `${each.token} `, logprobs: [each] }
    }),
    { type: 'response.output_item.done', output_index: 0, item: message },
    { type: 'response.completed', response: respond(message) }
  ]),
  gemini: sse([{ candidates: [candidate], modelVersion: 'gemini-2.5-flash' }])
}

for (const route of ['mask', 'cut']) {
  t.test(`${route}: log probabilities do not tell what a policy took out of an answer`, async t => {
    const { post, says } = await scripted(t, routes)
    const choices = [
      {
        index: 0,
        message: { role: 'assistant', content: SAID },
        finish_reason: 'stop',
        logprobs: { content: logprobs }
      }
    ]
    const ways = [
      { path: CHAT, body: chat, says: { id: 'c', object: 'chat.completion', created: 1, model: 'gpt-5', choices } },
      { path: CHAT, body: { ...chat, stream: true }, says: STREAMS.chat },
      { path: RESPONSES, body: response, says: respond(message) },
      { path: RESPONSES, body: { ...response, stream: true }, says: STREAMS.responses },
      { path: `${GEMINI}generateContent`, body: { contents }, says: { candidates: [candidate] } },
      { path: `${GEMINI}streamGenerateContent?alt=sse`, body: { contents }, says: STREAMS.gemini }
    ]
    for (const way of ways) {
      says(way.says)
      const got = await post(route, way.path, way.body)
      t.equal(got.status, 200)
      t.notMatch(got.text, /SECRETWORD/)
      t.match(got.text, route === 'cut' ? /\[cut\]/ : /\*/)
      t.equal(got.headers.get('x-sluice-dropped-params'), 'logprobs')
    }
  })
}

t.test('log probabilities stay beside a text that no policy touches', async t => {
  const { post, says } = await scripted(t, routes)
  says(STREAMS.chat)
  const { text, headers } = await post('guard', CHAT, { ...chat, stream: true })
  t.strictSame(
    [...text.matchAll(/"content":"(\w+) "[^\n]*?"token":"(\w+)"/g)].map(([, said, token]) => [said, token]),
    [
      ['it', 'it'],
      ['is', 'is'],
      ['SECRETWORD', 'SECRETWORD'],
      ['yes', 'yes']
    ]
  )
  t.equal(headers.get('x-sluice-dropped-params'), null)
})

t.test('a character that a provider cuts in two is whole behind a policy', async t => {
  const { post, says } = await scripted(t, routes)
  says(chatStream({ role: 'assistant', content: 'a \ud83d' }, { content: '\ude00 b' }, { finish_reason: 'stop' }))
  const { text } = await post('mask', CHAT, { ...chat, stream: true })
  const said = [...text.matchAll(/"content":("[^"]*")/g)].map(([, json = '""']) => JSON.parse(json)).join('')
  t.equal(said, 'a 😀 b')
})

t.test("an edited response keeps the provider's id and time, so that a client can go on from it", async t => {
  const { post, says } = await scripted(t, routes)
  for (const stream of [false, true]) {
    says(stream ? STREAMS.responses : respond(message))
    const { text } = await post('mask', RESPONSES, { ...response, stream })
    t.notMatch(text, /SECRETWORD/)
    const ids = [...text.matchAll(/"id":"(resp_\w+)","object":"response","created_at":(\d+)/g)]
    t.ok(ids.length >= (stream ? 3 : 1))
    for (const [, id, created] of ids) t.strictSame([id, created], ['resp_1', '99'])
    says(respond(message))
    const next = await post('mask', RESPONSES, { ...response, previous_response_id: 'resp_1' })
    t.equal(next.status, 200)
  }
})

/** What only the dialect itself has words for, between texts that a policy looks at. */
const code = {
  type: 'code_interpreter_call',
  id: 'ci_1',
  status: 'completed',
  code: 'x',
  container_id: 'c',
  outputs: null
}
const mcp = { type: 'mcp_call', id: 'mcp_1', name: 'f', server_label: 's', arguments: '{}', output: 'o' }
const search = { type: 'web_search_result', title: 't', url: 'u', encrypted_content: 'e' }
const citation = { type: 'char_location', cited_text: 'c', document_index: 0, start_char_index: 0, end_char_index: 1 }
const queries = {
  webSearchQueries: ['q'],
  groundingSupports: [{ segment: { startIndex: 0, endIndex: 5, text: 'SECRETWORD' } }]
}
const claude = { model: 'anthropic/claude-sonnet-4-5', max_tokens: 10, messages: chat.messages }
const start = (index: number, content_block: object) => ({ type: 'content_block_start', index, content_block })
const delta = (index: number, delta: object) => ({ type: 'content_block_delta', index, delta })
const stop = (index: number) => ({ type: 'content_block_stop', index })

const NATIVE = [
  {
    name: 'Responses: items of other tools',
    path: RESPONSES,
    body: { ...response, stream: true },
    says: sse([
      { type: 'response.created', response: { ...respond(), status: 'in_progress' } },
      ...[mcp, code].flatMap((item, output_index) => [
        { type: 'response.output_item.added', output_index, item: { ...item, status: 'in_progress' } },
        { type: 'response.mcp_call_arguments.delta', output_index, item_id: item.id, delta: '{}' },
        { type: 'response.output_item.done', output_index, item }
      ]),
      { type: 'response.output_item.done', output_index: 2, item: message },
      { type: 'response.completed', response: respond(mcp, code, message) }
    ]),
    finds: [
      `"response.output_item.added","sequence_number":2,"output_index":0,"item":{"type":"mcp_call"`,
      `"item_id":"mcp_1","delta":"{}"`,
      `"output_index":1,"item":${JSON.stringify(code)}`,
      `"output":[${JSON.stringify(mcp)},${JSON.stringify(code)},{"id":"msg_`
    ]
  },
  {
    name: "Anthropic: the server's own tools, citations, and what the prompt used",
    path: '/v1/messages',
    body: { ...claude, stream: true },
    says: sse([
      {
        type: 'message_start',
        message: {
          id: 'msg_9',
          type: 'message',
          role: 'assistant',
          model: 'm',
          content: [],
          usage: { input_tokens: 7, output_tokens: 1 }
        }
      },
      start(0, { type: 'server_tool_use', id: 's1', name: 'web_search', input: {} }),
      delta(0, { type: 'input_json_delta', partial_json: '{"query":"q"}' }),
      stop(0),
      start(1, { type: 'web_search_tool_result', tool_use_id: 's1', content: [search] }),
      stop(1),
      start(2, { type: 'text', text: '' }),
      delta(2, { type: 'text_delta', text: SAID }),
      delta(2, { type: 'citations_delta', citation }),
      stop(2),
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 5 } },
      { type: 'message_stop' }
    ]),
    finds: [
      '"id":"msg_9"',
      '"usage":{"input_tokens":7',
      JSON.stringify(start(0, { type: 'server_tool_use', id: 's1', name: 'web_search', input: {} })),
      JSON.stringify(delta(0, { type: 'input_json_delta', partial_json: '{"query":"q"}' })),
      JSON.stringify(start(1, { type: 'web_search_tool_result', tool_use_id: 's1', content: [search] })),
      JSON.stringify(start(2, { type: 'text', text: '' })),
      JSON.stringify(delta(2, { type: 'citations_delta', citation }))
    ]
  },
  {
    name: 'Gemini: what an answer is grounded on, without its words',
    path: `${GEMINI}streamGenerateContent?alt=sse`,
    body: { contents },
    says: sse([{ candidates: [{ ...candidate, groundingMetadata: queries }], modelVersion: 'gemini-2.5-flash' }]),
    finds: [
      '"groundingMetadata":{"webSearchQueries":["q"],"groundingSupports":[{"segment":{"startIndex":0,"endIndex":5}}]}'
    ]
  },
  {
    name: 'OpenAI: annotations',
    path: CHAT,
    body: { ...chat, stream: true },
    says: chatStream(
      { role: 'assistant', content: SAID, annotations: [{ type: 'file_citation', file_id: 'f' }] },
      { finish_reason: 'stop' }
    ),
    finds: ['"annotations":[{"type":"file_citation","file_id":"f"}]']
  }
]

for (const { name, path, body, says: said, finds } of NATIVE) {
  t.test(`in a stream that policies look at, what only its dialect has words for stays. ${name}`, async t => {
    const { post, says } = await scripted(t, routes)
    says(said)
    for (const route of ['guard', 'mask']) {
      const { status, text } = await post(route, path, body)
      t.equal(status, 200)
      let at = 0
      for (const find of finds) {
        // A citation of a text that was changed quotes nothing any more.
        const each = route === 'mask' ? find.replace('"cited_text":"c"', '"cited_text":""') : find
        const found = text.indexOf(each, at)
        if (!t.ok(found >= at, `${route}: ${each}`)) t.comment(text)
        at = Math.max(at, found)
      }
      if (route === 'mask') t.notMatch(text, /SECRETWORD/)
    }
  })
}

const WHOLE = [
  {
    path: '/v1/messages',
    body: claude,
    says: {
      id: 'msg_9',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [
        { type: 'server_tool_use', id: 's1', name: 'web_search', input: { query: 'q' } },
        { type: 'web_search_tool_result', tool_use_id: 's1', content: [search] },
        { citations: [{ ...citation, cited_text: '' }], type: 'text', text: SAID },
        { type: 'tool_use', id: 't1', name: 'zzz', input: {} }
      ],
      stop_reason: 'end_turn',
      container: { id: 'c' },
      usage: { input_tokens: 7, output_tokens: 5, server_tool_use: { web_search_requests: 1 } }
    },
    call: ',{"type":"tool_use","id":"t1","name":"zzz","input":{}}'
  },
  {
    path: RESPONSES,
    body: response,
    says: {
      ...respond(
        mcp,
        code,
        { ...message, phase: 'x', content: [{ type: 'output_text', text: SAID, annotations: [{ type: 'odd' }] }] },
        { type: 'function_call', id: 'fc_1', call_id: 'c_1', name: 'zzz', arguments: '{}', status: 'completed' }
      ),
      billing: { payer: 'developer' }
    },
    call: ',{"type":"function_call","id":"fc_1","call_id":"c_1","name":"zzz","arguments":"{}","status":"completed"}'
  }
]

for (const { path, body, says: said, call } of WHOLE) {
  t.test(`of a whole reply policies change what they looked at, and nothing else: ${path}`, async t => {
    const { post, says } = await scripted(t, routes)
    says(said)
    const came = JSON.stringify(said)
    t.equal((await post('mask', path, body)).text, came.replace('SECRETWORD', '***'))
    t.equal((await post('guard', path, body)).text, came.replace(call, ''))
  })
}

t.test('a text that an answer says in several places is masked in each', async t => {
  const thinking = { plugin: 'ai-output-moderation', settings: { action: 'mask', thinking: true, rules } }
  const { post, says } = await scripted(t, { mask: { policies: [thinking] } })
  says({ ...respond(message), output_text: SAID })
  t.notMatch((await post('mask', RESPONSES, response)).text, /SECRETWORD/)
  const sealed = [{ type: 'reasoning.encrypted', data: 'AAAA', id: 'r' }]
  const said = { role: 'assistant', content: 'a', reasoning: SAID, reasoning_details: sealed }
  const told = { id: 'c', object: 'chat.completion', created: 1, model: 'gpt-5' }
  says({ ...told, choices: [{ index: 0, message: said, finish_reason: 'stop' }] })
  t.notMatch((await post('mask', CHAT, chat)).text, /SECRETWORD/)
  says(
    chatStream(
      { role: 'assistant', reasoning: SAID, reasoning_details: sealed },
      { content: 'a' },
      { finish_reason: 'stop' }
    )
  )
  t.notMatch((await post('mask', CHAT, { ...chat, stream: true })).text, /SECRETWORD/)
})
