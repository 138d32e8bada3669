import { numberText, parseNumber, parseInteger } from './numbers'
import { hexDigit } from './text'
import { utf8Bytes, utf8Decode, utf8WritePoint } from './utf8'
import { ByteWriter } from './writer'

export enum JsonKind {
  /** Not there at all: what get() and at() give for a key or index that does not exist. */
  MISSING,
  NULL,
  BOOL,
  NUMBER,
  STRING,
  ARRAY,
  OBJECT
}

/** Arrays and objects nested deeper than this are refused. */
export const MAX_DEPTH: i32 = 128

/** Values in one document beyond this are refused, unless parse() is told another limit. */
export const MAX_NODES: i32 = 1 << 15

/**
 * A JSON value (RFC 8259). Reading never traps: what is not JSON gives null from parse(), what is not there gives a
 * MISSING value, which answers with the fallbacks. Parts that nobody changed are written back byte for byte, so
 * numbers keep every digit.
 */
@final
export class Json {
  // A string or number that came from a document: where it lies in it (a string without its quotes).
  private source: ArrayBuffer | null = null
  private from: i32 = 0
  private size: i32 = 0
  // Whether the source can be written as it is: it is ASCII.
  private clean: bool = false
  // A string's text or a number's digits, once decoded or set.
  private text: string | null = null
  private truth: bool = false
  private keys: string[] | null = null
  private items: Json[] | null = null

  private constructor(public kind: JsonKind) {}

  /** The value that `text` is; null when it is not JSON or too deep or too large. */
  static parse(text: string, maxNodes: i32 = MAX_NODES): Json | null {
    return Json.parseBytes(utf8Bytes(text), maxNodes)
  }

  /** The value that the UTF-8 text `bytes` is; null when it is not JSON or too deep or too large. */
  static parseBytes(bytes: Uint8Array, maxNodes: i32 = MAX_NODES): Json | null {
    return Json.parseAt(bytes.dataStart, bytes.length, maxNodes)
  }

  /** As parseBytes, for bytes at an address; they are copied once. */
  static parseAt(at: usize, size: i32, maxNodes: i32 = MAX_NODES): Json | null {
    const source = new ArrayBuffer(size)
    memory.copy(changetype<usize>(source), at, <usize>size)
    return new Parser(source, maxNodes).document()
  }

  static nil(): Json {
    return new Json(JsonKind.NULL)
  }

  static bool(value: bool): Json {
    const json = new Json(JsonKind.BOOL)
    json.truth = value
    return json
  }

  /** A number; NaN and the infinities, which JSON does not have, become null. */
  static number(value: f64): Json {
    return isFinite(value) ? Json.literal(JsonKind.NUMBER, numberText(value)) : Json.nil()
  }

  static integer(value: i64): Json {
    return Json.literal(JsonKind.NUMBER, value.toString())
  }

  static string(value: string): Json {
    return Json.literal(JsonKind.STRING, value)
  }

  static array(): Json {
    const json = new Json(JsonKind.ARRAY)
    json.items = []
    return json
  }

  static object(): Json {
    const json = new Json(JsonKind.OBJECT)
    json.items = []
    json.keys = []
    return json
  }

  /** `text` as a JSON string, with its quotes. */
  static quote(text: string): string {
    const writer = new ByteWriter(text.length + 16)
    writeString(writer, text)
    return utf8Decode(writer.start, writer.size)
  }

  /** Used by the parser: a string or number at its place in the document. */
  static placed(kind: JsonKind, source: ArrayBuffer, from: i32, size: i32, clean: bool): Json {
    const json = new Json(kind)
    json.source = source
    json.from = from
    json.size = size
    json.clean = clean
    return json
  }

  private static literal(kind: JsonKind, text: string): Json {
    const json = new Json(kind)
    json.text = text
    return json
  }

  get exists(): bool {
    return this.kind != JsonKind.MISSING
  }

  get isNull(): bool {
    return this.kind == JsonKind.NULL
  }

  get isBool(): bool {
    return this.kind == JsonKind.BOOL
  }

  get isNumber(): bool {
    return this.kind == JsonKind.NUMBER
  }

  get isString(): bool {
    return this.kind == JsonKind.STRING
  }

  get isArray(): bool {
    return this.kind == JsonKind.ARRAY
  }

  get isObject(): bool {
    return this.kind == JsonKind.OBJECT
  }

  asBool(fallback: bool = false): bool {
    return this.kind == JsonKind.BOOL ? this.truth : fallback
  }

  asString(fallback: string = ''): string {
    return this.kind == JsonKind.STRING ? this.content() : fallback
  }

  asNumber(fallback: f64 = 0): f64 {
    return this.kind == JsonKind.NUMBER ? parseNumber(this.content()) : fallback
  }

  /** A whole number, exact up to 64 bits; the fallback when the number has a fraction or does not fit. */
  asInteger(fallback: i64 = 0): i64 {
    return this.kind == JsonKind.NUMBER ? parseInteger(this.content(), fallback) : fallback
  }

  /** How many elements an array or members an object has; 0 for any other value. */
  get length(): i32 {
    const items = this.items
    return items === null ? 0 : items.length
  }

