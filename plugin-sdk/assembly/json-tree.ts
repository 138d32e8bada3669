import { Json, JsonKind } from './json'
import { Step } from './json-pointer'
import { skipBlanks } from './json-lexer'
import { hadEscape, isJson, skipString, skipValue } from './json-scan'
import { unescaped, writeString } from './json-text'
import { utf8Decode, utf8Length } from './utf8'
import { ByteWriter } from './writer'

/** Values that were looked at one by one: each takes memory of its own. */
const MAX_VALUES: i32 = 1 << 18
/** Keys that were compared: a search in a large object for each of many values would take for ever. */
const MAX_COMPARISONS: i32 = 1 << 22
/** Bytes of values that were made or copied: a large value copied to many places would be larger than any memory. */
const MAX_BYTES: i64 = 1 << 24

const COLLECT_AFTER: i64 = 1 << 21

let values: i32 = 0
let comparisons: i32 = 0
let made: i64 = 0
let collected: i64 = 0
let tooLarge: bool = false

/**
 * A JSON text that is taken apart only where someone looks into it: all else stays the bytes it is, blanks, digits,
 * escapes and duplicate keys included. To read a few values of a large body, or change them, takes little more than
 * checking it. Every value is in one place; copy() makes another. A tree read in place is valid as long as its bytes
 * are.
 */
// @ts-ignore: decorator
@final
export class JsonTree {
  private parent: JsonTree | null = null
  // The key in its object: a string's bytes without quotes. The holder keeps them in memory when they are not those of
  // the text.
  private keyAt: usize = 0
  private keySize: i32 = 0
  private keyEscaped: bool = false
  private keyHolder: ArrayBuffer | null = null
  private items: JsonTree[] | null = null
  private changed: bool = false

  private constructor(
    private at: usize,
    private size: i32,
    private holder: ArrayBuffer | null
  ) {
    if (++values > MAX_VALUES) tooLarge = true
  }

  /** The value at an address, read in place; null when it is not JSON or nested deeper than 128. */
  static parseAt(at: usize, size: i32): JsonTree | null {
    JsonTree.begin()
    return JsonTree.over(at, size, null)
  }

  /** Begins to count anew what isTooLarge asks about, as parseAt does. */
  static begin(): void {
    values = 0
    comparisons = 0
    made = 0
    tooLarge = false
  }

  /** A value of its own from what `writer` holds; null when that is not JSON. */
  static of(writer: ByteWriter): JsonTree | null {
    count(writer.size)
    const buffer = bufferOf(writer)
    return JsonTree.over(changetype<usize>(buffer), writer.size, buffer)
  }

  /** A value of its own from a JSON value. */
  static from(json: Json): JsonTree {
    const writer = new ByteWriter(64)
    json.write(writer)
    const tree = JsonTree.of(writer)
    return tree === null ? JsonTree.object() : tree // what writes itself as JSON is JSON
  }

  /** An empty object. */
  static object(): JsonTree {
    const tree = new JsonTree(0, 0, null)
    tree.makeEmpty(true)
    return tree
  }

  /** An empty array. */
  static array(): JsonTree {
    const tree = new JsonTree(0, 0, null)
    tree.makeEmpty(false)
    return tree
  }

  private static over(at: usize, size: i32, holder: ArrayBuffer | null): JsonTree | null {
    const end = at + <usize>size
    // A byte order mark is no part of the text (RFC 8259 section 8.1 allows to ignore it).
    if (size >= 3 && load<u8>(at) == 0xef && load<u8>(at, 1) == 0xbb && load<u8>(at, 2) == 0xbf) at += 3
    if (!isJson(at, end)) return null
    const from = skipBlanks(at, end)
    let to = end
    while (isBlank(load<u8>(to - 1))) to--
    return new JsonTree(from, <i32>(to - from), holder)
  }

  /**
   * Whether more was done since parseAt() or begin() than time and memory are meant for: values looked at, keys
   * compared, bytes copied. What was found since then may not be all there is, so ask this at the end.
   */
  static get isTooLarge(): bool {
    return tooLarge
  }

  get kind(): JsonKind {
    const first = this.size > 0 ? load<u8>(this.at) : 0
    switch (first) {
      case 0x7b:
        return JsonKind.OBJECT
      case 0x5b:
        return JsonKind.ARRAY
      case 0x22:
        return JsonKind.STRING
      case 0x74:
      case 0x66:
        return JsonKind.BOOL
      case 0x6e:
        return JsonKind.NULL
      default:
        return JsonKind.NUMBER
    }
  }

  get isObject(): bool {
    return this.kind == JsonKind.OBJECT
  }

  get isArray(): bool {
    return this.kind == JsonKind.ARRAY
  }

  get isString(): bool {
    return this.kind == JsonKind.STRING
  }

  get isNull(): bool {
    return this.kind == JsonKind.NULL
  }

