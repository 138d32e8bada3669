import { randomBytes } from 'node:crypto'
import { type BulkheadOptions, type ConcurrencyLimit, type Place, Shed, type ShedReason } from './bulkhead.js'
import type { BulkheadCalls, TurnedAway } from './bulkheads.js'
import type { Priority } from './priority.js'

/** Tickets of this thread. */
const prefix = randomBytes(6).toString('hex')
let count = 0

/**
 * A bulkhead that another thread keeps for all event loops: whoever comes waits for its answer. What is counted here are the
 * exchanges of this loop.
 */
export class RemoteBulkhead implements ConcurrencyLimit {
  inside = 0
  readonly queued: Record<Priority, number> = { critical: 0, default: 0, bulk: 0 }
  private readonly present = new Map<string, number>()

  constructor(
    readonly options: BulkheadOptions,
    private readonly calls: BulkheadCalls,
    private readonly onShed: (priority: Priority, reason: ShedReason) => void = () => undefined
  ) {}

  get waiting(): number {
    const { critical, default: normal, bulk } = this.queued
    return critical + normal + bulk
  }

  get consumers(): number {
    return this.present.size
  }

  enter(priority: Priority, consumer: string): Place {
    const place = new RemotePlace(this, this.calls, priority, consumer)
    this.queued[priority]++
    if (this.options.perConsumer !== undefined && consumer !== '')
      this.present.set(consumer, (this.present.get(consumer) ?? 0) + 1)
    void place.ask()
    return place
  }

  /** For places alone. */
  settled({ priority, consumer }: RemotePlace, refused: TurnedAway | undefined): void {
    this.queued[priority]--
    if (refused === undefined) this.inside++
    else {
      this.forget(consumer)
      this.onShed(priority, refused.reason)
    }
  }

  /** For places alone. */
  left({ state, priority, consumer }: RemotePlace): void {
    if (state === 'inside') this.inside--
    else this.queued[priority]--
    this.forget(consumer)
  }

  private forget(consumer: string): void {
    const left = (this.present.get(consumer) ?? 0) - 1
    if (left > 0) this.present.set(consumer, left)
    else this.present.delete(consumer)
  }
}

class RemotePlace implements Place {
  state: Place['state'] = 'waiting'
  private readonly ticket = `${prefix}-${(count++).toString(36)}`
  private onSettled: ((refused: Shed | undefined) => void) | undefined

  constructor(
    private readonly bulkhead: RemoteBulkhead,
    private readonly calls: BulkheadCalls,
    readonly priority: Priority,
    readonly consumer: string
  ) {}

  async ask(): Promise<void> {
    const { bulkhead, calls, ticket, priority, consumer } = this
    const refused = await calls.enterBulkhead(ticket, bulkhead.options, priority, consumer)
    if (this.state === 'gone') return
    bulkhead.settled(this, refused)
    this.state = refused === undefined ? 'inside' : 'gone'
    this.onSettled?.(refused && new Shed(refused.code, refused.message, refused.reason))
  }

  whenSettled(onSettled: (refused: Shed | undefined) => void): void {
    this.onSettled = onSettled
  }

  leave(): void {
    if (this.state === 'gone') return
    this.bulkhead.left(this)
    this.state = 'gone'
    // Behind the question, if that is still on its way: messages keep their order.
    void this.calls.leaveBulkhead(this.ticket)
  }
}
