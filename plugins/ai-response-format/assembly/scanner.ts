/** The text that is read at the moment, and what had to be repaired so far. */

export let text = ''
export let at = 0
let repairs: string[] = []

export function beginScan(theText: string, from: i32): void {
  text = theText
  at = from
  repairs = []
}

/** Notes a repair, once. */
export function repair(what: string): void {
  if (!repairs.includes(what)) repairs.push(what)
}

export function repairsMade(): string[] {
  return repairs
}

export function isOver(): bool {
  return at >= text.length
}

/** The UTF-16 unit at the place, or so far behind it; -1 beyond the end. */
export function peek(ahead: i32 = 0): i32 {
  return at + ahead < text.length ? text.charCodeAt(at + ahead) : -1
}

export function advance(count: i32 = 1): void {
  at = min(at + count, text.length)
}

export function startsWith(word: string): bool {
  return text.startsWith(word, at)
}

/** Goes past blanks and comments, which JSON does not have. */
export function skipBlanks(): void {
  while (at < text.length) {
    const unit = text.charCodeAt(at)
    if (unit <= 0x20 || unit == 0xa0 || unit == 0xfeff) {
      at++
    } else if (startsWith('//') || unit == 0x23) {
      repair('comments')
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end
    } else if (startsWith('/*')) {
      repair('comments')
      const end = text.indexOf('*/', at + 2)
      at = end < 0 ? text.length : end + 2
    } else return
  }
}
