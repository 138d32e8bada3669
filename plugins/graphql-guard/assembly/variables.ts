import { JsonKind, JsonTree } from '@sluice/plugin-sdk/assembly'
import { parseDecimal } from '@sluice/plugin-sdk/assembly/decimal'
import { Default, Size, SizeKind } from './document'
import { Weights } from './weights'

const DEEPEST: i32 = 16
/** Members that are looked at in the variables of a request, in search of lengths of lists. */
const MAX_LOOKS: i32 = 10_000

/** Nothing says how long the list is. */
export const NO_SIZE: f64 = -1

/** The values of a call's variables, as far as they say how long lists are. */
@final
export class Variables {
  /** A key stands twice among them: readers would take one or the other. */
  isAmbiguous: bool = false
  private looks: i32 = 0
  /** Made when the first variable is asked for. */
  private index: Map<string, JsonTree> | null = null
  /** What was found in those that are objects. */
  private found: Map<string, f64> | null = null

  constructor(
    /** The object with all of them; null when the call has none. */
    private readonly values: JsonTree | null,
    private readonly weights: Weights
  ) {}

  /**
   * The largest length that is said for a field; NO_SIZE for none.
   * @param defaults - what variables are that the call does not give
   */
  largest(first: Size | null, defaults: Map<string, Default> | null): f64 {
    let largest = NO_SIZE
    let size = first
    while (size !== null) {
      largest = max(largest, this.valueOf(size, defaults))
      size = size.next
    }
    return largest
  }

  private valueOf(size: Size, defaults: Map<string, Default> | null): f64 {
    switch (size.kind) {
      case SizeKind.KNOWN:
        return this.sane(size.value)
      case SizeKind.VARIABLE: {
        const value = this.get(size.variable)
        if (value !== null) return this.sizeOf(value)
        return this.largest(defaultOf(size.variable, defaults).itself, null)
      }
      case SizeKind.WITHIN: {
        let found = this.found
        if (found === null) this.found = found = new Map<string, f64>()
        if (found.has(size.variable)) return found.get(size.variable)
        const value = this.get(size.variable)
        if (value === null) return this.within(defaultOf(size.variable, defaults))
        const largest = this.search(value, 0)
        found.set(size.variable, largest)
        return largest
      }
      default:
        return this.weights.unknownSize
    }
  }

  /** Operations have their own defaults, so it is kept with them. */
  private within(value: Default): f64 {
    if (isNaN(value.largestWithin)) value.largestWithin = this.largest(value.sizes, null)
    return value.largestWithin
  }

  private get(name: string): JsonTree | null {
    let index = this.index
    if (index === null) this.index = index = this.indexed()
    return index.has(name) ? index.get(name) : null
  }

  private indexed(): Map<string, JsonTree> {
    const index = new Map<string, JsonTree>()
    const values = this.values
    if (values === null) return index
    for (let i = 0; i < values.length; i++) {
      const value = values.item(i)
      if (index.has(value.key)) this.isAmbiguous = true
      index.set(value.key, value)
    }
    return index
  }

  private search(tree: JsonTree, depth: i32): f64 {
    let size = NO_SIZE
    for (let i = 0; i < tree.length; i++) {
      // What is too large or too deep to look through counts as a long list.
      if (++this.looks > MAX_LOOKS || depth > DEEPEST) return this.weights.unknownSize
      const item = tree.item(i)
      if (tree.isObject && this.weights.listArguments.has(item.key)) size = max(size, this.sizeOf(item))
      size = max(size, this.search(item, depth + 1))
    }
    return size
  }

  private sizeOf(value: JsonTree): f64 {
    if (value.isNull) return NO_SIZE
    return value.kind == JsonKind.NUMBER ? this.sane(parseDecimal(value.text)) : this.weights.unknownSize
  }

  /** Some servers take a negative length for no limit at all. */
  private sane(size: f64): f64 {
    return size >= 0 ? max(size, 1) : this.weights.unknownSize
  }
}

const NO_DEFAULT = new Default()

function defaultOf(variable: string, defaults: Map<string, Default> | null): Default {
  return defaults !== null && defaults.has(variable) ? defaults.get(variable) : NO_DEFAULT
}
