import { GatewayError } from '../../base/errors.js'
import { type AssistantPart, type ChatResponse, type FinishReason, textOf } from '../chat.js'
import type { Usage } from '../usage.js'
import type { Choice } from './choose.js'

/** What a call of a prompt comes to, as JSON. */
export interface Completion {
  /** By which it can be rated. */
  readonly id: string
  readonly object: 'prompt.completion'
  /** Seconds since 1970. */
  readonly created: number
  readonly prompt: string
  readonly version: string
  /** The label the version was found by; null: it was asked for by name. */
  readonly label: string | null
  /** As the provider names it. */
  readonly model: string
  /** Left out where the answer is JSON. */
  readonly text?: string
  /** The answer, when the prompt has a response schema: it fits it. */
  readonly json?: unknown
  readonly refusal?: string
  readonly tool_calls?: readonly { readonly id: string; readonly name: string; readonly arguments: string }[]
  readonly finish_reason: FinishReason
  readonly usage: CompletionUsage | null
}

export interface CompletionUsage {
  readonly input_tokens: number
  readonly cached_tokens: number
  readonly output_tokens: number
  readonly reasoning_tokens: number
  readonly total_tokens: number
  /** Counted here, since the provider did not say. */
  readonly estimated: boolean
}

/** What is known of a call besides the answer. */
export interface Called {
  readonly id: string
  /** Seconds since 1970. */
  readonly created: number
  readonly choice: Choice
}

/** @throws GatewayError GW_UPSTREAM_BAD_RESPONSE when the answer is to be JSON of a schema, and is not */
export function completionOf(response: ChatResponse, { id, created, choice }: Called): Completion {
  const [answer] = response.choices
  if (answer === undefined) throw new GatewayError('GW_UPSTREAM_BAD_RESPONSE', 'the model gave no answer')
  const { content, finish_reason } = answer
  const refusal = content.map(part => (part.type === 'refusal' ? part.refusal : '')).join('')
  const calls = content.flatMap(callOf)
  const text = textOf(content)
  const whole = (finish_reason === 'stop' || finish_reason === 'tool_calls') && refusal === ''
  return {
    id,
    object: 'prompt.completion',
    created,
    prompt: choice.prompt.name,
    version: choice.version.name,
    label: choice.label ?? null,
    model: response.model,
    // What was cut short or refused is no JSON: it is there as it is.
    ...(choice.version.answer !== undefined && whole && !(text === '' && calls.length > 0)
      ? { json: jsonOf(text, choice) }
      : { text }),
    ...(refusal !== '' && { refusal }),
    ...(calls.length > 0 && { tool_calls: calls }),
    finish_reason,
    usage: usageOf(response.usage)
  }
}

/** Whether it is what the prompt wants: one that is not may be another next time. */
export function fits(response: ChatResponse, choice: Choice): boolean {
  try {
    completionOf(response, { id: '', created: 0, choice })
    return true
  } catch {
    return false
  }
}

function callOf(part: AssistantPart) {
  return part.type === 'tool_call' ? [{ id: part.id, name: part.name, arguments: part.arguments }] : []
}

function jsonOf(text: string, { prompt, version }: Choice): unknown {
  const what = `the answer to prompt "${prompt.name}", version "${version.name}",`
  const value = parsed(text)
  if (value === undefined) throw new GatewayError('GW_UPSTREAM_BAD_RESPONSE', `${what} is no JSON`)
  const [wrong] = version.answer?.errors(value, 1) ?? []
  if (wrong === undefined) return value
  throw new GatewayError(
    'GW_UPSTREAM_BAD_RESPONSE',
    `${what} does not fit its schema: ${wrong.pointer} ${wrong.message}`
  )
}

/** Models without a JSON mode put it in a fence now and then. */
function parsed(text: string): unknown {
  const inner = /^\s*```(?:json)?\s*\n([\s\S]*?)\n\s*```\s*$/.exec(text)?.[1] ?? text
  try {
    return JSON.parse(inner)
  } catch {
    return undefined
  }
}

function usageOf(usage: Usage | undefined): CompletionUsage | null {
  if (usage === undefined) return null
  return {
    input_tokens: usage.input,
    cached_tokens: usage.cacheRead,
    output_tokens: usage.output,
    reasoning_tokens: usage.reasoning,
    total_tokens: usage.input + usage.output,
    estimated: usage.source === 'estimated'
  }
}
