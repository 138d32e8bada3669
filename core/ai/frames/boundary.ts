import type { Buffer } from 'node:buffer'

const LF = 10
const CR = 13

/** Line ends enough that a blank line must be among them, however they are paired: CR LF CR LF. */
const ENOUGH = 4

/**
 * Tells of passing bytes of server-sent events, cut anywhere, whether the stream stands between two events: nothing
 * has passed yet, or a blank line was the last thing. There a comment may be put in, and changes no event. Looks at no
 * more than the last four bytes of a piece. Between CR and the LF that belongs to it counts as after the line: what is
 * put in there leaves but another blank line behind.
 *
 * A byte order mark counts only as the very first bytes: whoever puts something in before the first piece must take it
 * off that piece.
 */
export class EventBoundary {
  private line: 'blank' | 'ended' | 'open' = 'blank'
  /** The last byte was a CR: an LF that follows belongs to it. */
  private afterCr = false

  /** Whether something may be put in now. */
  get between(): boolean {
    return this.line === 'blank'
  }

  /** These bytes have passed. */
  pass(piece: Buffer): void {
    let at = piece.length
    while (at > 0 && piece.length - at < ENOUGH && isLineEnd(piece[at - 1])) at--
    if (at > 0) {
      this.line = 'open'
      this.afterCr = false
    }
    for (; at < piece.length; at++) this.endLine(piece[at] === CR)
  }

  private endLine(cr: boolean): void {
    if (!cr && this.afterCr) this.afterCr = false
    else {
      this.line = this.line === 'open' ? 'ended' : 'blank'
      this.afterCr = cr
    }
  }
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === LF || byte === CR
}
