import { Regex } from '@sluice/plugin-sdk/assembly'

/** Regular expressions of the settings. */
@final
export class Patterns {
  private readonly compiled: Regex[] = []

  get isEmpty(): bool {
    return this.compiled.length == 0
  }

  /** Takes the patterns in. Returns "" or what is wrong with them. */
  fill(patterns: string[], name: string): string {
    for (let i = 0; i < patterns.length; i++) {
      const regex = Regex.compile(patterns[i])
      if (regex === null) return name + '[' + i.toString() + '] is not a regular expression in RE2 syntax'
      if (regex.test('')) return name + '[' + i.toString() + '] matches the empty text, so it would match everybody'
      this.compiled.push(regex)
    }
    return ''
  }

  /** The first pattern that is found in the UTF-8 text; -1 when none is. */
  find(text: Uint8Array): i32 {
    for (let i = 0; i < this.compiled.length; i++) if (unchecked(this.compiled[i]).testBytes(text)) return i
    return -1
  }
}
