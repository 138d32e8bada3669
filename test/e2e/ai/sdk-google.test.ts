import { ApiError, type Content, type FunctionCall, FunctionCallingConfigMode, GoogleGenAI, Type } from '@google/genai'
import t from 'tap'
import { ACCOUNT_KEY, aiGateway, failureOf, lastBody, MODELS, sentHeader } from './gateway.js'

const { mock, url } = await aiGateway(t)
const ai = new GoogleGenAI({ apiKey: 'of the client', httpOptions: { baseUrl: url } })

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='
const CALLS = 'call get_weather with {"city":"Paris"} and get_time with {"zone":"UTC"}'
/** What Claude has to see of its own turn: one thought, with its signature, before the calls. */
const THOUGHT_AND_CALLS = [{ type: 'thinking', signature: /./ }, { type: 'tool_use' }, { type: 'tool_use' }]
const TOOLS = [
  {
    functionDeclarations: [
      {
        name: 'get_weather',
        parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ['city'] }
      },
      { name: 'get_time', parametersJsonSchema: { type: 'object', properties: { zone: { type: 'string' } } } }
    ]
  }
]

for (const model of MODELS) {
  t.test(`generateContent: ${model} answers, whole and streamed, with usage`, async t => {
    const request = { model, contents: 'Hello there', config: { systemInstruction: 'Be brief.' } }
    const whole = await ai.models.generateContent(request)
    t.equal(whole.text, 'You said: Hello there')
    t.equal(whole.candidates?.[0]?.finishReason, 'STOP')
    const {
      promptTokenCount: input = 0,
      candidatesTokenCount: output = 0,
      totalTokenCount: total
    } = whole.usageMetadata ?? {}
    t.ok(input > 0 && output > 0)
    t.equal(total, input + output)
    let text = ''
    let pieces = 0
    let last = {}
    for await (const chunk of await ai.models.generateContentStream(request)) {
      text += chunk.text ?? ''
      pieces++
      if (chunk.usageMetadata !== undefined) last = chunk.usageMetadata
    }
    t.equal(text, 'You said: Hello there')
    t.ok(pieces > 1)
    t.match(last, { promptTokenCount: input, candidatesTokenCount: output })
  })

  t.test(
    `generateContent: ${model} calls two functions at once, whole and streamed, and reads their results`,
    async t => {
      const config = { tools: TOOLS }
      const whole = await ai.models.generateContent({ model, contents: CALLS, config })
      const told = [
        { name: 'get_weather', args: { city: 'Paris' } },
        { name: 'get_time', args: { zone: 'UTC' } }
      ]
      t.match(whole.functionCalls, told)
      const streamed: unknown[] = []
      for await (const { functionCalls } of await ai.models.generateContentStream({ model, contents: CALLS, config }))
        streamed.push(...(functionCalls ?? []))
      t.match(streamed, told)
      t.equal(streamed.length, 2)
      const results = (whole.functionCalls ?? []).map(({ id = '', name = '' }, i) => {
        return { functionResponse: { id, name, response: { output: ['rain', 'noon'][i] ?? '' } } }
      })
      const contents: Content[] = [
        { role: 'user', parts: [{ text: CALLS }] },
        whole.candidates?.[0]?.content ?? {},
        { role: 'user', parts: results }
      ]
      const after = await ai.models.generateContent({ model, contents, config })
      t.match(after.text, /^The tools answered: .*rain.*; .*noon/)
    }
  )

  t.test(`generateContent: ${model} must call, keeps to a schema, sees an image, stops`, async t => {
    const config = {
      tools: TOOLS,
      toolConfig: {
        functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['get_time'] }
      }
    }
    if (!model.startsWith('ollama/')) {
      const called = await ai.models.generateContent({ model, contents: 'Hello', config })
      t.equal(called.functionCalls?.[0]?.name, 'get_time')
    }
    const schema = { type: Type.OBJECT, properties: { city: { type: Type.STRING }, degrees: { type: Type.NUMBER } } }
    const json = await ai.models.generateContent({
      model,
      contents: 'The weather?',
      config: { responseMimeType: 'application/json', responseSchema: schema }
    })
    t.match(JSON.parse(json.text ?? ''), { city: String, degrees: Number })
    const seen = await ai.models.generateContent({
      model,
      contents: [{ role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: PIXEL } }, { text: 'And?' }] }]
    })
    t.equal(seen.text, 'I see an image. You said: And?')
    const cut = await ai.models.generateContent({
      model,
      contents: 'one two three '.repeat(20),
      config: { maxOutputTokens: 16 }
    })
    t.equal(cut.candidates?.[0]?.finishReason, 'MAX_TOKENS')
  })

  t.test(`generateContent: errors of ${model} are what a program expects`, async t => {
    const ask = (fault: string) => failureOf(ai.models.generateContent({ model: `${model}+${fault}`, contents: 'x' }))
    for (const [fault, status] of [
      ['status=429', 429],
      ['status=400', 400],
      ['status=404', 404],
      ['status=500', 500],
      ['status=401', 502]
    ] as const) {
      const failure = await ask(fault)
      t.type(failure, ApiError)
      t.equal(failure.status, status, fault)
      const said: { error: { code: number; status: string } } = JSON.parse(failure.message)
      t.equal(said.error.code, status)
      t.match(said.error.status, /^[A-Z_]+$/)
    }
  })

  t.test(`generateContent: leaving a stream of ${model} ends the call of the provider`, async t => {
    mock.reset()
    const leave = new AbortController()
    const stream = await ai.models.generateContentStream({
      model: `${model}+stall,after=6`,
      contents: 'one two three four five six seven',
      config: { abortSignal: leave.signal }
    })
    const reading = (async () => {
      for await (const _ of stream) leave.abort()
    })()
    await reading.catch(() => undefined)
    await mock.until(([first]) => first?.outcome === 'aborted')
    t.equal(mock.requests().length, 1)
  })
}