  /** Element `index` of an array, or the value of member `index` of an object. */
  at(index: i32): Json {
    const items = this.items
    return items !== null && <u32>index < <u32>items.length ? unchecked(items[index]) : MISSING
  }

  /** The key of member `index` of an object. */
  keyAt(index: i32): string {
    const keys = this.keys
    return keys !== null && <u32>index < <u32>keys.length ? unchecked(keys[index]) : ''
  }

  /** The member of an object; of two with the same key the last one counts, as everywhere. */
  get(key: string): Json {
    const index = this.indexOf(key)
    return index < 0 ? MISSING : this.at(index)
  }

  has(key: string): bool {
    return this.indexOf(key) >= 0
  }

  /** Sets a member of an object; does nothing on any other value. */
  set(key: string, value: Json): Json {
    const keys = this.keys
    const items = this.items
    if (keys === null || items === null) return this
    const index = this.indexOf(key)
    if (index >= 0) {
      items[index] = value
    } else {
      keys.push(key)
      items.push(value)
    }
    return this
  }

  /** Drops a member of an object. */
  remove(key: string): Json {
    const keys = this.keys
    const items = this.items
    if (keys === null || items === null) return this
    for (let index = this.indexOf(key); index >= 0; index = this.indexOf(key)) {
      keys.splice(index, 1)
      items.splice(index, 1)
    }
    return this
  }

  /** Adds an element to an array; does nothing on any other value. */
  push(value: Json): Json {
    const items = this.items
    if (this.kind == JsonKind.ARRAY && items !== null) items.push(value)
    return this
  }

  /** Replaces element `index` of an array or the value of member `index` of an object. */
  setAt(index: i32, value: Json): Json {
    const items = this.items
    if (items !== null && <u32>index < <u32>items.length) items[index] = value
    return this
  }

  /** Writes the value, without blanks. */
  write(writer: ByteWriter): void {
    this.writeDeep(writer, 0)
  }

  toString(): string {
    const writer = new ByteWriter()
    this.write(writer)
    return utf8Decode(writer.start, writer.size)
  }

  toBytes(): Uint8Array {
    const writer = new ByteWriter()
    this.write(writer)
    return writer.toBytes()
  }

  private indexOf(key: string): i32 {
    const keys = this.keys
    if (keys === null) return -1
    for (let i = keys.length - 1; i >= 0; i--) if (unchecked(keys[i]) == key) return i
    return -1
  }

  private content(): string {
    const known = this.text
    if (known !== null) return known
    const text = unescaped(changetype<usize>(this.source) + <usize>this.from, this.size)
    this.text = text
    return text
  }

  /** `add` is for the parser: duplicates stay, in order. */
  append(key: string, value: Json): void {
    const keys = this.keys
    const items = this.items
    if (keys !== null) keys.push(key)
    if (items !== null) items.push(value)
  }

  private writeDeep(writer: ByteWriter, depth: i32): void {
    switch (this.kind) {
      case JsonKind.BOOL:
        writer.text(this.truth ? 'true' : 'false')
        return
      case JsonKind.NUMBER:
      case JsonKind.STRING:
        this.writeScalar(writer)
        return
      case JsonKind.ARRAY:
      case JsonKind.OBJECT:
        if (depth < MAX_DEPTH) return this.writeItems(writer, depth)
    }
    writer.text('null') // also what is MISSING, and what contains itself
  }

  private writeScalar(writer: ByteWriter): void {
    const isString = this.kind == JsonKind.STRING
    if (this.source === null || !this.clean) {
      if (isString) writeString(writer, this.content())
      else writer.text(this.content())
      return
    }
    if (isString) writer.byte(0x22)
    writer.raw(changetype<usize>(this.source) + <usize>this.from, this.size)
    if (isString) writer.byte(0x22)
  }

  private writeItems(writer: ByteWriter, depth: i32): void {
    const isObject = this.kind == JsonKind.OBJECT
    writer.byte(isObject ? 0x7b : 0x5b)
    for (let i = 0; i < this.length; i++) {
      if (i > 0) writer.byte(0x2c)
      if (isObject) {
        writeString(writer, this.keyAt(i))
        writer.byte(0x3a)
      }
      this.at(i).writeDeep(writer, depth + 1)
    }
    writer.byte(isObject ? 0x7d : 0x5d)
  }

  /** The one value that stands for what is not there. */
  static missing(): Json {
    return new Json(JsonKind.MISSING)
  }
}

const MISSING: Json = Json.missing()

/** Writes `text` in quotes, escaped; lone surrogates become U+FFFD. */
export function writeString(writer: ByteWriter, text: string): void {
  writer.byte(0x22)
  let from = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0x20 && unit != 0x22 && unit != 0x5c) continue
    if (i > from) writer.text(text.substring(from, i))
    from = i + 1
    writer.byte(0x5c)
    if (unit == 0x22 || unit == 0x5c) writer.byte(<u8>unit)
    else if (unit == 0x0a) writer.byte(0x6e)
    else if (unit == 0x0d) writer.byte(0x72)
    else if (unit == 0x09) writer.byte(0x74)
    else if (unit == 0x08) writer.byte(0x62)
    else if (unit == 0x0c) writer.byte(0x66)
    else writer.text((unit < 16 ? 'u000' : 'u00') + unit.toString(16))
  }
  if (from == 0) writer.text(text)
  else if (from < text.length) writer.text(text.substring(from))
  writer.byte(0x22)
}

