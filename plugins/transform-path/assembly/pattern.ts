import { Regex } from '@sluice/plugin-sdk/assembly'
import { Node, NodeKind, Place, UNBOUNDED } from './pattern-node'
import { patternMistake, PatternParser } from './pattern-parser'

enum Op {
  SET,
  ASSERT,
  /** Goes on at `x`, or else at `y`. */
  SPLIT,
  JUMP,
  SAVE,
  MATCH
}

/** A longer program than this would be slow on a long path. */
const MAX_PROGRAM: i32 = 1000

/** Steps that one call may take in all, some 20 ms: a long path and a large pattern together. */
const MAX_STEPS: i32 = 1_000_000

let steps: i32 = 0

/** Begins a call: the steps it may take are all there. */
export function beginMatching(): void {
  steps = 0
}

/** Whether a search gave up, because this call had taken its steps. */
export function isTooMuch(): bool {
  return steps > MAX_STEPS
}

/** Why the last `Pattern.compile` failed. */
export let mistake = ''

/**
 * A regular expression that tells where its groups are, which the host's does not. It runs all ways through the pattern
 * at once (Thompson, Pike): time is linear in the text, whatever the pattern. What it finds is what RE2 finds.
 */
@final
export class Pattern {
  private readonly ops: Op[] = []
  private readonly x: i32[] = []
  private readonly y: i32[] = []
  private readonly low: u64[] = []
  private readonly high: u64[] = []
  /** Where the whole and each group was found: start and end by turns, -1 for a group that was not. */
  readonly found: StaticArray<i32>
  private text: string = ''
  // The ways at hand, best first, and those at the next character: the instruction of each, and what it has saved.
  private ways: StaticArray<i32> = new StaticArray<i32>(0)
  private nextWays: StaticArray<i32> = new StaticArray<i32>(0)
  private saved: StaticArray<i32> = new StaticArray<i32>(0)
  private nextSaved: StaticArray<i32> = new StaticArray<i32>(0)
  private nextCount: i32 = 0
  /** For each instruction: the round in which it was last reached. */
  private seen: StaticArray<i32> = new StaticArray<i32>(0)
  private round: i32 = 0
  private readonly scratch: StaticArray<i32>

  private constructor(
    readonly groupNames: string[],
    private readonly slots: i32
  ) {
    this.found = new StaticArray<i32>(slots)
    this.scratch = new StaticArray<i32>(slots)
  }

  /** null when `text` is not a pattern; `mistake` says why. */
  static compile(text: string): Pattern | null {
    if (Regex.compile(text) === null) {
      mistake = 'it is not a regular expression in RE2 syntax'
      return null
    }
    const parser = new PatternParser(text)
    const node = parser.parse()
    if (node === null) {
      mistake = patternMistake
      return null
    }
    const pattern = new Pattern(parser.groupNames, parser.groupNames.length << 1)
    pattern.save(0, node, 1)
    pattern.emit(Op.MATCH)
    if (pattern.size > MAX_PROGRAM) {
      mistake = 'it is too large: repetitions are written out, and come to more than 1000 steps'
      return null
    }
    pattern.makeRoom()
    return pattern
  }

  /** Number of the group with that name or number; -1 when there is none. */
  groupOf(name: string): i32 {
    for (let i = 1; i < this.groupNames.length; i++) if (name == i.toString() || name == this.groupNames[i]) return i
    return name == '0' ? 0 : -1
  }

  /** Looks for the first place from `from` on, and leaves it in `found`. */
  search(text: string, from: i32): bool {
    this.text = text
    this.nextCount = 0
    this.round++
    let matched = false
    for (let at = from; at <= text.length && steps <= MAX_STEPS; at++) {
      // A new way begins here, behind those that began before, until one has come to an end.
      if (!matched) {
        for (let i = 0; i < this.slots; i++) unchecked((this.scratch[i] = -1))
        this.reach(0, at)
      }
      const count = this.nextCount
      if (matched && count == 0) break
      this.swap()
      this.nextCount = 0
      this.round++
      if (this.run(count, at, at < text.length ? text.charCodeAt(at) : -1)) matched = true
    }
    return matched && steps <= MAX_STEPS
  }

  /** Takes each way past the character at `at`. True when one has ended; those behind it then count no more. */
  private run(count: i32, at: i32, unit: i32): bool {
    for (let i = 0; i < count; i++) {
      const pc = unchecked(this.ways[i])
      const base = i * this.slots
      steps++
      if (unchecked(this.ops[pc]) == Op.MATCH) {
        for (let s = 0; s < this.slots; s++) unchecked((this.found[s] = this.saved[base + s]))
        return true
      }
      if (unit < 0 || unit > 0x7f || !this.accepts(pc, unit)) continue
      for (let s = 0; s < this.slots; s++) unchecked((this.scratch[s] = this.saved[base + s]))
      this.reach(pc + 1, at + 1)
    }
    return false
  }

