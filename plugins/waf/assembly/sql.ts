import { hit, Rule } from './rules'
import { back, byteAt, end, isAt, isBlank, isDigit, isLetter, isNear, isQuote, isWord, oneOf, skip, start, wordEnd } from './text'
import { WordSet } from './word-set'

/** SQL: what it takes for a value to become part of a statement. Each check looks at one place and a little around it. */

const NEAR: usize = 160
const COMPARE_WORDS = 'like rlike regexp in between is glob similar div'
const FUNCTIONS = new WordSet(
  'sleep benchmark pg_sleep extractvalue updatexml exp ascii substring substr mid length char_length ord hex if ifnull exists ' +
  'select case load_file user database version count randomblob row elt make_set gtid_subset polygon geometrycollection json_keys ' +
  'json_extract json_length json_depth json_type json_valid json_value json_contains json_unquote json_array json_object jsonb_typeof'
)
const COLUMNS = new WordSet('null char concat concat_ws version user database group_concat load_file table_name column_name schema_name all distinct top')

/** "and", "or", "having", "||" from `from` to `to`: a condition that is always (or never) true, or calls a function. */
export function checkLogic(from: usize, to: usize): void {
  const before = back(from)
  const left = byteAt(before)
  const quoted = isQuote(left) || left == 0x29
  if (!quoted && !isNumber(before)) return
  let at = skipSigns(skip(to))
  while (isAt(at, 'not ')) at = skipSigns(at + 4)
  const negated = byteAt(at - 1) == 0x21
  const named = FUNCTIONS.endAt(at)
  if (named != 0) {
    const call = skip(named)
    if (byteAt(call) == 0x28 || isSelect(at)) hit(Rule.SQL_CALL)
  }
  const literal = at
  const first = operand(at)
  if (first == 0) return
  const firstIsConstant = isConstant
  at = skip(first)
  while (byteAt(at) == 0x29 && byteAt(literal - 1) == 0x28) at = skip(at + 1) // or (1)=(1)
  const compared = comparison(at)
  if (compared == 0) {
    // 1 or !0
    if (negated && isDigit(byteAt(literal))) hit(Rule.SQL_TAUTOLOGY)
    // ' or 1--, ' or '1
    if (firstIsConstant && (endsInComment(at) || (isQuote(left) && endsInQuote(at)) || (isOpen && closesBoth(before, literal)))) hit(Rule.SQL_TAUTOLOGY)
    return
  }
  const equal = byteAt(at) == 0x3d || isLetter(byteAt(at))
  at = skipSigns(compared)
  if (isAt(at, 'select')) hit(Rule.SQL_CALL)
  if (operand(at) == 0) return
  if (firstIsConstant && isConstant && (quoted || equal)) hit(Rule.SQL_TAUTOLOGY)
  else if (isQuote(left) && (isOpen || isNear(at, '--', NEAR) || isNear(at, '#', NEAR))) hit(Rule.SQL_TAUTOLOGY)
}

/** "union" that ends at `to`. */
export function checkUnion(from: usize, to: usize): void {
  let at = skip(to)
  const all = oneOf(at, 'all distinct distinctrow')
  if (all != 0) at = skip(all)
  while (byteAt(at) == 0x28) at = skip(at + 1)
  const before = back(from)
  const left = byteAt(before)
  const injected = isQuote(left) || left == 0x29 || isNumber(before)
  // union values row(1,2)
  if (injected && isAt(at, 'values') && isRow(skip(at + 6))) return hit(Rule.SQL_UNION)
  if (!isAt(at, 'select')) return
  at = skip(at + 6)
  if (isColumnList(at) || byteAt(at) == 0x60) return hit(Rule.SQL_UNION)
  const next = skip(wordEnd(at))
  const listed = byteAt(next) == 0x2c || isAt(next, 'from ')
  if (listed && (injected || before < start) && isNear(next, 'from ', NEAR)) hit(Rule.SQL_UNION)
}

/** A quote at `at`, followed by the comment that cuts off the rest of the statement. */
export function checkQuote(at: usize): void {
  let next = skip(at + 1)
  while (byteAt(next) == 0x29 || byteAt(next) == 0x3b) next = skip(next + 1)
  if (byteAt(next) != 0x2d && byteAt(next) != 0x23 && byteAt(next) != 0x2f) return
  if (isCommentToEnd(next) && isUnbalanced(load<u8>(at))) hit(Rule.SQL_COMMENT)
}

