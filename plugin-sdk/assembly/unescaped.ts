import { Decoder } from './decoder'
import { Coding } from './escapes'
import { utf8Bytes, utf8Decode } from './utf8'

/** JSON within JSON within JSON. */
const MOST_LEVELS: i32 = 3

// @ts-ignore: decorator
@lazy const decoder = new Decoder()

/**
 * The text as it is meant where it is JSON, or has some in it: without the escapes of JSON strings. Of JSON within JSON there is one for each
 * level. Empty where nothing is escaped: most texts.
 */
export function unescapedLevels(text: string): string[] {
  const levels: string[] = []
  for (let level = 0; level < MOST_LEVELS && text.includes('\\'); level++) {
    const bytes = utf8Bytes(text)
    const plain = decoder.read(bytes.dataStart, 0, bytes.length, Coding.JSON)
    if (plain.size == bytes.length) break // an escape is shorter than what it is written with
    text = utf8Decode(plain.start, plain.size)
    levels.push(text)
  }
  return levels
}
