/**
 * A text as it is meant (escapes decoded) that knows where it came from, so that a match in it can be masked in the body.
 * `origins` is a u32 for each byte and one for the end: its place in the body. 0: the text is the body's own bytes,
 * from `base` on.
 */
@final
export class SourceText {
  start: usize = 0
  size: i32 = 0
  origins: usize = 0
  base: i32 = 0

  /** The place in the body of byte `index`. */
  sourceOf(index: i32): i32 {
    return this.origins == 0 ? this.base + index : load<i32>(this.origins + (<usize>index << 2))
  }
}
