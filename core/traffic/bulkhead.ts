import type { ErrorCode } from '../base/errors.js'
import { Queue, type Queued } from '../base/queue.js'
import { RetryLater } from '../base/refusal.js'
import type { Clock } from '../upstream/clock.js'
import { PRIORITIES, type Priority } from './priority.js'

export interface BulkheadOptions {
  readonly name: string
  /** Exchanges at a time. */
  readonly limit: number
  /** Exchanges that may wait. */
  readonly queue: number
  readonly queueMs: number
  /** Of one consumer; undefined: as many as there is room for. */
  readonly perConsumer: { readonly limit: number; readonly queue: number } | undefined
}

/** Why somebody was turned away: no room to wait, waited too long, made room for somebody more important, or has too much already. */
export type ShedReason = 'full' | 'timeout' | 'displaced' | 'consumer'

/** Somebody was turned away. */
export class Shed extends RetryLater {
  constructor(
    code: ErrorCode,
    message: string,
    readonly reason: ShedReason
  ) {
    super(code, message, 1_000)
  }
}

/** Lets in so many exchanges at a time. */
export interface ConcurrencyLimit {
  readonly options: BulkheadOptions
  readonly inside: number
  readonly waiting: number
  /** How many of each class wait. */
  readonly queued: Readonly<Record<Priority, number>>
  /** Consumers that are counted now. */
  readonly consumers: number
  /**
   * Comes in, or waits. Whoever got a place leaves once, also from the queue.
   * @param consumer - empty: nobody that is counted
   * @throws Shed GW_OVERLOADED, GW_CONCURRENCY_EXCEEDED
   */
  enter(priority: Priority, consumer: string): Place
}

/** What an exchange has of a limit: a place inside, or one in the queue. */
export interface Place {
  readonly state: 'waiting' | 'inside' | 'gone'
  /** While it waits: who hears of how that ends. Nobody does when it leaves by itself. */
  whenSettled(onSettled: (refused: Shed | undefined) => void): void
  leave(): void
}

interface Share {
  inside: number
  waiting: number
}

/**
 * Holds an upstream to so many exchanges at a time; some more wait, by class and then by arrival. When the waiting room is full, the one
 * of the lowest class that came last goes, when the newcomer is of a higher one; else the newcomer.
 */
export class Bulkhead implements ConcurrencyLimit {
  inside = 0
  waiting = 0
  private readonly lines: Readonly<Record<Priority, Queue<Pass>>> = {
    critical: new Queue(),
    default: new Queue(),
    bulk: new Queue()
  }
  /** Of consumers that are here now, when they are counted. */
  private readonly shares = new Map<string, Share>()

  constructor(
    readonly options: BulkheadOptions,
    private readonly clock: Clock,
    private readonly onShed: (priority: Priority, reason: ShedReason) => void = () => undefined
  ) {}

  enter(priority: Priority, consumer: string): Pass {
    const share = this.shareOf(consumer)
    const { limit, perConsumer } = this.options
    const own = perConsumer === undefined || share === undefined || share.inside < perConsumer.limit
    const pass = new Pass(this, priority, consumer, share)
    if (own && this.inside < limit) {
      this.letIn(pass)
      return pass
    }
    const most = perConsumer === undefined ? Number.POSITIVE_INFINITY : perConsumer.limit + perConsumer.queue
    if (share !== undefined && share.inside + share.waiting >= most) {
      this.forget(pass)
      throw this.shed(pass, 'consumer')
    }
    if (this.waiting >= this.options.queue && !this.displace(priority)) {
      this.forget(pass)
      throw this.shed(pass, 'full')
    }
    this.wait(pass)
    return pass
  }

  get queued(): Readonly<Record<Priority, number>> {
    const { critical, default: normal, bulk } = this.lines
    return { critical: critical.length, default: normal.length, bulk: bulk.length }
  }

  get consumers(): number {
    return this.shares.size
  }

  /** For `Pass.leave` alone. */
  left(pass: Pass): void {
    if (pass.state === 'waiting') this.unqueue(pass)
    else {
      this.inside--
      if (pass.share !== undefined) pass.share.inside--
    }
    this.forget(pass)
    this.admitNext()
  }

