import { Buffer } from 'node:buffer'
import t, { type Test } from 'tap'
import { awsEventStream } from '../../../core/ai/frames/aws-event-stream.js'
import { startSluice } from '../../support/sluice.js'
import { recordingUpstream, type Seen } from '../../support/upstream.js'

/** What the dialects of bytes.test.ts keep, here for the others and for what is no chat: nothing of this is as a program would write it. */
const ODD = '"x_unknown" : {"b":1.0,"a":[1e2 ,-0,"\\u00e9\\/"]},\n\t"metadata_of_mine":null'

interface Case {
  readonly name: string
  readonly path: string
  readonly body: string
  readonly type?: string
  readonly reply: string | Buffer
  /** Of the reply, as the gateway counts it; left out: it has none. */
  readonly usage?: string
}

const NDJSON = 'application/x-ndjson'
const SSE = 'text/event-stream'
const AWS = awsEventStream.contentType
const NOVA = '/model/amazon.nova-pro-v1%3A0'
const CLAUDE = '/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0'
const COHERE_USAGE = '"usage":{"tokens":{"output_tokens":2.0,"input_tokens":3}, "billed_units":{"input_tokens":1}}'
const OLLAMA_END = `"done" : true,"done_reason":"stop","eval_count":2,"prompt_eval_count":3`

/** Messages of AWS's, with names that nobody knows and JSON with blanks in it. */
function aws(...events: readonly (readonly [event: string, data: string])[]): Buffer {
  return Buffer.concat(events.map(([event, data]) => awsEventStream.write({ event, data })))
}

function chunks(...events: readonly string[]): Buffer {
  return aws(
    ...events.map(event => {
      const bytes = Buffer.from(event).toString('base64')
      return ['chunk', `{"p":"abcdef", "bytes" : "${bytes}"}`] as const
    })
  )
}

const CONVERSE = `{"inferenceConfig":{"temperature":1.0,"maxTokens":9},${ODD},"messages":[{"content":[{"text":"Hi \\u2603"}],"role":"user"}]}`
const INVOKE = `{"messages":[{"content":"Hi","role":"user"}], "max_tokens" : 9,${ODD},"anthropic_version":"bedrock-2023-05-31"}`
const COHERE = `{"messages":[{"content":"Hi","role":"user"}],${ODD},"model":"command-a-03-2025" , "p":0.50}`
const MISTRAL = `{"messages":[{"content":"Hi","role":"user"}],${ODD},"random_seed": 7,"model":"mistral-large-2512"}`

