import { numberIn } from '../../lenient.js'
import { isObject, type JsonObject } from '../../members.js'
import { type Usage, usageOf } from '../../usage.js'

/** xAI's unit of money: ten thousand millions make a dollar. */
const TICKS_PER_MICRO_DOLLAR = 10_000

/** The usage of a response object; undefined: it has none (yet). */
export function usageOfResponse(response: JsonObject): Usage | undefined {
  const usage = response.usage
  if (!isObject(usage) || (usage.input_tokens === undefined && usage.output_tokens === undefined)) return undefined
  const input = usage.input_tokens_details
  const output = usage.output_tokens_details
  const ticks = usage.cost_in_usd_ticks
  return usageOf({
    input: count(usage, 'input_tokens'),
    cacheRead: count(input, 'cached_tokens'),
    cacheWrite: count(input, 'cache_write_tokens'),
    audioInput: count(input, 'audio_tokens'),
    imageInput: count(input, 'image_tokens'),
    output: count(usage, 'output_tokens'),
    reasoning: count(output, 'reasoning_tokens'),
    audioOutput: count(output, 'audio_tokens'),
    imageOutput: count(output, 'image_tokens'),
    searches: searches(response, usage.server_side_tool_usage_details),
    ...(typeof ticks === 'number' && { providerMicroDollars: Math.max(0, Math.round(ticks / TICKS_PER_MICRO_DOLLAR)) }),
    ...(typeof response.service_tier === 'string' && { tier: response.service_tier })
  })
}

/** As a response object says it. */
export function writeUsage(usage: Usage | undefined): JsonObject | null {
  if (usage === undefined) return null
  return {
    input_tokens: usage.input,
    input_tokens_details: {
      cached_tokens: usage.cacheRead,
      cache_write_tokens: usage.cacheWrite + usage.cacheWriteLong
    },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: usage.input + usage.output
  }
}

function count(of: unknown, name: string): number {
  const value = isObject(of) ? (numberIn(of[name]) ?? 0) : 0
  return value > 0 ? Math.trunc(value) : 0
}

/** xAI counts them; elsewhere each call that searched is one (opening a page and looking into it are free). */
function searches(response: JsonObject, details: unknown): number {
  if (isObject(details)) return count(details, 'web_search_calls') + count(details, 'x_search_calls')
  let searches = 0
  for (const item of Array.isArray(response.output) ? response.output : []) {
    if (!isObject(item) || (item.type !== 'web_search_call' && item.type !== 'x_search_call')) continue
    if (!isObject(item.action) || item.action.type === undefined || item.action.type === 'search') searches++
  }
  return searches
}
