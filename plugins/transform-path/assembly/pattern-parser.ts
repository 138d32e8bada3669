import { Node, NodeKind, Place, UNBOUNDED } from './pattern-node'

/** Why the last pattern could not be read. */
export let patternMistake = ''

const MAX_REPEAT: i32 = 1000
const MAX_NESTING: i32 = 64

/**
 * Reads a pattern: RE2's syntax, without classes of Unicode (a path is ASCII) and with flags only as (?i) in front.
 * That it is right is checked by the host before, so this only refuses what it does not know.
 */
@final
export class PatternParser {
  readonly groupNames: string[] = ['']
  private at: i32 = 0
  private folds: bool = false
  private failed: bool = false

  constructor(private readonly text: string) {}

  /** null: `patternMistake` says why. */
  parse(): Node | null {
    patternMistake = ''
    if (this.takes('(?i)')) this.folds = true
    const node = this.choice(0)
    if (!this.failed && this.at < this.text.length) this.fail('")" without "("')
    return this.failed ? null : node
  }

  private choice(depth: i32): Node {
    const first = this.sequence(depth)
    if (this.peek() != 0x7c) return first
    const choice = new Node(NodeKind.CHOICE)
    choice.below.push(first)
    while (this.take(0x7c)) choice.below.push(this.sequence(depth))
    return choice
  }

  private sequence(depth: i32): Node {
    const sequence = new Node(NodeKind.SEQUENCE)
    while (!this.failed && this.at < this.text.length && this.peek() != 0x7c && this.peek() != 0x29) {
      sequence.below.push(this.repeated(depth))
    }
    return sequence
  }

  private repeated(depth: i32): Node {
    let node = this.single(depth)
    while (!this.failed && this.at < this.text.length) {
      let min = 0
      let max = UNBOUNDED
      const sign = this.peek()
      if (sign == 0x2b) min = 1
      else if (sign == 0x3f) max = 1
      else if (sign != 0x2a && !(sign == 0x7b && this.isCount())) return node
      if (sign == 0x7b) {
        this.at++
        min = this.number()
        max = this.take(0x2c) ? (this.peek() == 0x7d ? UNBOUNDED : this.number()) : min
      }
      this.at++
      if (min > MAX_REPEAT || max > MAX_REPEAT) return this.fail('a repetition of more than 1000')
      const repeat = new Node(NodeKind.REPEAT)
      repeat.min = min
      repeat.max = max
      repeat.greedy = !this.take(0x3f)
      repeat.below.push(node)
      node = repeat
    }
    return node
  }

  private single(depth: i32): Node {
    const unit = this.peek()
    this.at++
    switch (unit) {
      case 0x28:
        return depth < MAX_NESTING ? this.group(depth + 1) : this.fail('groups nested too deep')
      case 0x5b:
        return this.set()
      case 0x5c:
        return this.escape()
      case 0x5e:
        return Node.assert(Place.START)
      case 0x24:
        return Node.assert(Place.END)
      case 0x2e: {
        const any = new Node(NodeKind.SET)
        any.add(0x0a)
        any.negate()
        return any
      }
      default:
        return this.literal(unit)
    }
  }

  private group(depth: i32): Node {
    const group = new Node(NodeKind.GROUP)
    if (this.takes('?:')) {
      group.group = 0
    } else if (this.takes('?P<') || this.takes('?<')) {
      const close = this.text.indexOf('>', this.at)
      if (close < 0) return this.fail('a name of a group has no end')
      group.group = this.groupNames.push(this.text.substring(this.at, close)) - 1
      this.at = close + 1
    } else if (this.peek() == 0x3f) {
      return this.fail('flags and other "(?" but (?i) in front, (?:…) and (?P<name>…)')
    } else {
      group.group = this.groupNames.push('') - 1
    }
    group.below.push(this.choice(depth))
    return this.take(0x29) || this.failed ? group : this.fail('"(" without ")"')
  }

  private escape(): Node {
    const letter = this.peek()
    this.at++
    switch (letter) {
      case 0x41: // A
        return Node.assert(Place.START)
      case 0x7a: // z
        return Node.assert(Place.END)
      case 0x62: // b
        return Node.assert(Place.WORD_EDGE)
      case 0x42: // B
        return Node.assert(Place.NO_WORD_EDGE)
      default: {
        const known = classOf(letter)
        if (known !== null) return known
        return isAlphanumeric(letter) ? this.fail('\\' + String.fromCharCode(letter)) : this.literal(letter)
      }
    }
  }

