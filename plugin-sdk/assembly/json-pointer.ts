import { utf8Bytes } from './utf8'

/** One step of a JSON pointer: a key, or an index, which is the same text. */
@final
export class Step {
  /** The key in UTF-8: where it lies, and its size. */
  readonly at: usize
  readonly size: i32
  /** The index that the text is; -1 when it is none (RFC 6901 section 4: no leading zeros). */
  readonly index: i32
  private readonly bytes: Uint8Array

  constructor(
    readonly key: string,
    /** "*" in the pointer: every key or index. */
    readonly isAny: bool = false,
    /** Whether it can only be meant for an array. */
    readonly isIndex: bool = key == '-'
  ) {
    this.bytes = utf8Bytes(key)
    this.at = this.bytes.dataStart
    this.size = this.bytes.length
    this.index = indexOf(key)
  }

  /** "-": the place behind the last element of an array. */
  get isAppend(): bool {
    return this.key == '-'
  }
}

/** The steps of a JSON pointer (RFC 6901), where "*" is every key or index; null when `text` is none. */
export function pointerSteps(text: string): Step[] | null {
  const steps: Step[] = []
  if (text.length == 0) return steps
  if (text.charCodeAt(0) != 0x2f) return null
  const parts = text.split('/')
  for (let i = 1; i < parts.length; i++) {
    const part = parts[i]
    for (let at = part.indexOf('~'); at >= 0; at = part.indexOf('~', at + 1)) {
      const next = at + 1 < part.length ? part.charCodeAt(at + 1) : 0
      if (next != 0x30 && next != 0x31) return null
    }
    steps.push(new Step(part.replaceAll('~1', '/').replaceAll('~0', '~'), part == '*'))
  }
  return steps
}

function indexOf(key: string): i32 {
  if (key.length == 0 || key.length > 9 || (key.length > 1 && key.charCodeAt(0) == 0x30)) return -1
  let index = 0
  for (let i = 0; i < key.length; i++) {
    const digit = key.charCodeAt(i) - 0x30
    if (<u32>digit > 9) return -1
    index = index * 10 + digit
  }
  return index
}
