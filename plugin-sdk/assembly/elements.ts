import { Spans } from './wire'

/**
 * The messages of a list, each with its view. They are decoded when they are asked for; readers and views are made once and
 * used again by every call, as readers live as long as the instance.
 */
// @ts-ignore: decorator
@final
export class Elements<V, R> {
  private readonly readers: R[] = []
  private readonly views: V[] = []

  constructor(private readonly list: Spans) {}

  get length(): i32 {
    return this.list.length
  }

  /** The view of element `index`, which must be there. Views of different elements can be used side by side. */
  at(index: i32): V {
    if (<u32>index >= <u32>this.list.length) throw new RangeError('there is no element ' + index.toString())
    while (this.views.length <= index) {
      const reader = instantiate<R>()
      this.readers.push(reader)
      this.views.push(instantiate<V>(reader))
    }
    if (!this.readers[index].decode(this.list.at(index), this.list.size(index))) {
      throw new Error('element ' + index.toString() + ' of a list is malformed')
    }
    return this.views[index]
  }
}
