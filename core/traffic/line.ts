/** A member of a line; it is in one at most. */
export interface InLine<T> {
  before: T | undefined
  behind: T | undefined
}

/** First come, first served, and whoever waits can leave from any place at once. */
export class Line<T extends InLine<T>> {
  first: T | undefined
  last: T | undefined
  length = 0

  push(item: T): void {
    item.before = this.last
    item.behind = undefined
    if (this.last === undefined) this.first = item
    else this.last.behind = item
    this.last = item
    this.length++
  }

  remove(item: T): void {
    const { before, behind } = item
    if (before === undefined) this.first = behind
    else before.behind = behind
    if (behind === undefined) this.last = before
    else behind.before = before
    item.before = undefined
    item.behind = undefined
    this.length--
  }
}
