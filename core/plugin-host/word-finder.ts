const MAX_WORDS = 10_000
/** States times letters: 16 MB. */
const MAX_TRANSITIONS = 1 << 22

export interface WordRules {
  /** Letters are the same in upper and lower case. */
  readonly foldsCase: boolean
  /** A word is found only where no letter, digit or "_" comes before or after it. */
  readonly whole: boolean
}

/** A place of a word: bytes of the UTF-8 text. */
export interface Found {
  readonly word: number
  readonly start: number
  readonly end: number
}

/** Many words found in one pass over a text (Aho and Corasick), in a time that does not depend on how many they are. */
export class WordFinder {
  /** By code point: its column. 0: a letter of no word. */
  private readonly columns = new Map<number, number>()
  private readonly ascii = new Int32Array(128)
  /** By state and column: the state that follows. */
  private readonly table: Int32Array
  private readonly width: number
  /** By state: the word that ends there; -1 for none. */
  private readonly ending: Int32Array
  /** By state: the next state to the back in which a word ends; 0 for none. */
  private readonly shorter: Int32Array
  /** By word: its letters. */
  private readonly sizes: number[] = []

  private constructor(
    words: readonly (readonly number[])[],
    states: number,
    private readonly rules: WordRules
  ) {
    for (const word of words) {
      for (const point of word) if (!this.columns.has(point)) this.columns.set(point, this.columns.size + 1)
    }
    for (let byte = 0; byte < 128; byte++) this.ascii[byte] = this.columns.get(folded(byte, rules)) ?? 0
    this.width = this.columns.size + 1
    this.table = new Int32Array(states * this.width)
    this.ending = new Int32Array(states).fill(-1)
    this.shorter = new Int32Array(states)
    this.enter(words)
    this.link(states)
  }

  /** undefined when there are too many words, or one is empty. */
  static of(words: readonly string[], rules: WordRules): WordFinder | undefined {
    if (words.length > MAX_WORDS || words.includes('')) return undefined
    const points = words.map(word => [...word].map(letter => folded(letter.codePointAt(0) ?? 0, rules)))
    const states = 1 + points.reduce((sum, word) => sum + word.length, 0)
    const letters = new Set(points.flat()).size + 1
    return states * letters > MAX_TRANSITIONS ? undefined : new WordFinder(points, states, rules)
  }

  /** The first `max` places, in the order in which they end; of those that end together the longest first. */
  find(text: Uint8Array, max: number): Found[] {
    const { table, width, ending, shorter, sizes } = this
    const found: Found[] = []
    // Where each of the last letters begins: as many as the longest word has.
    const longest = Math.max(1, ...sizes)
    const starts = new Int32Array(longest)
    let state = 0
    for (let at = 0, count = 0; at < text.length && found.length < max; count++) {
      const start = at
      const byte = text[at] ?? 0
      let column: number
      if (byte < 128) {
        column = this.ascii[byte] ?? 0
        at++
      } else {
        const size = sizeAt(text, at)
        column = this.columns.get(folded(pointAt(text, at, size), this.rules)) ?? 0
        at += size
      }
      starts[count % longest] = start
      state = table[state * width + column] ?? 0
      for (
        let s = ending[state] === -1 ? (shorter[state] ?? 0) : state;
        s > 0 && found.length < max;
        s = shorter[s] ?? 0
      ) {
        const word = ending[s] ?? 0
        const from = starts[(count - (sizes[word] ?? 1) + 1) % longest] ?? 0
        if (!this.rules.whole || (!wordBefore(text, from) && !wordAfter(text, at))) {
          found.push({ word, start: from, end: at })
        }
      }
    }
    return found
  }

  private enter(words: readonly (readonly number[])[]): void {
    let states = 1
    for (const [i, word] of words.entries()) {
      let state = 0
      for (const point of word) {
        const place = state * this.width + (this.columns.get(point) ?? 0)
        const next = this.table[place] || states++
        this.table[place] = next
        state = next
      }
      if (this.ending[state] === -1) this.ending[state] = i // a word given twice: the first
      this.sizes.push(word.length)
    }
  }

  /** Makes of the tree a machine that never goes back: where a state has no way on, it takes that of its longest ending. */
  private link(states: number): void {
    const { table, width } = this
    const back = new Int32Array(states)
    const queue: number[] = []
    for (let column = 0; column < width; column++) if (table[column]) queue.push(table[column] ?? 0)
    for (let i = 0; i < queue.length; i++) {
      const state = queue[i] ?? 0
      const behind = back[state] ?? 0
      this.shorter[state] = this.ending[behind] === -1 ? (this.shorter[behind] ?? 0) : behind
      for (let column = 0; column < width; column++) {
        const next = table[state * width + column] ?? 0
        const other = table[behind * width + column] ?? 0
        if (next === 0) table[state * width + column] = other
        else {
          back[next] = other
          queue.push(next)
        }
      }
    }
  }
}

function folded(point: number, { foldsCase }: WordRules): number {
  if (!foldsCase) return point
  if (point < 128) return point >= 65 && point <= 90 ? point + 32 : point
  const lower = String.fromCodePoint(point).toLowerCase()
  const first = lower.codePointAt(0) ?? point
  return String.fromCodePoint(first).length === lower.length ? first : point // what becomes two letters stays as it is
}

/** Of the letter that begins there; 1 for what is no UTF-8. */
function sizeAt(text: Uint8Array, at: number): number {
  const byte = text[at] ?? 0
  const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1
  for (let i = 1; i < size; i++) if (((text[at + i] ?? 0) & 0xc0) !== 0x80) return 1
  return size
}

function pointAt(text: Uint8Array, at: number, size: number): number {
  const byte = text[at] ?? 0
  if (size === 1) return byte < 128 ? byte : 0xfffd
  let point = byte & (0x7f >> size)
  for (let i = 1; i < size; i++) point = (point << 6) | ((text[at + i] ?? 0) & 0x3f)
  return point > 0x10ffff ? 0xfffd : point
}

const LETTER = /^[\p{L}\p{N}\p{M}_]$/u

function isWord(text: Uint8Array, at: number): boolean {
  const byte = text[at] ?? 0
  if (byte < 128) {
    return (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || byte === 95 || (byte >= 97 && byte <= 122)
  }
  return LETTER.test(String.fromCodePoint(pointAt(text, at, sizeAt(text, at))))
}

function wordBefore(text: Uint8Array, at: number): boolean {
  let before = at - 1
  while (before > 0 && before > at - 4 && ((text[before] ?? 0) & 0xc0) === 0x80) before--
  return before >= 0 && isWord(text, before)
}

function wordAfter(text: Uint8Array, at: number): boolean {
  return at < text.length && isWord(text, at)
}