  /** After its "[". */
  private set(): Node {
    const set = new Node(NodeKind.SET)
    const negates = this.take(0x5e)
    let first = true
    while (this.at < this.text.length && (first || this.peek() != 0x5d)) {
      first = false
      let from = this.peek()
      if (from == 0x5b && this.at + 1 < this.text.length && this.text.charCodeAt(this.at + 1) == 0x3a) {
        return this.fail('classes such as [:alpha:]')
      }
      this.at++
      if (from == 0x5c) {
        from = this.peek()
        this.at++
        const known = classOf(from)
        if (known !== null) {
          set.addSet(known)
          continue
        }
        if (isAlphanumeric(from)) return this.fail('\\' + String.fromCharCode(from))
      }
      let to = from
      if (this.peek() == 0x2d && this.at + 1 < this.text.length && this.text.charCodeAt(this.at + 1) != 0x5d) {
        this.at++
        to = this.peek()
        this.at++
        if (to == 0x5c) {
          to = this.peek()
          this.at++
          if (isAlphanumeric(to)) return this.fail('a range that ends in \\' + String.fromCharCode(to))
        }
      }
      if (from > 0x7f || to > 0x7f) return this.fail('characters that are not ASCII: a path has none')
      set.addRange(from, to)
    }
    if (!this.take(0x5d)) return this.fail('"[" without "]"')
    if (this.folds) set.fold()
    if (negates) set.negate()
    return set
  }

  private literal(unit: i32): Node {
    if (unit > 0x7f) return this.fail('characters that are not ASCII: a path has none')
    const set = new Node(NodeKind.SET)
    set.add(unit)
    if (this.folds) set.fold()
    return set
  }

  /** Whether a "{" begins a count: else it is itself. */
  private isCount(): bool {
    let at = this.at + 1
    let digits = 0
    while (at < this.text.length && isDigit(this.text.charCodeAt(at))) {
      at++
      digits++
    }
    if (digits == 0) return false
    if (at < this.text.length && this.text.charCodeAt(at) == 0x2c) {
      at++
      while (at < this.text.length && isDigit(this.text.charCodeAt(at))) at++
    }
    return at < this.text.length && this.text.charCodeAt(at) == 0x7d
  }

  private number(): i32 {
    let value = 0
    while (isDigit(this.peek())) {
      value = min(value * 10 + this.peek() - 0x30, MAX_REPEAT + 1)
      this.at++
    }
    return value
  }

  private peek(): i32 {
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : 0
  }

  private take(unit: i32): bool {
    if (this.at >= this.text.length || this.text.charCodeAt(this.at) != unit) return false
    this.at++
    return true
  }

  private takes(text: string): bool {
    if (!this.text.startsWith(text, this.at)) return false
    this.at += text.length
    return true
  }

  private fail(what: string): Node {
    if (!this.failed) patternMistake = 'not known here: ' + what
    this.failed = true
    return new Node(NodeKind.EMPTY)
  }
}

/** \d, \w, \s and their opposites; null for any other letter. */
function classOf(letter: i32): Node | null {
  const lower = letter | 0x20
  const set = new Node(NodeKind.SET)
  if (lower == 0x64) {
    set.addRange(0x30, 0x39)
  } else if (lower == 0x77) {
    set.addRange(0x30, 0x39)
    set.addRange(0x41, 0x5a)
    set.addRange(0x61, 0x7a)
    set.add(0x5f)
  } else if (lower == 0x73) {
    set.addRange(0x09, 0x0a)
    set.addRange(0x0c, 0x0d)
    set.add(0x20)
  } else return null
  if (lower != letter) set.negate()
  return set
}

function isDigit(unit: i32): bool {
  return unit >= 0x30 && unit <= 0x39
}

function isAlphanumeric(unit: i32): bool {
  const lower = unit | 0x20
  return isDigit(unit) || (lower >= 0x61 && lower <= 0x7a && unit < 0x80)
}
