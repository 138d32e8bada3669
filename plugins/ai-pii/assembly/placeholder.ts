import { LABELS } from '@sluice/plugin-sdk/assembly/pii'
import { utf8Decode } from '@sluice/plugin-sdk/assembly/utf8'

/** Placeholders: [EMAIL_3f9c01d2], or [EMAIL_1] where they are counted. */

/** The label of what is no personal data, but is written like a placeholder. */
export const TEXT_LABEL = 'TEXT'

const MAX_ID: usize = 12

/** What `readPlaceholder` returns where the text ends before it can be told. */
export const CUT: usize = usize.MAX_VALUE

/** The name of the placeholder that was read last, such as EMAIL_1. */
export let placeholderName = ''

export function placeholder(name: string): string {
  return '[' + name + ']'
}

/**
 * Reads the placeholder that begins with the "[" at `at`. Returns its end; 0 when there is none; CUT when there is the beginning of one, and the text
 * ends. Backslashes before "_" and "]" are passed over: models that write Markdown put them there.
 */
export function readPlaceholder(at: usize, end: usize): usize {
  at++
  if (at == end) return CUT
  let label = ''
  for (let i = 0; i <= LABELS.length; i++) {
    label = i < LABELS.length ? LABELS[i] : TEXT_LABEL
    const same = sameLetters(at, end, label)
    if (same == label.length) break
    if (at + <usize>same == end) return CUT
    label = ''
  }
  if (label == '') return 0
  at = skipSlashes(at + <usize>label.length, end)
  if (at == end) return CUT
  if (load<u8>(at) != 0x5f) return 0
  const id = ++at
  while (at < end && at - id < MAX_ID && isIdLetter(load<u8>(at))) at++
  if (at == end) return CUT
  const size = at - id
  at = skipSlashes(at, end)
  if (size == 0) return 0
  if (at == end) return CUT
  if (load<u8>(at) != 0x5d) return 0
  placeholderName = label + '_' + utf8Decode(id, <i32>size)
  return at + 1
}

/** How many letters of `label` stand at `at`. */
function sameLetters(at: usize, end: usize, label: string): i32 {
  let count = 0
  while (count < label.length && at < end && <i32>load<u8>(at) == label.charCodeAt(count)) {
    at++
    count++
  }
  return count
}

/** At most two, which is one in JSON. */
function skipSlashes(at: usize, end: usize): usize {
  for (let i = 0; i < 2 && at < end && load<u8>(at) == 0x5c; i++) at++
  return at
}

/** Hexadecimal digits in lower case. */
function isIdLetter(byte: u32): bool {
  return byte - 0x30 < 10 || byte - 0x61 < 6
}
