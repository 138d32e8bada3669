import fc from 'fast-check'
import t from 'tap'
import { openaiChat } from '../../../core/ai/dialects/openai-chat/index.js'
import type { JsonObject } from '../../../core/ai/members.js'
import { usageOf } from '../../../core/ai/usage.js'
import { GatewayError } from '../../../core/base/errors.js'
import { chatResponses } from '../chats.js'
import { HINTS, plain, wish } from '../dialect-parts.js'

const { chat, embeddings } = openaiChat

const reply = (message: JsonObject, finish_reason: unknown = 'stop'): JsonObject => ({
  id: 'x',
  model: 'm',
  choices: [{ index: 0, message, finish_reason }]
})
const first = (body: JsonObject) => chat.readResponse(body).choices[0]

t.test('an answer that the dialect can carry is the same after it was written and read', async t => {
  fc.assert(
    fc.property(chatResponses, response => {
      const written = JSON.parse(JSON.stringify(chat.writeResponse(response, wish())))
      t.strictSame(plain(chat.readResponse(written)), plain(response))
    }),
    { numRuns: 300 }
  )
})

t.test('anything that is JSON is an answer, or an error of the gateway’s', async t => {
  const member = fc.constantFrom('choices', 'usage', 'error', 'message', 'content', 'tool_calls', 'delta', 'data', 'id')
  const anything = fc.dictionary(member, fc.oneof(fc.jsonValue(), fc.dictionary(member, fc.jsonValue())))
  fc.assert(
    fc.property(anything, body => {
      const bodies = [body, { choices: [body] }, { choices: [{ message: body }] }, { usage: body }] as JsonObject[]
      for (const each of bodies) {
        for (const read of [chat.readResponse, openaiChat.usage, (b: JsonObject) => openaiChat.readFailure(500, b)]) {
          try {
            read(each)
          } catch (thrown) {
            if (!(thrown instanceof GatewayError)) throw thrown
          }
        }
      }
    }),
    { numRuns: 2_000 }
  )
  t.pass('no other error')
})

t.test('the reason for an answer’s end is known in the words of each', async t => {
  const call = { tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] }
  t.equal(first(reply({ content: 'x' }, 'stop'))?.finish_reason, 'stop')
  t.equal(first(reply({ content: 'x' }, 'eos'))?.finish_reason, 'stop', 'Together')
  t.equal(first(reply({ content: 'x' }, 'model_length'))?.finish_reason, 'length', 'Mistral')
  t.equal(first(reply({ content: 'x' }, 'sensitive'))?.finish_reason, 'content_filter', 'Zhipu')
  t.equal(first(reply({ content: 'x' }, 'constructor'))?.finish_reason, 'stop', 'nothing known')
  t.equal(first(reply({ content: 'x' }, null))?.finish_reason, 'stop')
  t.equal(first(reply(call, 'stop'))?.finish_reason, 'tool_calls', 'OpenAI, told which tool to call')
  t.equal(first(reply({ refusal: 'no' }, 'stop'))?.finish_reason, 'refusal')
  const [refused] = chat.writeResponse(chat.readResponse(reply({ refusal: 'no' })), wish()).choices as JsonObject[]
  t.match(refused, { finish_reason: 'stop', message: { content: null, refusal: 'no' } })
})

t.test('an error in a reply of status 200 is an error', async t => {
  t.throws(() => chat.readResponse({ error: { message: 'no more' } }), { code: 'GW_AI_PROVIDER_FAILED' })
  t.throws(() => chat.readResponse({}), { code: 'GW_UPSTREAM_BAD_RESPONSE', message: /choices: expected a list/ })
  const minimax = { base_resp: { status_code: 1004, status_msg: 'login fail' } }
  t.match(openaiChat.failureIn?.(minimax), { kind: 'authentication', message: 'login fail' })
  t.equal(openaiChat.failureIn?.({ base_resp: { status_code: 0 }, choices: [] }), undefined)
  t.equal(openaiChat.failureIn?.({ error: null, choices: [] }), undefined)
})

t.test('a client that speaks of functions is answered so', async t => {
  const call = { tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] }
  const written = chat.writeResponse(chat.readResponse(reply(call)), wish({}, { functions: [] }))
  t.match(written.choices, [{ finish_reason: 'function_call', message: { function_call: { name: 'f' } } }])
})

t.test('citations keep their places in the text', async t => {
  const annotation = { type: 'url_citation' as const, url: 'https://a.example', start_index: 5, end_index: 6 }
  const choice = {
    index: 0,
    content: [
      { type: 'text' as const, text: 'four' },
      { type: 'text' as const, text: 'more', annotations: [annotation] }
    ],
    finish_reason: 'stop' as const
  }
  const written = chat.writeResponse({ id: 'x', model: 'm', created: 1, choices: [choice], usage: undefined }, wish())
  t.match(written.choices, [
    {
      message: {
        content: 'fourmore',
        annotations: [
          { type: 'url_citation', url_citation: { url: 'https://a.example', start_index: 5, end_index: 6 } }
        ]
      }
    }
  ])
})

