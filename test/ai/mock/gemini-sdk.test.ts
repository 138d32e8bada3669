import { ApiError, type Content, FunctionCallingConfigMode, GoogleGenAI, type Part } from '@google/genai'
import t, { type Test } from 'tap'
import { mockProvider } from '../../support/mock.js'

async function client(t: Test) {
  const mock = await mockProvider(t, { keys: ['secret'] })
  return { mock, gemini: new GoogleGenAI({ apiKey: 'secret', httpOptions: { baseUrl: mock.url } }) }
}

const MODEL = 'gemini-3-pro-preview'
const user = (...parts: Part[]): Content => ({ role: 'user', parts })
const TOOLS = [
  {
    functionDeclarations: [
      {
        name: 'get_weather',
        parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
      },
      { name: 'get_time', parametersJsonSchema: { type: 'object', properties: {} } }
    ]
  }
]

t.test('generateContent: the answer, its end, and a usage that a count before it agrees with', async t => {
  const { mock, gemini } = await client(t)
  const reply = await gemini.models.generateContent({ model: MODEL, contents: 'Hello there' })
  t.equal(reply.text, 'You said: Hello there')
  t.equal(reply.candidates?.[0]?.finishReason, 'STOP')
  const counted = await gemini.models.countTokens({ model: MODEL, contents: 'Hello there' })
  const {
    promptTokenCount: input = 0,
    candidatesTokenCount: output = 0,
    totalTokenCount: total
  } = reply.usageMetadata ?? {}
  t.equal(input, counted.totalTokens)
  t.equal(total, input + output)
  t.match(mock.requests()[0]?.bill, { input, output })
})

t.test('a stream is the same answer in pieces', async t => {
  const { gemini } = await client(t)
  const whole = await gemini.models.generateContent({ model: MODEL, contents: 'Hello there' })
  let text = ''
  let last: unknown
  let chunks = 0
  for await (const chunk of await gemini.models.generateContentStream({ model: MODEL, contents: 'Hello there' })) {
    text += chunk.text ?? ''
    last = chunk.usageMetadata
    chunks++
  }
  t.equal(text, whole.text)
  t.strictSame(last, whole.usageMetadata)
  t.ok(chunks > 3)
})

t.test('thoughts are shown where they are asked for, and counted', async t => {
  const { gemini } = await client(t)
  const config = { thinkingConfig: { includeThoughts: true } }
  const reply = await gemini.models.generateContent({ model: MODEL, contents: 'Hello', config })
  t.match(reply.candidates?.[0]?.content?.parts, [{ thought: true, text: /Hello/ }, { text: 'You said: Hello' }])
  const {
    promptTokenCount: input = 0,
    candidatesTokenCount: output = 0,
    thoughtsTokenCount: thoughts = 0,
    totalTokenCount
  } = reply.usageMetadata ?? {}
  t.ok(thoughts > 0)
  t.equal(totalTokenCount, input + output + thoughts)
})

t.test('parallel calls are signed once, and the signature is demanded back', async t => {
  const { gemini } = await client(t)
  const question = user({ text: 'call get_weather with {"city":"Paris"} and get_time' })
  const ask = (contents: Content[], model = MODEL) =>
    gemini.models.generateContent({ model, contents, config: { tools: TOOLS } })
  const reply = await ask([question])
  t.match(reply.functionCalls, [
    { name: 'get_weather', args: { city: 'Paris' } },
    { name: 'get_time', args: {} }
  ])
  const said = reply.candidates?.[0]?.content ?? {}
  t.strictSame(
    said.parts?.map(part => part.thoughtSignature !== undefined),
    [true, false]
  )
  const results = user(
    ...(reply.functionCalls ?? []).map(call => ({
      functionResponse: { name: call.name ?? '', response: { ok: call.name } }
    }))
  )
  t.equal((await ask([question, said, results])).text, 'The tools answered: {"ok":"get_weather"}; {"ok":"get_time"}')
  const unsigned = { ...said, parts: said.parts?.map(({ thoughtSignature: _, ...part }) => part) ?? [] }
  await t.rejects(ask([question, unsigned, results]), { message: /missing a thought_signature/ })
  for (const older of ['gemini-2.5-flash', 'gemini-2.5-flash-think']) {
    t.ok(await ask([question, unsigned, results], older), 'older models do without')
  }
  const forged = { ...said, parts: said.parts?.map(part => ({ ...part, thoughtSignature: 'AAAA' })) ?? [] }
  await t.rejects(ask([question, forged, results]), { message: /Corrupted thought signature/ })
  await t.rejects(ask([question, said, user({ text: 'x' })]), { message: /number of function response parts/ })
})

