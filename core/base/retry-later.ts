import { type ErrorCode, GatewayError } from './errors.js'

/** A refusal that passes: the reply says in Retry-After when to come again. */
export class RetryLater extends GatewayError {
  constructor(
    code: ErrorCode,
    message: string,
    /** Milliseconds. */
    readonly afterMs: number
  ) {
    super(code, message)
  }

  /** The header's value: whole seconds, at least one. */
  get seconds(): string {
    return String(Math.max(1, Math.ceil(this.afterMs / 1_000)))
  }
}
