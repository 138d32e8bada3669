import { isObject, type JsonObject } from '../../members.js'
import { type Usage, usageOf } from '../../usage.js'
import { countIn, numberIn, objectOf, objectsOf, optional } from './lenient.js'

/**
 * What a reply used, in any of the shapes that OpenAI and those who speak its dialect have: chat, embeddings, responses, images,
 * transcriptions. Also for a chunk of a stream.
 */
export function usageIn(body: JsonObject): Usage | undefined {
  const found = usageObject(body)
  if (found === undefined) return undefined
  const usage = readUsage(found, Array.isArray(body.data) || textOf(body.type).startsWith('image_'))
  const tier = optional(body.service_tier)
  if (usage !== undefined && tier !== undefined) usage.tier = tier
  return usage
}

/** `usage` of the body; Moonshot has it in the last choice, Groq's older streams in `x_groq`. */
function usageObject(body: JsonObject): JsonObject | undefined {
  if (isObject(body.usage)) return body.usage
  const ofGroq = objectOf(body.x_groq).usage
  if (isObject(ofGroq)) return ofGroq
  return objectsOf(body.choices)
    .map(choice => choice.usage)
    .find(isObject)
}

/** @param images - whether the answer is images, which older models do not say in the details */
function readUsage(usage: JsonObject, images: boolean): Usage | undefined {
  const prompt = countIn(usage.prompt_tokens) ?? countIn(usage.input_tokens)
  const completion = countIn(usage.completion_tokens) ?? countIn(usage.output_tokens)
  const total = countIn(usage.total_tokens)
  const audioSeconds = countIn(usage.type === 'duration' ? usage.seconds : usage.prompt_audio_seconds)
  if (prompt === undefined && completion === undefined && total === undefined && audioSeconds === undefined) {
    return undefined
  }
  // Voyage and Jina say of embeddings and rankings nothing but the total.
  const asked = prompt ?? Math.max(0, (total ?? 0) - (completion ?? 0))
  const told = objectOf(usage.completion_tokens_details ?? usage.output_tokens_details)
  const reasoning = countIn(told.reasoning_tokens) ?? countIn(usage.reasoning_tokens) ?? 0
  const details = inputDetails(usage)
  const cached = details.cacheRead + details.cacheWrite + details.cacheWriteLong
  // Some gateways in front of Anthropic leave the cache out of the prompt, which the total tells, or that it is more than the prompt.
  const apart = cached > 0 && (cached > asked || total === asked + (completion ?? 0) + cached)
  const input = apart ? asked + cached : asked
  const output = outputOf(input, completion ?? 0, reasoning, total)
  const imagesTold = countIn(told.image_tokens)
  const price = priceIn(usage)
  return usageOf({
    input,
    ...details,
    output,
    reasoning,
    audioOutput: countIn(told.audio_tokens) ?? 0,
    imageOutput: imagesTold ?? (images && told.text_tokens === undefined ? output : 0),
    searches: searchesIn(usage),
    audioSeconds,
    providerMicroDollars: price
  })
}

function inputDetails(
  usage: JsonObject
): Pick<Usage, 'cacheRead' | 'cacheWrite' | 'cacheWriteLong' | 'audioInput' | 'imageInput'> {
  const details = objectOf(usage.prompt_tokens_details ?? usage.input_tokens_details ?? usage.input_token_details)
  const long = countIn(objectOf(details.cache_creation).ephemeral_1h_input_tokens) ?? 0
  const written =
    countIn(details.cache_write_tokens) ?? // OpenAI, OpenRouter
    countIn(details.cache_creation_input_tokens) ?? // Alibaba
    countIn(details.cache_creation_tokens) ?? // LiteLLM
    countIn(usage.cache_creation_input_tokens) ?? // gateways in front of Anthropic
    0
  return {
    cacheRead:
      countIn(details.cached_tokens) ??
      countIn(usage.cached_tokens) ?? // Moonshot
      countIn(usage.prompt_cache_hit_tokens) ?? // DeepSeek
      countIn(usage.cache_read_input_tokens) ??
      0,
    cacheWrite: Math.max(0, written - long),
    cacheWriteLong: long,
    audioInput: countIn(details.audio_tokens) ?? 0,
    imageInput: countIn(details.image_tokens) ?? 0
  }
}

/**
 * The whole answer, reasoning included. With OpenAI and most it is in `completion_tokens`. xAI leaves it out, which the total tells; Perplexity's
 * deep research leaves it out of both, which shows where there was more reasoning than answer; Gemini's models behind this dialect
 * leave it out without naming it.
 */
function outputOf(input: number, completion: number, reasoning: number, total: number | undefined): number {
  if (reasoning > completion) return completion + reasoning
  const more = (total ?? 0) - input - completion
  if (more <= 0) return completion
  return reasoning === 0 || more === reasoning ? completion + more : completion
}

const TICKS_PER_MICRO_DOLLAR = 10_000

/** The provider's own price, micro-dollars. */
function priceIn(usage: JsonObject): number | undefined {
  const ticks = numberIn(usage.cost_in_usd_ticks) // xAI: ten thousand millionth parts of a dollar
  if (ticks !== undefined) return Math.round(ticks / TICKS_PER_MICRO_DOLLAR)
  const { cost } = usage
  const dollars = isObject(cost) ? numberIn(cost.total_cost) : (numberIn(cost) ?? numberIn(usage.estimated_cost)) // Perplexity; OpenRouter; DeepInfra
  if (dollars === undefined) return undefined
  // OpenRouter with a key of one's own: what the provider behind it takes comes on top of its fee.
  const behind = usage.is_byok === true ? numberIn(objectOf(usage.cost_details).upstream_inference_cost) : undefined
  return Math.round((dollars + (behind ?? 0)) * 1_000_000)
}

function searchesIn(usage: JsonObject): number {
  return (
    countIn(usage.num_search_queries) ?? // Perplexity
    countIn(usage.num_sources_used) ?? // xAI bills sources
    countIn(objectOf(usage.server_tool_use).web_search_requests) ?? // OpenRouter
    0
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** OpenAI's `usage` of chat completions. */
export function writeUsage(usage: Usage): JsonObject {
  const written = usage.cacheWrite + usage.cacheWriteLong
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: {
      cached_tokens: usage.cacheRead,
      audio_tokens: usage.audioInput,
      ...(written > 0 && { cache_write_tokens: written })
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      audio_tokens: usage.audioOutput,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0
    }
  }
}
