import fc from 'fast-check'
import t from 'tap'
import { openCatalog } from '../../../core/ai/catalog/catalog.js'
import { costOf } from '../../../core/ai/cost.js'
import type { Dialect } from '../../../core/ai/dialects/dialect.js'
import { dialects } from '../../../core/ai/dialects/index.js'
import type { JsonObject } from '../../../core/ai/members.js'
import { credible, laterUsage, type Usage } from '../../../core/ai/usage.js'

const odd = fc.oneof(
  fc.nat(1_000),
  fc.nat(1_000),
  fc.constantFrom<unknown>(
    null,
    -1,
    0.5,
    1e300,
    -1e300,
    '',
    '12',
    '-3',
    'many',
    ' ',
    true,
    [],
    [1],
    {},
    { a: 1 },
    'NaN'
  )
)

/** An object with some of these members; those that stand for others have theirs. */
function some(names: readonly string[], more: Record<string, fc.Arbitrary<unknown>> = {}): fc.Arbitrary<JsonObject> {
  const members = { ...Object.fromEntries(names.map(name => [name, odd])), ...more }
  return fc.record(members, { requiredKeys: [] })
}

const orOdd = (value: fc.Arbitrary<unknown>) => fc.oneof({ weight: 4, arbitrary: value }, odd)
const list = (value: fc.Arbitrary<unknown>) => orOdd(fc.array(orOdd(value), { maxLength: 3 }))

const OF_PROMPT = ['cached_tokens', 'audio_tokens', 'image_tokens', 'cache_write_tokens']
const openai = some(
  [
    'prompt_tokens',
    'completion_tokens',
    'input_tokens',
    'output_tokens',
    'total_tokens',
    'cache_read_input_tokens',
    'cost',
    'cost_in_usd_ticks',
    'num_search_queries',
    'reasoning_tokens',
    'seconds'
  ],
  {
    type: fc.constantFrom('tokens', 'duration'),
    prompt_tokens_details: orOdd(some(OF_PROMPT)),
    input_tokens_details: orOdd(some(OF_PROMPT)),
    completion_tokens_details: orOdd(some(['reasoning_tokens', 'audio_tokens', 'image_tokens'])),
    output_tokens_details: orOdd(some(['reasoning_tokens', 'audio_tokens', 'image_tokens']))
  }
)
const OF_CACHE = ['cache_read_input_tokens', 'cache_creation_input_tokens']
const ANTHROPIC = ['input_tokens', 'output_tokens', ...OF_CACHE]
const anthropic = some([...ANTHROPIC, 'service_tier', 'speed', 'inference_geo'], {
  cache_creation: orOdd(some(['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens'])),
  server_tool_use: orOdd(some(['web_search_requests'])),
  output_tokens_details: orOdd(some(['thinking_tokens'])),
  iterations: list(
    some(ANTHROPIC, {
      type: fc.constantFrom('message', 'compaction', 'advisor_message', 'fallback_message'),
      model: orOdd(fc.constantFrom('claude-opus-5', 'claude-haiku-4-5'))
    })
  )
})
const counted = list(some(['tokenCount'], { modality: fc.constantFrom('TEXT', 'AUDIO', 'IMAGE') }))
const gemini = some(
  [
    'promptTokenCount',
    'candidatesTokenCount',
    'thoughtsTokenCount',
    'toolUsePromptTokenCount',
    'cachedContentTokenCount',
    'totalTokenCount',
    'trafficType',
    'serviceTier'
  ],
  { promptTokensDetails: counted, cacheTokensDetails: counted, candidatesTokensDetails: counted }
)
const CONVERSE = ['inputTokens', 'outputTokens', 'cacheReadInputTokens', 'cacheWriteInputTokens', 'totalTokens']
const converse = some(CONVERSE, { cacheDetails: list(some(['inputTokens'], { ttl: fc.constantFrom('5m', '1h') })) })
const COHERE = ['input_tokens', 'output_tokens', 'search_units', 'image_tokens']
const cohere = some(['cached_tokens', 'total_tokens'], {
  billed_units: orOdd(some(COHERE)),
  tokens: orOdd(some(COHERE))
})
const ofTools = orOdd(some([], { image_gen: orOdd(openai), web_search: orOdd(some(['num_requests'])) }))

const within = (usage: fc.Arbitrary<unknown>) => fc.record({ usage: orOdd(usage) })
const BODIES: Readonly<Record<string, fc.Arbitrary<JsonObject>>> = {
  'openai-chat': within(openai),
  'openai-completions': within(openai),
  'openai-responses': fc.record({ usage: orOdd(openai), tool_usage: ofTools, tools: list(some(['type', 'model'])) }),
  anthropic: within(anthropic),
  gemini: fc.record({ usageMetadata: orOdd(gemini), candidates: list(some(['groundingMetadata'])) }),
  converse: fc.record({ usage: orOdd(converse), serviceTier: orOdd(some(['type'])) }),
  cohere: within(cohere),
  'ollama-chat': some(['prompt_eval_count', 'eval_count']),
  'ollama-generate': some(['prompt_eval_count', 'eval_count'])
}

const COUNTS = [
  'input',
  'cacheRead',
  'cacheWrite',
  'cacheWriteLong',
  'audioInput',
  'imageInput',
  'output',
  'reasoning',
  'audioOutput',
  'imageOutput',
  'searches'
] as const
const opus = openCatalog().find('anthropic', 'claude-opus-5')

/** Why a usage is none; undefined: it is one. */
function wrong(usage: Usage): string | undefined {
  for (const name of COUNTS) if (!Number.isInteger(usage[name]) || usage[name] < 0) return `${name}: ${usage[name]}`
  for (const value of [usage.audioSeconds, usage.providerMicroDollars, usage.billed?.input, usage.billed?.output]) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 0)) return `${value}`
  }
  for (const value of [usage.tier, usage.place, usage.model]) {
    if (value !== undefined && (typeof value !== 'string' || value === '')) return `${value}`
  }
  for (const other of usage.beside ?? []) if (wrong(other.usage) !== undefined) return wrong(other.usage)
  const known = credible(usage)
  const cost = known && costOf(known, opus, Date.UTC(2026, 10, 1))?.microDollars
  return cost === undefined || (Number.isInteger(cost) && cost >= 0 && cost < 1e12) ? undefined : `cost ${cost}`
}

t.strictSame(Object.keys(BODIES).sort(), [...dialects.keys()].sort(), 'every dialect has its own')

for (const [name, body] of Object.entries(BODIES)) {
  t.test(
    `${name}: whatever is said of a usage, counts are whole and at least 0, and it costs no more than an answer can`,
    async () => {
      const { usage } = dialects.get(name as 'anthropic') as Dialect
      fc.assert(
        fc.property(body, said => {
          const found = usage(said)
          const why = found && wrong(found)
          if (why !== undefined) throw new Error(why)
        }),
        { numRuns: 500 }
      )
      fc.assert(
        fc.property(body, body, (first, then) => {
          const [before, said] = [usage(first), usage(then)]
          if (before === undefined || said === undefined) return
          const known = laterUsage(before, said)
          for (const each of ['input', 'output', 'searches'] as const) {
            if (known[each] !== Math.max(before[each], said[each])) throw new Error(each)
          }
        })
      )
    }
  )
}
