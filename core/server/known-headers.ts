import type { Checked, HeadLimits } from './accept.js'

const SLOTS = 32
/** Characters of all names and values: longer ones are not kept. */
const MAX_CHARACTERS = 2_048
/** So seldom are others kept in a place where none come again. */
const SELDOM = 16

/** Headers of a request that were found right, as they came, and what was found of them. */
export interface Known {
  readonly list: readonly string[]
  readonly host: string
  /** Of all names and values. */
  readonly characters: number
  readonly checked: Checked
  /** Within which they were found right. */
  readonly limits: HeadLimits
}

/**
 * Headers that came lately. Most clients write the same ones again and again, to the last character: they are looked through once, and
 * whoever did something for them finds that again by their identity.
 */
export class KnownHeaders {
  /** By the characters of their names and values. */
  private readonly slots: (Known | undefined)[] = Array.from({ length: SLOTS })
  /** How many, since some came again, did not. */
  private readonly misses = new Uint32Array(SLOTS)

  /** Those that came before. @param texts - names and values, as many as `count` */
  find(texts: readonly string[], count: number): Known | undefined {
    const slot = charactersOf(texts, count) % SLOTS
    const known = this.slots[slot]
    if (known === undefined || known.list.length !== count) return undefined
    for (let i = 0; i < count; i++) if (known.list[i] !== texts[i]) return undefined
    this.misses[slot] = 0
    return known
  }

  /** Some that were not found. */
  keep(headers: readonly string[], host: string, checked: Checked, limits: HeadLimits): void {
    const characters = charactersOf(headers, headers.length)
    const slot = characters % SLOTS
    const misses = this.misses[slot] ?? 0
    this.misses[slot] = misses + 1
    if (misses % SELDOM !== 0 || characters > MAX_CHARACTERS) return
    this.slots[slot] = { list: headers.slice(), host, characters, checked, limits }
  }
}

function charactersOf(texts: readonly string[], count: number): number {
  let characters = 0
  for (let i = 0; i < count; i++) characters += texts[i]?.length ?? 0
  return characters
}
