import type { Usage } from '../../ai/usage.js'
import type { AiCall } from './call.js'
import type { Target } from './runtime.js'

/**
 * Books what an answer used, once it is known.
 * @param usage - as the provider says; undefined: it does not, and it is estimated where there is something to go by
 * @param text - of the answer, for the estimate; undefined: it was not read
 */
export function settle(call: AiCall, target: Target, usage: Usage | undefined, text: string | undefined): void {
  const { ai, runtime, booking } = call
  const counted =
    usage ?? (ai.endpoint.operation === 'chat' && text !== undefined ? runtime.estimate(call.planned, text) : undefined)
  ai.usage = counted
  ai.microDollars = booking?.settle(counted, target)
}
