import { wordsCompile, wordsFind } from './imports'
import { utf8Bytes } from './utf8'

/** A place of a word: bytes of the UTF-8 text. */
@final
export class FoundWord {
  constructor(
    /** Its place in the list the set was made of. */
    readonly word: i32,
    readonly start: i32,
    readonly end: i32
  ) {}
}

const FOLDS_CASE: i32 = 1
const WHOLE: i32 = 2

/**
 * Many words found by the host in one pass over a text, in a time that does not depend on how many there are. Compile once,
 * in on_configure; 16 sets of 10,000 words at most. WordTable, in the plugin, is for texts that are decoded on the way or read
 * where they lie; this one for plain UTF-8.
 */
// @ts-ignore: decorator
@final
export class WordSet {
  private constructor(private readonly handle: i32) {}

  /**
   * null when there are too many words, or one is empty or has a line break.
   * @param foldsCase - letters are the same in upper and lower case
   * @param whole - only where no letter, digit or "_" comes right before or after
   */
  static compile(words: string[], foldsCase: bool = false, whole: bool = false): WordSet | null {
    for (let i = 0; i < words.length; i++) if (words[i].includes('\n')) return null
    const bytes = utf8Bytes(words.join('\n'))
    const rules = (foldsCase ? FOLDS_CASE : 0) | (whole ? WHOLE : 0)
    const handle = wordsCompile(bytes.dataStart, bytes.length, rules)
    return handle > 0 ? new WordSet(handle) : null
  }

  /** Whether any of the words is there. */
  test(text: string): bool {
    return this.findAll(utf8Bytes(text), 1).length > 0
  }

  /** The first `max` places, in the order in which they end, also those inside of each other. */
  findAll(bytes: Uint8Array, max: i32 = 1024): FoundWord[] {
    const count = max < 0 ? 0 : min(max, 1 << 16)
    const triples = new StaticArray<i32>(count * 3)
    const found = wordsFind(this.handle, bytes.dataStart, bytes.length, changetype<usize>(triples), count)
    const places: FoundWord[] = []
    for (let i = 0; i < found; i++) {
      const at = i * 3
      places.push(new FoundWord(unchecked(triples[at]), unchecked(triples[at + 1]), unchecked(triples[at + 2])))
    }
    return places
  }
}
