import {
  Coding,
  ENDS,
  escapeSize,
  fold,
  isIgnorable,
  isMark,
  isWordPoint,
  ODD,
  pointAt,
  pointBefore,
  pointSize,
  readEscape,
  Room,
  SourceText,
  WordTable
} from '@sluice/plugin-sdk/assembly'
import { hit } from './hits'

/**
 * Finds all words in one pass, however many there are (Aho and Corasick), in the bytes of the body as they are. Where a word
 * holds an escape, something invisible, or a letter whose other case has another size, that pass gives up: `scanSlowly`
 * looks at the decoded text then.
 */
@final
export class Automaton {
  private readonly words: WordTable = new WordTable()
  private wholeWords: bool = true
  /** Where each visible point of the text at hand begins, for `scanSlowly`. */
  private readonly places: Room = new Room()
  /** The last character that is not one plain letter: where it ends, and what it is. */
  private oddEnd: usize = 0
  private oddPoint: u32 = 0

  get isEmpty(): bool {
    return this.words.count == 0
  }

  /** Takes the words in. Returns "" or what is wrong with them. */
  fill(words: string[], wholeWords: bool): string {
    this.wholeWords = wholeWords
    return this.words.fill(words)
  }

  /** Looks through the bytes from `start` to `end` of the body and reports words to `hit`. False: use `scanSlowly`. */
  scan(start: usize, end: usize, body: usize, coding: Coding): bool {
    const words = this.words
    const ascii = words.asciiKinds(coding)
    const table = words.table
    const pairs = words.pairs(coding)
    const lastStep = end - PASS_BYTES // not before `start`: what lies in front of a body is input too
    let state: usize = 0
    let at = start
    this.oddEnd = 0
    while (at < end) {
      if (state == 0) {
        while (at < lastStep && passable(pairs, at)) at += 4
      }
      const byte = <u32>load<u8>(at)
      let kind: u32
      let size: usize = 1
      if (byte < 0x80) {
        kind = <u32>load<u16>(ascii + (<usize>byte << 1))
      } else if (byte - 0xc2 < 30 && at + 1 < end && (load<u8>(at, 1) & 0xc0) == 0x80) {
        kind = words.kindOf(((byte & 0x1f) << 6) | (<u32>load<u8>(at, 1) & 0x3f))
        size = 2
      } else {
        kind = words.kindOf(pointAt(at, end))
        size = <usize>pointSize
      }
      if (kind == ODD) {
        if (!this.passesOdd(state, at, end, coding)) return false
        at = this.oddEnd
        state = 0
        continue
      }
      at += size
      const next = load<u32>(table + state + <usize>kind)
      state = <usize>(next & ~ENDS)
      if (next & ENDS && !this.report(state, start, at, end, body, coding)) return this.isDone
    }
    return true
  }

  /** As `scan`, for any text: passes over what shows nothing, folds letters of any size, knows where each came from. */
  scanSlowly(text: SourceText): void {
    this.places.reserve(text.size << 2)
    const words = this.words
    const places = this.places.start
    const end = text.start + <usize>text.size
    let state: usize = 0
    let count = 0
    for (let at = text.start; at < end; ) {
      const from = at
      let point = <u32>load<u8>(at++)
      if (point >= 0x80) {
        point = pointAt(from, end)
        at = from + <usize>pointSize
        if (isIgnorable(point)) continue
      }
      store<usize>(places + (<usize>count << 2), from)
      count++
      let kind = words.kindOf(point)
      if (kind == ODD) kind = words.kindOf(fold(point))
      const next = load<u32>(words.table + state + <usize>kind)
      state = <usize>(next & ~ENDS)
      if (next & ENDS && !this.reportIn(text, state, count, at, end)) return
    }
  }

  /** Whether the pass that just ended needs no other. */
  private isDone: bool = true

  /** Goes past an escape, or what has no class of its own, if no word can hold it; its end is then `oddEnd`. */
  private passesOdd(state: usize, at: usize, end: usize, coding: Coding): bool {
    let point: u32
    if (isMark(load<u8>(at), coding)) {
      point = readEscape(at, end, coding)
      if (coding == Coding.FORM && point >= 0x80) return false // one byte of several
      this.oddEnd = at + escapeSize
    } else {
      point = pointAt(at, end)
      this.oddEnd = at + <usize>pointSize
    }
    this.oddPoint = point
    if (isIgnorable(point)) return state == 0
    let kind = this.words.kindOf(point)
    if (kind == ODD) kind = this.words.kindOf(fold(point))
    return load<u32>(this.words.table + state + <usize>kind) == 0
  }

  /** Reports the words that end at `at`. False: look no further, as `isDone` says. */
  private report(state: usize, start: usize, at: usize, end: usize, body: usize, coding: Coding): bool {
    const words = this.words
    for (let word = words.endingIn(state); word >= 0; word = words.shorter(word)) {
      const from = at - <usize>words.sizeOf(word)
      if (this.wholeWords) {
        if (words.opensWord(word) && from > start) {
          const before = from == this.oddEnd ? this.oddPoint : pointBefore(start, from)
          if (isIgnorable(before)) return this.giveUp()
          if (isWordPoint(before)) continue
        }
        if (words.closesWord(word) && at < end) {
          const mark = isMark(load<u8>(at), coding)
          const after = mark ? readEscape(at, end, coding) : pointAt(at, end)
          if (isIgnorable(after) || (coding == Coding.FORM && mark && after >= 0x80)) return this.giveUp()
          if (isWordPoint(after)) continue
        }
      }
      if (!hit(words.ruleOf(word), <i32>(from - body), <i32>(at - body))) {
        this.isDone = true
        return false
      }
    }
    return true
  }

  private giveUp(): bool {
    this.isDone = false
    return false
  }

  /** Reports the words that end with visible point number `count` of `text`. */
  private reportIn(text: SourceText, state: usize, count: i32, at: usize, end: usize): bool {
    const words = this.words
    for (let word = words.endingIn(state); word >= 0; word = words.shorter(word)) {
      const first = count - words.lengthOf(word)
      if (this.wholeWords) {
        if (words.opensWord(word) && first > 0 && isWordPoint(pointAt(this.place(first - 1), end))) continue
        if (words.closesWord(word) && isWordPoint(nextVisible(at, end))) continue
      }
      const from = text.sourceOf(<i32>(this.place(first) - text.start))
      if (!hit(words.ruleOf(word), from, text.sourceOf(<i32>(at - text.start)))) return false
    }
    return true
  }

  private place(index: i32): usize {
    return load<usize>(this.places.start + (<usize>index << 2))
  }
}

/** How far `passable` looks. */
const PASS_BYTES: usize = 5

/** Whether a scan that stands at the start stands there again four bytes further on. */
@inline
function passable(pairs: usize, at: usize): bool {
  return (
    (load<u8>(pairs + <usize>load<u16>(at)) |
      load<u8>(pairs + <usize>load<u16>(at, 1)) |
      load<u8>(pairs + <usize>load<u16>(at, 2)) |
      load<u8>(pairs + <usize>load<u16>(at, 3))) ==
    0
  )
}

/** The first point from `at` on that shows something; a blank at the end. */
function nextVisible(at: usize, end: usize): u32 {
  while (at < end) {
    const point = pointAt(at, end)
    if (!isIgnorable(point)) return point
    at += <usize>pointSize
  }
  return 0x20
}