const CASES: readonly Case[] = [
  {
    name: 'Converse',
    path: `${NOVA}/converse`,
    body: CONVERSE,
    reply: `{ "stopReason":"end_turn",${ODD},"usage":{"totalTokens":5,"outputTokens":2,"inputTokens":3},"output":{"message":{"role":"assistant","content":[{"text":"A\\u00e9"}]}},"metrics":{"latencyMs":1.0}}`,
    usage: 'input=3, output=2, source=provider'
  },
  {
    name: 'Converse, streamed',
    path: `${NOVA}/converse-stream`,
    body: CONVERSE,
    type: AWS,
    reply: aws(
      ['messageStart', '{"p":"ab", "role" : "assistant"}'],
      ['contentBlockDelta', '{"delta":{ "text":"A\\u00e9"},"contentBlockIndex":0}'],
      ['somethingNew', '{"x":1.0}'],
      ['contentBlockStop', '{"contentBlockIndex":0,"p":"abc"}'],
      ['messageStop', `{${ODD},"stopReason":"end_turn"}`],
      ['metadata', '{"usage":{"outputTokens":2,"inputTokens":3,"totalTokens":5},"metrics":{"latencyMs":1.0}}']
    )
  },
  {
    name: 'InvokeModel of Claude',
    path: `${CLAUDE}/invoke`,
    body: INVOKE,
    reply: `{ "role":"assistant","type":"message","content":[{"text":"A\\u00e9","type":"text"}],${ODD},"stop_reason":"end_turn","id":"msg_1","model":"claude","usage":{"output_tokens":2,"input_tokens":3}}`,
    usage: 'input=3, output=2, source=provider'
  },
  {
    name: 'InvokeModel of Claude, streamed',
    path: `${CLAUDE}/invoke-with-response-stream`,
    body: INVOKE,
    type: AWS,
    reply: chunks(
      '{"type":"message_start", "message":{"usage":{"output_tokens":1,"input_tokens":3},"role":"assistant","content":[]}}',
      '{"content_block":{"type":"text","text":""},"index":0,"type":"content_block_start"}',
      '{"type":"ping" }',
      `{"delta":{"text":"A\\u00e9","type":"text_delta"},${ODD},"index":0,"type":"content_block_delta"}`,
      '{"index":0,"type":"content_block_stop"}',
      '{"usage":{"output_tokens":2},"delta":{"stop_reason":"end_turn"},"type":"message_delta"}',
      '{"amazon-bedrock-invocationMetrics":{"outputTokenCount":2,"inputTokenCount":3},"type":"message_stop"}'
    )
  },
  {
    name: 'InvokeModel of a model that only Bedrock knows',
    path: '/model/meta.llama3-1-70b-instruct-v1%3A0/invoke',
    body: `{"prompt" : "Hi",${ODD},"max_gen_len":9}`,
    reply: '{"stop_reason":"stop", "generation" : "A\\u00e9" }'
  },
  {
    name: 'InvokeModel of an embedder',
    path: '/model/amazon.titan-embed-text-v2%3A0/invoke',
    body: `{"normalize":true,"inputText" : "Hi",${ODD}}`,
    reply: `{ "inputTextTokenCount":3,"embedding":[1.0, -0.50,1e-3],${ODD}}`,
    usage: 'input=3, output=0, source=provider'
  },
  {
    name: 'Cohere',
    path: '/v2/chat',
    body: COHERE,
    reply: `{ ${COHERE_USAGE},"message":{"content":[{"text":"A\\u00e9","type":"text"}],"role":"assistant"},${ODD},"finish_reason":"COMPLETE","id":"1"}`,
    usage: 'input=3, output=2, source=provider'
  },
  {
    name: 'Cohere, streamed',
    path: '/v2/chat',
    body: COHERE.replace(/}$/, ' , "stream":true}'),
    type: SSE,
    reply: [
      'event: message-start\r\ndata: {"delta":{"message":{"role":"assistant"}},"id":"1","type":"message-start"}\r\n\r\n',
      ': a comment\n\n',
      'event: content-start\ndata: {"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}}\n\n',
      `data: {"delta":{"message":{"content":{ "text":"A\\u00e9"}}},\ndata: "index":0,"type":"content-delta","x_unknown":1.0}\n\n`,
      'event: content-end\ndata: {"index":0,"type":"content-end"}\n\n',
      `event: message-end\ndata: {"delta":{"finish_reason":"COMPLETE",${COHERE_USAGE}},"type":"message-end"}\n\n`,
      'data: [DONE]'
    ].join('')
  },
  {
    name: 'Mistral',
    path: '/v1/chat/completions',
    body: MISTRAL,
    reply: `{ "choices":[{"message":{"content":"A\\u00e9","role":"assistant"},"finish_reason":"stop","index":0}],${ODD},"usage":{"completion_tokens":2,"prompt_tokens":3,"total_tokens":5},"id":"1","object":"chat.completion","model":"m","created":1}`,
    usage: 'input=3, output=2, source=provider'
  },
  {
    name: 'Mistral, streamed',
    path: '/v1/chat/completions',
    body: MISTRAL.replace(/}$/, ' , "stream":true}'),
    type: SSE,
    reply: [
      'data: {"choices":[{"delta":{"content":"","role":"assistant"},"index":0,"finish_reason":null}],"id":"1" , "p":"abc"}\n\n',
      'data: {"choices":[{"delta":{"content":"A\\u00e9"},"index":0,"finish_reason":null}],"x_unknown":1.0}\n\n',
      'data: {"usage":{"total_tokens":5,"completion_tokens":2,"prompt_tokens":3},"choices":[{"finish_reason":"stop","delta":{"content":""},"index":0}]}\n\n',
      'data: [DONE]\n\n'
    ].join('')
  },
  {
    name: 'Ollama, a chat',
    path: '/api/chat',
    body: `{"stream":false,${ODD},"messages":[{"content":"Hi","role":"user"}],"options":{"num_ctx":1e3},"model":"llama3.2"}`,
    reply: `{"message":{"content":"A\\u00e9","role":"assistant"},${ODD},${OLLAMA_END},"created_at":"t","model":"llama3.2"}`,
    usage: 'input=3, output=2, source=provider'
  },
  {
    name: 'Ollama, a chat, streamed as it is without a word',
    path: '/api/chat',
    body: `{${ODD},"messages":[{"content":"Hi","role":"user"}],"model":"llama3.2"}`,
    type: NDJSON,
    reply: `{"message":{"content":"A\\u00e9", "role":"assistant"},"done":false,"model":"llama3.2"}\r\n\n{"model":"llama3.2","message":{"role":"assistant","content":""},${ODD.replace('\n', '')},${OLLAMA_END}}`
  },
  {
    name: 'Ollama, a text, streamed',
    path: '/api/generate',
    body: `{${ODD},"prompt":"Hi","stream" : true,"model":"llama3.2"}`,
    type: NDJSON,
    reply: `{"response":"A\\u00e9", "done":false,"model":"llama3.2"}\n{"model":"llama3.2","context":[1 ,2],"response":"",${OLLAMA_END}}\n`
  },
  {
    name: 'embeddings of OpenAI',
    path: '/v1/embeddings',
    body: `{"encoding_format":"float",${ODD},"input":["a" , "b"],"model":"text-embedding-3-small"}`,
    reply: `{ "usage":{"total_tokens":3,"prompt_tokens":3},"data":[{"embedding":[1.0,-0.50,1e-3],"index":0,"object":"embedding"}],${ODD},"model":"m","object":"list"}`,
    usage: 'input=3, output=0, source=provider'
  },
  {
    name: 'embeddings of Cohere',
    path: '/v2/embed',
    body: `{"texts":["a" , "b"],${ODD},"input_type":"search_document","model":"embed-v4.0"}`,
    reply: `{ "meta":{"billed_units":{"input_tokens":3}},"embeddings":{"float":[[1.0,-0.50]]},${ODD},"id":"1","texts":["a"],"response_type":"embeddings_by_type"}`,
    usage: 'input=3, output=0, source=provider'
  },
  {
    name: 'embeddings of Ollama',
    path: '/api/embed',
    body: `{"truncate":false,${ODD},"input":["a" , "b"],"model":"nomic-embed-text"}`,
    reply: `{ "prompt_eval_count":3,"embeddings":[[1.0,-0.50]],${ODD},"model":"nomic-embed-text"}`,
    usage: 'input=3, output=0, source=provider'
  },
  {
    name: 'embeddings of Gemini',
    path: '/v1beta/models/gemini-embedding-001:embedContent',
    body: `{"outputDimensionality":256,${ODD},"content":{"parts":[{"text":"Hi"}]}}`,
    reply: `{ "embedding":{"values":[1.0,-0.50]},${ODD}}`
  },
  {
    name: 'rerank of Cohere',
    path: '/v2/rerank',
    body: `{"documents":["a" , "b"],${ODD},"top_n":1,"query":"q","model":"rerank-v3.5"}`,
    reply: `{ "results":[{"relevance_score":0.50,"index":1}],${ODD},"meta":{"billed_units":{"search_units":1}}}`
  },
  {
    name: 'the count of a prompt by Anthropic',
    path: '/v1/messages/count_tokens',
    body: `{"messages":[{"content":"Hi","role":"user"}],${ODD},"model":"claude-sonnet-4-5"}`,
    reply: `{ "input_tokens" : 3,${ODD}}`
  },
  {
    name: 'the count of a prompt by Gemini',
    path: '/v1beta/models/gemini-2.5-pro:countTokens',
    body: `{"contents":[{"parts":[{"text":"Hi"}],"role":"user"}],${ODD}}`,
    reply: `{ "totalTokens" : 3,${ODD}}`
  },
  {
    name: 'the count of a prompt by OpenAI',
    path: '/v1/responses/input_tokens',
    body: `{"input":"Hi" ,${ODD},"model":"gpt-5"}`,
    reply: `{ "input_tokens" : 3,${ODD},"object":"response.input_tokens"}`
  }
]

