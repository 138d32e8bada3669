import { isObject, type JsonObject } from '../../members.js'
import type { Usage } from '../../usage.js'
import { countIn, objectOf, objectsOf, optional } from '../openai-chat/lenient.js'
import { usageIn } from '../openai-chat/usage.js'

/** The usage of a response object; undefined: it has none (yet). */
export function usageOfResponse(response: JsonObject): Usage | undefined {
  const usage = usageIn(response)
  if (usage === undefined) return undefined
  const { image_gen: drawn, web_search: searched } = objectOf(response.tool_usage)
  usage.searches =
    countIn(objectOf(searched).num_requests) ??
    searches(response, objectOf(response.usage).server_side_tool_usage_details)
  const pictures = usageIn({ type: 'image_generation', usage: drawn })
  if (pictures !== undefined && pictures.input + pictures.output > 0) {
    usage.beside = [{ model: drawingModel(response), usage: pictures }]
  }
  return usage
}

/** Pictures are drawn, and paid for, by a model of their own. */
function drawingModel(response: JsonObject): string {
  const tool = objectsOf(response.tools).find(({ type }) => type === 'image_generation')
  return optional(tool?.model) ?? 'gpt-image-1'
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

/** xAI counts them; elsewhere each call that searched is one (opening a page and looking into it are free). */
function searches(response: JsonObject, details: unknown): number {
  if (isObject(details)) return (countIn(details.web_search_calls) ?? 0) + (countIn(details.x_search_calls) ?? 0)
  let searches = 0
  for (const item of Array.isArray(response.output) ? response.output : []) {
    if (!isObject(item) || (item.type !== 'web_search_call' && item.type !== 'x_search_call')) continue
    if (!isObject(item.action) || item.action.type === undefined || item.action.type === 'search') searches++
  }
  return searches
}