  /** A string's text; any other value as it is written. */
  get text(): string {
    count(this.size)
    if (this.isString) return unescaped(this.at + 1, this.size - 2)
    if (!this.changed) return utf8Decode(this.at, this.size)
    const writer = new ByteWriter()
    this.write(writer)
    return utf8Decode(writer.start, writer.size)
  }

  /** How many members or elements it has; 0 when it is neither an object nor an array. */
  get length(): i32 {
    return this.children().length
  }

  /** Member or element `index`, which must be there. */
  item(index: i32): JsonTree {
    return this.children()[index]
  }

  /** The key under which it stands in its object; "" when it stands in none. */
  get key(): string {
    return this.keySize == 0 ? '' : unescaped(this.keyAt, this.keySize)
  }

  /** Whether it, or something in it, is no longer what was read. */
  get isChanged(): bool {
    return this.changed
  }

  /** The index of what a step leads to; of two members with the same key the last one counts. -1 when there is none. */
  indexOf(step: Step): i32 {
    const items = this.children()
    if (!this.isObject) return this.isArray && step.index < items.length ? step.index : -1
    if (tooLarge) return -1
    let index = items.length - 1
    while (index >= 0 && !unchecked(items[index]).isNamed(step)) index--
    compared(items.length - index)
    return index
  }

  /** What a step leads to; null when there is nothing. */
  get(step: Step): JsonTree | null {
    const index = this.indexOf(step)
    return index < 0 ? null : this.item(index)
  }

  /** What steps without "*" lead to; null when there is nothing. */
  find(steps: Step[]): JsonTree | null {
    let tree: JsonTree = this
    for (let i = 0; i < steps.length; i++) {
      const next = tree.get(unchecked(steps[i]))
      if (next === null) return null
      tree = next
    }
    return tree
  }

  /**
   * As get(), and drops the other members of the same key: who reads the text then finds what was found here, whichever
   * of them he would take.
   */
  only(step: Step): JsonTree | null {
    const found = this.get(step)
    if (found !== null && this.isObject) this.dropOthers(step, found)
    return found
  }

  /**
   * Puts a value where the step leads: in an object in place of the last member of that key, others of it are dropped;
   * in an array in place of an element, or behind the last one. False: there is no such place.
   */
  set(step: Step, value: JsonTree): bool {
    const items = this.children()
    if (this.isArray) {
      const end = step.isAppend || step.index == items.length
      if (!end && this.indexOf(step) < 0) return false
      if (end) items.push(value)
      else items[step.index] = value
    } else if (this.isObject) {
      const index = this.indexOf(step)
      if (index >= 0) value.takeKey(items[index])
      else value.nameIt(step.key)
      if (index >= 0) items[index] = value
      else items.push(value)
      this.dropOthers(step, value)
    } else return false
    value.parent = this
    this.touch()
    return true
  }

  /** Takes member or element `index` out; it may be put elsewhere. */
  removeAt(index: i32): void {
    const items = this.children()
    items[index].parent = null
    items.splice(index, 1)
    this.touch()
  }

  /** Takes out what the step leads to: of an object every member of that key. */
  remove(step: Step): void {
    if (this.isObject) this.dropOthers(step, null)
    else if (this.indexOf(step) >= 0) this.removeAt(step.index)
  }

  /** Puts a value in place of member or element `index`; the key stays. */
  replaceAt(index: i32, value: JsonTree): void {
    const items = this.children()
    value.takeKey(items[index])
    items[index].parent = null
    items[index] = value
    value.parent = this
    this.touch()
  }

  /** Gives a member of an object another key; it keeps its place, and others of either key are dropped. */
  rename(step: Step, key: Step): void {
    const index = this.isObject ? this.indexOf(step) : -1
    if (index < 0) return
    const member = this.item(index)
    this.dropOthers(step, member)
    member.nameIt(key.key)
    this.dropOthers(key, member)
    this.touch()
  }

  /** The same value once more, which can stand elsewhere. */
  copy(): JsonTree {
    const size = this.measure()
    count(size)
    if (!this.changed || tooLarge) return new JsonTree(this.at, this.size, this.holder)
    const writer = new ByteWriter(size)
    this.write(writer)
    const buffer = bufferOf(writer)
    return new JsonTree(changetype<usize>(buffer), writer.size, buffer)
  }

  toBytes(): Uint8Array {
    const writer = new ByteWriter(this.measure())
    this.write(writer)
    return writer.toBytes()
  }

  /** Writes it: as it was read, but for the objects and arrays that were changed, which are written without blanks. */
  write(writer: ByteWriter): void {
    const items = this.items
    if (!this.changed || items === null) {
      writer.raw(this.at, this.size)
      return
    }
    const isObject = this.isObject
    writer.byte(isObject ? 0x7b : 0x5b)
    for (let i = 0; i < items.length; i++) {
      if (i > 0) writer.byte(0x2c)
      const item = unchecked(items[i])
      if (isObject) {
        writer.byte(0x22)
        writer.raw(item.keyAt, item.keySize)
        writer.byte(0x22)
        writer.byte(0x3a)
      }
      item.write(writer)
    }
    writer.byte(isObject ? 0x7d : 0x5d)
  }

