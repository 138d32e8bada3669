import type { Queue } from '../../base/queue.js'
import type { Ticked, Ticks } from '../ticks.js'
import type { Connection } from './gate.js'
import { PIECE_BYTES } from './pieces.js'
import type { Wire } from './wire.js'

/** What is to be known of the connection of a reply. */
export interface Watched extends Pick<Connection, 'busy'> {
  readonly link: Pick<Connection['link'], 'queued' | 'taken' | 'destroy'>
}

/** Of each exchange of a connection: a write under way and the one after it, with two pieces and two small chunks each at most. */
const AHEAD_BYTES = 8 * PIECE_BYTES

/**
 * Gives up on a client that takes nothing of a reply while bytes wait for it: it would keep the upstream's connection, for one.
 * What counts is bytes that are taken, however few, not room for more.
 */
export class ReplyWatch implements Ticked {
  queue: Queue<Ticked> | undefined
  before: Ticked | undefined
  behind: Ticked | undefined
  /** All was written: what is not seen to wait waits all the same until the reply is over. */
  private ended = false
  private taken = Number.NaN
  private linkTaken = Number.NaN
  /** `linkTaken` when something of the reply was taken last. */
  private since = 0
  /** How many ticks ago that was. */
  private quiet = 0
  private linkQuiet = 0

  constructor(
    private readonly wire: Pick<Wire, 'left' | 'taken' | 'giveUp'>,
    private readonly connection: Watched,
    private readonly clock: Ticks
  ) {}

  /** Something waits, maybe for no time at all. */
  begin(ended: boolean): void {
    this.ended = ended
    if (this.queue !== undefined) return
    this.clock.add(this)
    // To be seen at the first tick: most replies are over by then.
    this.taken = Number.NaN
    this.linkTaken = Number.NaN
  }

  end(): void {
    if (this.queue !== undefined) this.clock.delete(this)
  }

  tick(maxQuiet: number): void {
    if (this.wire.left === 0 && !this.ended) {
      this.end() // until there is more of it
      return
    }
    this.look()
    if (this.quiet < maxQuiet) return
    const { link, busy } = this.connection
    if (link.queued > 0 && this.linkQuiet >= maxQuiet) link.destroy()
    // It may be behind what other streams of the connection had sent before it; then that is what the client takes.
    else if (link.queued === 0 || this.linkTaken - this.since >= busy * AHEAD_BYTES) this.wire.giveUp()
  }

  private look(): void {
    const { taken } = this.wire
    const { taken: linkTaken } = this.connection.link
    this.linkQuiet = linkTaken === this.linkTaken ? this.linkQuiet + 1 : 0
    this.linkTaken = linkTaken
    this.quiet = taken === this.taken ? this.quiet + 1 : 0
    this.taken = taken
    if (this.quiet === 0) this.since = linkTaken
  }
}
