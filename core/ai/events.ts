import type { Annotation, FinishReason } from './chat.js'
import type { ProviderFailure } from './failure.js'
import type { JsonObject } from './members.js'
import type { Usage } from './usage.js'

/**
 * The canonical stream: what the frames of one dialect are read into and those of another written from. Parts of an answer follow each
 * other in order; a part ends where another kind, or another call, begins. `choice` counts answers from 0.
 */
export type ChatEvent =
  | { type: 'start'; id: string; model: string; created: number }
  | { type: 'text'; choice: number; text: string }
  | { type: 'annotation'; choice: number; annotation: Annotation }
  /** `text` may be empty: the part begins. `id` is the provider's name of the part, where it has one. */
  | { type: 'thinking'; choice: number; text: string; id?: string | undefined }
  /** Belongs to the thinking part before it, which it ends. */
  | { type: 'signature'; choice: number; signature: string }
  | { type: 'redacted_thinking'; choice: number; data: string; id?: string | undefined }
  | { type: 'refusal'; choice: number; text: string }
  /** A call begins; `call` counts the calls of the choice from 0. Of one with an `item` (ToolCallPart) the arguments come whole. */
  | {
      type: 'tool_call'
      choice: number
      call: number
      id: string
      name: string
      custom?: boolean | undefined
      signature?: string | undefined
      item?: Record<string, unknown> | undefined
    }
  /** A piece of the call's arguments; calls may be told side by side. */
  | { type: 'arguments'; choice: number; call: number; text: string }
  /** `signature`: as of ImagePart. */
  | { type: 'image'; choice: number; media_type: string; data: string; signature?: string | undefined }
  | {
      type: 'audio'
      choice: number
      data?: string | undefined
      transcript?: string | undefined
      id?: string | undefined
    }
  | { type: 'logprobs'; choice: number; logprobs: unknown }
  | {
      type: 'finish'
      choice: number
      reason: FinishReason
      stop_sequence?: string | undefined
      /** The stream ended in order and did not say that the choice did. */
      supposed?: true
    }
  /** What only its own dialect has words for, in those words: an event of its stream, or the members of one that nothing else says. */
  | {
      type: 'native'
      choice: number
      data: JsonObject
      /** `data` without what it quotes; left out: it quotes nothing. */
      unquoted?: JsonObject | undefined
    }
  /** What is known so far; the last one counts. */
  | { type: 'usage'; usage: Usage }
  /** The provider failed after it began; nothing but `end` comes after. */
  | { type: 'failure'; failure: ProviderFailure }
  /** The dialect's own end: always the last event of a stream that is whole. */
  | { type: 'end' }
