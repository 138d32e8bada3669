/** What became of a text: how much of it stands as it did, at its beginning and at its end. */
export class TextEdit {
  /** Characters at the beginning that are the same. */
  readonly head: number
  /** Characters at the end that are the same, none of them of the head. */
  readonly tail: number

  constructor(
    readonly was: string,
    readonly now: string
  ) {
    const most = Math.min(was.length, now.length)
    let head = 0
    while (head < most && was[head] === now[head]) head++
    let tail = 0
    while (tail < most - head && was[was.length - 1 - tail] === now[now.length - 1 - tail]) tail++
    this.head = head
    this.tail = tail
  }

  /** By how many characters a passage has moved; undefined: it is not what it was. */
  shift(from: number, to: number): number | undefined {
    if (to <= this.head) return 0
    return from >= this.was.length - this.tail ? this.now.length - this.was.length : undefined
  }

  /** What is said of a passage, told of where that is now; nothing of one that was changed. */
  carried<T>(said: T, from: number, to: number, moved: (by: number) => T): T[] {
    const by = this.shift(from, to)
    if (by === undefined) return []
    return [by === 0 ? said : moved(by)]
  }
}
