import type { Reply } from '../base/http.js'
import type { ReplayBody } from '../base/replay-body.js'
import type { Cancellable, HttpTimeouts, OutgoingRequest } from '../upstream/http.js'
import type { Outcome, Target } from '../upstream/target.js'
import type { Upstream } from '../upstream/upstream.js'
import type { Plan } from './plan.js'
import type { Priority } from './priority.js'

/** @param onStart - gets the call before anything is sent, to end it early, and again whatever comes of it */
export type OpenWay = (target: Target, request: OutgoingRequest, onStart: (call: Cancellable) => void) => Promise<Reply>

/** A body that its client still sends: how long that takes is not the upstream's doing. */
export interface Arriving {
  /** When something of it last came, milliseconds of the clock. */
  readonly lastAt?: number
  /** Whether its client has to send more of it. */
  readonly awaited?: boolean
}

/** What one exchange sends, and how. */
export interface Trip {
  readonly upstream: Pick<Upstream, 'pick' | 'targets'>
  readonly plan: Plan
  readonly timeouts: HttpTimeouts
  readonly method: string
  /** What a balancer hashes. */
  readonly key: string | undefined
  /** Whether who gets the reply says what it came to: until then the breaker hears nothing of one without an error's status. */
  readonly judged: boolean
  readonly priority: Priority
  readonly consumer: string
  readonly body: OutgoingRequest['body'] | ReplayBody
  /** Where the body comes from; undefined: all of it is there. */
  readonly arriving?: Arriving | undefined
  /** How it goes to a target, where not by the target's own client: the reply may leave HTTP. */
  readonly open?: OpenWay | undefined
  /** The request with this body; a new one each time, since clients change what they are given. */
  readonly request: (body: OutgoingRequest['body']) => OutgoingRequest
  /** Where it went, and how often, for the access line. */
  readonly seen: { target: string; attempts: number }
  /** Hears of what each try came to. Neither status nor code: another try was faster. */
  readonly onOutcome: ((outcome: Outcome) => void) | undefined
}
