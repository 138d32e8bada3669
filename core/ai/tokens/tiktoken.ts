import { type Buffer, isUtf8 } from 'node:buffer'

/** A token: its text, or its bytes where they are none, or begin with a byte order mark, which gpt-tokenizer looks up by its bytes. */
export type Token = string | Uint8Array

/** What a character of base64 stands for. */
const SIXES = new Uint8Array(128)
for (const [value, character] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  SIXES[character.charCodeAt(0)] = value
}
const [NEWLINE, BLANK, ZERO, NINE, PADDING] = [0x0a, 0x20, 0x30, 0x39, 0x3d]

/**
 * Reads the tokens of an encoding in the format of OpenAI's tiktoken: on each line the bytes of a token in base64, a blank, and its number; the
 * numbers follow one another from 0.
 */
export class TiktokenReader {
  private at = 0
  private rank = 0

  /** @param lines - of the file; its tokens are put together in it, over the lines that were read */
  constructor(private readonly lines: Buffer) {}

  /**
   * The next tokens, in their order; none: there are no more.
   * @throws Error for a line that is another
   */
  next(count: number): Token[] {
    const tokens: Token[] = []
    while (tokens.length < count && this.at < this.lines.length) tokens.push(this.token())
    return tokens
  }

  private token(): Token {
    const { lines } = this
    const start = this.at
    let end = start // of the token's bytes: three for four characters, so it never gets ahead
    let bits = 0
    let held = 0
    let ascii = true
    let code = lines[this.at++]
    for (; code !== undefined && code > BLANK; code = lines[this.at++]) {
      if (code === PADDING) continue
      held = ((held << 6) | (SIXES[code] ?? 0)) & 0xfff
      bits += 6
      if (bits < 8) continue
      bits -= 8
      const byte = (held >> bits) & 0xff
      if (byte > 0x7f) ascii = false
      lines[end++] = byte
    }
    if (code !== BLANK || this.number() !== this.rank || end === start) {
      throw new Error(`line ${this.rank + 1} is not a token and the number ${this.rank}`)
    }
    this.rank++
    if (ascii) return lines.toString('latin1', start, end)
    const text = lines.toString('utf8', start, end)
    const bytes = text.startsWith('\ufeff') || (text.includes('\ufffd') && !isUtf8(lines.subarray(start, end)))
    return bytes ? Uint8Array.from(lines.subarray(start, end)) : text
  }

  /** The number up to the end of the line; not a number: there is none. */
  private number(): number {
    const { lines } = this
    let value = Number.NaN
    for (let code = lines[this.at++]; code !== undefined && code !== NEWLINE; code = lines[this.at++]) {
      if (code < ZERO || code > NINE) return Number.NaN
      value = (Number.isNaN(value) ? 0 : value * 10) + code - ZERO
    }
    return value
  }
}
