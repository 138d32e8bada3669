import { Buffer } from 'node:buffer'
import t from 'tap'
import { gemini } from '../../../core/ai/dialects/gemini/index.js'
import { openaiResponses } from '../../../core/ai/dialects/openai-responses/index.js'
import { jsonArray } from '../../../core/ai/frames/json-array.js'
import type { JsonObject } from '../../../core/ai/members.js'
import { eventsOf, NO_HINTS, wishFor } from '../support/replay.js'

function streamOf(...chunks: JsonObject[]): Buffer {
  return Buffer.from(chunks.map(chunk => `data: ${JSON.stringify(chunk)}\r\n\r\n`).join(''))
}

function finishOf(finishReason: string) {
  const candidates = [{ content: { parts: [{ text: 'x' }] }, finishReason }]
  return gemini.chat.readResponse({ candidates }).choices[0]?.finish_reason
}

t.test('every reason to finish is told', async t => {
  t.equal(finishOf('STOP'), 'stop')
  t.equal(finishOf('MAX_TOKENS'), 'length')
  for (const reason of ['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'OTHER']) {
    t.equal(finishOf(reason), 'length', `${reason}: what came is not all`)
  }
  t.equal(finishOf('SOMETHING_NEW'), 'stop')
  for (const reason of [
    'SAFETY',
    'RECITATION',
    'BLOCKLIST',
    'PROHIBITED_CONTENT',
    'SPII',
    'LANGUAGE',
    'IMAGE_SAFETY'
  ]) {
    t.equal(finishOf(reason), 'content_filter', reason)
  }
})

t.test('a prompt that was blocked is a failure of content policy, whole and as a stream', async t => {
  const body = {
    promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
    usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 }
  }
  t.match(gemini.failureIn?.(body), { kind: 'content_policy', code: 'PROHIBITED_CONTENT' })
  t.match(gemini.chat.readResponse(body), {
    choices: [{ content: [], finish_reason: 'content_filter' }],
    usage: { input: 4 }
  })
  const events = eventsOf(gemini, [streamOf(body)])
  t.match(
    events.map(({ type }) => type),
    ['start', 'usage', 'failure', 'end']
  )
  t.equal(gemini.failureIn?.({ candidates: [{}] }), undefined)
})

t.test('an answer that broke off before anything came is a failure to others than Gemini’s clients', async t => {
  const thought = { parts: [{ text: 'hm', thought: true }] }
  const finishReason = 'MALFORMED_FUNCTION_CALL'
  const usageMetadata = { promptTokenCount: 4, totalTokenCount: 4 }
  for (const [said, message] of [
    [{ content: thought }, 'the model did not answer: MALFORMED_FUNCTION_CALL'],
    [{ finishMessage: 'no such call' }, 'no such call']
  ] as const) {
    const body = { candidates: [{ ...said, finishReason }], usageMetadata }
    const expected = { kind: 'server', message, type: finishReason }
    t.match(gemini.failureIn?.(body), expected)
    t.equal(gemini.failureIn?.(body, true), undefined)
    t.match(eventsOf(gemini, [streamOf(body)]).slice(-2), [{ type: 'failure', failure: expected }, { type: 'end' }])
  }
  const text = { candidates: [{ content: { parts: [{ text: 'I will' }] }, finishReason }] }
  t.equal(gemini.failureIn?.(text), undefined)
  t.match(eventsOf(gemini, [streamOf(text)]).slice(-2), [{ type: 'finish', reason: 'length' }, { type: 'end' }])
  const call = {
    candidates: [{ content: { parts: [{ functionCall: { name: 'f' } }] }, finishReason: 'TOO_MANY_TOOL_CALLS' }]
  }
  t.match(eventsOf(gemini, [streamOf(call)]).slice(-2), [{ type: 'finish', reason: 'tool_calls' }, { type: 'end' }])
  t.equal(gemini.failureIn?.({ candidates: [{ finishReason: 'STOP' }] }), undefined, 'it may have nothing to say')
})

