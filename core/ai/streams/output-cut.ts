import type { Buffer } from 'node:buffer'
import type { StreamEnding } from '../dialects/dialect.js'
import type { FrameReader, Framing } from '../frames/frame.js'
import type { Usage } from '../usage.js'

/** What an answer may use still. */
export interface Allowance {
  /** Tokens that are paid for. */
  readonly cutAt: number
  /** @returns how many are paid for after all; not more than `produced`: the answer ends here */
  more(produced: number): number | Promise<number>
}

/**
 * Follows what a client gets and ends it when what is paid for is used up: with finish_reason "length", in the client's dialect, as if the
 * model had come to its limit.
 */
export class OutputCut {
  private paid: number
  private asking = false
  private over = false
  private readonly frames: FrameReader

  /**
   * @param used - what a client is told of it: what is booked
   * @param cut - ends the stream with these bytes
   */
  constructor(
    private readonly framing: Framing,
    private readonly ending: StreamEnding,
    private readonly allowance: Allowance,
    private readonly used: () => Usage,
    private readonly cut: (last: readonly Buffer[]) => void
  ) {
    this.frames = framing.reader()
    this.paid = allowance.cutAt
  }

  get produced(): number {
    return Math.ceil(this.ending.quarters / 4)
  }

  /** What goes to the client. */
  see(piece: Buffer): void {
    if (this.over) return
    try {
      for (const frame of this.frames.feed(piece)) this.ending.see(frame)
      if (this.ending.over) this.over = true
    } catch {
      this.over = true // what cannot be read cannot be counted; the limits of streams hold all the same
    }
    if (this.produced > this.paid && !this.asking && !this.over) this.askForMore()
  }

  private askForMore(): void {
    const answer = this.allowance.more(this.produced)
    if (!(answer instanceof Promise)) {
      this.granted(answer)
      return
    }
    this.asking = true
    const end = (paid: number): void => {
      this.asking = false
      this.granted(paid)
    }
    answer.then(end, () => end(Number.POSITIVE_INFINITY)) // who cannot be asked stops nobody
  }

  private granted(paid: number): void {
    if (paid > this.produced) {
      this.paid = paid
      return
    }
    if (this.over) return
    this.over = true
    // The piece at hand goes out first.
    queueMicrotask(() => this.cut(this.last()))
  }

  private last(): Buffer[] {
    return this.ending.end(this.used()).map(this.framing.write)
  }
}
