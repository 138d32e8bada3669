import t from 'tap'
import { anthropic } from '../../../core/ai/dialects/anthropic/index.js'
import { converse } from '../../../core/ai/dialects/converse/index.js'
import type { Dialect } from '../../../core/ai/dialects/dialect.js'
import { gemini } from '../../../core/ai/dialects/gemini/index.js'
import { openaiChat } from '../../../core/ai/dialects/openai-chat/index.js'
import { openaiCompletions } from '../../../core/ai/dialects/openai-completions/index.js'
import type { JsonObject } from '../../../core/ai/members.js'
import { credible, laterUsage, type Usage, usageOf } from '../../../core/ai/usage.js'

/** What a stream of such events used: as it is told to clients of other dialects, and as it is booked where it passes untouched. */
function usedIn(dialect: Dialect, events: readonly (JsonObject | string)[]): { told: unknown; booked: unknown } {
  const watch = dialect.streamWatch()
  const reader = dialect.chat.streamReader()
  let told: Usage | undefined
  for (const event of events) {
    const data = typeof event === 'string' ? event : JSON.stringify(event)
    const name = typeof event === 'object' && typeof event.event === 'string' ? event.event : ''
    watch.frame({ event: name, data })
    for (const each of reader.read({ event: name, data })) if (each.type === 'usage') told = each.usage
  }
  for (const each of reader.end()) if (each.type === 'usage') told = each.usage
  return { told, booked: watch.usage }
}

const both = (usage: Partial<Usage>) => ({ told: usageOf(usage), booked: usageOf(usage) })

const chunk = (more: JsonObject) => ({ id: 'x', model: 'm', created: 1, choices: [], ...more })
const said = chunk({ choices: [{ index: 0, delta: { content: 'hello' }, finish_reason: 'stop' }] })
const GOOD = {
  prompt_tokens: 100,
  completion_tokens: 20,
  total_tokens: 120,
  prompt_tokens_details: { cached_tokens: 60 },
  completion_tokens_details: { reasoning_tokens: 5 },
  cost: 0.25
}
const READ = { input: 100, cacheRead: 60, output: 20, reasoning: 5, providerMicroDollars: 250_000, tier: 'flex' }
const zeros = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }

t.test('OpenAI: a chunk that says nothing of the usage, or less of it, takes nothing from what was said', async t => {
  for (const [what, usage] of [
    ['nothing', {}],
    ['zeros', zeros],
    ['zeros with details', { ...zeros, prompt_tokens_details: { cached_tokens: 0 }, cost: null }],
    ['zeros with a price', { ...zeros, cost: 0 }],
    ['the prompt alone', { prompt_tokens: 100, completion_tokens: 0, total_tokens: 100 }],
    ['the answer alone', { prompt_tokens: 0, completion_tokens: 20 }],
    ['what cannot be', { prompt_tokens: -1, completion_tokens: 'many' }]
  ] as const) {
    const events = [said, chunk({ usage: GOOD, service_tier: 'flex' }), chunk({ usage }), '[DONE]']
    t.strictSame(usedIn(openaiChat, events), both(READ), what)
    t.strictSame(usedIn(openaiCompletions, events), both(READ), `a completion: ${what}`)
  }
})

t.test('OpenAI: what is said with every chunk counts as it was said last', async t => {
  const events = [1, 2, 3].map(n =>
    chunk({ ...said, usage: { prompt_tokens: 7, completion_tokens: n, total_tokens: 7 + n } })
  )
  t.strictSame(usedIn(openaiChat, [...events, '[DONE]']), both({ input: 7, output: 3 }))
})

const started = (usage: JsonObject) => ({ type: 'message_start', message: { id: 'x', model: 'm', usage } })
const ended = (usage: JsonObject) => ({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage })
const START = {
  input_tokens: 40,
  cache_read_input_tokens: 500,
  cache_creation_input_tokens: 30,
  cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
  output_tokens: 1
}
const STARTED = { input: 570, cacheRead: 500, cacheWrite: 10, cacheWriteLong: 20 }

t.test('Anthropic: the end of a stream takes nothing from what its start said of the prompt', async t => {
  const noSplit = { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 }
  for (const [what, usage] of [
    ['nothing', {}],
    ['no input', { input_tokens: 0 }],
    ['zeros', { input_tokens: 0, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 }],
    ['no cache', { input_tokens: 40, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 }],
    ['no split of the cache', { input_tokens: 40, cache_creation_input_tokens: 30, cache_creation: noSplit }],
    ['what cannot be', { input_tokens: -1, cache_read_input_tokens: 'many', cache_creation: null }]
  ] as const) {
    const events = [started(START), ended({ ...usage, output_tokens: 9 }), { type: 'message_stop' }]
    t.strictSame(usedIn(anthropic, events), both({ ...STARTED, output: 9 }), what)
  }
})

t.test('Anthropic: iterations that were told stay', async t => {
  const iterations = [{ type: 'compaction', input_tokens: 1_000, output_tokens: 100 }]
  const events = [
    started({ input_tokens: 1_000, output_tokens: 0 }),
    ended({ input_tokens: 10, output_tokens: 9, iterations }),
    ended({ output_tokens: 9, iterations: [] }),
    { type: 'message_stop' }
  ]
  t.strictSame(usedIn(anthropic, events), both({ input: 1_010, output: 109 }))
})

