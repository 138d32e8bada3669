import { Json } from './json'
import { utf8Bytes } from './utf8'

/** A step of a set of JSON pointers (`*` is any key or index): what may follow below it. For `walkJson`. */
@final
export class Field {
  /** Everything from here on is looked at. */
  isEnd: bool = false
  private readonly keys: Uint8Array[] = []
  private readonly below: Field[] = []
  /** What is below a key that has no entry of its own; null for nothing. */
  private any: Field | null = null

  /** The tree of the pointers. */
  static of(pointers: string[]): Field {
    const root = new Field()
    for (let i = 0; i < pointers.length; i++) {
      let field = root
      const steps = pointers[i].split('/')
      for (let j = 1; j < steps.length; j++) field = field.step(steps[j].replaceAll('~1', '/').replaceAll('~0', '~'))
      field.isEnd = true
    }
    return Field.merged([root])
  }

  /** What is below the member with this key; null for nothing. */
  member(key: usize, size: i32): Field | null {
    const at = this.indexOf(key, size)
    return at < 0 ? this.any : this.below[at]
  }

  /** What is below element `index` of an array. */
  element(index: i32): Field | null {
    if (this.keys.length == 0) return this.any
    const key = utf8Bytes(index.toString())
    return this.member(key.dataStart, key.length)
  }

  /** Adds a step when the tree is made: here "*" is beside the other keys. */
  private step(key: string): Field {
    const bytes = utf8Bytes(key)
    const at = this.indexOf(bytes.dataStart, bytes.length)
    if (key == '*') {
      const any = this.any
      if (any !== null) return any
    } else if (at >= 0) {
      return this.below[at]
    }
    const field = new Field()
    if (key == '*') {
      this.any = field
    } else {
      this.keys.push(bytes)
      this.below.push(field)
    }
    return field
  }

  private indexOf(key: usize, size: i32): i32 {
    for (let i = 0; i < this.keys.length; i++) {
      const bytes = unchecked(this.keys[i])
      if (bytes.length == size && memory.compare(bytes.dataStart, key, <usize>size) == 0) return i
    }
    return -1
  }

  /** One step for several that are reached at once, so that a walk follows a single one and makes no lists. */
  private static merged(fields: Field[]): Field {
    const all = new Field()
    const anys: Field[] = []
    for (let i = 0; i < fields.length; i++) {
      if (fields[i].isEnd) all.isEnd = true
      const any = fields[i].any
      if (any !== null) anys.push(any)
    }
    if (anys.length > 0) all.any = Field.merged(anys)
    for (let i = 0; i < fields.length; i++) {
      const keys = fields[i].keys
      for (let j = 0; j < keys.length; j++) {
        const key = keys[j]
        if (all.indexOf(key.dataStart, key.length) >= 0) continue
        const below = anys.slice(0)
        for (let k = 0; k < fields.length; k++) {
          const at = fields[k].indexOf(key.dataStart, key.length)
          if (at >= 0) below.push(fields[k].below[at])
        }
        all.keys.push(key)
        all.below.push(Field.merged(below))
      }
    }
    return all
  }
}

/** The bytes that a key with escapes stands for; it is given without its quotes. */
export function decodedKey(at: usize, size: i32): Uint8Array {
  const quoted = Json.parseAt(at - 1, size + 2)
  return utf8Bytes(quoted === null ? '' : quoted.asString())
}
