import type { FinishReason } from '../../chat.js'
import type { ProviderFailure } from '../../failure.js'

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

/** Reasons for which an answer broke off: what there is of it is not all. */
const BROKEN: ReadonlySet<string> = new Set([
  'MALFORMED_FUNCTION_CALL',
  'MALFORMED_RESPONSE',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'MISSING_THOUGHT_SIGNATURE',
  'NO_IMAGE',
  'IMAGE_OTHER',
  'OTHER'
])

/** @param calls - whether the answer has calls of tools: Gemini says STOP then too */
export function readFinish(reason: string, calls: boolean): FinishReason {
  return REASONS[reason] ?? (calls ? 'tool_calls' : BROKEN.has(reason) ? 'length' : 'stop')
}

/** The error that an answer is of which nothing came; undefined: it is one. @param message - Gemini's own word for it, where it has one */
export function brokenBy(reason: string, message: string | undefined): ProviderFailure | undefined {
  if (!BROKEN.has(reason)) return undefined
  return { kind: 'server', status: 0, message: message ?? `the model did not answer: ${reason}`, type: reason }
}

/** Whether a failure is one that `brokenBy` tells of. */
export function isBroken({ type }: ProviderFailure): boolean {
  return type !== undefined && BROKEN.has(type)
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
