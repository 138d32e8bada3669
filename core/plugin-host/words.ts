/**
 * Copies to and from shared memory go by words of this many bytes when both sides lie alike in them, and byte by byte
 * otherwise, which takes eight times as long (V8's relaxed_memmove).
 */
export const WORD_BYTES = 8

/** Where the length of an input goes, from `at` on, so that its bytes begin at a multiple of WORD_BYTES. */
export function inputPlace(at: number): number {
  return Math.ceil((at + 4) / WORD_BYTES) * WORD_BYTES - 4
}

/** Bytes to leave out so that `at` lies in its word as `other` does. */
export function gapTo(at: number, other: number): number {
  return (((other - at) % WORD_BYTES) + WORD_BYTES) % WORD_BYTES
}
