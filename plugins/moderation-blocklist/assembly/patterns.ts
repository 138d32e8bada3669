import { Decoder, Match, Regex, SourceText } from '@sluice/plugin-sdk/assembly'
import { hit } from './hits'

/** Matches asked for at a time, and the most of one pattern in one body: more than may be masked. */
const SOME: i32 = 256
const MANY: i32 = 1 << 16

/**
 * The regular expressions, run by the host. All texts of a body go to it as one, a line each: a call for each text would
 * cost more than the search. A match over several lines says nothing yet; the texts it touches are then asked one by one.
 */
@final
export class Patterns {
  private readonly compiled: Regex[] = []

  get isEmpty(): bool {
    return this.compiled.length == 0
  }

  /** Takes the patterns in. Returns "" or what is wrong with them. */
  fill(patterns: string[]): string {
    for (let i = 0; i < patterns.length; i++) {
      const regex = Regex.compile('(?m)' + patterns[i])
      if (regex === null) return 'patterns[' + i.toString() + '] is not a regular expression in RE2 syntax'
      // A match of nothing is everywhere.
      if (regex.testBytes(new Uint8Array(0))) return 'patterns[' + i.toString() + '] matches the empty text'
      this.compiled.push(regex)
    }
    return ''
  }

  /** Reports every match in the texts to `hit`; rules are numbered from `firstRule` on. */
  search(texts: Decoder, firstRule: i32): void {
    if (texts.size == 0) return
    const whole = bytesOf(texts.whole())
    for (let i = 0; i < this.compiled.length; i++) if (!this.searchFor(i, whole, texts, firstRule + i)) return
  }

  private searchFor(index: i32, whole: Uint8Array, texts: Decoder, rule: i32): bool {
    const regex = this.compiled[index]
    let matches = regex.findAll(whole, SOME)
    if (matches.length == SOME) matches = regex.findAll(whole, MANY)
    let text = 0
    for (let i = 0; i < matches.length; i++) {
      const match = matches[i]
      if (match.end == match.start) continue
      while (texts.begins[text + 1] <= match.start) text++
      if (match.end < texts.begins[text + 1]) {
        const origins = texts.whole()
        if (!hit(rule, origins.sourceOf(match.start), origins.sourceOf(match.end))) return false
        continue
      }
      do {
        if (!this.searchOne(regex, texts.text(text), rule)) return false
      } while (++text < texts.begins.length - 1 && texts.begins[text] < match.end)
      text--
    }
    return true
  }

  private searchOne(regex: Regex, text: SourceText, rule: i32): bool {
    const matches: Match[] = regex.findAll(bytesOf(text), MANY)
    for (let i = 0; i < matches.length; i++) {
      const match = matches[i]
      if (match.end > match.start && !hit(rule, text.sourceOf(match.start), text.sourceOf(match.end))) return false
    }
    return true
  }
}

function bytesOf(text: SourceText): Uint8Array {
  const bytes = new Uint8Array(text.size)
  memory.copy(bytes.dataStart, text.start, <usize>text.size)
  return bytes
}
