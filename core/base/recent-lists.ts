import { Seldom } from './seldom.js'

const SLOTS = 64

interface Recent<T> {
  readonly list: readonly string[]
  readonly made: T
}

/**
 * What was made of lists of texts that came lately: the headers of one client's requests, and of one server's replies, are mostly the same as
 * before, and are found faster than made anew.
 */
export class RecentLists<T> {
  /** By the characters of their texts. */
  private readonly slots: (Recent<T> | undefined)[] = Array.from({ length: SLOTS })
  private readonly seldom = new Seldom(SLOTS)

  /** @param maxCharacters - longer lists are not kept */
  constructor(private readonly maxCharacters: number) {}

  /** @param count - how many of the texts are the list; left out: all */
  get(texts: readonly string[], count = texts.length): T | undefined {
    const slot = charactersOf(texts, count) % SLOTS
    const recent = this.slots[slot]
    if (recent === undefined || recent.list.length !== count) return undefined
    for (let i = 0; i < count; i++) if (recent.list[i] !== texts[i]) return undefined
    this.seldom.hit(slot)
    return recent.made
  }

  /** One was not found. @param make - called where it is kept, with a copy: the list itself is its owner's to change */
  set(list: readonly string[], make: (copy: readonly string[]) => T): void {
    const characters = charactersOf(list, list.length)
    const slot = characters % SLOTS
    if (!this.seldom.miss(slot) || characters > this.maxCharacters) return
    const copy = list.slice()
    this.slots[slot] = { list: copy, made: make(copy) }
  }
}

function charactersOf(texts: readonly string[], count: number): number {
  let characters = 0
  for (let i = 0; i < count; i++) characters += texts[i]?.length ?? 0
  return characters
}
