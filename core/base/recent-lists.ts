import { sameTexts } from './same-texts.js'

const SLOTS = 64

interface Recent<T> {
  readonly list: readonly string[]
  readonly made: T
}

/**
 * What was made of lists of texts, as long as no other list of about as many characters comes: the headers of one client's requests, and
 * of one server's replies, are mostly the same as before, and are found faster than made anew.
 */
export class RecentLists<T> {
  private readonly slots: (Recent<T> | undefined)[] = Array.from({ length: SLOTS })

  /** @param maxCharacters - longer lists are not kept */
  constructor(private readonly maxCharacters: number) {}

  get(list: readonly string[]): T | undefined {
    const recent = this.slots[charactersOf(list) % SLOTS]
    return recent !== undefined && sameTexts(recent.list, list) ? recent.made : undefined
  }

  set(list: readonly string[], made: T): void {
    const characters = charactersOf(list)
    // A copy: the list is its owner's to change.
    if (characters <= this.maxCharacters) this.slots[characters % SLOTS] = { list: list.slice(), made }
  }
}

function charactersOf(list: readonly string[]): number {
  let characters = 0
  for (const text of list) characters += text.length
  return characters
}
