import { isObject, type JsonObject } from '../../members.js'
import { type Usage, usageOf } from '../../usage.js'
import { looseCount, looseObject, looseObjects, looseText } from './loose.js'

/**
 * Reads a `usage` object. Anthropic counts what was read from and written to the cache beside the input; a compaction of the context is
 * billed, and listed in `iterations`, but left out of the sums at the top (docs.claude.com: compaction, "Understanding usage"), as is what an
 * advisor used, at the price of its own model. An answer that another model fell in for is the sum, at the price of that one.
 * @returns undefined when it says nothing
 */
export function readUsage(usage: JsonObject): Usage | undefined {
  const input = looseCount(usage.input_tokens)
  const output = looseCount(usage.output_tokens)
  if (input === undefined && output === undefined) return undefined
  const top = countsOf(usage)
  const beside: { model: string; usage: Usage }[] = []
  const attempts: typeof beside = []
  let model: string | undefined
  for (const iteration of looseObjects(usage.iterations)) {
    const more = countsOf(iteration)
    const by = looseText(iteration.model)
    if (iteration.type === 'compaction') for (const name of SUMMED) top[name] += more[name]
    if (by === '') continue
    const used = { model: by, usage: usageOf(withCache(more)) }
    if (iteration.type === 'advisor_message') beside.push(used)
    else if (iteration.type === 'message' || iteration.type === 'fallback_message') attempts.push(used)
    if (iteration.type === 'fallback_message') model = by
  }
  // Models that refused before the last one fell in are paid for what they had said by then, and else not.
  if (model !== undefined) beside.push(...attempts.filter(each => each.model !== model && each.usage.output > 0))
  const standard = usage.service_tier === 'standard' ? 'default' : looseText(usage.service_tier)
  return usageOf({
    ...withCache(top),
    reasoning: looseCount(looseObject(usage.output_tokens_details).thinking_tokens) ?? 0,
    searches: looseCount(looseObject(usage.server_tool_use).web_search_requests) ?? 0,
    place: usage.inference_geo === 'us' ? 'us' : undefined,
    // Fast mode has a price of its own.
    tier: usage.speed === 'fast' ? 'fast' : standard || undefined,
    model,
    ...(beside.length > 0 && { beside })
  })
}

/**
 * A refusal that comes before anything else costs nothing: what it says of tokens is not charged. One that comes later does
 * (platform.claude.com: refusals and fallback, "How refusals are billed").
 * @param began - whether anything of an answer came before
 */
export function unlessRefused(usage: Usage | undefined, stopReason: unknown, began: boolean): Usage | undefined {
  return usage === undefined || stopReason !== 'refusal' || began
    ? usage
    : { ...usage, billed: { input: 0, output: 0 } }
}

/** What a whole message used. */
export function messageUsage({ usage, content, stop_reason }: JsonObject): Usage | undefined {
  return unlessRefused(readUsage(looseObject(usage)), stop_reason, looseObjects(content).length > 0)
}

/** Here the cache is a part of the input. */
function withCache(counts: Counts): Counts {
  return { ...counts, input: counts.input + counts.cacheRead + counts.cacheWrite + counts.cacheWriteLong }
}

type Counts = Record<(typeof SUMMED)[number], number>

const SUMMED = ['input', 'output', 'cacheRead', 'cacheWrite', 'cacheWriteLong'] as const

function countsOf(usage: JsonObject): Counts {
  const split = looseObject(usage.cache_creation)
  const short = looseCount(split.ephemeral_5m_input_tokens)
  const long = looseCount(split.ephemeral_1h_input_tokens) ?? 0
  // The sum counts: the end of a stream repeats it, but not always the split.
  const written = looseCount(usage.cache_creation_input_tokens) ?? (short ?? 0) + long
  return {
    input: looseCount(usage.input_tokens) ?? 0,
    output: looseCount(usage.output_tokens) ?? 0,
    cacheRead: looseCount(usage.cache_read_input_tokens) ?? 0,
    cacheWrite: Math.max(0, written - long),
    cacheWriteLong: Math.min(long, written)
  }
}

/**
 * A stream says what it used at its start and again, cumulatively, at its end: what comes later counts, member by member, also where it is less
 * (a compaction of the context, or what is told of the cache only then). Some who speak this dialect know the prompt at the start alone, and end
 * with zeros.
 */
export function mergeUsage(before: JsonObject, later: JsonObject): JsonObject {
  const merged = { ...before }
  for (const [name, value] of Object.entries(later)) merged[name] = counted(before[name], value)
  const output = looseCount(before.output_tokens)
  if (output !== undefined) merged.output_tokens = Math.max(output, looseCount(later.output_tokens) ?? 0)
  return merged
}

/** What is told anew of a member, unless that says nothing. */
function counted(known: unknown, told: unknown): unknown {
  if (isObject(told)) {
    const merged = { ...looseObject(known) }
    for (const [name, value] of Object.entries(told)) merged[name] = counted(merged[name], value)
    return merged
  }
  if (told === null || told === undefined || (Array.isArray(told) && told.length === 0)) return known ?? told
  const count = looseCount(known)
  return count !== undefined && count > 0 && !looseCount(told) ? known : told
}

export function writeUsage(usage: Usage | undefined): JsonObject {
  if (usage === undefined) return { input_tokens: 0, output_tokens: 0 }
  const { cacheRead, cacheWrite, cacheWriteLong } = usage
  const written: JsonObject = {
    input_tokens: Math.max(0, usage.input - cacheRead - cacheWrite - cacheWriteLong),
    cache_creation_input_tokens: cacheWrite + cacheWriteLong,
    cache_read_input_tokens: cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite, ephemeral_1h_input_tokens: cacheWriteLong },
    output_tokens: usage.output
  }
  if (usage.reasoning > 0) written.output_tokens_details = { thinking_tokens: usage.reasoning }
  if (usage.searches > 0) written.server_tool_use = { web_search_requests: usage.searches, web_fetch_requests: 0 }
  const tier = usage.tier === 'default' ? 'standard' : usage.tier
  if (tier === 'standard' || tier === 'priority' || tier === 'batch') written.service_tier = tier
  return written
}
