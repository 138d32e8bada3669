import type { ErrorCode } from '../../base/errors.js'
import type { Abilities, RoutingRequest } from './request.js'
import type { ModelAt } from './target.js'
import type { Timings } from './timings.js'

/** What strategies are given to decide by. */
export interface RoutingTools {
  /** From 0 up to 1. */
  random(): number
  /** Milliseconds since 1970. */
  now(): number
  /** Is to be told how long each target took: `observe(target.id, ms)`. */
  readonly timings: Timings
  /** What a request is going to cost there, micro-dollars, estimated; undefined: there is no price. */
  price(model: ModelAt, request: RoutingRequest): number | undefined
  /** undefined: nothing is known of the model. */
  abilities(model: ModelAt): Abilities | undefined
  /** Why nothing can be sent there now; undefined: it can. */
  unavailable(model: ModelAt): Unavailable | undefined
}

/** What is the matter with an account: all of its keys rest, its breaker is open. */
export interface Unavailable {
  readonly code: ErrorCode
  /** Milliseconds until it may be otherwise. */
  readonly afterMs: number
}
