import { Buffer } from 'node:buffer'
import type { ProviderFailure } from '../../failure.js'
import { EXCEPTION } from '../../frames/aws-event-stream.js'
import type { Frame } from '../../frames/frame.js'
import { isObject, type JsonObject } from '../../members.js'
import { type Usage, usageOf } from '../../usage.js'
import { tryFrameJson } from '../anthropic/frame-json.js'
import { looseCount, looseObject } from '../anthropic/loose.js'
import { MAX_WATCHED_TEXT, type StreamWatch } from '../dialect.js'
import { failureOf } from './failure.js'

export function invokeStreamWatch(): StreamWatch {
  return new InvokeStreamWatch()
}

const METRICS = 'amazon-bedrock-invocationMetrics'

/**
 * Follows a stream of InvokeModel whose chunks are some model's own. What it used is in the last one, whoever it is of; its text is what stands
 * under the names that models have for it, and is only for an estimate.
 */
class InvokeStreamWatch implements StreamWatch {
  usage: Usage | undefined
  failure: ProviderFailure | undefined
  begun = false
  text = ''
  readonly model = ''

  /** Models have no end of their own in common: a stream that ends in order is whole. */
  get ended(): boolean {
    return this.begun
  }

  frame(frame: Frame): void {
    const json = looseObject(tryFrameJson(frame))
    if (frame.event.startsWith(EXCEPTION)) {
      const message = json.message ?? json.Message ?? json.originalMessage
      this.failure = failureOf(frame.event.slice(EXCEPTION.length), 0, typeof message === 'string' ? message : '')
      return
    }
    this.begun = true
    if (typeof json.bytes !== 'string') return
    const chunk = looseObject(tryFrameJson({ data: Buffer.from(json.bytes, 'base64').toString() }))
    const metrics = chunk[METRICS]
    if (isObject(metrics)) this.usage = metricsUsage(metrics) ?? this.usage
    if (this.text.length < MAX_WATCHED_TEXT) this.text += textIn(chunk)
  }
}

function metricsUsage(metrics: JsonObject): Usage | undefined {
  const input = looseCount(metrics.inputTokenCount)
  const output = looseCount(metrics.outputTokenCount)
  if (input === undefined && output === undefined) return undefined
  const read = looseCount(metrics.cacheReadInputTokenCount) ?? 0
  const written = looseCount(metrics.cacheWriteInputTokenCount) ?? 0
  return usageOf({
    input: (input ?? 0) + read + written,
    cacheRead: read,
    cacheWrite: written,
    output: output ?? 0
  })
}

/** Llama's, Titan's, Cohere's and Mistral's; Nova's and those of OpenAI's form have it deeper down. */
const TEXTS: ReadonlySet<string> = new Set(['generation', 'outputText', 'text', 'content', 'completion', 'reasoning'])

function textIn(value: unknown): string {
  if (Array.isArray(value)) return value.map(textIn).join('')
  if (!isObject(value)) return ''
  let text = ''
  for (const name in value) {
    const member = value[name]
    if (typeof member === 'object') text += textIn(member)
    else if (typeof member === 'string' && TEXTS.has(name)) text += member
  }
  return text
}
