import { performance } from 'node:perf_hooks'

/** So long the last requests may take to come over connections that are open, milliseconds: a way there and back over any network. */
export const LINGER_MS = 500

/**
 * The time before ports are closed, in which connections end one after the other. More and more replies say that theirs is the last
 * of its connection (RFC 9112 §9.6); from half of the time on, all do. So clients neither come back all at once nor, as long as
 * they may still be sent here, with every request; and in the end few connections are left that could be cut while a request is on its way.
 */
export class Departure {
  private since: number | undefined
  private overMs = 0

  constructor(
    /** Milliseconds. */
    private readonly now: () => number = () => performance.now(),
    /** At least 0, less than 1. */
    private readonly chance: () => number = Math.random
  ) {}

  get begun(): boolean {
    return this.since !== undefined
  }

  /** @param overMs - until the ports are closed */
  begin(overMs: number): void {
    this.since = this.now()
    this.overMs = overMs
  }

  /** Whether a reply that goes out now should be the last of its connection. */
  ends(): boolean {
    if (this.since === undefined) return false
    return this.chance() * (this.overMs / 2) <= this.now() - this.since
  }
}
