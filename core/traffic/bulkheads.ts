import type { ErrorCode } from '../base/errors.js'
import { CLOCK, type Clock } from '../upstream/clock.js'
import { Bulkhead, type BulkheadOptions, type Pass, Shed, type ShedReason } from './bulkhead.js'
import type { Priority } from './priority.js'

/** Why somebody was turned away, as it is told to another thread. */
export interface TurnedAway {
  readonly reason: ShedReason
  readonly code: ErrorCode
  readonly message: string
}

/** What lets exchanges in for all event loops: each asks it by messages. */
export interface BulkheadCalls {
  /**
   * Comes in, or waits.
   * @param ticket - no two exchanges of the process have the same: whoever was not turned away leaves with it, once, also from the queue
   * @returns when it is in, or has left; why not, when it is turned away
   */
  enterBulkhead(
    ticket: string,
    options: BulkheadOptions,
    priority: Priority,
    consumer: string
  ): Promise<TurnedAway | undefined>
  leaveBulkhead(ticket: string): Promise<void>
}

interface Held {
  readonly key: string
  readonly pass: Pass
  /** While it waits. */
  readonly settle: ((turnedAway: TurnedAway | undefined) => void) | undefined
}

/**
 * The bulkheads of all event loops, in one thread. There is one for each upstream and its settings, as long as anybody is in it: after a change
 * of the settings the old one serves those that came under them.
 */
export class Bulkheads implements BulkheadCalls {
  private readonly open = new Map<string, Bulkhead>()
  private readonly held = new Map<string, Held>()

  constructor(private readonly clock: Clock = CLOCK) {}

  /** Bulkheads that somebody is in, or waits for. */
  get size(): number {
    return this.open.size
  }

  async enterBulkhead(
    ticket: string,
    options: BulkheadOptions,
    priority: Priority,
    consumer: string
  ): Promise<TurnedAway | undefined> {
    const key = JSON.stringify(options)
    const bulkhead = this.open.get(key) ?? new Bulkhead(options, this.clock)
    this.open.set(key, bulkhead)
    try {
      const pass = bulkhead.enter(priority, consumer)
      if (pass.state === 'waiting') return await this.wait(ticket, key, pass)
      this.held.set(ticket, { key, pass, settle: undefined })
      return undefined
    } catch (thrown) {
      if (thrown instanceof Shed) return turnedAway(thrown)
      throw thrown
    } finally {
      this.closeEmpty(key)
    }
  }

  async leaveBulkhead(ticket: string): Promise<void> {
    const held = this.held.get(ticket)
    if (held === undefined) return // it was turned away, and did not know yet
    this.held.delete(ticket)
    held.pass.leave()
    held.settle?.(undefined)
    this.closeEmpty(held.key)
  }

  private wait(ticket: string, key: string, pass: Pass): Promise<TurnedAway | undefined> {
    return new Promise(resolve => {
      this.held.set(ticket, { key, pass, settle: resolve })
      pass.whenSettled(refused => {
        if (refused !== undefined) this.held.delete(ticket)
        resolve(refused && turnedAway(refused))
      })
    })
  }

  private closeEmpty(key: string): void {
    const bulkhead = this.open.get(key)
    if (bulkhead !== undefined && bulkhead.inside + bulkhead.waiting === 0) this.open.delete(key)
  }
}

function turnedAway({ reason, code, message }: Shed): TurnedAway {
  return { reason, code, message }
}
