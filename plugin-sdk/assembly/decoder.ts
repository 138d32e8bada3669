import { utf8WritePoint } from './utf8'
import { Coding, escapeSize, isMark, readEscape } from './escapes'
import { Room } from './room'
import { SourceText } from './source-text'

const SEPARATOR: u8 = 0x0a

/** Collects decoded texts one after the other, and for each byte where in the body it came from. */
@final
export class Decoder {
  private readonly bytes: Room = new Room()
  private readonly origins: Room = new Room()
  /** Bytes collected, with a line end after each text. */
  size: i32 = 0
  /** Places where texts begin, and behind them the end of the last one. */
  readonly begins: i32[] = [0]
  private readonly view: SourceText = new SourceText()

  clear(): void {
    this.size = 0
    this.begins.length = 1
  }

  /**
   * The text written at bytes `from` to `to` of `body`, and nothing else: where there are no escapes, the body's own bytes. It is valid until the
   * next one is read or added.
   */
  read(body: usize, from: i32, to: i32, coding: Coding): SourceText {
    this.clear()
    if (coding != Coding.PLAIN) return this.add(body, from, to, coding)
    const view = this.view
    view.start = body + <usize>from
    view.size = to - from
    view.origins = 0
    view.base = from
    return view
  }

  /** Adds the text written at bytes `from` to `to` of `body`. Returns it; it is valid until the next one is added. */
  add(body: usize, from: i32, to: i32, coding: Coding): SourceText {
    // No escape stands for more bytes than it has: a text never takes more room than its source.
    const most = this.size + (to - from) + 1
    this.bytes.reserve(most)
    this.origins.reserve(most << 2)
    this.decode(body, from, to, coding)
    store<u8>(this.bytes.start + <usize>this.size, SEPARATOR)
    store<i32>(this.origins.start + (<usize>this.size << 2), to)
    this.size++
    this.begins.push(this.size)
    return this.text(this.begins.length - 2)
  }

  /** Text number `index`, without the line end behind it. */
  text(index: i32): SourceText {
    return this.part(this.begins[index], this.begins[index + 1] - 1)
  }

  /** Everything collected. */
  whole(): SourceText {
    return this.part(0, max(0, this.size - 1))
  }

  private part(first: i32, end: i32): SourceText {
    const view = this.view
    view.start = this.bytes.start + <usize>first
    view.size = end - first
    view.origins = this.origins.start + (<usize>first << 2)
    return view
  }

  private decode(body: usize, from: i32, to: i32, coding: Coding): void {
    const end = body + <usize>to
    let at = body + <usize>from
    let byteTo = this.bytes.start + <usize>this.size
    let originTo = this.origins.start + (<usize>this.size << 2)
    while (at < end) {
      const byte = load<u8>(at)
      const origin = <i32>(at - body)
      if (!isMark(byte, coding)) {
        store<u8>(byteTo++, byte)
        store<i32>(originTo, origin)
        originTo += 4
        at++
        continue
      }
      const value = readEscape(at, end, coding)
      at += escapeSize
      let size = 1
      if (coding == Coding.FORM) store<u8>(byteTo, <u8>value)
      else size = utf8WritePoint(value, byteTo)
      byteTo += <usize>size
      for (; size > 0; size--, originTo += 4) store<i32>(originTo, origin)
    }
    this.size = <i32>(byteTo - this.bytes.start)
  }
}