  private letIn(pass: Pass): void {
    this.inside++
    if (pass.share !== undefined) pass.share.inside++
    pass.enter()
  }

  private wait(pass: Pass): void {
    this.lines[pass.priority].push(pass)
    this.waiting++
    if (pass.share !== undefined) {
      pass.share.waiting++
      this.shares.set(pass.consumer, pass.share) // whom it displaced may have been the same consumer's last
    }
    pass.callOff = this.clock.after(this.options.queueMs, () => this.turnAway(pass, 'timeout'))
  }

  private unqueue(pass: Pass): void {
    this.lines[pass.priority].remove(pass)
    this.waiting--
    if (pass.share !== undefined) pass.share.waiting--
    pass.callOff?.()
    pass.callOff = undefined
  }

  /** As many as there is room for. Usually the first one may come in; those before it are at their consumer's limit. */
  private admitNext(): void {
    while (this.inside < this.options.limit) {
      const next = this.next()
      if (next === undefined) return
      this.unqueue(next)
      this.letIn(next)
    }
  }

  private next(): Pass | undefined {
    const limit = this.options.perConsumer?.limit ?? Number.POSITIVE_INFINITY
    for (const priority of PRIORITIES) {
      for (let pass = this.lines[priority].first; pass !== undefined; pass = pass.behind) {
        if (pass.share === undefined || pass.share.inside < limit) return pass
      }
    }
    return undefined
  }

  /** Makes room for one of this class, when somebody of a lower one waits. */
  private displace(priority: Priority): boolean {
    for (let i = PRIORITIES.length - 1; i > PRIORITIES.indexOf(priority); i--) {
      const lower = PRIORITIES[i]
      const last = lower === undefined ? undefined : this.lines[lower].last
      if (last === undefined) continue
      this.turnAway(last, 'displaced')
      return true
    }
    return false
  }

  private turnAway(pass: Pass, reason: ShedReason): void {
    this.unqueue(pass)
    this.forget(pass)
    pass.refuse(this.shed(pass, reason))
  }

  private shed({ priority, consumer }: Pass, reason: ShedReason): Shed {
    this.onShed(priority, reason)
    const { name, limit, queueMs } = this.options
    if (reason === 'consumer') {
      const message = `${name}: ${consumer} has as many exchanges under way as it may`
      return new Shed('GW_CONCURRENCY_EXCEEDED', message, reason)
    }
    const why = {
      full: `${this.waiting} more wait`,
      timeout: `waited ${queueMs} ms`,
      displaced: 'made room for a higher class'
    }
    return new Shed('GW_OVERLOADED', `${name}: ${limit} exchanges are under way; ${why[reason]}`, reason)
  }

  private shareOf(consumer: string): Share | undefined {
    if (this.options.perConsumer === undefined || consumer === '') return undefined
    let share = this.shares.get(consumer)
    if (share === undefined) {
      share = { inside: 0, waiting: 0 }
      this.shares.set(consumer, share)
    }
    return share
  }

  private forget({ consumer, share }: Pass): void {
    if (share !== undefined && share.inside + share.waiting === 0) this.shares.delete(consumer)
  }
}

export class Pass implements Place, Queued<Pass> {
  state: 'waiting' | 'inside' | 'gone' = 'waiting'
  queue: Queue<Pass> | undefined
  before: Pass | undefined
  behind: Pass | undefined
  /** Ends the waiting clock. */
  callOff: (() => void) | undefined
  private onSettled: ((refused: Shed | undefined) => void) | undefined

  constructor(
    private readonly bulkhead: Bulkhead,
    readonly priority: Priority,
    readonly consumer: string,
    readonly share: Share | undefined
  ) {}

  whenSettled(onSettled: (refused: Shed | undefined) => void): void {
    this.onSettled = onSettled
  }

  leave(): void {
    if (this.state === 'gone') return
    const was = this.state
    if (was === 'waiting') this.onSettled = undefined
    this.bulkhead.left(this)
    this.state = 'gone'
  }

  /** For the bulkhead alone. */
  enter(): void {
    this.state = 'inside'
    this.onSettled?.(undefined)
  }

  /** For the bulkhead alone. */
  refuse(error: Shed): void {
    this.state = 'gone'
    this.onSettled?.(error)
  }
}
