import { Regex, utf8Bytes, utf8Text } from '@sluice/plugin-sdk/assembly'

/** The patterns of one setting. */
@final
export class Patterns {
  private readonly list: Regex[] = []

  /** Takes them in. Returns "" or what is wrong with them. */
  fill(setting: string, patterns: string[]): string {
    for (let i = 0; i < patterns.length; i++) {
      const regex = Regex.compile(patterns[i])
      if (regex === null) return setting + '[' + i.toString() + '] is not a regular expression in RE2 syntax: ' + patterns[i]
      this.list.push(regex)
    }
    return ''
  }

  get none(): bool {
    return this.list.length == 0
  }

  /** Which of them is found in a text first; -1 for none. */
  find(text: Uint8Array): i32 {
    for (let i = 0; i < this.list.length; i++) if (this.list[i].testBytes(text)) return i
    return -1
  }

  /** The text without what they match: a blank stands there, so that what stood apart stays apart. */
  strip(text: string): string {
    for (let i = 0; i < this.list.length; i++) {
      const bytes = utf8Bytes(text)
      const matches = this.list[i].findAll(bytes)
      if (matches.length == 0) continue
      let left = ''
      let from = 0
      for (let at = 0; at < matches.length; at++) {
        left += utf8Text(bytes.subarray(from, matches[at].start)) + ' '
        from = matches[at].end
      }
      text = left + utf8Text(bytes.subarray(from))
    }
    return text
  }
}
