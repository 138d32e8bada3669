import { Buffer } from 'node:buffer'
import type { RedactedThinkingPart, ThinkingPart } from '../../chat.js'

/**
 * Signatures of thoughts. A provider takes back only its own, and a conversation may go from one to another: in the canonical form
 * Gemini's are told apart by a prefix, and what other providers signed goes to Gemini's clients wrapped in base64, which they return.
 */
const GEMINI = 'gemini:'
const OTHER = 'sluice-signature:'
const REDACTED = 'sluice-redacted:'

/** What a thoughtSignature of the wire is: a signature in canonical form, or the data of a redacted part. */
export function readSignature(wire: string): { kind: 'signature' | 'redacted'; value: string } {
  const inner = Buffer.from(wire, 'base64').toString()
  if (inner.startsWith(OTHER)) return { kind: 'signature', value: inner.slice(OTHER.length) }
  if (inner.startsWith(REDACTED)) return { kind: 'redacted', value: inner.slice(REDACTED.length) }
  return { kind: 'signature', value: GEMINI + wire }
}

/** A thought, as its text and thoughtSignature say; undefined: neither says anything. */
export function readThought(text: string, wire: string | undefined): ThinkingPart | RedactedThinkingPart | undefined {
  if (wire === undefined) return text === '' ? undefined : { type: 'thinking', text }
  const { kind, value } = readSignature(wire)
  return kind === 'redacted' ? { type: 'redacted_thinking', data: value } : { type: 'thinking', text, signature: value }
}

/** For Gemini's clients. */
export function clientSignature(signature: string): string {
  if (signature.startsWith(GEMINI)) return signature.slice(GEMINI.length)
  return Buffer.from(OTHER + signature).toString('base64')
}

/** For Gemini's clients: reasoning that only another provider can read. */
export function clientRedacted(data: string): string {
  return Buffer.from(REDACTED + data).toString('base64')
}

/** For Gemini; undefined: it is another's. */
export function ownSignature(signature: string | undefined): string | undefined {
  return signature?.startsWith(GEMINI) ? signature.slice(GEMINI.length) : undefined
}

/**
 * Stands where Gemini 3 demands a signature and none is known, because the call was another model's.
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export const UNKNOWN_SIGNATURE = 'skip_thought_signature_validator'
