import type { Buffer } from 'node:buffer'

/** What of RE2JS's patterns is used here. */
export interface Pattern {
  groupCount(): number
  matcher(text: Uint8Array): {
    find(from: number): boolean
    start(group: number): number
    end(group: number): number
  }
}

const ABSENT = 0xffff_ffff

/**
 * Writes start and end of the first match from `from` on and of its groups, little-endian u32 byte offsets; 0xffffffff for a group
 * that took no part.
 * @param here - only a match that begins at `from` is one
 * @returns how many pairs the match has, of which `maxPairs` are written; 0: there is none
 */
export function writeGroups(
  pattern: Pattern,
  text: Uint8Array,
  from: number,
  here: boolean,
  out: Buffer,
  maxPairs: number
): number {
  if (from > text.length) return 0
  const matcher = pattern.matcher(text)
  // The leftmost match begins at `from` if any does.
  if (!matcher.find(from) || (here && matcher.start(0) !== from)) return 0
  const pairs = pattern.groupCount() + 1
  for (let group = 0; group < Math.min(pairs, maxPairs); group++) {
    const start = matcher.start(group)
    out.writeUInt32LE(start < 0 ? ABSENT : start, group * 8)
    out.writeUInt32LE(start < 0 ? ABSENT : matcher.end(group), group * 8 + 4)
  }
  return pairs
}
