import { Json, JsonTree, Step } from '@sluice/plugin-sdk/assembly'

/** The body at hand; the text itself may be replaced. */
@final
export class Document {
  isReplaced: bool = false

  constructor(public root: JsonTree) {}

  replace(root: JsonTree): void {
    this.root = root
    this.isReplaced = true
  }

  get isChanged(): bool {
    return this.isReplaced || this.root.isChanged
  }
}

/** A place in the body that a pointer leads to; `value` is null where nothing stands yet. */
@final
export class Place {
  constructor(
    /** null for the whole text. */
    private readonly parent: JsonTree | null,
    /** null where "*" led to it: `index` is its place then. */
    private readonly step: Step | null,
    private readonly index: i32,
    readonly value: JsonTree | null,
    /** What each "*" of the pointer stood for. */
    readonly bound: Step[]
  ) {}

  /** False: there is no such place, because what is around it is neither an object nor an array. */
  put(document: Document, value: JsonTree): bool {
    const parent = this.parent
    const step = this.step
    if (parent === null) document.replace(value)
    else if (step !== null) return parent.set(step, value)
    else parent.replaceAt(this.index, value)
    return true
  }

  /** Of several places in one array, the last one must go first. */
  remove(document: Document): void {
    const parent = this.parent
    const step = this.step
    if (parent === null) document.replace(JsonTree.object())
    else if (step !== null) parent.remove(step)
    else parent.removeAt(this.index)
  }

  rename(key: Step): void {
    const parent = this.parent
    const step = this.step
    if (parent !== null && step !== null) parent.rename(step, key)
  }

  /** Puts back what remove() took. */
  restore(document: Document, value: JsonTree): void {
    const parent = this.parent
    const step = this.step
    if (parent === null) document.replace(value)
    else if (step !== null) parent.set(step, value)
    else parent.set(parent.isArray ? new Step('-') : new Step(value.key), value)
  }
}

const NOTHING: Step[] = []
const BEHIND = new Step('-')
const NULL = Json.nil()

/**
 * Every place that `steps` lead to. Where a key stands twice in an object on the way, only the last one stays.
 * @param make - makes the objects and arrays on the way that are not there
 * @param binds - whether the caller asks what "*" stood for
 */
export function placesOf(document: Document, steps: Step[], make: bool, binds: bool): Place[] {
  const places: Place[] = []
  if (steps.length == 0) places.push(new Place(null, null, 0, document.root, NOTHING))
  else walk(document.root, steps, 0, make, binds, NOTHING, places)
  return places
}

function walk(
  tree: JsonTree,
  steps: Step[],
  depth: i32,
  make: bool,
  binds: bool,
  bound: Step[],
  places: Place[]
): void {
  const step = steps[depth]
  const isLast = depth == steps.length - 1
  if (step.isAny) {
    const isArray = tree.isArray
    for (let i = 0; i < tree.length && !JsonTree.isTooLarge; i++) {
      const item = tree.item(i)
      const more = binds ? bound.concat([new Step(isArray ? i.toString() : item.key, false, isArray)]) : bound
      if (isLast) places.push(new Place(tree, null, i, item, more))
      else walk(item, steps, depth + 1, make, binds, more, places)
    }
    return
  }
  if (make && step.isIndex) pad(tree, step.index, isLast)
  let next = tree.only(step)
  if (isLast) {
    places.push(new Place(tree, step, 0, next, bound))
    return
  }
  if (next === null && make && !hasAny(steps, depth + 1)) {
    const made = steps[depth + 1].isIndex ? JsonTree.array() : JsonTree.object()
    if (tree.set(step, made)) next = made
  }
  if (next !== null) walk(next, steps, depth + 1, make, binds, bound, places)
}

/** An element keeps its index in the list it goes to: those before it that are not there are null, or empty objects. */
function pad(tree: JsonTree, index: i32, isLast: bool): void {
  if (!tree.isArray) return
  while (tree.length < index) tree.set(BEHIND, isLast ? JsonTree.from(NULL) : JsonTree.object())
}

/** `steps` with what was bound in place of each "*". */
export function filledIn(steps: Step[], bound: Step[]): Step[] {
  const filled: Step[] = []
  let used = 0
  for (let i = 0; i < steps.length; i++) filled.push(steps[i].isAny ? bound[used++] : steps[i])
  return filled
}

/** How many "*" there are. */
export function anyCount(steps: Step[]): i32 {
  let count = 0
  for (let i = 0; i < steps.length; i++) if (steps[i].isAny) count++
  return count
}

function hasAny(steps: Step[], from: i32): bool {
  for (let i = from; i < steps.length; i++) if (steps[i].isAny) return true
  return false
}
