import { type ErrorCode, GatewayError } from './errors.js'
import type { HeaderList } from './headers.js'

/** A request that is refused with more than a code: what the client can do about it. */
export class Refusal extends GatewayError {
  constructor(
    code: ErrorCode,
    message: string,
    /** Headers of the reply. */
    readonly headers: HeaderList,
    /** Members of the problem document. */
    readonly members: Readonly<Record<string, unknown>> = {}
  ) {
    super(code, message)
  }
}

/** A refusal that passes: the reply says in Retry-After when to come again. */
export class RetryLater extends Refusal {
  /**
   * @param afterMs - the header has whole seconds, at least one
   * @param more - headers that say how much there is
   */
  constructor(
    code: ErrorCode,
    message: string,
    readonly afterMs: number,
    more: HeaderList = []
  ) {
    super(code, message, ['retry-after', String(Math.max(1, Math.ceil(afterMs / 1_000))), ...more])
  }
}
