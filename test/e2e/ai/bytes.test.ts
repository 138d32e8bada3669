import { Buffer } from 'node:buffer'
import t from 'tap'
import { ACCOUNT_KEY, aiGateway, lastBody } from './gateway.js'

const { mock, url, sluice } = await aiGateway(t, {
  ai: {
    models: { chosen: 'openai/gpt-5' }
  }
})

interface Case {
  readonly dialect: string
  readonly path: string
  readonly stream: (body: string) => string
  readonly streamPath?: string
  readonly body: string
  readonly headers?: Record<string, string>
}

/** As no program would write it: what Sluice read and wrote again would look different. */
const ODD = '"x_unknown" : {"b":1.0,"a":[1e2 ,-0,"\\u00e9\\/"]},\n\t"metadata_of_mine":null'

const CASES: readonly Case[] = [
  {
    dialect: 'openai-chat',
    path: '/v1/chat/completions',
    stream: body => body.replace(/}$/, ',"stream":true,"stream_options":{"include_usage" : true,"x":1} }'),
    body: `{ "temperature":1.0, ${ODD},"messages":[{"content":"Hello \\u2603 there","role":"user","x":1}],"model":"gpt-5","seed": 7}`
  },
  {
    dialect: 'openai-completions',
    path: '/v1/completions',
    stream: body => body.replace(/}$/, ',"stream":true,"stream_options":{"include_usage":true} }'),
    body: `{"prompt":"Once", ${ODD}, "model":"gpt-3.5-turbo-instruct"}`
  },
  {
    dialect: 'openai-responses',
    path: '/v1/responses',
    stream: body => body.replace(/}$/, ' , "stream":true}'),
    body: `{"input":[{"role":"user","content":[{"text":"Hello","type":"input_text"}]}],${ODD},"store":false,"model":"gpt-5"}`
  },
  {
    dialect: 'anthropic',
    path: '/v1/messages',
    headers: { 'anthropic-version': '2023-06-01' },
    stream: body => body.replace(/}$/, ',"stream":true}'),
    body: `{"system":[{"text":"x-anthropic-billing-header: cc_version=2.1; cch=ab12;","type":"text"},{"type":"text","text":"Be kind.","cache_control":{"type":"ephemeral","ttl":"1h"}}],${ODD},"speed":"fast","context_management":{"edits":[]},"max_tokens":64,"messages":[{"role":"user","content":"Hello"}],"model":"claude-sonnet-4-5"}`
  },
  {
    dialect: 'gemini',
    path: '/v1beta/models/gemini-2.5-pro:generateContent',
    streamPath: '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
    stream: body => body,
    body: `{"contents":[{"parts":[{"text":"Hello"}],"role":"user"}],${ODD},"generationConfig":{"topK":1.0,"unknown":{}}}`
  },
  {
    dialect: 'ollama-chat',
    path: '/api/chat',
    stream: body => body.replace('"stream":false', '"stream":true'),
    body: `{"stream":false,"messages":[{"role":"user","content":"Hello"}],${ODD},"keep_alive":"5m","model":"llama3.2"}`
  },
  {
    dialect: 'ollama-generate',
    path: '/api/generate',
    stream: body => body.replace('"stream":false', '"stream":true'),
    body: `{"stream":false,"prompt":"Hello",${ODD},"raw":false,"model":"llama3.2"}`
  }
]