  /** How many bytes write() writes. */
  private measure(): i32 {
    const items = this.items
    if (!this.changed || items === null) return this.size
    const isObject = this.isObject
    let size = 2 + max(0, items.length - 1)
    for (let i = 0; i < items.length; i++) {
      const item = unchecked(items[i])
      if (isObject) size += item.keySize + 3
      size += item.measure()
    }
    return size
  }

  /** Looks into it, one level. */
  private children(): JsonTree[] {
    const known = this.items
    if (known !== null) return known
    const items: JsonTree[] = []
    this.items = items
    const kind = this.kind
    if (kind != JsonKind.OBJECT && kind != JsonKind.ARRAY) return items
    const end = this.at + <usize>this.size - 1
    let at = skipBlanks(this.at + 1, end)
    while (at < end && !tooLarge) {
      let keyAt: usize = 0
      let keySize = 0
      let escaped = false
      if (kind == JsonKind.OBJECT) {
        keyAt = at + 1
        at = skipString(at, end)
        keySize = <i32>(at - 1 - keyAt)
        escaped = hadEscape
        at = skipBlanks(skipBlanks(at, end) + 1, end)
      }
      const stop = skipValue(at, end)
      const item = new JsonTree(at, <i32>(stop - at), this.holder)
      item.keyAt = keyAt
      item.keySize = keySize
      item.keyEscaped = escaped
      item.keyHolder = this.holder
      item.parent = this
      items.push(item)
      at = skipBlanks(stop, end)
      if (at < end) at = skipBlanks(at + 1, end)
    }
    return items
  }

  // @ts-ignore: decorator
  @inline
  private isNamed(step: Step): bool {
    // A key with escapes is longer than what it means.
    if (this.keySize < step.size) return false
    if (this.keyEscaped) return unescaped(this.keyAt, this.keySize) == step.key
    return this.keySize == step.size && same(this.keyAt, step.at, step.size)
  }

  /** Takes out the members of that key, but for `kept`. */
  private dropOthers(step: Step, kept: JsonTree | null): void {
    if (tooLarge) return
    const items = this.children()
    let to = 0
    for (let i = 0; i < items.length; i++) {
      const item = unchecked(items[i])
      if (item !== kept && item.isNamed(step)) {
        item.parent = null
        continue
      }
      if (to < i) items[to] = item
      to++
    }
    compared(items.length)
    if (to == items.length) return
    items.length = to
    this.touch()
  }

  private nameIt(key: string): void {
    const writer = new ByteWriter(key.length + 16)
    writeString(writer, key)
    const bytes = new ArrayBuffer(writer.size - 2)
    memory.copy(changetype<usize>(bytes), writer.start + 1, <usize>(writer.size - 2))
    this.keyHolder = bytes
    this.keyAt = changetype<usize>(bytes)
    this.keySize = writer.size - 2
    this.keyEscaped = this.keySize != utf8Length(key)
  }

  private takeKey(other: JsonTree): void {
    this.keyAt = other.keyAt
    this.keySize = other.keySize
    this.keyEscaped = other.keyEscaped
    this.keyHolder = other.keyHolder
  }

  private makeEmpty(isObject: bool): void {
    const bytes = new ArrayBuffer(2)
    store<u16>(changetype<usize>(bytes), isObject ? 0x7d7b : 0x5d5b)
    this.holder = bytes
    this.at = changetype<usize>(bytes)
    this.size = 2
    this.items = []
  }

  /** What was read for it, and for all around it, is no longer what it is. */
  private touch(): void {
    let tree: JsonTree | null = this
    while (tree !== null && !tree.changed) {
      tree.changed = true
      tree = tree.parent
    }
  }
}

function compared(keys: i32): void {
  comparisons += keys
  if (comparisons > MAX_COMPARISONS) tooLarge = true
}

function count(size: i32): void {
  made += size
  if (made > MAX_BYTES) tooLarge = true
  if (made < collected) collected = 0
  if (made - collected < COLLECT_AFTER) return
  // Left to itself, the collector of the runtime lets a few large strings fill the memory.
  collected = made
  __collect()
}

function bufferOf(writer: ByteWriter): ArrayBuffer {
  const buffer = new ArrayBuffer(writer.size)
  memory.copy(changetype<usize>(buffer), writer.start, <usize>writer.size)
  return buffer
}

/** memory.compare is slower for what is as short as a key. */
// @ts-ignore: decorator
@inline
function same(a: usize, b: usize, size: i32): bool {
  let i: usize = 0
  while (i < <usize>size && load<u8>(a + i) == load<u8>(b + i)) i++
  return i == <usize>size
}

// @ts-ignore: decorator
@inline
function isBlank(byte: u8): bool {
  return byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
}
