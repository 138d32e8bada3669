import { Default, Document, Fragment, Operation, Selection, SelectionKind } from './document'
import { NO_SIZE, Variables } from './variables'
import { BELOW, Weights } from './weights'

/** Fragments within fragments, and braces within braces, beyond this are refused: each takes stack. */
const MAX_RECURSION: i32 = 250

/**
 * What is selected, all fragments counted where they are spread. Numbers are f64: fragments that spread each other
 * twice double them each time, and an f64 goes up to infinity where an integer would begin again at 0.
 */
@final
export class Measure {
  depth: f64 = 0
  cost: f64 = 0
  aliases: f64 = 0
  directives: f64 = 0
  /** Fields beside each other, at this level. */
  fields: f64 = 0

  /** Adds what stands beside it. */
  add(other: Measure): void {
    this.depth = max(this.depth, other.depth)
    this.cost += other.cost
    this.aliases += other.aliases
    this.directives += other.directives
    this.fields += other.fields
  }

  /** Adds what stands below a field whose list is `size` long. */
  addBelow(other: Measure, size: f64): void {
    this.depth = max(this.depth, other.depth + 1)
    this.cost += other.cost * size
    this.aliases += other.aliases
    this.directives += other.directives
  }
}

/** Measures one operation of a document. */
@final
export class Surveyor {
  /** What is wrong with the document: a fragment that is not there, a circle. */
  mistake: string = ''
  /** A field of introspection that is asked for; "" for none. */
  introspection: string = ''
  /** A field that is asked for and denied; "" for none. */
  denied: string = ''
  private defaults: Map<string, Default> | null = null
  /** Each fragment is measured once for each place it may stand in: at the root of the operation, or below. */
  private known: Map<string, Measure> | null = null

  constructor(
    private readonly document: Document,
    private readonly variables: Variables,
    private readonly weights: Weights
  ) {}

  measure(operation: Operation): Measure {
    this.defaults = operation.defaults
    const measure = this.selections(operation.selections, operation.type, 0)
    measure.directives += <f64>operation.directives
    return measure
  }

  private selections(first: Selection | null, root: i32, recursion: i32): Measure {
    const all = new Measure()
    if (recursion > MAX_RECURSION) {
      this.mistake = 'Fragments are nested too deep.'
      return all
    }
    let each = first
    while (each !== null && this.mistake == '') {
      all.directives += <f64>each.directives
      if (each.kind == SelectionKind.FIELD) this.field(each, root, recursion, all)
      else if (each.kind == SelectionKind.SPREAD) all.add(this.spread(each.name, root, recursion))
      else all.add(this.selections(each.below, root, recursion + 1))
      each = each.next
    }
    return all
  }

  private field(field: Selection, root: i32, recursion: i32, all: Measure): void {
    const name = field.name
    if (name.startsWith('__') && name != '__typename') this.introspection = name
    if (this.weights.isDenied(name, root)) this.denied = name
    all.fields += 1
    all.depth = max(all.depth, 1)
    all.cost += this.weights.costOf(name, root)
    if (field.aliased) all.aliases += 1
    if (field.below === null) return
    const said = this.variables.largest(field.sizes, this.defaults)
    const size = said == NO_SIZE ? this.weights.sizeOf(name, root) : said
    all.addBelow(this.selections(field.below, BELOW, recursion + 1), size)
  }

  private spread(name: string, root: i32, recursion: i32): Measure {
    let known = this.known
    if (known === null) this.known = known = new Map<string, Measure>()
    const key = root.toString() + name
    if (known.has(key)) return known.get(key)
    if (!this.document.fragments.has(name)) {
      this.mistake = 'There is no fragment ' + name + '.'
      return new Measure()
    }
    const fragment: Fragment = this.document.fragments.get(name)
    if (fragment.isOpen) {
      this.mistake = 'The fragment ' + name + ' spreads itself.'
      return new Measure()
    }
    fragment.isOpen = true
    const measure = this.selections(fragment.selections, root, recursion + 1)
    measure.directives += <f64>fragment.directives
    fragment.isOpen = false
    known.set(key, measure)
    return measure
  }
}
