import type { Abilities, Rates } from './model.js'

/**
 * What no data package says yet, by the documentation of providers: models that answer by a JSON schema, what tiers of service and sound cost, and when
 * models are turned off. The operator's own catalog overrides all of it.
 */

/** https://platform.openai.com/docs/guides/structured-outputs and the like of others; first match. */
const STRUCTURED: readonly (readonly [RegExp, boolean])[] = [
  [/gpt-(?:3|4-|4$|4o-2024-05-13)|o1-(?:mini|preview)|davinci|babbage|whisper|tts|embed|moderation|dall-e/, false],
  [/gpt-(?:4o|4\.1|4\.5|[5-9]|oss)|(?:^|[/.])o[1-9](?:$|-)/, true],
  [/claude-(?:[1-3]|v|instant|opus-4-2|sonnet-4-2|opus-4$|sonnet-4$)/, false],
  [/claude-/, true],
  [/gemini-(?:1\.0|pro)/, false],
  [/gemini-/, true],
  [/grok-(?:1|beta)/, false],
  [/grok-/, true],
  [/(?:mi|mini|magi|code|dev)stral|command-(?:r|a)|sonar|kimi-k2/, true],
  [/deepseek/, false]
]

/** Undefined: not known. @param id - in small letters */
export function structuredBy(id: string): boolean | undefined {
  return STRUCTURED.find(([pattern]) => pattern.test(id))?.[1]
}

/** Abilities with what can be told from the name and the prices. */
export function withFamily(id: string, known: Abilities, cheaperWhenCached: boolean): Abilities {
  return {
    tools: known.tools,
    structured: known.structured ?? structuredBy(id),
    reasoning: known.reasoning,
    caching: known.caching ?? (cheaperWhenCached ? true : undefined)
  }
}

/**
 * Thousandths of the price by tier of service. Batches cost half at all of these; OpenAI's flex as its batches; its priority by family
 * (https://openai.com/api/pricing, "Priority processing"). Of Claude, fast mode by model, and all that is made in the United States alone since
 * 4.6 (platform.claude.com: fast mode; data residency).
 */
const HALF = { batch: 500 }
const HALF_FLEX = { batch: 500, flex: 500 }
const SERVICES: readonly (readonly [provider: RegExp, model: RegExp, Readonly<Record<string, number>>])[] = [
  [/^openai$/, /^gpt-4o-mini/, { ...HALF, priority: 1_667 }],
  [/^openai$/, /^gpt-4o/, { ...HALF, priority: 1_700 }],
  [/^openai$/, /^gpt-4\.1-nano/, { ...HALF, priority: 2_000 }],
  [/^openai$/, /^gpt-4\.1/, { ...HALF, priority: 1_750 }],
  [/^openai$/, /^o3(?:$|-2)/, { ...HALF_FLEX, priority: 1_750 }],
  [/^openai$/, /^o4-mini/, { ...HALF_FLEX, priority: 1_818 }],
  [/^openai$/, /^gpt-5-mini/, { ...HALF_FLEX, priority: 1_800 }],
  [/^openai$/, /^gpt-5(?:$|-2|\.\d(?:$|-2))/, { ...HALF_FLEX, priority: 2_000 }],
  [/^openai$/, /^gpt-5/, HALF_FLEX],
  [/^anthropic$/, /^claude-opus-4-[67]/, { ...HALF, us: 1_100, fast: 6_000 }],
  [/^anthropic$/, /^claude-(?:opus-4-[89]|(?:opus|fable|mythos)-[5-9])/, { ...HALF, us: 1_100, fast: 2_000 }],
  [/^anthropic$/, /^claude-[a-z]+-(?:4-[6-9]|[5-9])(?!\d)/, { ...HALF, us: 1_100 }],
  [/^(?:openai|azure-openai|anthropic|gemini|vertex|mistral|groq)$/, /./, HALF]
]

/** @param id - in small letters */
export function servicesOf(provider: string, id: string): Readonly<Record<string, number>> {
  return SERVICES.find(([providers, models]) => providers.test(provider) && models.test(id))?.[2] ?? {}
}

/** What sound costs where the packages have the price of text alone (https://openai.com/api/pricing), picodollars. */
const SOUNDS: readonly (readonly [model: RegExp, Pick<Rates, 'audioInput' | 'audioOutput'>])[] = [
  [/^gpt-4o-audio-preview/, { audioInput: 40_000_000, audioOutput: 80_000_000 }],
  [/^gpt-4o-mini-audio-preview/, { audioInput: 10_000_000, audioOutput: 20_000_000 }]
]

/** @param id - in small letters */
export function withSound(rates: Rates, provider: string, id: string): Rates {
  const sound = provider === 'openai' ? SOUNDS.find(([models]) => models.test(id))?.[1] : undefined
  if (sound === undefined) return rates
  const { audioInput = sound.audioInput, audioOutput = sound.audioOutput } = rates
  return { ...rates, audioInput, audioOutput }
}

/** Dates their makers published (deprecation pages of OpenAI, Anthropic and Google); the first match of a name without its maker. */
const RETIREMENTS: readonly (readonly [RegExp, string])[] = [
  [/^claude-(?:2|v2|instant)/, '2025-07-21'],
  [/^claude-3-sonnet/, '2025-07-21'],
  [/^claude-3-5-sonnet/, '2025-10-28'],
  [/^claude-3-opus/, '2026-01-05'],
  [/^claude-3-(?:7-sonnet|5-haiku)/, '2026-02-19'],
  [/^gpt-4-32k/, '2025-06-06'],
  [/^gpt-4-vision-preview/, '2024-12-06'],
  [/^gpt-4\.5-preview/, '2025-07-14'],
  [/^o1-preview/, '2025-07-28'],
  [/^o1-mini/, '2025-10-27'],
  [/^(?:text-davinci-00[23]|ada|babbage|curie|davinci)$/, '2024-01-04'],
  [/^gemini-1\.5-/, '2025-09-24']
]

/** Only of what the maker itself serves: clouds have dates of their own. @param id - in small letters */
export function retirementOf(provider: string, id: string): string | undefined {
  if (!['anthropic', 'openai', 'gemini'].includes(provider)) return undefined
  return RETIREMENTS.find(([pattern]) => pattern.test(id))?.[1]
}