t.test('usage tells thoughts, tools, the cache and kinds of input apart, and never counts thoughts twice', async t => {
  const usage = (usageMetadata: JsonObject) => gemini.usage({ usageMetadata })
  t.match(
    usage({
      promptTokenCount: 100,
      toolUsePromptTokenCount: 20,
      cachedContentTokenCount: 60,
      candidatesTokenCount: 30,
      thoughtsTokenCount: 50,
      totalTokenCount: 200,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 40 },
        { modality: 'AUDIO', tokenCount: 35 },
        { modality: 'IMAGE', tokenCount: 25 }
      ],
      candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 10 }],
      trafficType: 'ON_DEMAND_PRIORITY'
    }),
    {
      input: 120,
      cacheRead: 60,
      output: 80,
      reasoning: 50,
      audioInput: 35,
      imageInput: 25,
      imageOutput: 10,
      tier: 'priority'
    }
  )
  t.match(usage({ promptTokenCount: 10, candidatesTokenCount: 30, thoughtsTokenCount: 20, totalTokenCount: 40 }), {
    output: 30,
    reasoning: 20
  })
  t.equal(usage({ trafficType: 'ON_DEMAND' }), undefined)
  const candidates = [{ groundingMetadata: { webSearchQueries: ['a', 'b'] } }]
  t.match(gemini.usage({ candidates, usageMetadata: { promptTokenCount: 1 } }), { searches: 2 })
})

t.test('grounding is told as citations, whose places count UTF-16 units instead of bytes', async t => {
  const text = 'Zürich 🏔 is fine.'
  const candidate = {
    content: { parts: [{ text }] },
    groundingMetadata: {
      groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }, { web: { uri: 'https://b.example' } }],
      groundingSupports: [
        { segment: { startIndex: 0, endIndex: Buffer.byteLength('Zürich 🏔') }, groundingChunkIndices: [0, 1] }
      ]
    },
    finishReason: 'STOP'
  }
  const end = 'Zürich 🏔'.length
  const expected = [
    { type: 'url_citation', url: 'https://a.example', title: 'A', start_index: 0, end_index: end },
    { type: 'url_citation', url: 'https://b.example', title: undefined, start_index: 0, end_index: end }
  ]
  const read = gemini.chat.readResponse({ candidates: [candidate] })
  t.match(read.choices[0]?.content[0], { annotations: expected })
  const events = eventsOf(gemini, [streamOf({ candidates: [candidate] })])
  t.strictSame(
    events.flatMap(event => (event.type === 'annotation' ? [event.annotation] : [])),
    expected
  )
  const wire = gemini.chat.writeResponse(read, wishFor('m')) as { candidates: JsonObject[] }
  t.match(wire.candidates[0]?.groundingMetadata, {
    groundingSupports: [{ segment: { endIndex: Buffer.byteLength('Zürich 🏔'), text: 'Zürich 🏔' } }, {}]
  })
})

t.test('citations of a part count from it, and belong to it', async t => {
  const support = (partIndex: number) => ({
    segment: { partIndex, startIndex: 0, endIndex: 3 },
    groundingChunkIndices: [0]
  })
  const candidate = {
    content: {
      parts: [
        { text: 'Let me see.', thought: true },
        { text: 'Füllt.' },
        { functionCall: { name: 'f', args: {} } },
        { text: 'Übrig.' }
      ]
    },
    groundingMetadata: {
      groundingChunks: [{ web: { uri: 'https://a.example' } }],
      groundingSupports: [support(1), support(3)]
    },
    finishReason: 'STOP'
  }
  const [first, second] = [
    { start_index: 0, end_index: 2 },
    { start_index: 6, end_index: 8 }
  ]
  const read = gemini.chat.readResponse({ candidates: [candidate] })
  t.match(read.choices[0]?.content, [{}, { annotations: [first] }, {}, { annotations: [second] }])
  const events = eventsOf(gemini, [streamOf({ candidates: [candidate] })])
  t.match(
    events.flatMap(event => (event.type === 'annotation' ? [event.annotation] : [])),
    [first, second]
  )
  const responses = openaiResponses.chat.writeResponse(read, wishFor('m')) as { output: JsonObject[] }
  const cited = { content: [{ annotations: [first] }] } // Responses counts from the part, too
  t.match(responses.output, [{ type: 'reasoning' }, cited, { type: 'function_call' }, cited])
  t.match(openaiResponses.chat.readResponse(responses as never).choices[0]?.content.at(-1), { annotations: [second] })
})

