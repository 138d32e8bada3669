import { KIND_NAMES, LABELS } from '@sluice/plugin-sdk/assembly/pii'

/** Placeholders: [EMAIL_1]. */

const MAX_DIGITS: i32 = 6
/** The highest number that can be read again. */
export const MAX_NUMBER: i32 = 999_999

/** What `readPlaceholder` read. */
export let placeholderKind: i32 = 0
export let placeholderNumber: i32 = 0

export function placeholder(kind: i32, number: i32): string {
  return '[' + LABELS[kind] + '_' + number.toString() + ']'
}

/** Whether what begins at `at` may be a placeholder; those of a form may have their brackets escaped, as "%5B" and "%5D". */
export function opens(at: usize, end: usize, inForm: bool): bool {
  return load<u8>(at) == 0x5b || (inForm && isEscape(at, end, 0x62))
}

/**
 * Reads the placeholder that begins with the "[" or "%5B" at `at`; returns its end, 0 when there is none. Backslashes before "_"
 * and "]" are passed over: models that write Markdown put them there.
 */
export function readPlaceholder(at: usize, end: usize): usize {
  const escaped = load<u8>(at) == 0x25
  at += escaped ? 3 : 1
  let kind = 0
  while (kind < KIND_NAMES.length && !isAt(at, end, LABELS[kind])) kind++
  if (kind == KIND_NAMES.length) return 0
  at = skipSlashes(at + <usize>LABELS[kind].length, end)
  if (at >= end || load<u8>(at) != 0x5f) return 0
  at++
  let number = 0
  let size = 0
  for (; at < end && size < MAX_DIGITS && <u32>load<u8>(at) - 0x30 < 10; at++, size++) number = number * 10 + load<u8>(at) - 0x30
  at = skipSlashes(at, end)
  if (size == 0 || at >= end || (escaped ? !isEscape(at, end, 0x64) : load<u8>(at) != 0x5d)) return 0
  placeholderKind = kind
  placeholderNumber = number
  return at + (escaped ? 3 : 1)
}

/** Whether "%5" and that digit, in any case, stand at `at`. */
function isEscape(at: usize, end: usize, digit: u8): bool {
  return at + 3 <= end && load<u16>(at) == 0x3525 && (load<u8>(at, 2) | 0x20) == digit
}

/** At most two, which is one in JSON. */
function skipSlashes(at: usize, end: usize): usize {
  for (let i = 0; i < 2 && at < end && load<u8>(at) == 0x5c; i++) at++
  return at
}

function isAt(at: usize, end: usize, label: string): bool {
  if (at + <usize>label.length > end) return false
  for (let i = 0; i < label.length; i++) if (<i32>load<u8>(at + <usize>i) != label.charCodeAt(i)) return false
  return true
}