t.test('usage is understood wherever a provider puts it', async t => {
  const tokens = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
  const cases: [string, JsonObject, Parameters<typeof usageOf>[0] | undefined][] = [
    ['OpenAI', { usage: tokens, service_tier: 'flex' }, { input: 10, output: 5, tier: 'flex' }],
    [
      'OpenAI, caches and audio',
      {
        usage: {
          ...tokens,
          prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 3, audio_tokens: 2 },
          completion_tokens_details: { reasoning_tokens: 1, audio_tokens: 2 }
        }
      },
      { input: 10, cacheRead: 4, cacheWrite: 3, audioInput: 2, output: 5, reasoning: 1, audioOutput: 2 }
    ],
    ['DeepSeek', { usage: { ...tokens, prompt_cache_hit_tokens: 6 } }, { input: 10, cacheRead: 6, output: 5 }],
    ['Moonshot', { usage: { ...tokens, cached_tokens: 6 } }, { input: 10, cacheRead: 6, output: 5 }],
    ['Moonshot’s streams', { choices: [{ usage: tokens }] }, { input: 10, output: 5 }],
    ['Groq’s older streams', { x_groq: { usage: tokens } }, { input: 10, output: 5 }],
    [
      'xAI, reasoning beside the answer',
      {
        usage: {
          prompt_tokens: 12,
          completion_tokens: 1,
          total_tokens: 241,
          completion_tokens_details: { reasoning_tokens: 228 },
          cost_in_usd_ticks: 1_176_500
        }
      },
      { input: 12, output: 229, reasoning: 228, providerMicroDollars: 118 }
    ],
    [
      'Gemini behind this dialect, thoughts in the total alone',
      { usage: { prompt_tokens: 7, completion_tokens: 9, total_tokens: 800 } },
      { input: 7, output: 793 }
    ],
    [
      'Perplexity',
      {
        usage: {
          prompt_tokens: 33,
          completion_tokens: 7_163,
          total_tokens: 7_196,
          num_search_queries: 18,
          reasoning_tokens: 73_997,
          cost: { total_cost: 0.8192 }
        }
      },
      { input: 33, output: 81_160, reasoning: 73_997, searches: 18, providerMicroDollars: 819_200 }
    ],
    ['OpenRouter', { usage: { ...tokens, cost: 0.00014 } }, { input: 10, output: 5, providerMicroDollars: 140 }],
    [
      'OpenRouter with a key of one’s own',
      { usage: { ...tokens, cost: 0.00001, is_byok: true, cost_details: { upstream_inference_cost: '0.0002' } } },
      { input: 10, output: 5, providerMicroDollars: 210 }
    ],
    [
      'a gateway in front of Anthropic that leaves the cache out of the prompt',
      { usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 50_110, cache_read_input_tokens: 50_000 } },
      { input: 50_100, cacheRead: 50_000, output: 10 }
    ],
    ['numbers as strings', { usage: { prompt_tokens: '10', completion_tokens: '5' } }, { input: 10, output: 5 }],
    ['embeddings', { data: [], usage: { prompt_tokens: 8, total_tokens: 8 } }, { input: 8 }],
    ['Voyage', { data: [], usage: { total_tokens: 12 } }, { input: 12 }],
    [
      'images',
      {
        data: [{ b64_json: '' }],
        usage: {
          input_tokens: 50,
          output_tokens: 1_000,
          total_tokens: 1_050,
          input_tokens_details: { text_tokens: 10, image_tokens: 40 }
        }
      },
      { input: 50, imageInput: 40, output: 1_000, imageOutput: 1_000 }
    ],
    [
      'transcriptions by tokens',
      {
        text: '',
        usage: { type: 'tokens', input_tokens: 14, input_token_details: { audio_tokens: 14 }, output_tokens: 45 }
      },
      { input: 14, audioInput: 14, output: 45 }
    ],
    ['transcriptions by seconds', { text: '', usage: { type: 'duration', seconds: 37 } }, { audioSeconds: 37 }],
    ['nothing', { usage: null }, undefined],
    ['nothing known', { usage: { tokens: 1 } }, undefined]
  ]
  for (const [title, body, expected] of cases) {
    t.strictSame(openaiChat.usage(body), expected && usageOf(expected), title)
  }
})

t.test('vectors come in the order of their inputs, in the encoding that was asked for', async t => {
  const body = {
    model: 'e',
    data: [
      { index: 1, embedding: [2, 3] },
      { index: 0, embedding: 'AACAPwAAAEA=' }
    ],
    usage: { prompt_tokens: 3, total_tokens: 3 }
  }
  const response = embeddings?.readResponse(body)
  t.match(response, { embeddings: ['AACAPwAAAEA=', [2, 3]], usage: { input: 3 } })
  if (response === undefined) return
  t.match(embeddings?.writeResponse(response, wish()), {
    object: 'list',
    data: [
      { index: 0, embedding: [1, 2] },
      { index: 1, embedding: [2, 3] }
    ],
    usage: { prompt_tokens: 3, total_tokens: 3 }
  })
  const base64 = embeddings?.writeResponse(response, wish({}, { encoding_format: 'base64' }))
  t.match(base64, { data: [{ embedding: 'AACAPwAAAEA=' }, { embedding: 'AAAAQAAAQEA=' }] })
})

t.test('what to embed may be texts or tokens', async t => {
  const input = (value: unknown) => embeddings?.readRequest({ model: 'e', input: value as string }, HINTS).input
  t.strictSame(input('a'), ['a'])
  t.strictSame(input(['a', 'b']), ['a', 'b'])
  t.strictSame(input([1, 2]), [[1, 2]])
  t.strictSame(input([[1], [2]]), [[1], [2]])
  t.throws(() => input([]), { message: /^input: expected a string, a list of strings/ })
  t.throws(() => input([{}]), { message: /^input\[0\]: expected a string/ })
})
