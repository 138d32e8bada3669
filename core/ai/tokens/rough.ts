/**
 * About how much of a text is a token, in quarters of one: for what has to be known while it comes, before anybody can count. Four letters are
 * one, but of digits and signs two, and of Chinese or Japanese a character nearly is one itself.
 */
export function quartersOf(text: string): number {
  let quarters = 0
  for (let i = 0; i < text.length; i++) quarters += quartersAt(text.charCodeAt(i))
  return quarters
}

const BLANK = 0x20
/** Behind ASCII are other alphabets; from Devanagari on characters are rarer in what models learn from; then those that are words. */
const [ASCII, RARER, WORDS] = [0x80, 0x900, 0x2e80] as const

function quartersAt(unit: number): number {
  if (unit >= WORDS) return 3
  if (unit >= RARER) return 2
  return unit >= ASCII || unit === BLANK || isLetter(unit) ? 1 : 2
}

function isLetter(unit: number): boolean {
  const lower = unit | 0x20
  return lower >= 0x61 && lower <= 0x7a
}
