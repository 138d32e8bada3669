import t from 'tap'
import { openCatalog } from '../../../core/ai/catalog/catalog.js'
import { anthropic } from '../../../core/ai/dialects/anthropic/index.js'
import { converse } from '../../../core/ai/dialects/converse/index.js'
import { gemini } from '../../../core/ai/dialects/gemini/index.js'
import { openaiChat } from '../../../core/ai/dialects/openai-chat/index.js'
import { openaiResponses } from '../../../core/ai/dialects/openai-responses/index.js'
import type { JsonObject } from '../../../core/ai/members.js'
import { priced, UnpricedMeter } from '../../../core/ai/pricing.js'
import { type Usage, usageOf } from '../../../core/ai/usage.js'
import { eventsOf } from '../recordings.js'

t.test('OpenAI: a cache that is larger than the prompt is beside it, whether or not a total says so', async t => {
  const read = { input: 1_010, cacheRead: 900, cacheWrite: 100, output: 5 }
  const usage = {
    prompt_tokens: 10,
    completion_tokens: 5,
    cache_read_input_tokens: 900,
    cache_creation_input_tokens: 100
  }
  t.strictSame(openaiChat.usage({ usage }), usageOf(read))
  t.strictSame(openaiChat.usage({ usage: { ...usage, total_tokens: 1_015 } }), usageOf(read))
  const within = { ...usage, prompt_tokens: 1_010, total_tokens: 1_015 }
  t.strictSame(openaiChat.usage({ usage: within }), usageOf(read), 'one that fits is a part of it')
})

t.test('Responses: usage is read however those who speak the dialect tell it', async t => {
  const used = (usage: JsonObject, more: JsonObject = {}) =>
    openaiResponses.usage({ object: 'response', usage, ...more })
  const cached = { input_tokens_details: { cached_tokens: 6, cache_write_tokens: 2 } }
  const thought = { output_tokens_details: { reasoning_tokens: 30 } }
  const counts = { input_tokens: 10, output_tokens: 40, total_tokens: 50, ...cached, ...thought }
  const read: Partial<Usage> = { input: 10, cacheRead: 6, cacheWrite: 2, output: 40, reasoning: 30 }
  t.strictSame(used(counts), usageOf(read))
  t.strictSame(used({ ...counts, output_tokens: 10 }), usageOf(read), 'thoughts beside the answer, as the total tells')
  t.strictSame(
    used({ ...counts, cost: 0.5 }),
    usageOf({ ...read, providerMicroDollars: 500_000 }),
    'OpenRouter’s price'
  )
  t.strictSame(
    used({ ...counts, cost_in_usd_ticks: 20_000 }, { service_tier: 'priority' }),
    usageOf({ ...read, providerMicroDollars: 2, tier: 'priority' }),
    'xAI’s'
  )
  const output = [
    { type: 'web_search_call', action: { type: 'search' } },
    { type: 'web_search_call', action: { type: 'open_page' } }
  ]
  t.strictSame(used({ ...counts, num_sources_used: 7 }, { output }), usageOf({ ...read, searches: 1 }))
  t.strictSame(used({}), undefined)
  t.strictSame(openaiResponses.usage({ object: 'response', usage: null }), undefined)
})

t.test('Responses: searches are as many as are billed, and pictures cost what their model does', async t => {
  const at = Date.UTC(2026, 10, 1)
  const usage = { input_tokens: 1_000, output_tokens: 100, total_tokens: 1_100 }
  const drawn = {
    input_tokens: 300,
    input_tokens_details: { image_tokens: 200, text_tokens: 100 },
    output_tokens: 4_000,
    output_tokens_details: { image_tokens: 4_000, text_tokens: 0 },
    total_tokens: 4_300
  }
  const output = [1, 2, 3].map(() => ({ type: 'web_search_call', action: { type: 'search' } }))
  const response = { object: 'response', usage, output }
  const used = (image_gen: object, tools: object[]) =>
    openaiResponses.usage({ ...response, tools, tool_usage: { image_gen, web_search: { num_requests: 2 } } })
  const cost = (found: Usage | undefined) =>
    found && priced(openCatalog(), new UnpricedMeter(), 'openai', 'gpt-5', found, at)?.microDollars
  const nothing = { input_tokens: 0, output_tokens: 0, total_tokens: 0 }
  t.strictSame(used(nothing, []), usageOf({ input: 1_000, output: 100, searches: 2 }))
  const text = cost(used(nothing, [])) ?? 0
  t.equal(cost(used(drawn, [{ type: 'image_generation' }])), text + 100 * 5 + 200 * 10 + 4_000 * 40)
  const newer = used(drawn, [{ type: 'image_generation', model: 'gpt-image-1.5' }])
  t.equal(cost(newer), text + 100 * 5 + 200 * 8 + 4_000 * 32)
  t.match(newer, { input: 1_000, output: 100 })
})

