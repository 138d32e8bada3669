import type { ReplayBody } from '../base/replay-body.js'
import type { HttpTimeouts, OutgoingRequest } from '../upstream/http.js'
import type { Outcome } from '../upstream/target.js'
import type { Upstream } from '../upstream/upstream.js'
import type { Plan } from './plan.js'
import type { Priority } from './priority.js'

/** What one exchange sends, and how. */
export interface Trip {
  readonly upstream: Pick<Upstream, 'pick' | 'targets'>
  readonly plan: Plan
  readonly timeouts: HttpTimeouts
  readonly method: string
  /** What a balancer hashes. */
  readonly key: string | undefined
  readonly priority: Priority
  readonly consumer: string
  readonly body: OutgoingRequest['body'] | ReplayBody
  /** The request with this body; a new one each time, since clients change what they are given. */
  readonly request: (body: OutgoingRequest['body']) => OutgoingRequest
  /** Where it went, and how often, for the access line. */
  readonly seen: { target: string; attempts: number }
  /** Hears of what each try came to. */
  readonly onOutcome: ((outcome: Outcome) => void) | undefined
}
