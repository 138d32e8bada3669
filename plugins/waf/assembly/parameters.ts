import { lowerAscii } from '@sluice/plugin-sdk/assembly'

/** The parameters of a header, `type; name=value; name="value"` (RFC 9110 section 5.6.6), in the order they came. */
@final
export class Parameters {
  /** In lower case. */
  readonly names: string[] = []
  /** Without quotes. */
  readonly values: string[] = []
  /** Nobody reads them in another way: no quotes in quotes, no single one in a bare value, nothing between a value and its ";". */
  isPlain: bool = true

  /** The value of the first parameter of this name; "" when there is none. */
  get(name: string): string {
    const index = this.names.indexOf(name)
    return index < 0 ? '' : this.values[index]
  }

  /** Reads the parameter behind the ";" before `at`. Returns the place of the ";" behind it, or the end. */
  take(text: string, at: i32): i32 {
    at = skipBlanks(text, at)
    let equals = at
    while (equals < text.length && text.charCodeAt(equals) != 0x3d && text.charCodeAt(equals) != 0x3b) equals++
    if (equals == text.length || text.charCodeAt(equals) == 0x3b) {
      if (equals > at) this.isPlain = false
      return equals
    }
    let stop = equals
    while (stop > at && isBlank(text.charCodeAt(stop - 1))) stop--
    if (stop < equals) this.isPlain = false
    this.names.push(lowerAscii(text.substring(at, stop)))
    const from = skipBlanks(text, equals + 1)
    return text.charCodeAt(from) == 0x22 ? this.takeQuoted(text, from + 1) : this.takeBare(text, from)
  }

  private takeQuoted(text: string, from: i32): i32 {
    let close = text.indexOf('"', from)
    let escapes = false
    // Only quotes are escaped: a "\" before anything else is a part of some old browser's path.
    while (close > 0 && text.charCodeAt(close - 1) == 0x5c) {
      escapes = true
      close = text.indexOf('"', close + 1)
    }
    if (escapes || close < 0) this.isPlain = false
    if (close < 0) close = text.length
    const value = text.substring(from, close)
    this.values.push(escapes ? value.replaceAll('\\"', '"') : value)
    const behind = skipBlanks(text, close + 1)
    if (behind < text.length && text.charCodeAt(behind) != 0x3b) this.isPlain = false
    return endOfParameter(text, behind)
  }

  private takeBare(text: string, from: i32): i32 {
    const stop = endOfParameter(text, from)
    const value = text.substring(from, stop).trim()
    // Some readers know 'this' as well, and find the ";" behind the second quote.
    if (isOdd(value, '"') || isOdd(value, "'")) this.isPlain = false
    this.values.push(value)
    return stop
  }
}

/** What comes behind the first ";" of a header. */
export function parametersOf(header: string): Parameters {
  const found = new Parameters()
  for (let at = endOfParameter(header, 0); at < header.length; ) at = found.take(header, at + 1)
  return found
}

function endOfParameter(text: string, from: i32): i32 {
  const at = text.indexOf(';', from)
  return at < 0 ? text.length : at
}

function isOdd(text: string, quote: string): bool {
  return (text.split(quote).length & 1) == 0
}

function skipBlanks(text: string, at: i32): i32 {
  while (at < text.length && isBlank(text.charCodeAt(at))) at++
  return at
}

function isBlank(unit: i32): bool {
  return unit == 0x20 || unit == 0x09
}
