import type { ErrorCode } from '../base/errors.js'
import type { HttpClient } from './http.js'

/** What one try came to, as a target's health and a balancer see it. */
export interface Outcome {
  /** 0: there is no reply. */
  readonly status: number
  /** Why there is none. */
  readonly code: ErrorCode | undefined
  /** From sending the request to the head of the reply, or to the error. */
  readonly ms: number
}

/** One address of an upstream: the client that reaches it, and what is known of how it is doing. */
export class Target {
  /** Requests under way: sent, and their replies not yet over. */
  inFlight = 0

  constructor(
    /** Origin: scheme, host and port. */
    readonly url: string,
    readonly client: HttpClient
  ) {}

  /** A request is about to be sent to it. Once for each try, with one `done` to it. */
  begin(): void {
    this.inFlight++
  }

  /** A try has its reply's head, or failed. Not called for a try that was given up by us or the client. */
  report(_outcome: Outcome): void {}

  /** The try is over, its reply's body too. */
  done(): void {
    this.inFlight--
  }
}
