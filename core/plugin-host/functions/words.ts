import { type GuestBytes, memoryAt, type Run } from '../guest-bytes.js'
import { WordFinder } from '../word-finder.js'

const MAX_SETS = 16
const MAX_BYTES = 1 << 20
const FOLDS_CASE = 1
const WHOLE = 2
const TRIPLE_BYTES = 12

/** Sets of words. The words come one a line; a place is three little-endian u32: the word's number, start and end. */
export function wordFunctions(guest: GuestBytes): Record<string, Run> {
  const sets: WordFinder[] = []
  return {
    words_compile: (ptr = 0, length = 0, rules = 0) => {
      const text = memoryAt(guest, ptr, length)
      if (sets.length >= MAX_SETS || text.length > MAX_BYTES) return -1
      const words = text.toString('utf8').split('\n')
      const set = WordFinder.of(words, { foldsCase: (rules & FOLDS_CASE) !== 0, whole: (rules & WHOLE) !== 0 })
      return set === undefined ? -1 : sets.push(set)
    },
    words_find: (handle = 0, ptr = 0, length = 0, out = 0, max = 0) => {
      const set = sets[handle - 1]
      if (set === undefined) return -1
      const target = memoryAt(guest, out, (max >>> 0) * TRIPLE_BYTES)
      const found = set.find(memoryAt(guest, ptr, length), max >>> 0)
      for (const [i, { word, start, end }] of found.entries()) {
        target.writeUInt32LE(word, i * TRIPLE_BYTES)
        target.writeUInt32LE(start, i * TRIPLE_BYTES + 4)
        target.writeUInt32LE(end, i * TRIPLE_BYTES + 8)
      }
      return found.length
    }
  }
}