let reply: Case = { name: '', path: '', body: '', reply: '' }
const upstream = await recordingUpstream(t, (_, response) => {
  const bytes = Buffer.from(reply.reply)
  const half = bytes.length >> 1
  response.writeHead(200, { 'content-type': reply.type ?? 'application/json' })
  response.write(bytes.subarray(0, half))
  response.end(bytes.subarray(half))
})
const base = `http://127.0.0.1:${upstream.port}`
const account = (provider: string, models: readonly string[], more: object = {}) => ({
  provider,
  baseUrl: base,
  keys: ['key'],
  models,
  ...more
})
const sluice = await startSluice(t, {
  upstreams: {},
  routes: [{ name: 'ai', match: { path: '/*' }, ai: {} }],
  ai: {
    providers: {
      openai: account('openai', ['gpt-5', 'text-embedding-3-small'], { baseUrl: `${base}/v1` }),
      anthropic: account('anthropic', ['claude-sonnet-4-5'], { baseUrl: `${base}/v1` }),
      gemini: account('gemini', ['gemini-2.5-pro', 'gemini-embedding-001']),
      bedrock: account(
        'bedrock',
        [...new Set(CASES.flatMap(({ path }) => /^\/model\/([^/]+)/.exec(path)?.[1] ?? []))].map(decodeURIComponent),
        { region: 'eu-west-1' }
      ),
      cohere: account('cohere', ['command-a-03-2025', 'embed-v4.0', 'rerank-v3.5']),
      mistral: account('mistral', ['mistral-large-2512'], { baseUrl: `${base}/v1` }),
      ollama: account('ollama', ['llama3.2', 'nomic-embed-text'])
    }
  }
})

