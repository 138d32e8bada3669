import type { FinishReason } from '../../chat.js'

/** Reasons of https://ai.google.dev/api/generate-content#FinishReason that are not simply an end. */
const REASONS: Readonly<Record<string, FinishReason>> = {
  MAX_TOKENS: 'length',
  CONTINUATION: 'pause',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  LANGUAGE: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  MODEL_ARMOR: 'content_filter',
  IMAGE_SAFETY: 'content_filter',
  IMAGE_PROHIBITED_CONTENT: 'content_filter',
  IMAGE_RECITATION: 'content_filter'
}

/** @param calls - whether the answer has calls of tools: Gemini says STOP then too */
export function readFinish(reason: string, calls: boolean): FinishReason {
  return REASONS[reason] ?? (calls ? 'tool_calls' : 'stop')
}

export function writeFinish(reason: FinishReason): string {
  switch (reason) {
    case 'length':
      return 'MAX_TOKENS'
    case 'content_filter':
    case 'refusal':
      return 'SAFETY'
    default:
      return 'STOP'
  }
}
