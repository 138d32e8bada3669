import type { Buffer } from 'node:buffer'
import { GEMINI_MARK } from '../../signatures.js'

/**
 * What other providers want back with the next request and Anthropic's dialect has no place for: the signature that Gemini puts on a tool
 * call, the id that Responses gives a piece of reasoning. Clients of this dialect keep thinking blocks and send them back unchanged, so these
 * things travel in the signature of one: that of a tool call in a thinking block of its own, without text, right before the call.
 */
export type Carried = { kind: 'call'; signature: string } | { kind: 'part'; id: string; signature: string | undefined }

const CALL = 'sluice:call:'
const PART = 'sluice:part:'

/** The signature of the thinking block before a tool call that has one. */
export function carryCall(signature: string): string {
  return CALL + signature
}

/** A signature, or the data of redacted thinking, with the provider's id of the part; without an id it stays as it is. */
export function carryPart(id: string | undefined, signature: string | undefined): string {
  return id === undefined ? (signature ?? '') : `${PART}${encodeURIComponent(id)}:${signature ?? ''}`
}

/** @returns undefined for a signature that is Anthropic's own */
export function carried(signature: string): Carried | undefined {
  if (signature.startsWith(CALL)) return { kind: 'call', signature: signature.slice(CALL.length) }
  if (!signature.startsWith(PART)) return undefined
  const colon = signature.indexOf(':', PART.length)
  const id = decoded(signature.slice(PART.length, colon === -1 ? undefined : colon))
  if (id === undefined) return undefined
  const rest = colon === -1 ? '' : signature.slice(colon + 1)
  return { kind: 'part', id, signature: rest === '' ? undefined : rest }
}

/**
 * Whether a request, as text, has thinking that Anthropic would not know as its own: from an earlier turn that another provider answered.
 * Such a request has to be translated even to Anthropic itself, which drops those blocks; untouched it would be refused.
 */
export function hasForeignThinking(body: Buffer): boolean {
  // The text of a large body is made only where there is reason to.
  return HINTS.some(hint => body.includes(hint)) && FOREIGN.test(body.toString())
}

const HINTS = [`"${CALL}`, `"${PART}`, `"${GEMINI_MARK}`, '"signature":""', '"signature": ""']
/** What stands in quotes within a text has backslashes before them. */
const FOREIGN = new RegExp(`[^\\\\]"(?:signature|data)"\\s*:\\s*"(?:"|${CALL}|${PART}|${GEMINI_MARK})`)

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
