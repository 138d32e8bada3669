import { type AssistantPart, type FinishReason, textOf } from '../../chat.js'
import { countIn, numberIn, objectsIn, textIn } from '../../lenient.js'
import { isObject, type JsonObject } from '../../members.js'
import { type Usage, usageOf } from '../../usage.js'

/** What a reply used, of any endpoint; a prompt that was in the cache as a whole is not counted by Ollama. */
export function readUsage(body: JsonObject): Usage | undefined {
  const input = numberIn(body.prompt_eval_count)
  const output = numberIn(body.eval_count)
  if (input === undefined && output === undefined) return undefined
  return usageOf({ input: countIn(input), output: countIn(output) })
}

export function readFinish(reason: unknown, calls: boolean): FinishReason {
  if (reason === 'length') return 'length'
  return calls ? 'tool_calls' : 'stop'
}

/** The members of a last reply: clients divide counts by durations, so those are there too, in nanoseconds. */
export function ending(reason: FinishReason, usage: Usage | undefined, tookMs: number): JsonObject {
  const took = Math.max(1, Math.round(tookMs * 1_000_000))
  return {
    done: true,
    done_reason: reason === 'length' ? 'length' : 'stop',
    total_duration: took,
    load_duration: 0,
    prompt_eval_count: usage?.input ?? 0,
    prompt_eval_duration: 0,
    eval_count: usage?.output ?? 0,
    eval_duration: took
  }
}

/** The text of an answer, and its thoughts. */
export function textsOf(parts: readonly AssistantPart[]): { text: string; thinking: string } {
  return {
    text: parts.map(part => (part.type === 'refusal' ? part.refusal : textOf([part]))).join(''),
    thinking: parts.map(part => (part.type === 'thinking' ? part.text : '')).join('')
  }
}

/** As Ollama writes dates. */
export function dateOf(created: number): string {
  return (created > 0 ? new Date(created * 1_000) : new Date()).toISOString()
}

/** As OpenAI's clients have them. */
export function readLogprobs(value: unknown): JsonObject | undefined {
  const content = objectsIn(value).map(each => ({
    ...logprobOf(each),
    top_logprobs: objectsIn(each.top_logprobs).map(logprobOf)
  }))
  return content.length === 0 ? undefined : { content }
}

/** From OpenAI's shape. */
export function writeLogprobs(logprobs: unknown): unknown[] | undefined {
  return isObject(logprobs) && Array.isArray(logprobs.content) ? logprobs.content : undefined
}

function logprobOf(each: JsonObject): JsonObject {
  return { token: textIn(each.token), logprob: numberIn(each.logprob) ?? 0, bytes: each.bytes ?? null }
}
