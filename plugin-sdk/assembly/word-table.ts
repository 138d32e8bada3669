import { Classes, NONE, ODD } from './classes'
import { Coding, isMark } from './escapes'
import { fold, isIgnorable, isWordPoint, pointsOf, utf8Size } from './points'

/** Set in a transition into a state in which some word ends. */
export const ENDS: u32 = 0x80000000

const MAX_TABLE_BYTES: u64 = 32 << 20
const ASCII_BYTES: usize = 256
const PAIRS: usize = 1 << 16

/**
 * The words as a table of transitions. The alphabet is the letters of the words themselves, so that it is small and stays
 * in the processor's caches. States are offsets of rows in bytes, and kinds of letters offsets in a row.
 */
@final
export class WordTable {
  /** A u32 for each state and kind: the state that follows. */
  table: usize = 0
  private readonly classes: Classes = new Classes()
  /** For each coding, the kind of each ASCII byte; ODD where an escape may begin. */
  private readonly ascii: usize = heap.alloc(ASCII_BYTES * 3)
  /** For each coding, made when it is first asked for: what `pairs` says of each two bytes. */
  private readonly pairTables: StaticArray<usize> = new StaticArray<usize>(3)
  private rowBytes: u32 = 0
  private states: u32 = 1
  /** By state: the longest word that ends there; -1 for none. */
  private ending: StaticArray<i32> = new StaticArray<i32>(0)
  private readonly folded: u32[][] = []
  private readonly rules: i32[] = []
  private readonly sizes: i32[] = []
  private readonly opens: bool[] = []
  private readonly closes: bool[] = []
  /** By word: the next shorter one that ends where it ends; -1 for none. */
  private readonly suffixes: i32[] = []

  get count(): i32 {
    return this.folded.length
  }

  /**
   * Takes the words in. Returns "" or what is wrong with them. With `folded`, texts are folded before their points are
   * looked up: other forms of letters then get no kind of their own, which takes much less time.
   */
  fill(words: string[], folded: bool = false): string {
    let length = 1
    for (let i = 0; i < words.length; i++) {
      const points = plainPoints(words[i])
      if (points.length == 0) return 'words[' + i.toString() + '] has no visible character'
      length += points.length
      this.take(points, i)
    }
    const width = this.classes.count
    const bytes = <u64>length * <u64>width * 4
    if (width > 16000 || bytes > MAX_TABLE_BYTES) {
      return 'the words have ' + length.toString() + ' letters of ' + width.toString() + ' kinds: too many together'
    }
    if (!folded) this.classes.spread()
    for (let coding = Coding.PLAIN; coding <= Coding.FORM; coding++) this.fillAscii(coding)
    this.rowBytes = width << 2
    this.build(length, width)
    return ''
  }

  @inline
  kindOf(point: u32): u32 {
    return this.classes.of(point)
  }

  asciiKinds(coding: Coding): usize {
    return this.ascii + <usize>coding * ASCII_BYTES
  }

  /**
   * A byte for each two bytes, little-endian: 0 when a scan that stands at the start, before the first of them, stands there
   * again after it. Most of a text is passed over by this alone, and no such step waits for the one before.
   */
  pairs(coding: Coding): usize {
    const made = unchecked(this.pairTables[coding])
    return made != 0 ? made : (this.pairTables[coding] = this.fillPairs(coding))
  }

  /** The longest word that ends in a state; -1 for none. */
  endingIn(state: usize): i32 {
    return unchecked(this.ending[<i32>(<u32>state / this.rowBytes)])
  }

  shorter(word: i32): i32 {
    return unchecked(this.suffixes[word])
  }

  ruleOf(word: i32): i32 {
    return unchecked(this.rules[word])
  }

  /** Bytes of the word, folded. */
  sizeOf(word: i32): i32 {
    return unchecked(this.sizes[word])
  }

  /** Code points of the word. */
  lengthOf(word: i32): i32 {
    return unchecked(this.folded[word]).length
  }

  /** Whether a letter before the word would make it another word. */
  opensWord(word: i32): bool {
    return unchecked(this.opens[word])
  }

  closesWord(word: i32): bool {
    return unchecked(this.closes[word])
  }

