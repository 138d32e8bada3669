import type { Target } from './target.js'

/** What a balancer may look at when it chooses. */
export interface Wanted {
  /** What consistent hashing hashes: part of the request, as the upstream's configuration says; undefined: nothing asked for it. */
  readonly key: string | undefined
  /** Targets that were tried already, in vain: another one is better. */
  readonly tried: readonly Target[]
}

/** Nothing is asked for: any target will do. */
export const ANY_TARGET: Wanted = { key: undefined, tried: [] }
