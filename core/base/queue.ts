/** A member of a queue; it is in one at most. */
export interface Queued<T extends Queued<T>> {
  /** The one it is in; undefined: none. */
  queue: Queue<T> | undefined
  before: T | undefined
  behind: T | undefined
}

/**
 * First come, first served, and whoever waits can leave from any place at once. Not a Set, where every request comes and goes: a Set makes a new
 * table ever so often, and each old one leads to the next. As soon as one of them has come to the old generation, all that follow and what stood
 * in them follow too, until a full collection: a third of a core, and pauses of 15 ms.
 */
export class Queue<T extends Queued<T>> {
  first: T | undefined
  last: T | undefined
  length = 0

  push(item: T): void {
    item.queue = this
    item.before = this.last
    item.behind = undefined
    if (this.last === undefined) this.first = item
    else this.last.behind = item
    this.last = item
    this.length++
  }

  /** Takes out the first. */
  shift(): T | undefined {
    const { first } = this
    if (first !== undefined) this.remove(first)
    return first
  }

  /** Takes it out, if it is here. */
  remove(item: T): void {
    if (item.queue !== this) return
    const { before, behind } = item
    if (before === undefined) this.first = behind
    else before.behind = behind
    if (behind === undefined) this.last = before
    else behind.before = before
    item.queue = undefined
    item.before = undefined
    item.behind = undefined
    this.length--
  }
}