t.test('Anthropic: what the end says of the prompt counts where it is more, or told better', async t => {
  const used = (start: JsonObject, ...ends: JsonObject[]) =>
    usedIn(anthropic, [started(start), ...ends.map(ended), { type: 'message_stop' }])
  const nothing = { input_tokens: 0, output_tokens: 0 }
  const whole = { input_tokens: 12, cache_read_input_tokens: 88, output_tokens: 5 }
  t.strictSame(used(nothing, whole), both({ input: 100, cacheRead: 88, output: 5 }), 'only the end knows')
  const rough = { input_tokens: 100, output_tokens: 0 }
  t.strictSame(used(rough, whole), both({ input: 100, cacheRead: 88, output: 5 }), 'the start did not know the cache')
  const searched = { input_tokens: 900, output_tokens: 50, server_tool_use: { web_search_requests: 2 } }
  const after = { output_tokens: 60, server_tool_use: { web_search_requests: 0 } }
  t.strictSame(used(rough, searched, after), both({ input: 900, output: 60, searches: 2 }), 'tools added to it')
  t.strictSame(used(rough, { output_tokens: 70 }, { output_tokens: 0 }), both({ input: 100, output: 70 }))
})

t.test('Converse: metadata without counts takes nothing from what was said', async t => {
  const usage = { inputTokens: 10, outputTokens: 20, cacheReadInputTokens: 5, totalTokens: 35 }
  const metadata = (more: JsonObject) => ({ event: 'metadata', ...more })
  const end = { event: 'messageStop', stopReason: 'end_turn' }
  const watched = (...events: JsonObject[]) => usedIn(converse, events).booked
  const read = usageOf({ input: 15, cacheRead: 5, output: 20, tier: 'priority' })
  const told = metadata({ usage, serviceTier: { type: 'priority' } })
  t.strictSame(usedIn(converse, [end, told]), { told: read, booked: read }, 'with its tier')
  t.strictSame(watched(told, metadata({ usage: { inputTokens: 0, outputTokens: 0 } }), end), read)
  t.strictSame(watched(told, metadata({}), end), read)
})

const candidate = (more: JsonObject) => ({ candidates: [{ index: 0, ...more }] })
const text = (parts: string) => ({ content: { role: 'model', parts: [{ text: parts }] } })
const searched = (...webSearchQueries: string[]) => ({ groundingMetadata: { webSearchQueries } })
const counts = (promptTokenCount: number, candidatesTokenCount?: number) => ({
  usageMetadata: { promptTokenCount, ...(candidatesTokenCount !== undefined && { candidatesTokenCount }) }
})

t.test('Gemini: searches count in whichever chunk they are told', async t => {
  const before = [
    candidate({ ...text('a'), ...searched('x', 'y') }),
    { ...candidate({ finishReason: 'STOP' }), ...counts(5, 6) }
  ]
  const beside = [
    { ...candidate({ ...text('a'), ...searched('x', 'y') }), ...counts(5, 2) },
    { ...candidate({ finishReason: 'STOP' }), ...counts(5, 6) }
  ]
  const after = [
    { ...candidate(text('a')), ...counts(5, 6) },
    candidate({ finishReason: 'STOP', ...searched('x', 'y') })
  ]
  const repeated = [
    { ...candidate({ ...text('a'), ...searched('x') }), ...counts(5, 2) },
    { ...candidate({ finishReason: 'STOP', ...searched('x', 'y') }), ...counts(5, 6) }
  ]
  const apart = [
    { ...candidate({ ...text('a'), ...searched('x') }), ...counts(5, 2) },
    { ...candidate({ finishReason: 'STOP', ...searched('y') }), ...counts(5, 6) }
  ]
  for (const [what, events] of Object.entries({ before, beside, after, repeated, apart })) {
    t.strictSame(usedIn(gemini, events), both({ input: 5, output: 6, searches: 2 }), what)
  }
})

t.test('Gemini: a chunk with fewer counts takes nothing from what was said', async t => {
  const good = { promptTokenCount: 50, cachedContentTokenCount: 30, candidatesTokenCount: 6, thoughtsTokenCount: 4 }
  for (const usageMetadata of [
    { promptTokenCount: 50 },
    { promptTokenCount: 0, totalTokenCount: 0 },
    { trafficType: 'ON_DEMAND' }
  ]) {
    const events = [
      { ...candidate(text('a')), usageMetadata: good },
      { ...candidate({ finishReason: 'STOP' }), usageMetadata }
    ]
    t.strictSame(usedIn(gemini, events), both({ input: 50, cacheRead: 30, output: 10, reasoning: 4 }))
  }
})

t.test('what is said later of a usage counts, but for what it leaves out', async t => {
  const before = usageOf({
    input: 10,
    cacheRead: 4,
    output: 5,
    reasoning: 2,
    searches: 1,
    tier: 'flex',
    audioSeconds: 3
  })
  t.strictSame(laterUsage(undefined, before), before)
  t.strictSame(laterUsage(before, usageOf({})), before)
  t.strictSame(
    laterUsage(before, usageOf({ input: 10, output: 9, tier: 'default', providerMicroDollars: 7 })),
    usageOf({ ...before, output: 9, tier: 'default', providerMicroDollars: 7 })
  )
})

t.test('what no exchange can have used or cost is not believed', async t => {
  const usage = usageOf({ input: 5, output: 6, searches: 2, providerMicroDollars: 7 })
  t.strictSame(credible(usage), usage)
  t.equal(credible(undefined), undefined)
  t.equal(credible({ ...usage, output: 1e9 }), undefined)
  t.equal(credible({ ...usage, providerMicroDollars: 1e15 })?.providerMicroDollars, undefined)
  t.equal(credible({ ...usage, searches: 1e9 })?.searches, 0)
  t.equal(credible({ ...usage, billed: { input: 1e12, output: 0 } })?.billed, undefined)
  const beside = [
    { model: 'm', usage: usageOf({ input: 1e12 }) },
    { model: 'm', usage }
  ]
  t.strictSame(credible({ ...usage, beside })?.beside, beside.slice(1))
})
