import { parseDecimal, smallInteger } from './decimal'
import { JsonParser } from './json-parser'
import { isText, unescaped, writeString } from './json-text'
import { numberText, parseInteger } from './numbers'
import { utf8Bytes, utf8Decode } from './utf8'
import { ByteWriter } from './writer'

/** What a JSON value is. */
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

/** Arrays and objects nested more than this are refused. */
export const MAX_DEPTH: i32 = 128

/** Values in one document beyond this are refused, unless parse() is told another limit. */
export const MAX_NODES: i32 = 1 << 15

/**
 * A JSON value (RFC 8259). Reading never traps: what is not JSON gives null from parse(), what is not there gives a
 * MISSING value, which answers with the fallbacks. Parts that nobody changed are written back byte for byte, so
 * numbers keep every digit.
 */
// @ts-ignore: decorator
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
    return Json.parseOwned(source, maxNodes)
  }

  /** As parseBytes, for bytes that nobody will change: they are not copied. */
  static parseOwned(source: ArrayBuffer, maxNodes: i32 = MAX_NODES): Json | null {
    return new JsonParser(source, source.byteLength, maxNodes).document()
  }

  /** As parseAt, but what is no JSON gives a value that is MISSING. */
  static readAt(at: usize, size: i32): Json {
    const json = Json.parseAt(at, size)
    return json === null ? MISSING : json
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

  /** @internal Used by the parser: an empty array or object, or a string or number that place() then makes one. */
  static made(kind: JsonKind): Json {
    return kind == JsonKind.OBJECT ? Json.object() : kind == JsonKind.ARRAY ? Json.array() : new Json(kind)
  }

  /** @internal Used by the parser: makes it a string or number at its place in the document. */
  place(kind: JsonKind, source: ArrayBuffer, from: i32, size: i32, clean: bool): Json {
    this.kind = kind
    this.source = source
    this.from = from
    this.size = size
    this.clean = clean
    this.text = null
    return this
  }

  /** @internal Takes out all that is in it. */
  empty(): Json {
    const keys = this.keys
    const items = this.items
    if (keys !== null) keys.length = 0
    if (items !== null) items.length = 0
    return this
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

  /** Whether it is this text: as asString() would tell, but makes none. */
  is(text: string): bool {
    if (this.kind != JsonKind.STRING) return false
    // Bytes that are the text's units are that text, but for escapes: a "\\" in them stands for something else.
    if (this.clean && isText(text, this.address, this.size)) return !text.includes('\\') || this.content() == text
    return this.content() == text
  }

  asNumber(fallback: f64 = 0): f64 {
    if (this.kind != JsonKind.NUMBER) return fallback
    const small = this.source === null ? NaN : smallInteger<u8>(this.address, this.size)
    return small == small ? small : parseDecimal(this.content())
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
    const text = unescaped(this.address, this.size)
    this.text = text
    return text
  }

  /** Where it lies, when it came from a document. */
  private get address(): usize {
    return changetype<usize>(this.source) + <usize>this.from
  }

  /** Used by the parser: adds a member or element as it comes; duplicate keys stay. */
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
    writer.raw(this.address, this.size)
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
