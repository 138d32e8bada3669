import { Json, JsonKind, MAX_DEPTH } from './json'
import { endOfEscape, endOfNumber, skipBlanks } from './json-lexer'
import { SpareValues } from './json-scratch'
import { isText, unescaped } from './json-text'
import { utf8Decode } from './utf8'

const LOW: u64 = 0x0101010101010101
const HIGH: u64 = 0x8080808080808080

/** Whether none of eight bytes is a quote, a backslash, a control character or above ASCII. */
// @ts-ignore: decorator
@inline
function plain(eight: u64): bool {
  const quotes = eight ^ (LOW * 0x22)
  const slashes = eight ^ (LOW * 0x5c)
  // Where no byte is above ASCII, a borrow out of a byte shows in its top bit.
  return ((eight | (eight - LOW * 0x20) | (quotes - LOW) | (slashes - LOW)) & HIGH) == 0
}

/**
 * Keys of the last documents, by the place of their values: the next document mostly has the same, and a text that is there need not be
 * made. Only short ones in ASCII and without an escape, so that their bytes are their text.
 */
const lastKeys: StaticArray<string> = new StaticArray<string>(64).fill('')
const MAX_KEY: i32 = 32

function keyText(at: usize, size: i32, place: i32): string {
  const slot = place & 63
  const last = unchecked(lastKeys[slot])
  if (isText(last, at, size)) return last
  const text = utf8Decode(at, size)
  unchecked((lastKeys[slot] = text))
  return text
}

/** Reads one document. `failed` ends the reading; the values made until then are dropped. */
@final
export class JsonParser {
  private at: usize
  private readonly end: usize
  private failed: bool = false
  private nodes: i32 = 0
  // Set by skipString(): what it went over.
  private from: usize = 0
  private size: i32 = 0
  private ascii: bool = false
  private escaped: bool = false

  /** @param spare - where the values are taken from; null: new ones are made */
  constructor(
    private readonly source: ArrayBuffer,
    size: i32,
    private readonly maxNodes: i32,
    private readonly spare: SpareValues | null = null
  ) {
    this.at = changetype<usize>(source)
    this.end = this.at + <usize>size
  }

  document(): Json | null {
    // A byte order mark is no part of the text (RFC 8259 section 8.1 allows to ignore it).
    if (this.end - this.at >= 3 && (load<u32>(this.at) & 0xffffff) == 0xbfbbef) this.at += 3
    const value = this.value(0)
    this.blanks()
    return this.failed || this.at < this.end ? null : value
  }

  private value(depth: i32): Json {
    this.blanks()
    if (++this.nodes > this.maxNodes) return this.fail()
    switch (this.peek()) {
      case 0x7b:
        return depth < MAX_DEPTH ? this.object(depth) : this.fail()
      case 0x5b:
        return depth < MAX_DEPTH ? this.array(depth) : this.fail()
      case 0x22:
        return this.string()
      case 0x74:
        return this.word('true') ? Json.bool(true) : this.fail()
      case 0x66:
        return this.word('false') ? Json.bool(false) : this.fail()
      case 0x6e:
        return this.word('null') ? Json.nil() : this.fail()
      default:
        return this.number()
    }
  }

  private object(depth: i32): Json {
    const spare = this.spare
    const object = spare === null ? Json.object() : spare.objects.take()
    this.at++
    this.blanks()
    if (this.take(0x7d)) return object
    do {
      this.blanks()
      if (this.peek() != 0x22 || !this.skipString()) return this.fail()
      const key = this.key()
      this.blanks()
      if (!this.take(0x3a)) return this.fail()
      object.append(key, this.value(depth + 1))
      if (this.failed) return object
      this.blanks()
    } while (this.take(0x2c))
    return this.take(0x7d) ? object : this.fail()
  }

  private array(depth: i32): Json {
    const spare = this.spare
    const array = spare === null ? Json.array() : spare.arrays.take()
    this.at++
    this.blanks()
    if (this.take(0x5d)) return array
    do {
      array.push(this.value(depth + 1))
      if (this.failed) return array
      this.blanks()
    } while (this.take(0x2c))
    return this.take(0x5d) ? array : this.fail()
  }

  private key(): string {
    if (this.ascii && !this.escaped && this.size <= MAX_KEY) return keyText(this.from, this.size, this.nodes)
    return unescaped(this.from, this.size)
  }

  private string(): Json {
    if (!this.skipString()) return Json.nil()
    return this.placed(JsonKind.STRING, this.from, this.size, this.ascii)
  }

  /** Goes to behind the string that begins here; false, and `failed`, when it is none. */
  private skipString(): bool {
    const from = ++this.at
    const end = this.end
    let at = from
    let ascii = true
    let escaped = false
    while (at < end) {
      while (at + 8 <= end && plain(load<u64>(at))) at += 8
      if (at >= end) break
      const byte = load<u8>(at++)
      if (byte == 0x22) {
        this.at = at
        this.from = from
        this.size = <i32>(at - 1 - from)
        this.ascii = ascii
        this.escaped = escaped
        return true
      }
      if (byte < 0x20) break
      if (byte > 0x7f) ascii = false
      if (byte == 0x5c) {
        escaped = true
        at = endOfEscape(at, end)
        if (at == 0) break
      }
    }
    this.failed = true
    return false
  }

  private number(): Json {
    const from = this.at
    const to = endOfNumber(from, this.end)
    if (to == 0) return this.fail()
    this.at = to
    return this.placed(JsonKind.NUMBER, from, <i32>(to - from), true)
  }

  private placed(kind: JsonKind, from: usize, size: i32, clean: bool): Json {
    const spare = this.spare
    const value = spare === null ? Json.made(kind) : spare.scalars.take()
    return value.place(kind, this.source, <i32>(from - changetype<usize>(this.source)), size, clean)
  }

  private word(word: string): bool {
    for (let i = 0; i < word.length; i++) if (!this.take(word.charCodeAt(i))) return false
    return true
  }

  private blanks(): void {
    this.at = skipBlanks(this.at, this.end)
  }

  /** The next byte, or 0 at the end (which no rule accepts). */
  private peek(): i32 {
    return this.at < this.end ? <i32>load<u8>(this.at) : 0
  }

  private take(byte: i32): bool {
    if (this.at >= this.end || <i32>load<u8>(this.at) != byte) return false
    this.at++
    return true
  }

  private fail(): Json {
    this.failed = true
    return Json.nil()
  }
}
