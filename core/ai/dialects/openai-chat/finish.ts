import type { AssistantPart, FinishReason } from '../../chat.js'

/** What providers say of an answer's end, in their own words besides OpenAI's. */
const REASONS: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  eos: 'stop', // Together, TGI
  eos_token: 'stop',
  stop_sequence: 'stop',
  end_turn: 'stop',
  length: 'length',
  max_tokens: 'length',
  model_length: 'length', // Mistral
  insufficient_system_resource: 'length', // DeepSeek: cut short
  abort: 'length', // vLLM, SGLang
  network_error: 'length', // Zhipu
  error: 'length', // OpenRouter: the provider behind it broke off
  malformed_function_call: 'length',
  tool_calls: 'tool_calls',
  tool_use: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
  sensitive: 'content_filter', // Zhipu
  safety: 'content_filter',
  refusal: 'refusal'
}

/**
 * The canonical reason. OpenAI itself says "stop" for a call it was told to make, and for a refusal.
 * @param had - whether the answer has calls of tools, or a refusal
 */
export function readFinish(reason: unknown, had: { readonly calls: boolean; readonly refusal: boolean }): FinishReason {
  const known = typeof reason === 'string' ? wordOf(reason.toLowerCase()) : undefined
  if (known !== undefined && known !== 'stop') return known
  if (had.calls) return 'tool_calls'
  return had.refusal ? 'refusal' : 'stop'
}

/**
 * OpenAI's nearest word.
 * @param refused - whether the refusal is told in words, in the answer's own member for it
 */
export function writeFinish(reason: FinishReason, refused: boolean): string {
  switch (reason) {
    case 'refusal':
      return refused ? 'stop' : 'content_filter'
    case 'pause':
      return 'stop'
    default:
      return reason
  }
}

export function hadOf(parts: readonly AssistantPart[]): { calls: boolean; refusal: boolean } {
  return {
    calls: parts.some(part => part.type === 'tool_call'),
    refusal: parts.some(part => part.type === 'refusal')
  }
}

/** Not by plain access: "constructor" is no reason. */
function wordOf(reason: string): FinishReason | undefined {
  if (reason.startsWith('function_call_filter')) return 'length' // Gemini behind this dialect: it made a call that is none
  return Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined
}
