import { Room } from '../room'
import { GAP, letterOf, NOTHING, scriptOf } from './letters'
import { note, Sign } from './signs'

/** A text as its words: letters only, one blank between words. What it hides on the way is noted. */

const MANY_INVISIBLE: i32 = 8
const TAGS: u32 = 0xe0000

const points = new Room()
const hidden = new Room()

/** How many points the words have, and the hidden text. */
export let plainSize: i32 = 0
export let hiddenSize: i32 = 0
/** Whether some letter is not one of the Latin alphabet. */
export let hasOthers: bool = false

export function plainStart(): usize {
  return points.start
}

/** What was written in tag characters: code points of ASCII. */
export function hiddenStart(): usize {
  return hidden.start
}

let wordFrom: i32 = 0
let wordScripts: u32 = 0
let mixedWords: i32 = 0
let hasDigit: bool = false
let hasLetter: bool = false
/** Words of one letter in a row, with single gaps: "i g n o r e". */
let singles: i32 = 0
let singlesFrom: i32 = 0

/** Makes words of `text`. */
export function makePlain(text: string): void {
  points.reserve((text.length + 2) << 2)
  plainSize = 0
  hiddenSize = 0
  hasOthers = false
  mixedWords = 0
  singles = 0
  let invisible = 0
  let selectors = 0
  let gap = 0
  let flag = false
  beginWord()
  for (let i = 0; i < text.length; i++) {
    let point = <u32>load<u16>(changetype<usize>(text) + (<usize>i << 1))
    const lower = point | 0x20
    if (lower - 0x61 < 26 && point < 0x80) {
      // The usual case, without the rest of the way.
      if (gap > 0) {
        if (plainSize > 0) openGap(gap)
        gap = 0
      }
      hasLetter = true
      flag = false
      wordScripts |= 1
      put(lower)
      continue
    }
    if (point >= 0xd800 && point < 0xdc00 && i + 1 < text.length) point = <u32>text.codePointAt(i++)
    let letter = letterOf(point)
    if (letter == NOTHING) {
      if (point >= TAGS && point < TAGS + 0x80) {
        if (!flag) hide(point - TAGS)
      } else if (point >= 0xe0100 && point <= 0xe01ef) selectors++
      else if (isSuspicious(point)) invisible++
      if (point == 0x202e || point == 0x202d) note(Sign.INVISIBLE, 2)
      continue
    }
    flag = point == 0x1f3f4 // the black flag, which tags make the flag of a region
    if (letter == GAP && isInside(text, i)) letter = point == 0x40 ? 0x61 : point == 0x24 ? 0x73 : GAP
    if (letter == GAP) {
      endWord()
      gap++
      continue
    }
    if (gap > 0 && plainSize > 0) openGap(gap)
    gap = 0
    if (letter >= 0x80) hasOthers = true
    if (letter - 0x30 < 10) hasDigit = true
    else hasLetter = true
    wordScripts |= scriptOf(point)
    put(letter)
  }
  endWord()
  joinSingles()
  if (invisible >= MANY_INVISIBLE) note(Sign.INVISIBLE, 2)
  if (selectors >= MANY_INVISIBLE) note(Sign.INVISIBLE, 4)
  if (hiddenSize >= MANY_INVISIBLE) note(Sign.INVISIBLE, 5)
  if (mixedWords >= 2) note(Sign.HOMOGLYPH, 2)
}

// @ts-ignore: decorator
@inline
function put(letter: u32): void {
  store<u32>(points.start + (<usize>plainSize << 2), letter)
  plainSize++
}

function beginWord(): void {
  wordFrom = plainSize
  wordScripts = 0
  hasDigit = false
  hasLetter = false
}

function endWord(): void {
  const size = plainSize - wordFrom
  if (size == 0) return
  if (wordScripts == 3) mixedWords++
  if (hasDigit && hasLetter) unleet(wordFrom, plainSize)
  if (size == 1) {
    if (singles == 0) singlesFrom = wordFrom
    singles++
  } else {
    joinSingles()
  }
  beginWord()
}

/** A gap of several signs ends a row of single letters. */
function openGap(gap: i32): void {
  if (gap > 1) joinSingles()
  put(GAP)
  beginWord()
}

/** Four single letters or more in a row are one word. */
function joinSingles(): void {
  const count = singles
  singles = 0
  if (count < 4) return
  const start = points.start
  // The last word may already have begun behind them.
  let from = singlesFrom
  let to = singlesFrom
  for (let i = 0; i < count; i++, from += 2, to++) store<u32>(start + (<usize>to << 2), load<u32>(start + (<usize>from << 2)))
  from--
  if (from < plainSize) memory.copy(start + (<usize>to << 2), start + (<usize>from << 2), <usize>(plainSize - from) << 2)
  const less = from - to
  plainSize -= less
  wordFrom = max(0, wordFrom - less)
}

/** 1gn0r3: digits that stand for letters. */
function unleet(from: i32, to: i32): void {
  for (let i = from; i < to; i++) {
    const place = points.start + (<usize>i << 2)
    switch (load<u32>(place)) {
      case 0x30:
        store<u32>(place, 0x6f)
        break
      case 0x31:
        store<u32>(place, 0x69)
        break
      case 0x33:
        store<u32>(place, 0x65)
        break
      case 0x34:
        store<u32>(place, 0x61)
        break
      case 0x35:
        store<u32>(place, 0x73)
        break
      case 0x37:
        store<u32>(place, 0x74)
    }
  }
}

/** Whether a letter stands on both sides: p@st, in$tructions. */
function isInside(text: string, i: i32): bool {
  const unit = text.charCodeAt(i)
  if (unit != 0x40 && unit != 0x24) return false
  return i > 0 && i + 1 < text.length && isLetter(text.charCodeAt(i - 1)) && isLetter(text.charCodeAt(i + 1))
}

function isLetter(unit: i32): bool {
  return <u32>(unit | 0x20) - 0x61 < 26
}

/** Characters that show nothing and that no script needs: joiners and soft hyphens have their use, and so have emoji's selectors. */
function isSuspicious(point: u32): bool {
  return point == 0x200b || point == 0x2060 || (point >= 0x2061 && point <= 0x2064) || point == 0xfeff || point == 0x180e || point == 0x3164
}

function hide(value: u32): void {
  hidden.reserve((hiddenSize + 1) << 2)
  store<u32>(hidden.start + (<usize>hiddenSize << 2), value)
  hiddenSize++
}
