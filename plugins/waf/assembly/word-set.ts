import { utf8Bytes } from '@sluice/plugin-sdk/assembly'
import { byteAt, isWord } from './text'

/** Begins the hash of a word. */
export const FIRST: u32 = 0x811c9dc5

@inline
export function mix(hash: u32, byte: u32): u32 {
  return (hash ^ byte) * 0x01000193
}

/** Many words, of which one may stand at some place: one look-up, however many there are. */
@final
export class WordSet {
  private readonly words: Uint8Array[] = []
  /** Open addressing: 0 is free, else the number of a word and one. */
  private readonly slots: StaticArray<u16>
  private readonly mask: u32

  /** "a b c" */
  constructor(list: string) {
    const names = list.split(' ')
    let size: u32 = 16
    while (size < <u32>names.length * 4) size <<= 1
    this.mask = size - 1
    this.slots = new StaticArray<u16>(size)
    for (let i = 0; i < names.length; i++) this.add(utf8Bytes(names[i]))
  }

  /** The end of the whole word at `at` if it is one of the set; 0 when it is not. */
  endAt(at: usize): usize {
    const from = at
    let hash = FIRST
    for (let byte = byteAt(at); isWord(byte); byte = byteAt(at)) {
      hash = mix(hash, byte)
      at++
    }
    return this.indexOf(hash, from, <i32>(at - from)) < 0 ? 0 : at
  }

  /** The number of a word with this hash; -1 when it is not there. */
  indexOf(hash: u32, at: usize, size: i32): i32 {
    for (let slot = (hash ^ (hash >> 15)) & this.mask; ; slot = (slot + 1) & this.mask) {
      const number = <i32>unchecked(this.slots[slot])
      if (number == 0) break
      const word = unchecked(this.words[number - 1])
      if (word.length == size && memory.compare(word.dataStart, at, <usize>size) == 0) return number - 1
    }
    return -1
  }

  private add(word: Uint8Array): void {
    let hash = FIRST
    for (let i = 0; i < word.length; i++) hash = mix(hash, word[i])
    let slot = (hash ^ (hash >> 15)) & this.mask
    while (this.slots[slot] != 0) slot = (slot + 1) & this.mask
    this.words.push(word)
    this.slots[slot] = <u16>this.words.length
  }
}
