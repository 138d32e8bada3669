import { latin1Of } from '../base/bare.js'
import { EditOp, Verdict } from './abi.js'
import type { HeaderEdit } from './edits.js'

/** Tags of policy.proto's Verdict and HeaderEdit: field number and wire type. */
const HEADERS = (2 << 3) | 2
const RESPONSE_HEADERS = (3 << 3) | 2
const OP = 1 << 3
const NAME = (2 << 3) | 2
const VALUE = (3 << 3) | 2

/** In a byte of a text: it is not ASCII. In one of a number: there are more. */
const MORE = 0x80

/** What the bytes of a verdict say. @throws Error when they are none */
export function decodeVerdict(bytes: Uint8Array): Verdict {
  return readEdits(bytes) ?? Verdict.decode(bytes)
}

/**
 * Reads a verdict that edits headers and does nothing else, as most do. protobufjs puts each text together from its characters, and
 * whoever looks at such a text first pays for making one piece of it: with that it takes twice as long.
 * @returns undefined: there is something else in it, something long or not ASCII, or it is no message
 */
function readEdits(bytes: Uint8Array): Verdict | undefined {
  const headers: HeaderEdit[] = []
  const responseHeaders: HeaderEdit[] = []
  let at = 0
  while (at < bytes.length) {
    const tag = bytes[at]
    if (tag !== HEADERS && tag !== RESPONSE_HEADERS) return undefined
    const from = at + 2
    at = from + (bytes[at + 1] ?? 0)
    if (at - from >= MORE || at > bytes.length) return undefined
    const edit = readEdit(bytes, from, at)
    if (edit === undefined) return undefined
    if (tag === HEADERS) headers.push(edit)
    else responseHeaders.push(edit)
  }
  const verdict = Verdict.create()
  verdict.headers = headers
  verdict.responseHeaders = responseHeaders
  return verdict
}

/** @param to - less than 128 bytes behind `from`: every number in between has one byte, or there is something else */
function readEdit(bytes: Uint8Array, from: number, to: number): HeaderEdit | undefined {
  for (let i = from; i < to; i++) if ((bytes[i] ?? MORE) >= MORE) return undefined
  let op: number = EditOp.SET
  let name = ''
  let value = ''
  let at = from
  while (at < to) {
    const tag = bytes[at++]
    const number = bytes[at++] ?? MORE
    if (tag === OP) {
      op = number
      continue
    }
    const start = at
    at += number
    if (at > to) return undefined
    if (tag === NAME) name = latin1Of(bytes, start, at)
    else if (tag === VALUE) value = latin1Of(bytes, start, at)
    else return undefined
  }
  return at === to ? { op, name, value } : undefined
}