t.test('a chat of the SDK goes on over turns, with thoughts that are signed', async t => {
  for (const model of ['gemini/gemini-3-pro-preview', 'anthropic/claude-sonnet-4-5', 'responses/gpt-5-pro']) {
    const chat = ai.chats.create({
      model,
      config: { tools: TOOLS, thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 }, maxOutputTokens: 4000 }
    })
    const first = await chat.sendMessage({ message: 'call get_weather with {"city":"Paris"}' })
    const [call] = first.functionCalls ?? []
    t.equal(call?.name, 'get_weather', model)
    const response = { id: call?.id ?? '', name: 'get_weather', response: { output: 'rain' } }
    const second = await chat.sendMessage({ message: [{ functionResponse: response }] })
    t.match(second.text, /rain/, model)
  }
})

t.test('a chat of the SDK goes on after a stream, whose chunks it keeps as contents of their own', async t => {
  for (const model of ['anthropic/claude-sonnet-4-5', 'responses/gpt-5-pro']) {
    const chat = ai.chats.create({
      model,
      config: { tools: TOOLS, thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 }, maxOutputTokens: 4000 }
    })
    let call: FunctionCall | undefined
    for await (const { functionCalls } of await chat.sendMessageStream({ message: CALLS })) call ??= functionCalls?.[0]
    t.equal(call?.name, 'get_weather', model)
    t.ok(chat.getHistory().length > 2, `${model}: chunks`)
    const results = ['get_weather', 'get_time'].map(name => ({
      functionResponse: { name, response: { output: 'rain' } }
    }))
    let text = ''
    for await (const chunk of await chat.sendMessageStream({ message: results })) text += chunk.text ?? ''
    t.match(text, /rain/, model)
    if (model.startsWith('anthropic/')) t.match(lastBody(mock), { messages: [{}, { content: THOUGHT_AND_CALLS }, {}] })
  }
})

t.test('embeddings, one and several', async t => {
  for (const model of ['gemini/gemini-embedding-001', 'openai/text-embedding-3-small', 'ollama/nomic-embed-text']) {
    const { embeddings } = await ai.models.embedContent({
      model,
      contents: ['one', 'two'],
      config: { outputDimensionality: 64 }
    })
    t.strictSame(
      embeddings?.map(({ values }) => values?.length),
      [64, 64],
      model
    )
  }
})

t.test('countTokens, from Gemini and from Anthropic', async t => {
  for (const model of ['gemini/gemini-2.5-pro', 'anthropic/claude-sonnet-4-5']) {
    const { totalTokens } = await ai.models.countTokens({ model, contents: 'Hello there' })
    t.ok((totalTokens ?? 0) > 0, model)
  }
})

t.test('models: the list and one of them', async t => {
  const names: string[] = []
  for await (const { name = '', supportedActions } of await ai.models.list()) {
    names.push(name)
    t.equal(supportedActions?.includes('embedContent'), name.includes('embed'), name)
  }
  t.ok(names.includes('models/gemini-2.5-pro') && names.includes('models/gpt-5'))
  t.match(await ai.models.get({ model: 'gemini-2.5-pro' }), { name: 'models/gemini-2.5-pro' })
  t.equal((await failureOf(ai.models.get({ model: 'nothing' }))).status, 404)
})

t.test("the provider sees the account's key, never the client's", async t => {
  await ai.models.generateContent({ model: 'gemini-2.5-pro', contents: 'x' })
  t.equal(sentHeader(mock, 'x-goog-api-key'), ACCOUNT_KEY)
  const reply = await fetch(`${url}/v1beta/models/gemini-2.5-pro:generateContent?key=of-the-client`, {
    method: 'POST',
    body: JSON.stringify({ contents: [{ parts: [{ text: 'x' }] }] })
  })
  t.equal(reply.status, 200)
  t.equal(mock.requests().at(-1)?.target, '/v1beta/models/gemini-2.5-pro:generateContent')
})

t.test('a stream without alt=sse is one JSON list, from whoever answers', async t => {
  for (const model of ['gemini-2.5-pro', 'gpt-5', 'claude-sonnet-4-5']) {
    const reply = await fetch(`${url}/v1beta/models/${model}:streamGenerateContent`, {
      method: 'POST',
      body: JSON.stringify({ contents: [{ parts: [{ text: 'Hello there' }] }] })
    })
    t.match(reply.headers.get('content-type'), /^application\/json/)
    const list: { candidates: { content: { parts: { text?: string }[] } }[] }[] = JSON.parse(await reply.text())
    const text = list.map(({ candidates: [first] }) => first?.content.parts.map(part => part.text ?? '').join('') ?? '')
    t.equal(text.join(''), 'You said: Hello there', model)
  }
})
