import { Buffer } from 'node:buffer'
import { answerAt, copyAt, type GuestBytes, type Run } from '../guest-bytes.js'
import { JsonDocument } from '../json-document.js'

export interface JsonGuest extends GuestBytes {
  /** Of the call that runs; empty when the hook gets none. */
  body: Uint8Array
  /** What was made of it, once it was asked for; null: it is no JSON. */
  document: JsonDocument | null | undefined
}

const ABSENT = -1
const NO_JSON = -2

/** The body of the call that runs, taken apart by the host at the first use. Answers: -1 nothing there, -2 the body is no JSON. */
export function jsonFunctions(guest: JsonGuest): Record<string, Run> {
  const at = (ptr: number, length: number): string => copyAt(guest, ptr, length).toString('utf8')
  return {
    json_get: (pointer = 0, length = 0, out = 0, room = 0) => {
      const text = at(pointer, length)
      const document = documentOf(guest)
      if (document === null) return NO_JSON
      const found = document.get(text)
      return answerAt(guest, out, room, Buffer.from(found ?? '')) || ABSENT
    },
    json_set: (pointer = 0, length = 0, ptr = 0, size = 0) => {
      const text = at(pointer, length)
      const value = copyAt(guest, ptr, size)
      const document = documentOf(guest)
      return document === null ? NO_JSON : document.set(text, value) ? 1 : ABSENT
    },
    json_remove: (pointer = 0, length = 0) => {
      const text = at(pointer, length)
      const document = documentOf(guest)
      return document === null ? NO_JSON : document.remove(text) ? 1 : ABSENT
    },
    json_text: (out = 0, room = 0) => {
      const document = documentOf(guest)
      return answerAt(guest, out, room, Buffer.from(document?.toString() ?? '')) || NO_JSON
    }
  }
}

function documentOf(guest: JsonGuest): JsonDocument | null {
  const { body, document } = guest
  if (document !== undefined) return document
  guest.document = JsonDocument.parse(Buffer.from(body.buffer, body.byteOffset, body.length)) ?? null
  return guest.document
}
