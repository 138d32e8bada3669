import { CLOCK, type Clock } from './clock.js'
import { UpstreamCounts } from './counts.js'
import type { TargetSpec } from './spec.js'
import type { Target } from './target.js'

/** An upstream of some snapshot, as the one that looks after its targets: of several with the same name, the newest does. */
export interface Keeper {
  /** Looks after the targets from now on: probes them, looks for others. */
  lead(): void
  /** Another one does: takes requests still, and leaves the rest. */
  rest(): void
}

export interface KeptOptions {
  readonly clock?: Clock
  /** From 0 up to 1. */
  readonly random?: () => number
  /** False: nothing is probed or looked up, as when a configuration is only checked. */
  readonly live?: boolean
}

interface Entry {
  readonly target: Target
  users: number
}

/**
 * What outlives a snapshot: targets with their connections, in-flight counts and health; the last set each discovery found; counts.
 * One for the life of an event loop, handed to every `buildSnapshot`. A client closes when no snapshot has its target any more.
 */
export class KeptTargets {
  readonly clock: Clock
  readonly random: () => number
  readonly live: boolean
  /** The date of the clock's zero, milliseconds. */
  private readonly began: number
  private readonly entries = new Map<string, Entry>()
  private readonly keepers = new Map<string, Keeper[]>()
  private readonly counts = new Map<string, UpstreamCounts>()
  /** What each upstream's discovery found last, and what it looked for. */
  private readonly finds = new Map<string, { readonly key: string; readonly targets: readonly TargetSpec[] }>()

  constructor({ clock = CLOCK, random = Math.random, live = true }: KeptOptions = {}) {
    this.clock = clock
    this.random = random
    this.live = live
    this.began = Date.now() - clock.now()
  }

  /** The date of a moment of the clock. */
  dateOf(moment: number): Date {
    return new Date(this.began + moment)
  }

  /** The target of that key, made when there is none. Each `take` has one `release`. */
  take(key: string, make: () => Target): Target {
    let entry = this.entries.get(key)
    if (entry === undefined) {
      entry = { target: make(), users: 0 }
      this.entries.set(key, entry)
    }
    entry.users++
    entry.target.onIdle = undefined // it may have been on its way out
    return entry.target
  }

  /** A target whose key begins like that: the same address, reached by a client with other settings. */
  sameAddress(prefix: string): Target | undefined {
    for (const [key, { target }] of this.entries) if (key.startsWith(prefix)) return target
    return undefined
  }

  /**
   * One user less. After the last one its client is closed: at once, or when its requests are over.
   * @returns when it is closed, or has other users
   */
  release(key: string, when: 'now' | 'idle'): Promise<void> {
    const entry = this.entries.get(key)
    if (entry === undefined || --entry.users > 0) return Promise.resolve()
    const { target } = entry
    const close = (): Promise<void> => {
      target.onIdle = undefined
      this.entries.delete(key)
      return target.client.close()
    }
    if (when === 'now' || target.inFlight === 0) return close()
    return new Promise(resolve => {
      target.onIdle = () => void close().then(resolve, resolve)
    })
  }

  /** Closes the client of a target that is on its way out, requests under way or not. */
  async expel(key: string): Promise<void> {
    const entry = this.entries.get(key)
    if (entry === undefined || entry.users > 0) return
    entry.target.onIdle?.()
    await entry.target.client.close()
  }

  /** Whether there is an upstream of that name already. */
  knows(upstream: string): boolean {
    return (this.keepers.get(upstream)?.length ?? 0) > 0
  }

  /** A new snapshot's upstream takes over from the one of the snapshot before. */
  enter(upstream: string, keeper: Keeper): void {
    const keepers = this.keepers.get(upstream) ?? []
    keepers.at(-1)?.rest()
    this.keepers.set(upstream, [...keepers, keeper])
    keeper.lead()
  }

  /** A snapshot's upstream is closed; if it led (its snapshot was refused), the one before leads again. */
  leave(upstream: string, keeper: Keeper): void {
    const keepers = this.keepers.get(upstream) ?? []
    const left = keepers.filter(each => each !== keeper)
    this.keepers.set(upstream, left)
    if (left.length === 0) {
      this.keepers.delete(upstream)
      this.finds.delete(upstream)
    }
    if (keepers.at(-1) !== keeper) return
    keeper.rest()
    left.at(-1)?.lead()
  }

  /** @param key - what was looked for */
  found(upstream: string, key: string, targets: readonly TargetSpec[]): void {
    this.finds.set(upstream, { key, targets })
  }

  /** What an upstream found last, if it looked for the same then. */
  lastFound(upstream: string, key: string): readonly TargetSpec[] | undefined {
    const last = this.finds.get(upstream)
    return last !== undefined && last.key === key ? last.targets : undefined
  }

  countsOf(upstream: string): UpstreamCounts {
    let counts = this.counts.get(upstream)
    if (counts === undefined) {
      counts = new UpstreamCounts()
      this.counts.set(upstream, counts)
    }
    return counts
  }
}
