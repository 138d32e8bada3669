/** The kinds of signs, and what a text has of them. Each kind counts with the highest score of its signs. */

export enum Sign {
  OVERRIDE,
  EXTRACTION,
  JAILBREAK,
  AUTHORITY,
  DELIMITER,
  ENCODED,
  INVISIBLE,
  HOMOGLYPH,
  EXFILTRATION,
  PHRASE
}

const NAMES: StaticArray<string> = [
  'override', 'extraction', 'jailbreak', 'authority', 'delimiter', 'encoded', 'invisible', 'homoglyph', 'exfiltration', 'phrase'
]
const COUNT: i32 = 10

let disabled: u32 = 0
const scores = new StaticArray<i32>(COUNT)

/** The highest score of a text of the request, and its signs. */
export let worst: i32 = 0
export let worstSigns: string = ''
export let worstRole: string = ''

export function prepareSigns(names: string[]): void {
  disabled = 0
  for (let i = 0; i < names.length; i++) {
    for (let sign = 0; sign < COUNT; sign++) if (NAMES[sign] == names[i]) disabled |= 1 << sign
  }
}

/** Begins a request. */
export function beginSigns(): void {
  worst = 0
  worstSigns = ''
  worstRole = ''
}

/** Begins a text. */
export function beginText(): void {
  scores.fill(0)
}

/** Takes note of a sign in the text at hand. */
export function note(sign: Sign, score: i32): void {
  if (disabled & (1 << sign)) return
  if (unchecked(scores[sign]) < score) unchecked((scores[sign] = score))
}

export function has(sign: Sign): bool {
  return scores[sign] > 0
}

/** Ends a text. */
export function endText(role: string): void {
  let sum = 0
  for (let sign = 0; sign < COUNT; sign++) sum += unchecked(scores[sign])
  if (sum <= worst) return
  worst = sum
  worstRole = role
  worstSigns = ''
  for (let sign = 0; sign < COUNT; sign++) {
    if (scores[sign] > 0) worstSigns += (worstSigns == '' ? '' : ',') + NAMES[sign]
  }
}
