/** What a piece of a pattern is. */
export enum NodeKind {
  EMPTY,
  /** One character of a set. */
  SET,
  /** A place, no character. */
  ASSERT,
  SEQUENCE,
  CHOICE,
  REPEAT,
  GROUP
}

/** A place between characters. */
export enum Place {
  START,
  END,
  WORD_EDGE,
  NO_WORD_EDGE
}

/** No upper bound of a repetition. */
export const UNBOUNDED: i32 = -1

/** A piece of a pattern, as it is written. */
@final
export class Node {
  /** SET: the ASCII characters below 64 and from 64 on, a bit for each. */
  low: u64 = 0
  high: u64 = 0
  place: Place = Place.START
  readonly below: Node[] = []
  min: i32 = 0
  max: i32 = UNBOUNDED
  greedy: bool = true
  /** GROUP: its number; 0 for one that is not captured. */
  group: i32 = 0

  constructor(readonly kind: NodeKind) {}

  static set(low: u64, high: u64): Node {
    const node = new Node(NodeKind.SET)
    node.low = low
    node.high = high
    return node
  }

  static assert(place: Place): Node {
    const node = new Node(NodeKind.ASSERT)
    node.place = place
    return node
  }

  /** Adds one character to a set. */
  add(unit: i32): void {
    if (unit < 64) this.low |= (<u64>1) << unit
    else this.high |= (<u64>1) << (unit - 64)
  }

  addRange(from: i32, to: i32): void {
    for (let unit = from; unit <= to; unit++) this.add(unit)
  }

  addSet(other: Node): void {
    this.low |= other.low
    this.high |= other.high
  }

  has(unit: i32): bool {
    return unit < 64 ? ((this.low >> unit) & 1 ? true : false) : (this.high >> (unit - 64)) & 1 ? true : false
  }

  negate(): void {
    this.low = ~this.low
    this.high = ~this.high
  }

  /** Each letter in both cases. */
  fold(): void {
    for (let unit = 0x41; unit <= 0x5a; unit++) {
      if (this.has(unit) || this.has(unit | 0x20)) {
        this.add(unit)
        this.add(unit | 0x20)
      }
    }
  }
}
