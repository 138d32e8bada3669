/** Memory that grows and is used again by every call. */
@final
export class Room {
  start: usize = 0
  private size: usize = 0

  /** Makes sure of `bytes` bytes; what was there stays, but may move. */
  reserve(bytes: i32): void {
    if (<usize>bytes <= this.size) return
    const size = max<usize>(<usize>bytes, this.size << 1)
    this.start = this.start == 0 ? heap.alloc(size) : heap.realloc(this.start, size)
    this.size = size
  }
}