  private take(points: u32[], rule: i32): void {
    let size = 0
    for (let i = 0; i < points.length; i++) {
      this.classes.claim(points[i])
      size += utf8Size(points[i])
    }
    this.folded.push(points)
    this.rules.push(rule)
    this.sizes.push(size)
    this.opens.push(isWordPoint(points[0]))
    this.closes.push(isWordPoint(points[points.length - 1]))
    this.suffixes.push(-1)
  }

  private fillAscii(coding: Coding): void {
    const kinds = this.asciiKinds(coding)
    for (let byte: u32 = 0; byte < 128; byte++) {
      store<u16>(kinds + (<usize>byte << 1), <u16>(isMark(byte, coding) ? ODD : this.classes.of(byte)))
    }
  }

  private fillPairs(coding: Coding): usize {
    const pairs = heap.alloc(PAIRS)
    memory.fill(pairs, 1, PAIRS)
    const kinds = this.asciiKinds(coding)
    for (let first: usize = 0; first < 128; first++) {
      const kind = <u32>load<u16>(kinds + (first << 1))
      if (kind == ODD) continue
      const state = load<u32>(this.table + <usize>kind)
      for (let second: usize = 0; second < 256; second++) {
        if (state == 0 || this.fallsBack(state, second, kinds)) store<u8>(pairs + (second << 8 | first), 0)
      }
    }
    return pairs
  }

  /** Whether `byte` leads from a state to where it leads from the start. */
  private fallsBack(state: u32, byte: usize, kinds: usize): bool {
    if (state & ENDS || byte >= 128) return false
    const kind = <usize>load<u16>(kinds + (byte << 1))
    return kind != ODD && load<u32>(this.table + <usize>state + kind) == load<u32>(this.table + kind)
  }

  /** The tree of all words, then, level by level, where each branch goes on when its word breaks off. */
  private build(states: i32, width: u32): void {
    const bytes = <usize>states * <usize>this.rowBytes
    this.table = heap.alloc(bytes)
    memory.fill(this.table, 0, bytes)
    this.ending = new StaticArray<i32>(states).fill(-1)
    for (let word = 0; word < this.folded.length; word++) this.grow(word)
    const back = new StaticArray<u32>(states)
    const queue = new StaticArray<u32>(states)
    let tail = 0
    for (let kind: u32 = 1; kind < width; kind++) {
      const child = this.next(0, kind)
      if (child != 0) queue[tail++] = child
    }
    for (let head = 0; head < tail; head++) {
      const state = queue[head]
      const behind = back[state]
      const word = this.ending[state]
      if (word >= 0) this.suffixes[word] = this.ending[behind]
      else this.ending[state] = this.ending[behind]
      for (let kind: u32 = 1; kind < width; kind++) {
        const child = this.next(state, kind)
        if (child == 0) {
          this.link(state, kind, this.next(behind, kind))
          continue
        }
        back[child] = this.next(behind, kind)
        queue[tail++] = child
      }
    }
    this.mark(width)
  }

  private grow(word: i32): void {
    const points = this.folded[word]
    let state: u32 = 0
    for (let i = 0; i < points.length; i++) {
      const kind = this.classes.of(points[i]) >> 2
      let child = this.next(state, kind)
      if (child == 0) {
        child = this.states++
        this.link(state, kind, child)
      }
      state = child
    }
    // Of two words that are the same but for case, the first one names the rule.
    if (this.ending[state] < 0) this.ending[state] = word
  }

  /** Makes the numbers of states into offsets, with a mark on those in which a word ends. */
  private mark(width: u32): void {
    const cells = this.states * width
    for (let i: u32 = 0; i < cells; i++) {
      const place = this.table + (<usize>i << 2)
      const state = load<u32>(place)
      store<u32>(place, state * this.rowBytes | (this.ending[state] >= 0 ? ENDS : 0))
    }
  }

  private next(state: u32, kind: u32): u32 {
    return load<u32>(this.table + <usize>(state * this.rowBytes) + (<usize>kind << 2))
  }

  private link(state: u32, kind: u32, to: u32): void {
    store<u32>(this.table + <usize>(state * this.rowBytes) + (<usize>kind << 2), to)
  }
}

/** The word as it is compared: folded, without what shows nothing. */
function plainPoints(word: string): u32[] {
  const points = pointsOf(word)
  const plain: u32[] = []
  for (let i = 0; i < points.length; i++) if (!isIgnorable(points[i])) plain.push(fold(points[i]))
  return plain
}