  /** Goes on from an instruction to all that take a character, in order, and adds them to the next ways. */
  private reach(pc: i32, at: i32): void {
    if (unchecked(this.seen[pc]) == this.round) return
    unchecked((this.seen[pc] = this.round))
    steps++
    switch (unchecked(this.ops[pc])) {
      case Op.JUMP:
        return this.reach(unchecked(this.x[pc]), at)
      case Op.SPLIT:
        this.reach(unchecked(this.x[pc]), at)
        return this.reach(unchecked(this.y[pc]), at)
      case Op.SAVE: {
        const slot = unchecked(this.x[pc])
        const before = unchecked(this.scratch[slot])
        unchecked((this.scratch[slot] = at))
        this.reach(pc + 1, at)
        unchecked((this.scratch[slot] = before))
        return
      }
      case Op.ASSERT:
        if (this.holds(<Place>unchecked(this.x[pc]), at)) this.reach(pc + 1, at)
        return
      default: {
        const base = this.nextCount * this.slots
        for (let s = 0; s < this.slots; s++) unchecked((this.nextSaved[base + s] = this.scratch[s]))
        unchecked((this.nextWays[this.nextCount++] = pc))
      }
    }
  }

  private accepts(pc: i32, unit: i32): bool {
    const bits = unit < 64 ? unchecked(this.low[pc]) >> unit : unchecked(this.high[pc]) >> (unit - 64)
    return (bits & 1) != 0
  }

  private holds(place: Place, at: i32): bool {
    if (place == Place.START) return at == 0
    if (place == Place.END) return at == this.text.length
    const edge = this.isWord(at - 1) != this.isWord(at)
    return edge == (place == Place.WORD_EDGE)
  }

  private isWord(at: i32): bool {
    if (at < 0 || at >= this.text.length) return false
    const unit = this.text.charCodeAt(at)
    const lower = unit | 0x20
    return (lower >= 0x61 && lower <= 0x7a && unit < 0x80) || (unit >= 0x30 && unit <= 0x39) || unit == 0x5f
  }

  private swap(): void {
    const ways = this.ways
    this.ways = this.nextWays
    this.nextWays = ways
    const saved = this.saved
    this.saved = this.nextSaved
    this.nextSaved = saved
  }

  private get size(): i32 {
    return this.ops.length
  }

  private makeRoom(): void {
    this.ways = new StaticArray<i32>(this.size)
    this.nextWays = new StaticArray<i32>(this.size)
    this.saved = new StaticArray<i32>(this.size * this.slots)
    this.nextSaved = new StaticArray<i32>(this.size * this.slots)
    this.seen = new StaticArray<i32>(this.size)
    this.seen.fill(-1)
  }

  private compileNode(node: Node): void {
    if (this.size > MAX_PROGRAM) return
    switch (node.kind) {
      case NodeKind.SET: {
        const pc = this.emit(Op.SET)
        this.low[pc] = node.low
        this.high[pc] = node.high
        return
      }
      case NodeKind.ASSERT:
        this.x[this.emit(Op.ASSERT)] = node.place
        return
      case NodeKind.SEQUENCE:
        for (let i = 0; i < node.below.length; i++) this.compileNode(node.below[i])
        return
      case NodeKind.CHOICE:
        return this.compileChoice(node)
      case NodeKind.REPEAT:
        return this.compileRepeat(node)
      case NodeKind.GROUP:
        if (node.group > 0) this.save(node.group << 1, node.below[0], (node.group << 1) + 1)
        else this.compileNode(node.below[0])
    }
  }

  private save(before: i32, node: Node, after: i32): void {
    this.x[this.emit(Op.SAVE)] = before
    this.compileNode(node)
    this.x[this.emit(Op.SAVE)] = after
  }

  private compileChoice(node: Node): void {
    const jumps: i32[] = []
    for (let i = 0; i < node.below.length; i++) {
      const isLast = i == node.below.length - 1
      const split = isLast ? -1 : this.emit(Op.SPLIT)
      this.compileNode(node.below[i])
      if (isLast) continue
      jumps.push(this.emit(Op.JUMP))
      this.x[split] = split + 1
      this.y[split] = this.size
    }
    for (let i = 0; i < jumps.length; i++) this.x[jumps[i]] = this.size
  }

  private compileRepeat(node: Node): void {
    const body = node.below[0]
    const copies = node.max == UNBOUNDED ? node.min - 1 : node.min
    for (let i = 0; i < copies && this.size <= MAX_PROGRAM; i++) this.compileNode(body)
    if (node.max == UNBOUNDED) {
      // x* is (x+)?, as RE2 has it: that differs where x can be empty.
      const skip = node.min == 0 ? this.emit(Op.SPLIT) : -1
      const start = this.size
      this.compileNode(body)
      const split = this.emit(Op.SPLIT)
      this.x[split] = node.greedy ? start : this.size
      this.y[split] = node.greedy ? this.size : start
      if (skip >= 0) this.branch(skip, this.size, node.greedy)
      return
    }
    const splits: i32[] = []
    for (let i = node.min; i < node.max && this.size <= MAX_PROGRAM; i++) {
      splits.push(this.emit(Op.SPLIT))
      this.compileNode(body)
    }
    for (let i = 0; i < splits.length; i++) this.branch(splits[i], this.size, node.greedy)
  }

  /** From a split into what follows it, or past it to `end`. */
  private branch(split: i32, end: i32, greedy: bool): void {
    this.x[split] = greedy ? split + 1 : end
    this.y[split] = greedy ? end : split + 1
  }

  private emit(op: Op): i32 {
    this.x.push(0)
    this.y.push(0)
    this.low.push(0)
    this.high.push(0)
    return this.ops.push(op) - 1
  }
}
