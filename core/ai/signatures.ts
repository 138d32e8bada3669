import { Buffer } from 'node:buffer'

/**
 * Models prove that reasoning is their own by signatures, and only the provider that made one takes it back. A signature of a Responses
 * provider (`encrypted_content`) is marked, so that it is known again when it comes back through a client of another dialect. Letters and
 * digits, a multiple of four: the mark does not spoil base64.
 */
const OWN = 'SluiceResponses1'

/** In `encrypted_content`, for clients of Responses: signatures of other dialects, which such clients send back untouched. */
const SIGNATURE = 'sluice-signature:'
const REDACTED = 'sluice-redacted:'
const CALL = 'sluice-call-signature:'

/** What a reasoning item's `encrypted_content` is. */
export type Sealed =
  /** `value` is a canonical signature, or the data of redacted reasoning. */
  | { kind: 'signature' | 'redacted'; value: string }
  /** Not reasoning at all: the signature of a tool call (Gemini). */
  | { kind: 'call'; callId: string; value: string }
  /** Made by a Responses provider. */
  | { kind: 'own'; value: string }

export function openSealed(encrypted: string): Sealed {
  if (encrypted.startsWith(SIGNATURE)) return { kind: 'signature', value: encrypted.slice(SIGNATURE.length) }
  if (encrypted.startsWith(REDACTED)) return { kind: 'redacted', value: encrypted.slice(REDACTED.length) }
  if (encrypted.startsWith(CALL)) {
    const [id = '', ...value] = encrypted.slice(CALL.length).split(':')
    return { kind: 'call', callId: Buffer.from(id, 'base64url').toString(), value: value.join(':') }
  }
  return { kind: 'own', value: OWN + encrypted }
}

export function sealSignature(signature: string): string {
  return ownContent(signature) ?? SIGNATURE + signature
}

export function sealRedacted(data: string): string {
  return ownContent(data) ?? REDACTED + data
}

export function sealCall(callId: string, signature: string): string {
  return `${CALL}${Buffer.from(callId).toString('base64url')}:${signature}`
}

/** The `encrypted_content` a Responses provider made; undefined: the signature is of another kind of provider, which no such provider takes. */
export function ownContent(signature: string): string | undefined {
  return signature.startsWith(OWN) ? signature.slice(OWN.length) : undefined
}

/**
 * Whether a signature is of a Responses provider: of no use to any other, which would refuse the request for it. For writers of other
 * dialects.
 */
export function isOfResponses(signature: string): boolean {
  return signature.startsWith(OWN)
}

/** How a signature of Gemini's begins in canonical form. */
export const GEMINI_MARK = 'gemini:'

/** Whether a signature, or the data of redacted reasoning, is marked as made by a provider of Gemini or Responses. For writers for Claude. */
export function isAnothers(signature: string): boolean {
  return signature.startsWith(OWN) || signature.startsWith(GEMINI_MARK)
}

/**
 * Whether a Responses request, as bytes or text, carries signatures of other dialects. Such a request must not pass untouched to a Responses
 * provider, which refuses reasoning it did not make: it has to be read and written.
 */
export function carriesForeignSignatures(body: Buffer): boolean {
  return [SIGNATURE, REDACTED, CALL].some(mark => body.includes(`"${mark}`))
}
