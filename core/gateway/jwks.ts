import { toError } from '../base/errors.js'

/** How long a key set is good without being asked for again, milliseconds. */
const FRESH_MS = 600_000
/** A key that is not in the set makes us look again, but not more often than this: anyone can make up a key's name. */
const REFRESH_MS = 30_000
/** A server that fails is not asked again before this. */
const RETRY_MS = 5_000
/** A set that cannot be renewed is used up to this age. */
const STALE_MS = 86_400_000

interface KeySet {
  text: string | undefined
  /** When `text` came. */
  at: number
  /** When it was last tried. */
  triedAt: number
  running: Promise<string> | undefined
  failure: Error | undefined
}

/** Key sets by URL, for all plugins: each fetched once however many exchanges wait for it. What came outlives a reload. */
export class JwksCache {
  private readonly sets = new Map<string, KeySet>()

  constructor(
    private readonly fetch: (url: string) => Promise<string>,
    private readonly now: () => number = () => performance.now()
  ) {}

  /** Has the sets of a cache that this one takes the place of; what that one still fetches is its own affair. */
  takeOver(former: JwksCache): void {
    for (const [url, set] of former.sets) {
      if (set.text !== undefined) this.sets.set(url, { ...set, running: undefined })
    }
  }

  /**
   * @param refresh - a key was not in the set: one that cannot be renewed then says nothing of that key
   * @throws the reason when there is none
   */
  async get(url: string, refresh: boolean): Promise<string> {
    const set = this.sets.get(url) ?? {
      text: undefined,
      at: 0,
      triedAt: Number.NEGATIVE_INFINITY,
      running: undefined,
      failure: undefined
    }
    this.sets.set(url, set)
    const age = this.now() - set.at
    const due = set.text === undefined || age > FRESH_MS || (refresh && age > REFRESH_MS)
    if (!due) return set.text ?? ''
    if (set.running === undefined && set.failure !== undefined && this.now() - set.triedAt < RETRY_MS) {
      if (!refresh && set.text !== undefined && age < STALE_MS) return set.text
      throw set.failure
    }
    set.running ??= this.renew(url, set)
    try {
      return await set.running
    } catch (thrown) {
      if (!refresh && set.text !== undefined && this.now() - set.at < STALE_MS) return set.text
      throw thrown
    }
  }

  private async renew(url: string, set: KeySet): Promise<string> {
    set.triedAt = this.now()
    try {
      const text = await this.fetch(url)
      JSON.parse(text) // what is no JSON must not take the place of what was good
      set.text = text
      set.at = this.now()
      set.failure = undefined
      return text
    } catch (thrown) {
      set.failure = toError(thrown)
      throw set.failure
    } finally {
      set.running = undefined
    }
  }
}