/** The text of a checked JSON string, given without its quotes. */
function unescaped(at: usize, size: i32): string {
  const end = at + <usize>size
  let first = at
  while (first < end && load<u8>(first) != 0x5c) first++
  if (first == end) return utf8Decode(at, size)
  const buffer = new ArrayBuffer(size)
  const start = changetype<usize>(buffer)
  let to = start
  while (at < end) {
    const byte = load<u8>(at++)
    if (byte != 0x5c) {
      store<u8>(to++, byte)
      continue
    }
    const letter = load<u8>(at++)
    if (letter != 0x75) {
      store<u8>(to++, plainEscape(letter))
      continue
    }
    let point = hex4(at)
    at += 4
    if ((point & 0xfc00) == 0xd800 && at + 6 <= end && load<u16>(at) == 0x755c) {
      const low = hex4(at + 2)
      if ((low & 0xfc00) == 0xdc00) {
        point = 0x10000 + ((point & 0x3ff) << 10) + (low & 0x3ff)
        at += 6
      }
    }
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd
    to += <usize>utf8WritePoint(point, to)
  }
  return utf8Decode(start, <i32>(to - start))
}

function plainEscape(letter: u8): u8 {
  switch (letter) {
    case 0x62:
      return 0x08
    case 0x66:
      return 0x0c
    case 0x6e:
      return 0x0a
    case 0x72:
      return 0x0d
    case 0x74:
      return 0x09
    default:
      return letter
  }
}

function hex4(at: usize): u32 {
  return <u32>(
    ((hexDigit(load<u8>(at)) << 12) |
      (hexDigit(load<u8>(at, 1)) << 8) |
      (hexDigit(load<u8>(at, 2)) << 4) |
      hexDigit(load<u8>(at, 3)))
  )
}

/** Reads one document. `failed` ends the reading; the values made until then are dropped. */
@final
class Parser {
  private at: usize
  private readonly end: usize
  private failed: bool = false
  private nodes: i32 = 0

  constructor(
    private readonly source: ArrayBuffer,
    private readonly maxNodes: i32
  ) {
    this.at = changetype<usize>(source)
    this.end = this.at + <usize>source.byteLength
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
    if (depth > MAX_DEPTH || ++this.nodes > this.maxNodes) return this.fail()
    switch (this.peek()) {
      case 0x7b:
        return this.object(depth)
      case 0x5b:
        return this.array(depth)
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
    const object = Json.object()
    this.at++
    this.blanks()
    if (this.take(0x7d)) return object
    do {
      this.blanks()
      const key = this.peek() == 0x22 ? this.string() : this.fail()
      this.blanks()
      if (this.failed || !this.take(0x3a)) return this.fail()
      object.append(key.asString(), this.value(depth + 1))
      if (this.failed) return object
      this.blanks()
    } while (this.take(0x2c))
    return this.take(0x7d) ? object : this.fail()
  }

  private array(depth: i32): Json {
    const array = Json.array()
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

  private string(): Json {
    const from = ++this.at
    let ascii = true
    while (this.at < this.end) {
      const byte = load<u8>(this.at)
      if (byte == 0x22) {
        const size = <i32>(this.at++ - from)
        return Json.placed(JsonKind.STRING, this.source, <i32>(from - changetype<usize>(this.source)), size, ascii)
      }
      if (byte < 0x20) break
      if (byte > 0x7f) ascii = false
      this.at++
      if (byte == 0x5c && !this.escape()) break
    }
    return this.fail()
  }

  private escape(): bool {
    const letter = this.peek()
    this.at++
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
        for (let i = 0; i < 4; i++) {
          if (hexDigit(this.peek()) < 0) return false
          this.at++
        }
        return true
      default:
        return false
    }
  }

  private number(): Json {
    const from = this.at
    this.take(0x2d)
    if (!this.take(0x30) && !this.digits()) return this.fail()
    if (this.take(0x2e) && !this.digits()) return this.fail()
    if (this.take(0x65) || this.take(0x45)) {
      if (!this.take(0x2b)) this.take(0x2d)
      if (!this.digits()) return this.fail()
    }
    const start = <i32>(from - changetype<usize>(this.source))
    return Json.placed(JsonKind.NUMBER, this.source, start, <i32>(this.at - from), true)
  }

  private digits(): bool {
    const from = this.at
    while (<u32>(this.peek() - 0x30) < 10) this.at++
    return this.at > from
  }

  private word(word: string): bool {
    for (let i = 0; i < word.length; i++) if (!this.take(word.charCodeAt(i))) return false
    return true
  }

  private blanks(): void {
    while (this.at < this.end) {
      const byte = load<u8>(this.at)
      if (byte != 0x20 && byte != 0x0a && byte != 0x0d && byte != 0x09) return
      this.at++
    }
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
    return MISSING
  }
}
