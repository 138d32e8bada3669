import type { JsonObject } from '../../members.js'
import { type Usage, usageOf } from '../../usage.js'
import { looseCount, looseObject, looseObjects, looseText } from '../anthropic/loose.js'
import { unlessRefused } from '../anthropic/usage.js'

/**
 * Reads the `usage` of Converse's answer, or of the event that ends a stream, with the tier beside it: `inputTokens` are those that were neither
 * read from nor written to the cache.
 * @returns undefined when it says nothing
 */
export function readUsage(body: JsonObject): Usage | undefined {
  const usage = looseObject(body.usage)
  const input = looseCount(usage.inputTokens)
  const output = looseCount(usage.outputTokens)
  if (input === undefined && output === undefined) return undefined
  const read = looseCount(usage.cacheReadInputTokens) ?? looseCount(usage.cacheReadInputTokenCount) ?? 0
  const written = looseCount(usage.cacheWriteInputTokens) ?? looseCount(usage.cacheWriteInputTokenCount) ?? 0
  let long = 0
  for (const detail of looseObjects(usage.cacheDetails)) {
    if (detail.ttl === '1h') long += looseCount(detail.inputTokens) ?? 0
  }
  long = Math.min(long, written)
  return usageOf({
    input: (input ?? 0) + read + written,
    cacheRead: read,
    cacheWrite: written - long,
    cacheWriteLong: long,
    output: output ?? 0,
    tier: looseText(looseObject(body.serviceTier).type) || undefined
  })
}

/** What a whole answer used: Claude refuses here as it does at home. */
export function answerUsage(body: JsonObject): Usage | undefined {
  const { content } = looseObject(looseObject(body.output).message)
  return unlessRefused(readUsage(body), body.stopReason, looseObjects(content).length > 0)
}

export function writeUsage(usage: Usage | undefined): JsonObject {
  if (usage === undefined) return { inputTokens: 0, outputTokens: 0, totalTokens: 0 }
  const { cacheRead, cacheWrite, cacheWriteLong } = usage
  const written: JsonObject = {
    inputTokens: Math.max(0, usage.input - cacheRead - cacheWrite - cacheWriteLong),
    outputTokens: usage.output,
    totalTokens: usage.input + usage.output,
    cacheReadInputTokens: cacheRead,
    cacheWriteInputTokens: cacheWrite + cacheWriteLong
  }
  const details: JsonObject[] = []
  if (cacheWrite > 0) details.push({ ttl: '5m', inputTokens: cacheWrite })
  if (cacheWriteLong > 0) details.push({ ttl: '1h', inputTokens: cacheWriteLong })
  if (details.length > 0) written.cacheDetails = details
  return written
}
