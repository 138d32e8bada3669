/** What a piece of a GraphQL document is. */
export enum Token {
  END,
  /** Not GraphQL. */
  BAD,
  NAME,
  INT,
  FLOAT,
  STRING,
  /** "..." */
  SPREAD,
  /** One of ! $ & ( ) : = @ [ ] { | }: which one is in `sign`. */
  SIGN
}

/** The document at hand, what of it was read last, and where that is. */
export let text: string = ''
export let token: Token = Token.END
export let sign: i32 = 0
export let start: i32 = 0
export let end: i32 = 0

/** Begins a document: its first token is at hand then. */
export function beginDocument(document: string): void {
  text = document
  end = 0
  next()
}

/** Goes on to the next token (GraphQL, October 2021, section 2.1). */
export function next(): void {
  skipIgnored()
  start = end
  const unit = at(end)
  if (unit < 0) {
    token = Token.END
  } else if (isNameStart(unit)) {
    token = Token.NAME
    while (isNamePart(at(end))) end++
  } else if (isDigit(unit) || unit == 0x2d) {
    token = number()
  } else if (unit == 0x22) {
    token = at(end + 1) == 0x22 && at(end + 2) == 0x22 ? blockString() : plainString()
  } else if (unit == 0x2e) {
    token = at(end + 1) == 0x2e && at(end + 2) == 0x2e ? Token.SPREAD : Token.BAD
    end += 3
  } else {
    token = isSign(unit) ? Token.SIGN : Token.BAD
    sign = unit
    end++
  }
}

/** Whether the token at hand is the name `word`. */
export function isWord(word: string): bool {
  return token == Token.NAME && end - start == word.length && text.startsWith(word, start)
}

/** The token at hand as text. */
export function tokenText(): string {
  return text.substring(start, end)
}

/** Blanks, ends of lines, commas, comments and byte order marks mean nothing between tokens. */
function skipIgnored(): void {
  while (true) {
    const unit = at(end)
    if (unit == 0x23) {
      do end++
      while (at(end) >= 0 && at(end) != 0x0a && at(end) != 0x0d)
    } else if (unit == 0x20 || unit == 0x0a || unit == 0x2c || unit == 0x09 || unit == 0x0d || unit == 0xfeff) {
      end++
    } else return
  }
}

function number(): Token {
  if (at(end) == 0x2d) end++
  if (at(end) == 0x30) end++
  else if (!digits()) return Token.BAD
  let kind = Token.INT
  if (at(end) == 0x2e) {
    end++
    kind = Token.FLOAT
    if (!digits()) return Token.BAD
  }
  if ((at(end) | 0x20) == 0x65) {
    end++
    kind = Token.FLOAT
    if (at(end) == 0x2b || at(end) == 0x2d) end++
    if (!digits()) return Token.BAD
  }
  // "0xF", "01" and "1a" are no two tokens.
  return at(end) == 0x2e || isNamePart(at(end)) ? Token.BAD : kind
}

function digits(): bool {
  const from = end
  while (isDigit(at(end))) end++
  return end > from
}

function plainString(): Token {
  end++
  while (true) {
    const unit = at(end)
    if (unit < 0 || unit == 0x0a || unit == 0x0d || (unit < 0x20 && unit != 0x09)) return Token.BAD
    end++
    if (unit == 0x22) return Token.STRING
    if (unit == 0x5c && !escape()) return Token.BAD
  }
}

function escape(): bool {
  const letter = at(end)
  end++
  switch (letter) {
    case 0x22:
    case 0x5c:
    case 0x2f:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      return true
    case 0x75:
      return at(end) == 0x7b ? longEscape() : hexDigits(4)
    default:
      return false
  }
}

/** As in \u{1F600}, which later editions have. */
function longEscape(): bool {
  end++
  let count = 0
  while (isHex(at(end)) && count < 8) {
    end++
    count++
  }
  return count > 0 && at(end++) == 0x7d
}

function hexDigits(count: i32): bool {
  for (let i = 0; i < count; i++) if (!isHex(at(end++))) return false
  return true
}

function blockString(): Token {
  end += 3
  while (true) {
    const unit = at(end)
    if (unit < 0) return Token.BAD
    const closes = unit == 0x22 && at(end + 1) == 0x22 && at(end + 2) == 0x22
    if (closes) {
      end += 3
      return Token.STRING
    }
    // \""" does not end it; any other backslash is itself.
    const escapes = unit == 0x5c && at(end + 1) == 0x22 && at(end + 2) == 0x22 && at(end + 3) == 0x22
    end += escapes ? 4 : 1
  }
}

/** -1 behind the end. */
// @ts-ignore: decorator
@inline
function at(index: i32): i32 {
  return index < text.length ? <i32>load<u16>(changetype<usize>(text) + (<usize>index << 1)) : -1
}

function isNameStart(unit: i32): bool {
  const lower = unit | 0x20
  return (lower >= 0x61 && lower <= 0x7a && unit < 0x80) || unit == 0x5f
}

function isNamePart(unit: i32): bool {
  return unit >= 0 && (isNameStart(unit) || isDigit(unit))
}

function isDigit(unit: i32): bool {
  return unit >= 0x30 && unit <= 0x39
}

function isHex(unit: i32): bool {
  const lower = unit | 0x20
  return unit >= 0 && (isDigit(unit) || (lower >= 0x61 && lower <= 0x66 && unit < 0x80))
}

function isSign(unit: i32): bool {
  switch (unit) {
    case 0x21: // !
    case 0x24: // $
    case 0x26: // &
    case 0x28: // (
    case 0x29: // )
    case 0x3a: // :
    case 0x3d: // =
    case 0x40: // @
    case 0x5b: // [
    case 0x5d: // ]
    case 0x7b: // {
    case 0x7c: // |
    case 0x7d: // }
      return true
    default:
      return false
  }
}
