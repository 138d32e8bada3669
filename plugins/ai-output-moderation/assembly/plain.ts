import { fold, isIgnorable, pointAt, pointSize, utf8Text, utf8Bytes } from '@sluice/plugin-sdk/assembly'

const BLANK: u32 = 0x20

/** A text as words are looked for in it: without what shows nothing, and with one blank for blanks of any kind and number. */
@final
export class PlainText {
  private constructor(
    readonly bytes: Uint8Array,
    /** Where each byte came from, and behind them where the text ends; null: all are where they were. */
    private readonly origins: StaticArray<i32> | null
  ) {}

  static of(bytes: Uint8Array): PlainText {
    const size = bytes.length
    const clean = plainUntil(bytes)
    if (clean == size) return new PlainText(bytes, null)
    const plain = new Uint8Array(size)
    const origins = new StaticArray<i32>(size + 1)
    const end = bytes.dataStart + <usize>size
    let count = 0
    let afterBlank = false
    for (let at = 0; at < size; at += pointSize) {
      const point = pointAt(bytes.dataStart + <usize>at, end)
      if (isIgnorable(point)) continue
      const blank = isBlank(point)
      if (blank && afterBlank) continue
      afterBlank = blank
      const taken = blank ? 1 : pointSize
      for (let i = 0; i < taken; i++) {
        plain[count] = blank ? <u8>BLANK : bytes[at + i]
        origins[count++] = at + i
      }
    }
    origins[count] = size
    return new PlainText(plain.subarray(0, count), origins)
  }

  /** Where byte `index` was in the text. At the end of a word this is behind what shows nothing. */
  sourceOf(index: i32): i32 {
    const origins = this.origins
    return origins === null ? index : unchecked(origins[index])
  }
}

/** Words as they are looked for. */
export function plainWords(words: string[]): string[] {
  const plain: string[] = []
  for (let i = 0; i < words.length; i++) plain.push(utf8Text(PlainText.of(utf8Bytes(words[i])).bytes))
  return plain
}

/** How many bytes at the beginning are letters, signs and single blanks of ASCII: most texts are nothing else. */
function plainUntil(bytes: Uint8Array): i32 {
  let before: u32 = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = <u32>unchecked(bytes[i])
    if (byte >= 0x80 || (byte != BLANK && isBlank(byte)) || (byte == BLANK && before == BLANK)) return i
    before = byte
  }
  return bytes.length
}

function isBlank(point: u32): bool {
  return fold(point) == BLANK
}