t.test('Gemini: an answer that is left out of the counts is what the total has of it', async t => {
  const used = (usageMetadata: JsonObject) => gemini.usage({ usageMetadata })
  t.match(used({ promptTokenCount: 10, totalTokenCount: 60 }), { input: 10, output: 50, reasoning: 0 })
  t.match(used({ promptTokenCount: 10, thoughtsTokenCount: 20, totalTokenCount: 60 }), { output: 50, reasoning: 20 })
  t.match(used({ promptTokenCount: 10, thoughtsTokenCount: 20, totalTokenCount: 30 }), { output: 20, reasoning: 20 })
  t.match(used({ promptTokenCount: 10, totalTokenCount: 10 }), { output: 0 }, 'it was blocked')
  t.match(used({ promptTokenCount: 10, toolUsePromptTokenCount: 40, totalTokenCount: 10 }), { input: 50, output: 0 })
})

t.test('Gemini: sound and pictures that come from the cache are not counted once more', async t => {
  const usageMetadata = {
    promptTokenCount: 2_000,
    cachedContentTokenCount: 900,
    candidatesTokenCount: 1,
    promptTokensDetails: [
      { modality: 'TEXT', tokenCount: 800 },
      { modality: 'AUDIO', tokenCount: 1_000 },
      { modality: 'IMAGE', tokenCount: 200 }
    ],
    cacheTokensDetails: [
      { modality: 'AUDIO', tokenCount: 850 },
      { modality: 'IMAGE', tokenCount: 50 }
    ]
  }
  t.strictSame(
    gemini.usage({ usageMetadata }),
    usageOf({ input: 2_000, cacheRead: 900, audioInput: 150, imageInput: 150, output: 1 })
  )
})

t.test('Anthropic: an advisor and a model that fell in cost what they cost', async t => {
  const at = Date.UTC(2026, 10, 1)
  const catalog = openCatalog()
  const cost = (model: string, usage: Usage | undefined) =>
    usage && priced(catalog, new UnpricedMeter(), 'anthropic', model, usage, at)?.microDollars
  const usage = { input_tokens: 2_414, output_tokens: 3_200 }
  const message = { type: 'message', input_tokens: 1_051, output_tokens: 35 }
  const advisor = {
    type: 'advisor_message',
    model: 'claude-opus-4-7',
    input_tokens: 700,
    cache_read_input_tokens: 2_000,
    output_tokens: 874
  }
  const advised = anthropic.usage({ type: 'message', usage: { ...usage, iterations: [message, advisor, message] } })
  t.match(advised, { input: 2_414, output: 3_200 })
  const own = 2_414 * 3 + 3_200 * 15
  t.equal(cost('claude-sonnet-4-6', advised), own + 700 * 5 + 2_000 * 0.5 + 874 * 25)
  t.equal(cost('claude-sonnet-4-6', anthropic.usage({ type: 'message', usage })), own)
  const fallen = { type: 'fallback_message', model: 'claude-haiku-4-5', ...usage }
  const iterations = [{ ...message, model: 'claude-opus-4-7', output_tokens: 0 }, fallen]
  const other = anthropic.usage({ type: 'message', usage: { ...usage, iterations } })
  t.equal(cost('claude-opus-4-7', other), 2_414 + 3_200 * 5, 'at the price of the one that answered')
  const begun = [{ ...message, model: 'claude-opus-4-7', input_tokens: 100, output_tokens: 20 }, fallen]
  const partly = anthropic.usage({ type: 'message', usage: { ...usage, iterations: begun } })
  t.equal(cost('claude-opus-4-7', partly), 2_414 + 3_200 * 5 + 100 * 5 + 20 * 25, 'what was said before is paid for')
  const on = [...begun, { ...message, model: 'claude-haiku-4-5' }]
  const goes = anthropic.usage({ type: 'message', usage: { ...usage, iterations: on } })
  t.equal(cost('claude-opus-4-7', goes), cost('claude-opus-4-7', partly), 'what the last one says is in the sum')
  const here = anthropic.usage({ type: 'message', usage: { ...usage, inference_geo: 'us' } })
  t.equal(cost('claude-sonnet-4-6', here), Math.round(own * 1.1))
  t.equal(
    cost('claude-sonnet-4-6', anthropic.usage({ type: 'message', usage: { ...usage, inference_geo: 'global' } })),
    own
  )
  const stated = other && { ...other, beside: advised?.beside, providerMicroDollars: 9 }
  t.equal(cost('claude-opus-4-7', stated), 9, 'what a provider says is all')
  const unknown = advised && { ...advised, beside: [{ model: 'unheard-of', usage: usageOf({ input: 5 }) }] }
  t.equal(cost('claude-sonnet-4-6', unknown), own)
})