/** ";" at `at`, followed by another statement. */
export function checkSemicolon(at: usize): void {
  const next = skip(at + 1)
  if (!isStatement(next)) return
  const before = back(at)
  const left = byteAt(before)
  hit(isQuote(left) || left == 0x29 || isNumber(before) ? Rule.SQL_STACKED : Rule.SQL_BATCH)
}

/** "select" from `from` to `to`. */
export function checkSelect(from: usize, to: usize): void {
  if (isNear(to, ' from ', NEAR)) hit(Rule.SQL_STATEMENT)
  // (select …) where a value was expected
  const before = back(from)
  if (byteAt(before) == 0x28 && isColumnList(skip(to)) && isNear(to, ' from ', NEAR)) {
    const outer = byteAt(back(before))
    if (outer == 0x3d || outer == 0x2c || isQuote(outer) || before == start) hit(Rule.SQL_CALL)
  }
}

export function checkVerb(from: usize): void {
  if (isStatement(from)) hit(Rule.SQL_STATEMENT)
}

/** A name of a database from `from` to `to`. */
export function checkName(from: usize, to: usize): void {
  hit(Rule.SQL_NAME)
  if (isAt(from, 'waitfor')) {
    const at = skip(to)
    if ((isAt(at, 'delay') || isAt(at, 'time')) && isQuote(byteAt(skip(wordEnd(at))))) hit(Rule.SQL_CALL)
    return
  }
  let next = byteAt(skip(to))
  if (next == 0x2e && isWord(byteAt(to + 1)) && byteAt(wordEnd(to + 1)) == 0x28) next = 0x28 // utl_http.request(
  if (next == 0x28 && isArgumentPlace(from)) hit(Rule.SQL_CALL)
  else if (next == 0x2e && isNear(start, 'select', 4096) && isNear(start, 'from', 4096) && from - start < 400) hit(Rule.SQL_CALL)
}

/** sleep(5), benchmark(…) where an expression may stand. */
export function checkWait(from: usize, to: usize): void {
  const open = skip(to)
  if (byteAt(open) != 0x28 || !isDigit(byteAt(skip(open + 1))) || !isArgumentPlace(from)) return
  let at = skip(open + 1)
  while (isWord(byteAt(at)) || byteAt(at) == 0x2e || byteAt(at) == 0x2a) at++
  at = skip(at)
  if (byteAt(at) == 0x29 || byteAt(at) == 0x2c || at >= end) hit(Rule.SQL_CALL)
}

export function checkIntoFile(from: usize, to: usize): void {
  const before = back(from)
  if (before > start + 3 && isAt(before - 3, 'into') && isQuote(byteAt(skip(to)))) hit(Rule.SQL_CALL)
}

export function checkFunction(to: usize): void {
  if (byteAt(skip(to)) == 0x28) hit(Rule.SQL_FUNCTION)
}

/** 1' order by 5, group by x having */
export function checkOrder(from: usize, to: usize): void {
  const before = back(from)
  const left = byteAt(before)
  if (!isQuote(left) && left != 0x29 && !isNumber(before)) return
  const at = skip(to)
  if (isAt(at, 'by ') || isAt(at, 'analyse')) hit(Rule.SQL_ORDER)
}

/** A comment that hides a word: union/**\/select, and MySQL's, which is no comment. */
export function checkComment(at: usize): void {
  if (byteAt(at + 2) == 0x21 && (isDigit(byteAt(at + 3)) || isLetter(byteAt(at + 3)))) return hit(Rule.SQL_HIDDEN)
  if (at > start && isWord(byteAt(at - 1)) && byteAt(at + 2) == 0x2a && byteAt(at + 3) == 0x2f && isWord(byteAt(at + 4))) {
    hit(Rule.SQL_HIDDEN)
  }
}

/** What only the whole value tells: '=' and its kin, and a quote that is not closed before a comment at the end. */
export function checkWhole(): void {
  if (end - start < 3) return
  if (load<u8>(end - 1) == 0x2d || load<u8>(end - 1) == 0x2b) {
    let at = end
    while (at > start && (byteAt(at - 1) == 0x2d || byteAt(at - 1) == 0x2b || isBlank(byteAt(at - 1)))) at--
    if (isAt(at, ' ')) at++
    if (isAt(at, '--') && (isUnbalanced(0x27) || isUnbalanced(0x22))) hit(Rule.SQL_COMMENT)
  }
  if (end - start > 24 || !isQuote(load<u8>(start)) || byteAt(skip(start + 1)) != 0x3d) return
  for (let at = start; at < end; at++) if (isLetter(load<u8>(at))) return
  hit(Rule.SQL_TAUTOLOGY)
}

