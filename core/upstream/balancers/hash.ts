import { codeAt } from '../../base/bare.js'

/** FNV-1a over UTF-16 units, then mixed: 32 bits, the same in every process. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ codeAt(text, i), 0x01000193)
  return mix(hash)
}

/** The finaliser of MurmurHash3: every bit of the input moves every bit of what comes out. */
export function mix(value: number): number {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
