import { parsed } from '../../ai/lenient.js'
import { type BodySource, EMPTY_BODY } from '../../base/body.js'
import { isRecord } from '../../config/json.js'

/** The bytes of a body that is there as a whole: bodies of cases are. */
export function bodyOf(body: Buffer | BodySource): Buffer {
  return Buffer.isBuffer(body) ? body : (body.takeWhole() ?? EMPTY_BODY)
}

/** A body as a case says it: JSON objects and lists as what they are, everything else as text. */
export function jsonOrText(bytes: Uint8Array): string | object | unknown[] {
  const text = Buffer.from(bytes).toString('utf8')
  const value = parsed(text)
  return isRecord(value) || Array.isArray(value) ? value : text
}