async function send(base: string, path: string, body: string, headers: Record<string, string> = {}) {
  const reply = await fetch(base + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${ACCOUNT_KEY}`, ...headers },
    body
  })
  return { reply, bytes: Buffer.from(await reply.arrayBuffer()) }
}

for (const { dialect, path, streamPath = path, body, stream, headers } of CASES) {
  for (const [kind, target, text] of [
    ['whole', path, body],
    ['streamed', streamPath, stream(body)]
  ] as const) {
    t.test(`${dialect}, ${kind}: every byte reaches the provider and comes back as it was`, async t => {
      JSON.parse(text)
      mock.reset()
      const direct = await send(mock.url, target, text, headers)
      mock.reset()
      const through = await send(url, target, text, headers)
      t.equal(through.reply.status, 200)
      t.equal(mock.requests()[0]?.body.toString(), text)
      t.equal(mock.requests()[0]?.target, target)
      t.equal(through.bytes.toString(), direct.bytes.toString())
      t.equal(through.reply.headers.get('content-type'), direct.reply.headers.get('content-type'))
      t.equal(through.reply.headers.get('x-sluice-dropped-params'), null)
    })
  }
}

t.test('a virtual model changes nothing but the name', async t => {
  for (const [path, more] of [
    ['/v1/chat/completions', '"messages":[{"role":"user","content":"x"}]'],
    ['/v1/responses', '"input":"x"']
  ]) {
    const body = (model: string) => `{ ${ODD}, ${more} , "model" : "${model}" ,"n":1.0}`
    await send(url, path ?? '', body('chosen'))
    t.equal(mock.requests().at(-1)?.body.toString(), body('gpt-5'))
  }
})

t.test(
  'a stream whose client did not ask for usage gets none, byte for byte, and it is known all the same',
  async t => {
    const body = '{"stream":true,"messages":[{"role":"user","content":"Hello there"}],"model":"gpt-5"}'
    mock.reset()
    const direct = await send(mock.url, '/v1/chat/completions', body)
    mock.reset()
    const through = await send(url, '/v1/chat/completions', body)
    t.strictSame(lastBody(mock), { ...JSON.parse(body), stream_options: { include_usage: true } })
    t.equal(through.bytes.toString(), direct.bytes.toString())
  }
)

t.test('the stream of an image passes as it is, and is booked by its last event', async t => {
  const body = `{"prompt":"a cat", ${ODD}, "stream":true,"partial_images":1,"model":"gpt-image-1"}`
  mock.reset()
  const direct = await send(mock.url, '/v1/images/generations', body)
  const bill = mock.requests()[0]?.bill
  mock.reset()
  const through = await send(url, '/v1/images/generations', body)
  t.equal(mock.requests()[0]?.body.toString(), body)
  t.equal(through.bytes.toString(), direct.bytes.toString())
  let line = await sluice.access()
  while (line.path !== '/v1/images/generations') line = await sluice.access()
  t.match(line.ai, { input: bill?.input, output: bill?.output, estimated: undefined, microDollars: Number })
})

t.test('a tool of 64 KB and a header of the protocol pass', async t => {
  const description = 'é'.repeat(32 * 1024)
  const body = JSON.stringify({
    model: 'claude-sonnet-4-5',
    max_tokens: 9,
    tools: [{ name: 'huge', description, input_schema: { type: 'object' }, defer_loading: true, input_examples: [{}] }],
    messages: [{ role: 'user', content: 'x' }]
  })
  await send(url, '/v1/messages', body, { 'anthropic-version': '2023-06-01' })
  t.equal(mock.requests().at(-1)?.body.toString(), body)
})

t.test('variations of a picture: the form passes, and the pictures come back as they are', async t => {
  const form = new FormData()
  form.set('image', new Blob(['PNG']), 'a.png')
  form.set('model', 'openai/dall-e-2')
  form.set('n', '2')
  form.set('response_format', 'b64_json')
  const reply = await fetch(`${url}/v1/images/variations`, { method: 'POST', body: form })
  t.equal(reply.status, 200)
  t.match(await reply.json(), { data: [{ b64_json: /^iVBOR/ }, { b64_json: /^iVBOR/ }] })
  const sent = mock.requests().at(-1)
  t.equal(sent?.target, '/v1/images/variations')
  t.match(sent?.body.toString(), /name="image"; filename="a\.png"[\s\S]*\r\n\r\nPNG\r\n/)
  t.match(sent?.body.toString(), /name="model"\r\n\r\ndall-e-2\r\n/)
  const nameless = new FormData()
  nameless.set('image', new Blob(['PNG']), 'a.png')
  t.equal(
    (await fetch(`${url}/v1/images/variations`, { method: 'POST', body: nameless })).status,
    404,
    'dall-e-2 is nobody’s'
  )
})

t.test('forms pass too: audio to be heard', async t => {
  const form = new FormData()
  form.set('file', new Blob(['RIFF']), 'a.wav')
  form.set('model', 'openai/gpt-4o-transcribe')
  form.set('x_unknown', '1')
  const reply = await fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body: form })
  t.match(await reply.json(), { text: 'You sent a.wav, 4 bytes.' })
  const got = mock.requests().at(-1)?.body.toString()
  t.match(got, /name="model"\r\n\r\ngpt-4o-transcribe\r\n/)
  t.match(got, /name="x_unknown"\r\n\r\n1\r\n/)
})