/** A short value with a quote that has no other. */
export function checkLoneQuote(): void {
  if (end - start <= 64 && (isUnbalanced(0x27) || isUnbalanced(0x22))) hit(Rule.SQL_QUOTE)
}

/** The end of a number, quoted text or name at `at`; 0 when there is none. */
function operand(at: usize): usize {
  const byte = byteAt(at)
  isConstant = true
  isOpen = false
  if (isDigit(byte) || (byte == 0x2e && isDigit(byteAt(at + 1)))) {
    while (isWord(byteAt(at)) || byteAt(at) == 0x2e) at++
    return at
  }
  if (isQuote(byte)) {
    const limit = min(end, at + 65)
    let stop = at + 1
    while (stop < limit && <u32>load<u8>(stop) != byte) stop++
    if (stop == end) {
      isOpen = true
      return end
    }
    return stop < limit ? stop + 1 : 0
  }
  const known = oneOf(at, 'true false null')
  if (known != 0) return known
  isConstant = false
  if (byte == 0x40 || isLetter(byte) || byte == 0x5f) {
    while (isWord(byteAt(at)) || byteAt(at) == 0x2e || byteAt(at) == 0x40) at++
    return at
  }
  return 0
}

/** Of the operand that was read last: whether it is no name, and whether it is a text without its end. */
let isConstant: bool = false
let isOpen: bool = false

/** The end of "=", "<>", "like" … at `at`; 0 when there is none. */
function comparison(at: usize): usize {
  const from = at
  while (byteAt(at) == 0x3d || byteAt(at) == 0x3c || byteAt(at) == 0x3e || (byteAt(at) == 0x21 && byteAt(at + 1) == 0x3d)) at++
  if (at > from) return at - from <= 3 ? at : 0
  const word = oneOf(at, 'not') != 0 ? skip(at + 3) : at
  return oneOf(word, COMPARE_WORDS)
}

function isRow(at: usize): bool {
  return byteAt(at) == 0x28 || isAt(at, 'row(')
}

/** Behind signs that stand before an operand. */
function skipSigns(at: usize): usize {
  while (true) {
    const byte = byteAt(at)
    if (byte != 0x28 && byte != 0x21 && byte != 0x7e && byte != 0x2d && byte != 0x2b && !isBlank(byte)) return at
    at++
  }
}

/** Whether a number ends at `at` that no letter touches: 1, 1.5, 1e0. */
function isNumber(at: usize): bool {
  if (!isDigit(byteAt(at))) return false
  at = beforeDigits(at)
  if (byteAt(at) == 0x65 && isDigit(byteAt(at - 1))) at = beforeDigits(at - 1)
  return at < start || !isWord(byteAt(at))
}

function beforeDigits(at: usize): usize {
  while (at >= start && isDigit(byteAt(at))) at--
  return at
}

function isSelect(at: usize): bool {
  return isAt(at, 'select') && (isColumnList(skip(at + 6)) || isNear(at, ' from ', NEAR))
}

/** What only a statement has behind "select". */
function isColumnList(at: usize): bool {
  const byte = byteAt(at)
  if (isDigit(byte) || byte == 0x27 || byte == 0x22 || byte == 0x28 || byte == 0x2a || byte == 0x40) return true
  if (byte == 0x2d || byte == 0x7e || byte == 0x2b) return isWord(byteAt(at + 1))
  const word = COLUMNS.endAt(at)
  return word != 0 && !isLetter(byteAt(skip(word)))
}

/** Whether a statement begins at `at`, told by its first two words or three. */
function isStatement(at: usize): bool {
  const next = skip(wordEnd(at))
  if (isAt(at, 'drop ') || isAt(at, 'alter ') || isAt(at, 'create ') || isAt(at, 'truncate ')) {
    return oneOf(next, 'table database schema view index user function procedure trigger login role') != 0 && isWord(byteAt(skip(wordEnd(next))))
  }
  if (isAt(at, 'insert ') || isAt(at, 'merge ')) {
    return isAt(next, 'into ') && (isNear(next, 'values', NEAR) || isNear(next, 'select', NEAR) || isNear(next, '(', NEAR))
  }
  if (isAt(at, 'delete ')) return isAt(next, 'from ') && (isNear(next, ' where ', NEAR) || endsSoon(skip(wordEnd(skip(next + 5)))))
  if (isAt(at, 'update ')) {
    const set = skip(wordEnd(next))
    return isAt(set, 'set ') && byteAt(skip(wordEnd(skip(set + 4)))) == 0x3d
  }
  if (isAt(at, 'select ')) return isColumnList(next)
  if (isAt(at, 'exec')) return isAt(next, 'xp_') || isAt(next, 'sp_') || isAt(next, 'master') || byteAt(next) == 0x28 || byteAt(next) == 0x40
  if (isAt(at, 'declare ')) return byteAt(next) == 0x40
  if (isAt(at, 'grant ')) return isNear(next, ' on ', NEAR) && isNear(next, ' to ', NEAR)
  if (isAt(at, 'waitfor ')) return isAt(next, 'delay') || isAt(next, 'time')
  return isAt(at, 'shutdown') && endsSoon(next)
}

