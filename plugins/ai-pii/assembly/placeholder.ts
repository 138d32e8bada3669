import { LABELS } from '@sluice/plugin-sdk/assembly/pii'
import { hexDigit } from '@sluice/plugin-sdk/assembly/text'

/** Placeholders: [EMAIL_3f9c01d2], or [EMAIL_1] where they are counted. */

/** The label of what is no personal data, but is written like a placeholder. */
export const TEXT_LABEL = 'TEXT'

const MAX_ID: i32 = 12

/** What `readPlaceholder` returns where the text ends before it can be told. */
export const CUT: usize = usize.MAX_VALUE

/** The name of the placeholder that was read last, such as EMAIL_1. */
export let placeholderName = ''

export function placeholder(name: string): string {
  return '[' + name + ']'
}

/** What `characterAt` returns where the text ends within an escape. */
const CUT_CHARACTER: u32 = u32.MAX_VALUE

/** How many bytes the character takes that was read last. */
let size: usize = 0

/** Whether a "[" is at `at`, or an escape of JSON that may be one. */
export function mayBegin(at: usize, end: usize): bool {
  const character = characterAt(at, end)
  return character == 0x5b || character == CUT_CHARACTER
}

/**
 * Reads the placeholder that begins with the "[" at `at`. Returns its end; 0 when there is none; CUT when there is the beginning of one, and the text
 * ends. Backslashes before "_" and "]" are passed over: models that write Markdown put them there. Any character may be an escape of JSON.
 */
export function readPlaceholder(at: usize, end: usize): usize {
  if (characterAt(at, end) == CUT_CHARACTER) return CUT
  const begin = at + size
  if (begin == end) return CUT
  let label = ''
  for (let i = 0; i <= LABELS.length; i++) {
    label = i < LABELS.length ? LABELS[i] : TEXT_LABEL
    at = behindLetters(begin, end, label)
    if (at == CUT) return CUT
    if (at != 0) break
    label = ''
  }
  if (label == '') return 0
  at = behindSign(at, end, 0x5f)
  if (at == 0 || at == CUT) return at
  let id = ''
  while (id.length < MAX_ID) {
    const character = at == end ? CUT_CHARACTER : characterAt(at, end)
    if (!isIdLetter(character)) break
    id += String.fromCharCode(character)
    at += size
  }
  if (at == end) return CUT
  if (id == '') return characterAt(at, end) == CUT_CHARACTER ? CUT : 0
  at = behindSign(at, end, 0x5d)
  if (at == 0 || at == CUT) return at
  placeholderName = label + '_' + id
  return at
}

/** Where `label` ends that begins at `at`; 0 when it does not, CUT when the text ends before it. */
function behindLetters(at: usize, end: usize, label: string): usize {
  for (let i = 0; i < label.length; i++) {
    const character = at == end ? CUT_CHARACTER : characterAt(at, end)
    if (character == CUT_CHARACTER) return CUT
    if (<i32>character != label.charCodeAt(i)) return 0
    at += size
  }
  return at
}

/** Where `sign` ends, with at most two backslashes before it, which is one in JSON; 0 when it is not there, CUT when the text ends before it. */
function behindSign(at: usize, end: usize, sign: u32): usize {
  for (let slashes = 0; slashes <= 2; slashes++) {
    const character = at == end ? CUT_CHARACTER : characterAt(at, end)
    if (character == CUT_CHARACTER) return CUT
    at += size
    if (character == sign) return at
    if (character != 0x5c) return 0
  }
  return 0
}

/** A byte, or what an escape stands for: \u005b in JSON, \\u005b in JSON within JSON. */
function characterAt(at: usize, end: usize): u32 {
  const byte = <u32>load<u8>(at)
  size = 1
  if (byte != 0x5c) return byte
  let from = at + 1
  if (from < end && load<u8>(from) == 0x5c) from++
  if (from == end) return CUT_CHARACTER
  if (load<u8>(from) != 0x75) return byte
  let value: u32 = 0
  for (let i: usize = 1; i <= 4; i++) {
    if (from + i == end) return CUT_CHARACTER
    const digit = hexDigit(load<u8>(from + i))
    if (digit < 0) return byte
    value = (value << 4) | <u32>digit
  }
  size = from + 5 - at
  return value
}

/** Hexadecimal digits in lower case. */
function isIdLetter(character: u32): bool {
  return character - 0x30 < 10 || character - 0x61 < 6
}
