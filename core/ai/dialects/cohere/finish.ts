import type { FinishReason } from '../../chat.js'

export function readFinish(reason: string, calls: boolean): FinishReason {
  switch (reason) {
    case 'MAX_TOKENS':
    case 'ERROR_LIMIT':
      return 'length'
    case 'TOOL_CALL':
      return 'tool_calls'
    case 'ERROR_TOXIC':
      return 'content_filter'
    default:
      return calls ? 'tool_calls' : 'stop'
  }
}

export function writeFinish(reason: FinishReason, stopSequence: string | undefined): string {
  switch (reason) {
    case 'length':
      return 'MAX_TOKENS'
    case 'tool_calls':
      return 'TOOL_CALL'
    case 'content_filter':
    case 'refusal':
      return 'ERROR_TOXIC'
    default:
      return stopSequence === undefined ? 'COMPLETE' : 'STOP_SEQUENCE'
  }
}
