import { lowerAscii } from '../text'
import { encodedIn } from './hidden'
import { readMarks } from './marks'
import { hasOthers, hiddenSize, hiddenStart, makePlain, plainSize, plainStart } from './plain'
import { readSentences } from './sentence'
import { beginText, endText, has, note, Sign } from './signs'

/** Scores one text that someone says to the model. */
export function scoreText(text: string, role: string): void {
  if (text.length < 3) return
  beginText()
  const hidden = read(text)
  if (hidden != '') read(hidden)
  const encoded = encodedIn(text)
  for (let i = 0; i < encoded.length; i++) {
    const before = isSuspect()
    read(encoded[i])
    if (!before && isSuspect()) note(Sign.ENCODED, 3)
  }
  endText(role)
}

/** Reads a text as it is. Returns what it has in characters that show nothing. */
function read(text: string): string {
  makePlain(text)
  const hidden = hiddenText()
  readSentences(plainStart(), plainSize, hasOthers)
  readMarks(lowerAscii(text))
  return hidden
}

function hiddenText(): string {
  const units: i32[] = []
  for (let i = 0; i < hiddenSize; i++) units.push(load<i32>(hiddenStart() + (<usize>i << 2)))
  return String.fromCharCodes(units)
}

function isSuspect(): bool {
  return has(Sign.OVERRIDE) || has(Sign.EXTRACTION) || has(Sign.JAILBREAK) || has(Sign.AUTHORITY) || has(Sign.DELIMITER) || has(Sign.PHRASE)
}