t.test('a stream without a reason to finish broke off; several answers are each told', async t => {
  const chunk = (index: number, text: string, finishReason?: string) => ({
    candidates: [{ index, content: { parts: [{ text }] }, ...(finishReason !== undefined && { finishReason }) }]
  })
  const cut = eventsOf(gemini, [streamOf(chunk(0, 'a', 'STOP'), chunk(1, 'b'))])
  t.notOk(cut.some(({ type }) => type === 'end'))
  const whole = eventsOf(gemini, [streamOf(chunk(0, 'a', 'STOP'), chunk(1, 'b', 'MAX_TOKENS'))])
  t.match(whole.slice(-3), [
    { type: 'finish', choice: 0, reason: 'stop' },
    { type: 'finish', choice: 1, reason: 'length' },
    { type: 'end' }
  ])
})

t.test('images, code and lone signatures of a stream are told', async t => {
  const events = eventsOf(gemini, [
    streamOf(
      { candidates: [{ content: { parts: [{ text: 'Hm.', thought: true }] } }] },
      { candidates: [{ content: { parts: [{ text: '', thoughtSignature: 'c2ln' }] } }] },
      { candidates: [{ content: { parts: [{ executableCode: { language: 'PYTHON', code: 'print(1)' } }] } }] },
      {
        candidates: [
          { content: { parts: [{ inlineData: { mimeType: 'image/png', data: 'AA' } }] }, finishReason: 'STOP' }
        ]
      }
    )
  ])
  t.match(events.slice(1), [
    { type: 'thinking', text: 'Hm.' },
    { type: 'signature', signature: 'gemini:c2ln' },
    { type: 'text', text: '\n```python\nprint(1)\n```\n' },
    { type: 'image', media_type: 'image/png', data: 'AA' },
    { type: 'finish' },
    { type: 'end' }
  ])
})

t.test('signatures of texts and images go through a stream that stays in the dialect', async t => {
  const image = { inlineData: { mimeType: 'image/png', data: 'AA' }, thoughtSignature: 'aW1n' }
  const parts = [
    { text: 'Hi' },
    { text: ' there', thoughtSignature: 'b25l' },
    image,
    { text: '', thoughtSignature: 'dHdv' }
  ]
  const chunk = JSON.stringify({ candidates: [{ content: { parts }, finishReason: 'STOP' }] })
  const through = (sameDialect: boolean) => {
    const reader = gemini.chat.streamReader(sameDialect)
    const writer = gemini.chat.streamWriter({ model: 'm', includeUsage: true, request: {} })
    const events = [...reader.read({ event: '', data: chunk }), ...reader.end()]
    const frames = events.flatMap(event => writer.write(event))
    return frames.flatMap(({ data }) => JSON.parse(data).candidates.flatMap(({ content }: Candidate) => content.parts))
  }
  t.strictSame(through(true).slice(0, -1), [
    { text: 'Hi' },
    { text: ' there' },
    { text: '', thoughtSignature: 'b25l' },
    image,
    { text: '', thoughtSignature: 'dHdv' }
  ])
  t.strictSame(through(false).slice(0, -1), [{ text: 'Hi' }, { text: ' there' }, image])
})

interface Candidate {
  readonly content: { readonly parts: readonly unknown[] }
}

t.test('a stream that is a JSON array is read, with its error', async t => {
  const chunk = { candidates: [{ content: { parts: [{ text: 'a]}"\\' }] } }] }
  const error = { error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }
  const events = eventsOf(gemini, [Buffer.from(`[${JSON.stringify(chunk)}\n,\r\n${JSON.stringify(error)}]`)], jsonArray)
  t.match(events, [
    { type: 'start' },
    { type: 'text', text: 'a]}"\\' },
    { type: 'failure', failure: { kind: 'overloaded', status: 0 } },
    { type: 'end' }
  ])
})