function endsSoon(at: usize): bool {
  return at >= end || byteAt(at) == 0x3b || isCommentToEnd(at)
}

/** Whether a call at `from` stands where an expression may: not in prose, and no method of something. */
function isArgumentPlace(from: usize): bool {
  const before = back(from)
  if (before < start) return true
  const left = byteAt(before)
  if (isQuote(left) || left == 0x28 || left == 0x2c || left == 0x3d || left == 0x2b || left == 0x2d || left == 0x7c || left == 0x3b) return true
  let word = before
  while (word > start && isLetter(byteAt(word - 1))) word--
  return oneOf(word, 'and or xor select by then else when in like div rlike not where having') != 0
}

/** "--" or "#" with nothing behind it, or a comment that is not closed. */
function isCommentToEnd(at: usize): bool {
  if (byteAt(at) == 0x2f) return byteAt(at + 1) == 0x2a && at + 2 > lastCommentEnd()
  if (byteAt(at) == 0x2d) {
    if (byteAt(at + 1) != 0x2d) return false
    at += 2
  } else if (byteAt(at) == 0x23) {
    at++
  } else {
    return false
  }
  while (at < end && (isBlank(byteAt(at)) || byteAt(at) == 0x2d || byteAt(at) == 0x2b || byteAt(at) == 0x3b || byteAt(at) == 0x23)) at++
  return at >= end
}

/** ' or ''-' */
function endsInQuote(at: usize): bool {
  if (at < end && !isQuote(load<u8>(at)) && !isWord(load<u8>(at))) at = skip(at + 1)
  return at + 1 == end && isQuote(load<u8>(at))
}

/**
 * ' or '1, '=''or': with the quotes that the statement has around the value, the texts at both its ends are closed. The quote before
 * the "or", at `before`, ends one when an odd number of them is there; in prose, "rock 'n' or 'roll", it is even.
 */
function closesBoth(before: usize, literal: usize): bool {
  const quote = byteAt(literal)
  while (byteAt(before) == 0x29) before = back(before)
  if (quote == 0x60 || byteAt(before) != quote) return false
  let stop = end
  while (isBlank(byteAt(stop - 1))) stop--
  if (stop == literal + 1 && byteAt(before - 1) != quote) return false
  for (let at = literal + 1; at < stop; at++) {
    const byte = byteAt(at)
    if (!isWord(byte) && byte != 0x2e && byte != 0x2d && byte != 0x2b) return false
  }
  let odd = true
  for (let at = start; at < before; at++) if (byteAt(at) == quote && !isApostrophe(at)) odd = !odd
  return odd
}

function endsInComment(at: usize): bool {
  while (byteAt(at) == 0x29 || byteAt(at) == 0x3b) at = skip(at + 1)
  return at < end && isCommentToEnd(at)
}

/** What is found out once for a text: whether its quotes are in pairs, and where its last comment ends. */
let known: usize = 0
let oddSingle: bool = false
let oddDouble: bool = false
let commentEnd: usize = 0

/** Begins a text. */
export function beginSql(): void {
  known = 0
}

function lastCommentEnd(): usize {
  learn()
  return commentEnd
}

function isUnbalanced(quote: u8): bool {
  learn()
  return quote == 0x27 ? oddSingle : oddDouble
}

function learn(): void {
  if (known == start) return
  known = start
  oddSingle = isOdd(0x27)
  oddDouble = isOdd(0x22)
  commentEnd = 0
  for (let at = start; at + 1 < end; at++) if (load<u16>(at) == 0x2f2a) commentEnd = at
}

/** Whether the text has an odd number of this quote, apostrophes between letters aside. */
function isOdd(quote: u8): bool {
  let odd = false
  for (let at = start; at < end; at++) {
    if (load<u8>(at) != quote) continue
    if (!isApostrophe(at)) odd = !odd
  }
  return odd
}

/** it's, O'Brien */
function isApostrophe(at: usize): bool {
  return load<u8>(at) == 0x27 && isLetter(byteAt(at - 1)) && isLetter(byteAt(at + 1))
}