for (const each of CASES) {
  t.test(`${each.name}: every byte reaches the provider and comes back as it was`, async t => {
    if (each.type === undefined) JSON.parse(each.reply.toString())
    JSON.parse(each.body)
    reply = each
    upstream.seen.length = 0
    const got = await fetch(`http://127.0.0.1:${sluice.port}${each.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: each.body
    })
    const bytes = Buffer.from(await got.arrayBuffer())
    t.equal(got.status, 200, bytes.toString())
    const [sent, ...others] = upstream.seen
    t.equal(others.length, 0)
    same(t, sent?.body, Buffer.from(each.body), 'the request')
    same(t, bytes, Buffer.from(each.reply), 'the reply')
    t.equal(sent?.target, each.path)
    t.equal(got.headers.get('content-type'), each.type ?? 'application/json')
    t.equal(got.headers.get('x-sluice-dropped-params'), null)
    if (each.usage !== undefined) t.equal(got.headers.get('x-sluice-usage'), each.usage)
    const { ai } = await sluice.access()
    if (each.type !== undefined) t.match(ai, { input: 3, output: 2, stream: true, estimated: undefined })
  })
}

/** Compares bytes, and shows texts where they differ. */
function same(t: Test, found: Seen['body'] | undefined, wanted: Buffer, what: string): void {
  if (found?.equals(wanted) === true) t.pass(what)
  else t.equal(found?.toString('latin1'), wanted.toString('latin1'), what)
}