t.test('errors are told by kind, with how long to wait and what was wrong', async t => {
  const failure = (code: number, status: string, message: string, details: JsonObject[] = []) =>
    gemini.readFailure(code, [{ error: { code, message, status, details } }])
  const quota = (quotaId: string) => [
    { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaId }] }
  ]
  const delay = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' }]
  t.match(failure(429, 'RESOURCE_EXHAUSTED', 'quota', [...quota('RequestsPerMinute'), ...delay]), {
    kind: 'rate_limit',
    retryAfterMs: 34_400
  })
  t.equal(
    failure(429, 'RESOURCE_EXHAUSTED', 'quota', quota('GenerateRequestsPerDayPerProject-FreeTier')).kind,
    'credit'
  )
  t.equal(failure(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.').kind, 'authentication')
  const window = 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'
  t.equal(failure(400, 'INVALID_ARGUMENT', window).kind, 'context_window')
  t.equal(failure(503, 'UNAVAILABLE', 'The model is overloaded.').kind, 'overloaded')
  t.equal(failure(404, 'NOT_FOUND', 'models/x is not found').kind, 'not_found')
  t.equal(failure(504, 'DEADLINE_EXCEEDED', 'Deadline expired').kind, 'timeout')
  t.equal(gemini.readFailure(502, '<html>').kind, 'server')
  const fields = [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field: 'contents[0]' }] }]
  const read = failure(400, 'INVALID_ARGUMENT', 'bad', [...fields, ...delay])
  t.equal(read.param, 'contents[0]')

  const again = gemini.writeFailure(read, 'req-1')
  t.equal(again.status, 400)
  t.match(gemini.readFailure(again.status, again.body), {
    kind: 'invalid_request',
    param: 'contents[0]',
    retryAfterMs: 34_400
  })
})

t.test('a thought that is told as a stream keeps the name its provider gave it', async t => {
  const writer = gemini.chat.streamWriter({ model: 'm', includeUsage: true, request: {} })
  const frames = [
    ...writer.write({ type: 'thinking', choice: 0, text: 'Let me see.', id: 'rs_1' }),
    ...writer.write({ type: 'signature', choice: 0, signature: 'of another' }),
    ...writer.write({ type: 'redacted_thinking', choice: 0, data: 'sealed', id: 'rs_2' })
  ]
  const reader = gemini.chat.streamReader()
  t.match(
    frames.flatMap(frame => reader.read(frame)),
    [
      { type: 'start' },
      { type: 'thinking', text: 'Let me see.', id: 'rs_1' },
      { type: 'signature', signature: 'of another' },
      { type: 'redacted_thinking', data: 'sealed', id: 'rs_2' }
    ]
  )
})

t.test('thoughts that a client kept as pieces of a stream are one again, with their signature', async t => {
  const writer = gemini.chat.streamWriter(wishFor('m'))
  const frames = [
    ...writer.write({ type: 'thinking', choice: 0, text: 'Let me ' }),
    ...writer.write({ type: 'thinking', choice: 0, text: 'see.' }),
    ...writer.write({ type: 'signature', choice: 0, signature: 'of Anthropic' })
  ]
  const parts = frames.flatMap(({ data }) => JSON.parse(data).candidates[0].content.parts as JsonObject[])
  const chat = gemini.chat.readRequest({ contents: [{ role: 'model', parts }] }, NO_HINTS)
  t.strictSame(chat.messages[0]?.content, [{ type: 'thinking', text: 'Let me see.', signature: 'of Anthropic' }])
})

t.test('an element of a stream that is larger than the limit is refused', async t => {
  const reader = jsonArray.reader()
  reader.feed(Buffer.from('[{"a":"'))
  const piece = Buffer.alloc(1024 * 1024, 'x')
  const feed = () => {
    for (let i = 0; i < 17; i++) reader.feed(piece)
  }
  t.throws(feed, { code: 'GW_AI_EVENT_TOO_LARGE' })
})

t.test('what is no reply is refused', async t => {
  t.throws(() => gemini.chat.readResponse({ choices: [] }), { code: 'GW_UPSTREAM_BAD_RESPONSE' })
  t.throws(() => gemini.chat.streamReader().read({ event: '', data: 'oops' }), { code: 'GW_UPSTREAM_BAD_RESPONSE' })
})