t.test(
  'Claude: a refusal before anything came is not billed, whatever it says it used; one that comes later is',
  async t => {
    const catalog = openCatalog()
    const cost = (usage: Usage | undefined) =>
      usage && priced(catalog, new UnpricedMeter(), 'anthropic', 'claude-sonnet-4-5', usage, Date.UTC(2026, 10, 1))
    const message = { type: 'message', stop_reason: 'refusal', usage: { input_tokens: 100, output_tokens: 1 } }
    const text = { type: 'text', text: 'Hello..' }
    const answered = { stopReason: 'refusal', usage: { inputTokens: 100, outputTokens: 1 } }
    const whole = (content: JsonObject[]) => [
      anthropic.usage({ ...message, content }),
      anthropic.chat.readResponse({ ...message, content }).usage,
      converse.usage({ ...answered, output: { message: { content } } }),
      converse.chat.readResponse({ ...answered, output: { message: { content } } }).usage
    ]
    for (const usage of [...whole([]), ...streamed(message, answered, [])]) {
      t.match(usage, { input: 100, output: 1 })
      t.equal(cost(usage)?.microDollars, 0)
    }
    for (const usage of [...whole([text]), ...streamed(message, answered, [text])]) {
      t.match(usage, { input: 100, output: 1 })
      t.equal(cost(usage)?.microDollars, 100 * 3 + 15)
    }
    t.equal(cost(anthropic.usage({ ...message, content: [], stop_reason: 'end_turn' }))?.microDollars, 315)
  }
)

/** What is read, and seen, of the same as streams. */
function streamed(message: JsonObject, { stopReason, usage }: JsonObject, blocks: JsonObject[]): (Usage | undefined)[] {
  const ofAnthropic = [
    { type: 'message_start', message: { ...message, stop_reason: null, content: [] } },
    ...blocks.flatMap((content_block, index) => [
      { type: 'content_block_start', index, content_block },
      { type: 'content_block_stop', index }
    ]),
    { type: 'message_delta', delta: { stop_reason: message.stop_reason }, usage: { output_tokens: 1 } },
    { type: 'message_stop' }
  ].map(event => ({ event: event.type, data: JSON.stringify(event) }))
  const ofConverse = [
    ['messageStart', { role: 'assistant' }] as const,
    ...blocks.map(({ text }) => ['contentBlockDelta', { contentBlockIndex: 0, delta: { text } }] as const),
    ['messageStop', { stopReason }] as const,
    ['metadata', { usage }] as const
  ].map(([event, body]) => ({ event, data: JSON.stringify(body) }))
  return [[anthropic, ofAnthropic] as const, [converse, ofConverse] as const].flatMap(([dialect, frames]) => {
    const watch = dialect.streamWatch()
    for (const frame of frames) watch.frame(frame)
    const used = eventsOf(dialect, frames).flatMap(event => (event.type === 'usage' ? [event.usage] : []))
    return [watch.usage, used.at(-1)]
  })
}