t.test('calls are streamed, and forced where the mode says so', async t => {
  const { gemini } = await client(t)
  const toolConfig = {
    functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['get_time'] }
  }
  const names: unknown[] = []
  for await (const chunk of await gemini.models.generateContentStream({
    model: MODEL,
    contents: 'x',
    config: { tools: TOOLS, toolConfig }
  })) {
    for (const call of chunk.functionCalls ?? []) names.push(call.name)
  }
  t.strictSame(names, ['get_time'])
})

t.test('structured output fits its schema; images are noticed; limits hold', async t => {
  const { gemini } = await client(t)
  const responseJsonSchema = { type: 'object', properties: { colour: { enum: ['red'] } } }
  const json = await gemini.models.generateContent({
    model: MODEL,
    contents: 'x',
    config: { responseMimeType: 'application/json', responseJsonSchema }
  })
  t.strictSame(JSON.parse(json.text ?? ''), { colour: 'red' })
  const image = { inlineData: { mimeType: 'image/png', data: 'AAAA' } }
  t.equal(
    (await gemini.models.generateContent({ model: MODEL, contents: user(image, { text: 'What?' }) })).text,
    'I see an image. You said: What?'
  )
  const cut = await gemini.models.generateContent({
    model: MODEL,
    contents: 'one two three',
    config: { maxOutputTokens: 3 }
  })
  t.match(cut.candidates?.[0]?.finishReason, 'MAX_TOKENS')
  t.equal(cut.usageMetadata?.candidatesTokenCount, 3)
})

t.test('embeddings', async t => {
  const { gemini } = await client(t)
  const reply = await gemini.models.embedContent({
    model: 'gemini-embedding-001',
    contents: ['a river', 'a mill'],
    config: { outputDimensionality: 64 }
  })
  t.strictSame(
    reply.embeddings?.map(each => each.values?.length),
    [64, 64]
  )
})

t.test('errors are those of the SDK', async t => {
  const { mock, gemini } = await client(t)
  for (const [model, status, says] of [
    ['x+status=429,retry-after=3', 429, /RESOURCE_EXHAUSTED[\s\S]*"retryDelay":"3s"/],
    ['x+status=503', 503, /UNAVAILABLE/],
    ['x+context', 400, /exceeds the maximum number of tokens allowed/],
    ['no-such-model', 404, /NOT_FOUND/]
  ] as const) {
    const thrown = await gemini.models.generateContent({ model, contents: 'x' }).catch((error: unknown) => error)
    t.ok(thrown instanceof ApiError, model)
    t.match(thrown, { status, message: says })
  }
  const stranger = new GoogleGenAI({ apiKey: 'other', httpOptions: { baseUrl: mock.url } })
  await t.rejects(stranger.models.generateContent({ model: MODEL, contents: 'x' }), { message: /API key not valid/ })
})

t.test('a client that goes away is noticed', async t => {
  const { mock, gemini } = await client(t)
  const gone = new AbortController()
  const stream = await gemini.models.generateContentStream({
    model: 'x+stall,after=2',
    contents: 'x',
    config: { abortSignal: gone.signal }
  })
  await stream.next()
  gone.abort()
  await mock.until(all => all[0]?.outcome === 'aborted')
  t.equal(mock.requests()[0]?.events, 2)
})
