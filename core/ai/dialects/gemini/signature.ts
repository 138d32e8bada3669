import { Buffer } from 'node:buffer'
import type { RedactedThinkingPart, ThinkingPart } from '../../chat.js'
import { GEMINI_MARK } from '../../signatures.js'
import { carried, carryPart } from '../anthropic/carried.js'

/**
 * Signatures of thoughts. A provider takes back only its own, and a conversation may go from one to another: in the canonical form
 * Gemini's are told apart by a prefix, and what other providers signed goes to Gemini's clients wrapped in base64, which they return.
 */
const GEMINI = GEMINI_MARK
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
  const own = carried(value)
  const also = own?.kind === 'part' ? { id: own.id } : {}
  const signature = own?.kind === 'part' ? own.signature : value
  return kind === 'redacted'
    ? { type: 'redacted_thinking', data: signature ?? '', ...also }
    : { type: 'thinking', text, signature, ...also }
}

/** For Gemini's clients. @param id - the provider's name of the part, which travels with it */
export function clientSignature(signature: string, id?: string | undefined): string {
  if (signature.startsWith(GEMINI)) return signature.slice(GEMINI.length)
  return Buffer.from(OTHER + carryPart(id, signature)).toString('base64')
}

/** For Gemini's clients: reasoning that only another provider can read. */
export function clientRedacted(data: string, id?: string | undefined): string {
  return Buffer.from(REDACTED + carryPart(id, data)).toString('base64')
}

const MARKS = [OTHER, REDACTED].map(mark => {
  const whole = mark.length - (mark.length % 3) // whatever follows does not change the base64 of these
  return Buffer.from(mark.slice(0, whole)).toString('base64')
})

/**
 * Whether a request carries thoughts of providers of other dialects: Gemini would refuse them, so it has to be read and written, even for Gemini
 * itself.
 */
export function hasForeignThoughts(body: Buffer): boolean {
  return MARKS.some(mark => body.includes(`"${mark}`))
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
