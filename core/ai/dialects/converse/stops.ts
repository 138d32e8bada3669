import type { FinishReason } from '../../chat.js'

/** Reasons that are not known are the model's own end. */
export function readStop(reason: unknown): FinishReason {
  switch (reason) {
    case 'tool_use':
      return 'tool_calls'
    case 'max_tokens':
    case 'model_context_window_exceeded':
    case 'malformed_model_output': // what there is of it is not all
    case 'malformed_tool_use':
      return 'length'
    case 'guardrail_intervened':
    case 'content_filtered':
      return 'content_filter'
    case 'refusal':
      return 'refusal'
    case 'pause_turn':
      return 'pause'
    default:
      return 'stop'
  }
}

export function writeStop(reason: FinishReason, stopSequence: string | undefined): string {
  switch (reason) {
    case 'tool_calls':
      return 'tool_use'
    case 'length':
      return 'max_tokens'
    case 'content_filter':
    case 'refusal':
      return 'content_filtered'
    case 'pause':
      return 'end_turn'
    case 'stop':
      return stopSequence === undefined ? 'end_turn' : 'stop_sequence'
  }
}
