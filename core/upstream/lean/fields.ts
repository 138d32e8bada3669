import type { Buffer } from 'node:buffer'
import { latin1Of, sliceOf } from '../../base/bare.js'
import { fromLatin1 } from '../../base/header-text.js'
import type { HeaderList } from '../../base/headers.js'
import { BadReply } from './bad-reply.js'
import { knownName, NAME_BYTE, nextHash } from './known-names.js'

/** The names and values of one head may have less than this together, bytes; as Node's own client has it. */
const FIELD_BYTES = 16_384
/** A head, or the trailers, as they are on the wire: what is kept of one that is not complete yet. */
export const SECTION_BYTES = 32_768

export const INCOMPLETE = -1

const [TAB, LF, CR, SPACE, COLON] = [9, 10, 13, 32, 58]

/** 1 for what a value or a reason phrase may have: no control character but tab (RFC 9110 §5.5). */
export const TEXT_BYTE: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === TAB || (byte >= SPACE && byte !== 127) ? 1 : 0
)

/** Of each line that `scanFields` found: where the name and the value begin and end, the name's hash, whether the value is ASCII. */
const WORDS = 6
const MAX_FIELDS = SECTION_BYTES / 4
const found = new Int32Array(WORDS * MAX_FIELDS)
let count = 0

/**
 * Looks for the field lines at `from` and the empty line that ends them (RFC 9112 §5). `fields` then has what it found.
 * @returns where the empty line ends, or INCOMPLETE
 * @throws BadReply as soon as it cannot become right
 */
export function scanFields(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  let total = 0
  count = 0
  for (;;) {
    if (at >= end) return INCOMPLETE
    if (bytes[at] === CR) {
      if (++at >= end) return INCOMPLETE
      if (bytes[at] !== LF) throw new BadReply('a CR without its LF in the head')
      return at + 1
    }
    const nameFrom = at
    let hash = 0
    for (let letter = NAME_BYTE[bytes[at] ?? 0] ?? 0; letter !== 0; letter = NAME_BYTE[bytes[at] ?? 0] ?? 0) {
      hash = nextHash(hash, letter)
      if (++at >= end) return within(total + at - nameFrom)
    }
    // Also the space that a folded line begins with (obs-fold, RFC 9112 §5.2), and one before the colon (§5.1).
    if (bytes[at] !== COLON || at === nameFrom) throw new BadReply('a header line that does not begin with a name')
    const nameTo = at++
    while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++
    const valueFrom = at
    let bits = 0
    while (at < end && TEXT_BYTE[bytes[at] ?? 0] === 1) bits |= bytes[at++] ?? 0
    total += at - valueFrom + nameTo - nameFrom
    if (at >= end) return within(total)
    if (bytes[at] !== CR) throw new BadReply('a control character in a header')
    let valueTo = at
    while (valueTo > valueFrom && (bytes[valueTo - 1] === SPACE || bytes[valueTo - 1] === TAB)) valueTo--
    if (++at >= end) return within(total)
    if (bytes[at++] !== LF) throw new BadReply('a CR without its LF in a header')
    within(total)
    if (count === MAX_FIELDS) throw new BadReply(`more than ${MAX_FIELDS} headers`)
    const word = WORDS * count++
    found[word] = nameFrom
    found[word + 1] = nameTo
    found[word + 2] = valueFrom
    found[word + 3] = valueTo
    found[word + 4] = hash
    found[word + 5] = bits < 128 ? 1 : 0
  }
}

/** @throws BadReply when the fields are too large already */
function within(total: number): typeof INCOMPLETE {
  if (total >= FIELD_BYTES) throw new BadReply(`headers of more than ${FIELD_BYTES} bytes`)
  return INCOMPLETE
}

/** What `scanFields` found in these bytes: names in lower case, values without the space around them. */
export function fields(bytes: Buffer, from: number, to: number): HeaderList {
  const text = latin1Of(bytes, from, to)
  const list: HeaderList = new Array(2 * count)
  let at = 0
  for (let word = 0; word < WORDS * count; word += WORDS) {
    const nameFrom = found[word] ?? 0
    const nameTo = found[word + 1] ?? 0
    const value = sliceOf(text, (found[word + 2] ?? 0) - from, (found[word + 3] ?? 0) - from)
    const name = knownName(bytes, nameFrom, nameTo, found[word + 4] ?? 0)
    list[at++] = name ?? text.slice(nameFrom - from, nameTo - from).toLowerCase()
    list[at++] = found[word + 5] === 1 ? value : fromLatin1(value)
  }
  return list
}
